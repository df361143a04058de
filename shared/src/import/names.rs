use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{
    ImportError,
    assay::Assay,
    finding::{At, Finding, Severity},
    intake::Sender,
    ledger::Holders,
    lists::{Puts, local},
    portion::Batch,
};
use crate::{
    SubscriptionId,
    catalog::{self, Table, system},
    checks::{self, Home},
    sheets::{Lookup, SheetBatch},
    warehouse::{Filter, Operator, Rows, Scan, Value},
};

/// Finds rows that lists refer to by what people call them. Dictionary entries and employees that are nowhere are made.
pub(super) struct Names {
    subscription: SubscriptionId,
    before: Option<DateTime<Utc>>,
    /// Tables and columns whose names were gathered.
    gathered: HashSet<(String, String)>,
}

/// By which columns a customer is recognised, the most telling first. A name tells nobody apart.
const CUSTOMER_KEYS: [&str; 3] = ["tax_id", "email", "phone"];

impl Names {
    pub fn new(subscription: &SubscriptionId, before: Option<DateTime<Utc>>) -> Self {
        Self {
            subscription: subscription.clone(),
            before,
            gathered: HashSet::new(),
        }
    }

    /// The ids to put into a batch, and rows that must come before it because they had to be made.
    pub fn resolve(
        &mut self,
        batch: &SheetBatch,
        assay: &mut Assay,
        out: &mut Sender,
    ) -> Result<(Puts, Vec<Batch>), ImportError> {
        let mut puts = Puts::new();
        let mut made: BTreeMap<String, Made> = BTreeMap::new();
        for lookups in by_cell(&batch.lookups) {
            let Some(first) = lookups.first() else {
                continue;
            };
            let Some(position) = batch.columns.iter().position(|name| *name == first.column) else {
                continue;
            };
            let target = batch
                .table
                .column(&first.column)
                .and_then(|column| catalog::table(column.reference.as_deref()?));
            let Some(target) = target else {
                continue;
            };
            for lookup in &lookups {
                self.gather(target, &lookup.by, assay)?;
            }
            let kind = dictionary_kind(&batch.table.name, &first.column);
            if let Some(id) = find(target, kind, &lookups, assay)? {
                puts.insert((first.row, position), Value::Text(id));
                continue;
            }
            let id = batch
                .rows
                .get(first.row)
                .and_then(|row| row.get(0).as_str());
            let at = At {
                id,
                line: batch.lines.get(first.row).copied(),
            };
            if let Some(id) = self.make(target, kind, first, assay, &mut made)? {
                if made
                    .get(target.name.as_ref())
                    .is_some_and(|made| made.fresh == Some(id.clone()))
                {
                    let finding =
                        Finding::of(Severity::Warning, "name_made", &batch.table.name, &at);
                    out.note(
                        finding
                            .field(first.column.as_str())
                            .expected(&target.name)
                            .found(&first.text),
                    )?;
                }
                puts.insert((first.row, position), Value::Text(id));
                continue;
            }
            let finding = Finding::of(Severity::Warning, "name_not_found", &batch.table.name, &at);
            out.note(
                finding
                    .field(first.column.as_str())
                    .expected(&target.name)
                    .found(&first.text),
            )?;
        }
        Ok((puts, made.into_values().map(Made::into_batch).collect()))
    }

    /// Notes what the rows of a table are called in a column. Rows that came later than the import began may be its own:
    /// they are made again, with the same ids, so that an interrupted run and its continuation go alike.
    fn gather(&mut self, table: &Arc<Table>, by: &str, assay: &Assay) -> Result<(), ImportError> {
        if !self
            .gathered
            .insert((table.name.to_string(), by.to_owned()))
        {
            return Ok(());
        }
        let dictionary = table.name == "dictionaries";
        let columns = if dictionary {
            vec!["id", by, "type"]
        } else {
            vec!["id", by]
        };
        let mut filter = Filter::IsNotNull(by.to_owned()).and(local());
        if let Some(before) = self.before {
            filter = filter.and(Filter::compare(system::RECEIVED_AT, Operator::Less, before));
        }
        assay
            .here()
            .each(Scan::of(table).columns(columns).filter(filter), |row| {
                let [id, text] = [0, 1].map(|column| row.get(column).as_str().unwrap_or_default());
                let kind = dictionary.then(|| row.get(2).as_str().unwrap_or_default());
                match key(table, kind, by, text, assay.terms.home) {
                    Some(key) => assay
                        .ledger()
                        .add_key(&table.name, &name_kind(by), &key, id),
                    None => Ok(()),
                }
            })
    }

