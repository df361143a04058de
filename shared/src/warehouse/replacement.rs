//! Rows of a report in the place of those that it had of a period: staged first, in as many loads as it takes, then exchanged
//! in one transaction.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json};

use super::{
    Admit, Counts, Filter, Operator, Rows, Rule, Scan, Value, ValueRef, WarehouseError, Write,
    commit::{add_to, apply, remove_internal},
    image, internal,
    plan::plan,
    session::{Session, rows},
    sql::misuse,
};
use crate::catalog::{Table, TableGroup, system};

/// So many rows are held in memory at a time.
const BATCH: u64 = 500;

/// Puts staged rows in the place of what a report had. What is as it was stays untouched, rows of the same records and rows
/// of the period that were not staged are erased. The load's time of observation is when the report began to be read.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// The run under whose name the rows were staged.
    pub run: String,
    /// The report's table.
    pub table: Arc<Table>,
    /// Whose rows.
    pub source_id: String,
    /// The column that names the record a row comes from.
    pub record_column: &'static str,
    /// Rows that belong to the report at all: a table that several reports share says which.
    pub scope: Filter,
    /// Rows of the period, within that.
    pub period: Filter,
    /// Whether a person asked for the period: then rows come back that retention removed, as those of a history do.
    pub asked: bool,
}

/// The columns of a row that is staged: every declared one in order, then of whom its record speaks.
fn staged_columns(table: &Table) -> impl Iterator<Item = &str> {
    let declared = table.columns.iter().map(|column| column.name.as_ref());
    declared.chain([system::PEOPLE])
}

/// Stages rows for a [`Replacement`]: whole rows, with every declared column in order and then of whom the record speaks. A
/// key that is staged already keeps its first row.
pub fn stage(
    run: &str,
    table: &Table,
    record_column: &str,
    rows: &Rows,
    at: DateTime<Utc>,
) -> Result<Write, WarehouseError> {
    let record = table
        .columns
        .iter()
        .position(|column| column.name == record_column);
    let record = record.ok_or_else(|| misuse(&table.name, "it has no column of the record"))?;
    if rows.width() != staged_columns(table).count() {
        return Err(misuse(&table.name, "staged rows have every column"));
    }
    let key: Vec<usize> = table
        .key
        .iter()
        .filter_map(|name| table.position(name))
        .collect();
    let mut staged = Rows::new(internal::report_stage().columns.len());
    for row in rows.iter() {
        let parts = key.iter().map(|&position| image::json(row.get(position)));
        let mut content = Map::new();
        for (column, value) in staged_columns(table).zip(row.values()) {
            if !value.is_null() {
                content.insert(column.to_owned(), image::json(value));
            }
        }
        staged.push_row([
            ValueRef::Text(run),
            ValueRef::Text(&table.name),
            ValueRef::Text(&Json::Array(parts.collect()).to_string()),
            ValueRef::Text(row.get(record).as_str().unwrap_or_default()),
            ValueRef::Json(&Json::Object(content).to_string()),
            ValueRef::Timestamp(at),
        ]);
    }
    Ok(Write::Insert {
        table: Arc::clone(internal::report_stage()),
        rows: staged,
    })
}

/// Exchanges the rows; whether anything was written.
pub(super) async fn replace<S: Session>(
    session: &mut S,
    replacement: &Replacement,
    observed_at: DateTime<Utc>,
    load_id: i64,
    counts: &mut Counts,
) -> Result<bool, WarehouseError> {
    let table = &replacement.table;
    of_report(table)?;
    let own = replacement
        .scope
        .clone()
        .and(Filter::equal(
            system::SOURCE_ID,
            replacement.source_id.as_str(),
        ))
        .and(Filter::compare(
            system::OBSERVED_AT,
            Operator::Less,
            observed_at,
        ));
    let mut wrote = false;
    let mut erased = 0;
    let mut after: Option<String> = None;
    loop {
        let staged = staged(session, replacement, after.as_deref()).await?;
        let Some(last) = staged.keys.last() else {
            break;
        };
        after = Some(last.clone());
        let admit = staged.admit;
        let plan = plan(session, &admit, observed_at, load_id).await?;
        wrote |= apply(session, &admit, &plan, observed_at).await?;
        for outcome in &plan.outcomes {
            add_to(counts, table, outcome.name(), 1);
        }
        let records = Filter::In {
            column: replacement.record_column.to_owned(),
            values: staged.records.into_iter().map(Value::Text).collect(),
        };
        erased += erase(session, table, own.clone().and(records)).await?;
    }
    erased += erase(session, table, own.and(replacement.period.clone())).await?;
    add_to(counts, table, "erased", erased);
    let told = of_run(replacement);
    remove_internal(session, internal::report_stage(), &told, None).await?;
    Ok(wrote || erased > 0)
}

