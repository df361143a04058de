use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    ImportError,
    fill::Filled,
    finding::{At, Finding, Severity},
    here,
    intake::About,
    portion::Portion,
};
use crate::{
    SubscriptionId,
    catalog::{ColumnType, repair_shop::LOCAL_SOURCE, system},
    warehouse::{
        Admit, Conflict, Filter, Outcome, Row, Rows, Rule, Value, ValueRef, Warehouse, Write,
        internal,
    },
};

/// What becomes of rows that changed both in the file and here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictPolicy {
    /// They stay as they are here.
    #[default]
    KeepOurs,
    /// They become what the file says.
    TakeTheirs,
}

/// How portions are admitted.
#[derive(Debug, Clone)]
pub(super) struct Admission {
    pub rule: Rule,
    /// The import, where it can be undone.
    pub undo: Option<String>,
    /// The event of the personal-data log.
    pub event: Option<String>,
}

impl Admission {
    /// By the three-way comparison. When the file was made counts only where it was made from this very subscription.
    pub fn new(about: &About, here: &SubscriptionId, policy: ConflictPolicy) -> Self {
        let own = about.origin.as_ref() == Some(here);
        let conflict = match policy {
            ConflictPolicy::KeepOurs => Conflict::KeepOurs,
            ConflictPolicy::TakeTheirs => Conflict::TakeTheirs,
        };
        let made_at = about.made_at.filter(|_| own);
        Self {
            rule: Rule::ThreeWay { made_at, conflict },
            undo: None,
            event: None,
        }
    }

    /// The portion's rows that come in under their own ids; they leave the portion.
    pub fn own_rows(&self, portion: &mut Portion) -> Option<Admit> {
        let rows = std::mem::take(&mut portion.rows);
        (!rows.is_empty())
            .then(|| self.admit(portion, portion.columns.to_vec(), rows, self.rule.clone()))
    }

    /// What the portion fills in rows here, in one admission for each choice of columns.
    pub fn fillings(&self, portion: &mut Portion) -> Vec<Admit> {
        let mut by_columns: BTreeMap<Vec<String>, Rows> = BTreeMap::new();
        for Filled { columns, values } in std::mem::take(&mut portion.filled) {
            let width = columns.len();
            by_columns
                .entry(columns)
                .or_insert_with(|| Rows::new(width))
                .push_values(&values);
        }
        let admits = by_columns
            .into_iter()
            .map(|(columns, rows)| self.admit(portion, columns, rows, Rule::Change));
        admits.collect()
    }

    fn admit(&self, portion: &Portion, columns: Vec<String>, rows: Rows, rule: Rule) -> Admit {
        Admit {
            table: Arc::clone(&portion.table),
            source_id: LOCAL_SOURCE.to_owned(),
            columns,
            rows,
            rule,
            undo: self.undo.clone(),
            personal_data_event: self.event.clone(),
            children: Vec::new(),
            filter: None,
        }
    }
}

/// What the rows in conflict differ in: one finding for each column, what is here as expected and the file's as found.
pub(super) async fn conflicts(
    warehouse: &Warehouse,
    admit: &Admit,
    lines: &[u64],
    outcomes: &[Outcome],
) -> Result<Vec<Finding>, ImportError> {
    let Some(id_at) = admit.columns.iter().position(|name| name == "id") else {
        return Ok(Vec::new());
    };
    let in_conflict = || {
        let rows = admit.rows.iter().enumerate().zip(outcomes);
        rows.filter(|(_, outcome)| **outcome == Outcome::Conflict)
            .map(|(row, _)| row)
    };
    let ids: Vec<String> = in_conflict()
        .filter_map(|(_, row)| row.get(id_at).as_str().map(str::to_owned))
        .collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut columns = admit.columns.clone();
    columns.push(system::DELETED_AT.to_owned());
    let ours = here::rows_by_id(warehouse, &admit.table, &columns, ids).await?;
    let mut findings = Vec::new();
    for (index, theirs) in in_conflict() {
        let id = theirs.get(id_at).as_str();
        let at = At {
            id,
            line: lines.get(index).copied(),
        };
        let Some(ours) = ours.iter().find(|row| row.get(id_at).as_str() == id) else {
            continue;
        };
        findings.extend(differences(admit, ours, theirs, at));
    }
    Ok(findings)
}

fn differences(admit: &Admit, ours: Row<'_>, theirs: Row<'_>, at: At<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let deleted = !ours.get(admit.columns.len()).is_null();
    let code = if deleted { "conflict_gone" } else { "conflict" };
    for (position, name) in admit.columns.iter().enumerate() {
        let (ours, theirs) = (ours.get(position), theirs.get(position));
        if ours == theirs {
            continue;
        }
        let finding =
            Finding::of(Severity::Conflict, code, &admit.table.name, &at).field(name.as_str());
        // Custom values may be secret, and lists may hold some.
        let open = admit.table.column(name).is_some_and(|column| {
            !matches!(
                column.ty,
                ColumnType::CustomValues | ColumnType::List { .. }
            )
        });
        findings.push(if open {
            finding.expected(&shown(ours)).found(&shown(theirs))
        } else {
            finding
        });
    }
    if findings.is_empty() {
        // The content is the same: the row was deleted here.
        findings.push(Finding::of(
            Severity::Conflict,
            "conflict_deleted",
            &admit.table.name,
            &at,
        ));
    }
    findings
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Boolean(flag) => flag.to_string(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Decimal(number) => number.to_string(),
        ValueRef::Text(text) | ValueRef::Json(text) => text.to_owned(),
        ValueRef::Date(day) => day.to_string(),
        ValueRef::Timestamp(at) => at.to_rfc3339(),
    }
}

/// Keeps which rows of the file stand for which here, so that later references and later imports find them; what was noted
/// of them before goes first.
pub(super) fn remembered(portion: &Portion, import: &str) -> Vec<Write> {
    if portion.joined.is_empty() {
        return Vec::new();
    }
    let origin_ids = portion.joined.iter();
    let origin_ids: Vec<Value> = origin_ids.map(|(id, _)| id.as_str().into()).collect();
    let before = origin_ids.chunks(1_000).map(|values| {
        let these = Filter::In {
            column: "origin_id".to_owned(),
            values: values.to_vec(),
        };
        Write::Remove {
            table: internal::merged_ids().clone(),
            filter: Filter::equal("table", portion.table.name.as_ref()).and(these),
            limit: None,
        }
    });
    let mut writes: Vec<Write> = before.collect();
    writes.push(Write::Insert {
        table: internal::merged_ids().clone(),
        rows: joined_rows(portion, import),
    });
    writes
}

/// Rows of `_merged_ids` for rows of the file that stand for rows here.
fn joined_rows(portion: &Portion, import: &str) -> Rows {
    let mut rows = Rows::new(5);
    for (origin_id, joined) in &portion.joined {
        rows.push_values(&[
            Value::from(portion.table.name.as_ref()),
            Value::from(origin_id.as_str()),
            Value::from(joined.local_id.as_str()),
            Value::from(import),
            Value::from(joined.digest.clone()),
        ]);
    }
    rows
}