    /// Makes a dictionary entry or an employee of this name.
    fn make(
        &self,
        target: &Arc<Table>,
        kind: Option<&'static str>,
        lookup: &Lookup,
        assay: &Assay,
        made: &mut BTreeMap<String, Made>,
    ) -> Result<Option<String>, ImportError> {
        let text = lookup.text.trim();
        let columns: &[&str] = match (target.name.as_ref(), kind, lookup.by.as_str()) {
            ("dictionaries", Some(_), "name") => &["id", "type", "name"],
            ("employees", _, "display_name") => &["id", "display_name"],
            _ => return Ok(None),
        };
        let Some(key) = key(target, kind, &lookup.by, text, assay.terms.home) else {
            return Ok(None);
        };
        // Several of that name are here already; another one would not help.
        if assay
            .ledger()
            .holders(&target.name, &name_kind(&lookup.by), &key)?
            != Holders::None
        {
            return Ok(None);
        }
        let digest = Sha256::digest(format!("{}\u{1f}{key}", target.name));
        let id = format!(
            "{}:{}",
            self.subscription,
            HEXLOWER.encode(digest.get(..16).unwrap_or_default())
        );
        let made = made
            .entry(target.name.to_string())
            .or_insert_with(|| Made::new(target, columns));
        let values = [Some(id.as_str()), kind, Some(text)];
        made.rows.push_row(
            values
                .into_iter()
                .flatten()
                .map(crate::warehouse::ValueRef::Text),
        );
        made.fresh = Some(id.clone());
        assay
            .ledger()
            .add_key(&target.name, &name_kind(&lookup.by), &key, &id)?;
        Ok(Some(id))
    }
}

/// Rows of one table that had to be made.
struct Made {
    table: Arc<Table>,
    columns: Arc<[String]>,
    rows: Rows,
    /// The one that was made last.
    fresh: Option<String>,
}

impl Made {
    fn new(table: &Arc<Table>, columns: &[&str]) -> Self {
        Self {
            table: Arc::clone(table),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            rows: Rows::new(columns.len()),
            fresh: None,
        }
    }

    fn into_batch(self) -> Batch {
        Batch {
            table: self.table,
            columns: self.columns,
            rows: self.rows,
            lines: Vec::new(),
        }
    }
}

/// What a file says of each referred row: one list for each cell.
fn by_cell(lookups: &[Lookup]) -> Vec<Vec<Lookup>> {
    let mut cells: BTreeMap<(usize, &str), Vec<Lookup>> = BTreeMap::new();
    for lookup in lookups {
        cells
            .entry((lookup.row, lookup.column.as_str()))
            .or_default()
            .push(lookup.clone());
    }
    cells.into_values().collect()
}

/// The one row that everything said of it leads to.
fn find(
    target: &Arc<Table>,
    kind: Option<&str>,
    lookups: &[Lookup],
    assay: &Assay,
) -> Result<Option<String>, ImportError> {
    let mut found = BTreeSet::new();
    for lookup in lookups {
        let telling = target.name != "customers" || CUSTOMER_KEYS.contains(&lookup.by.as_str());
        let key = key(target, kind, &lookup.by, &lookup.text, assay.terms.home);
        let Some(key) = key.filter(|_| telling) else {
            continue;
        };
        match assay
            .ledger()
            .holders(&target.name, &name_kind(&lookup.by), &key)?
        {
            Holders::None => {}
            Holders::One(id) => {
                found.insert(id);
            }
            Holders::Many => return Ok(None),
        }
    }
    Ok(if found.len() == 1 {
        found.pop_first()
    } else {
        None
    })
}

/// What two spellings of a name have in common.
fn key(table: &Arc<Table>, kind: Option<&str>, by: &str, text: &str, home: Home) -> Option<String> {
    let key = match (table.name.as_ref(), by) {
        ("customers", "tax_id") => checks::tax_id_key(None, text, home)?,
        ("customers", "email") => checks::email_key(text)?,
        ("customers", "phone") => checks::phone_key(text, home)?,
        _ => text.trim().to_lowercase(),
    };
    (!key.is_empty()).then(|| format!("{}\u{1f}{key}", kind.unwrap_or_default()))
}

/// Names are kept apart from the keys that merging gathers.
fn name_kind(by: &str) -> String {
    format!("name:{by}")
}

/// Which kind of dictionary entry a column refers to.
fn dictionary_kind(table: &str, column: &str) -> Option<&'static str> {
    match (table, column) {
        ("customers", "group_id") => Some("CUSTOMER_GROUP"),
        ("parts", "type_id") => Some("COMPONENT_TYPE"),
        ("tickets", "type_id") => Some("TICKET_CATEGORY"),
        ("repairs", "type_id") | ("custom_fields", "concern_id") => Some("REPAIR_SUBJECT_TYPE"),
        _ => None,
    }
}