/// Erases some rows of a report that is removed; how many.
pub(super) async fn remove<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    scope: &Filter,
    limit: u64,
) -> Result<u64, WarehouseError> {
    of_report(table)?;
    let scan = Scan::of(table)
        .columns(table.primary_key())
        .filter(scope.clone())
        .with_deleted()
        .limit(limit);
    let keys = rows(session, &scan).await?;
    if !keys.is_empty() {
        session.erase(table, &keys).await?;
    }
    Ok(keys.len() as u64)
}

fn of_report(table: &Table) -> Result<(), WarehouseError> {
    if table.group == TableGroup::Report {
        return Ok(());
    }
    Err(misuse(&table.name, "only rows of reports are replaced so"))
}

/// Some staged rows, on their way through the gate.
struct Staged {
    keys: Vec<String>,
    records: BTreeSet<String>,
    admit: Admit,
}

fn of_run(replacement: &Replacement) -> Filter {
    Filter::equal("run", replacement.run.as_str())
        .and(Filter::equal("table", replacement.table.name.as_ref()))
}

async fn staged<S: Session>(
    session: &mut S,
    replacement: &Replacement,
    after: Option<&str>,
) -> Result<Staged, WarehouseError> {
    let table = &replacement.table;
    let mut scan = Scan::of(internal::report_stage())
        .columns(["key", "record", "row"])
        .filter(of_run(replacement))
        .limit(BATCH);
    if let Some(after) = after {
        let run = replacement.run.as_str();
        scan = scan.after(vec![run.into(), table.name.as_ref().into(), after.into()]);
    }
    let found = rows(session, &scan).await?;
    let broken = || misuse(&table.name, "a staged row cannot be read");
    let mut keys = Vec::new();
    let mut records = BTreeSet::new();
    let mut arriving = Rows::new(staged_columns(table).count());
    for row in found.iter() {
        keys.push(row.get(0).as_str().unwrap_or_default().to_owned());
        records.insert(row.get(1).as_str().unwrap_or_default().to_owned());
        let text = row.get(2).as_str().unwrap_or_default();
        let mut content: Map<String, Json> = serde_json::from_str(text).map_err(|_| broken())?;
        for column in staged_columns(table) {
            let value = image::read(table, column, content.remove(column));
            arriving.push(value.ok_or_else(broken)?.as_ref());
        }
        if let Some(name) = content.keys().next() {
            let problem = format!("a staged row has a value for {name}, which is no column");
            return Err(misuse(&table.name, problem));
        }
    }
    let admit = Admit {
        table: Arc::clone(table),
        source_id: replacement.source_id.clone(),
        columns: staged_columns(table).map(str::to_owned).collect(),
        rows: arriving,
        rule: if replacement.asked {
            Rule::Ordered
        } else {
            Rule::Newest
        },
        undo: None,
        personal_data_event: None,
        children: Vec::new(),
        filter: None,
    };
    Ok(Staged {
        keys,
        records,
        admit,
    })
}

/// Erases rows that meet a condition, batch by batch; how many.
async fn erase<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    filter: Filter,
) -> Result<u64, WarehouseError> {
    let scan = Scan::of(table)
        .columns(table.primary_key())
        .filter(filter)
        .with_deleted()
        .limit(BATCH);
    let mut erased = 0;
    loop {
        let keys = rows(session, &scan).await?;
        if keys.is_empty() {
            return Ok(erased);
        }
        erased += keys.len() as u64;
        session.erase(table, &keys).await?;
    }
}
