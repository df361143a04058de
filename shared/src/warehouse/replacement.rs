//! Rows of a report in the place of those that it had of a period: staged first, in as many loads as it takes, then exchanged
//! in one transaction.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json};

use super::{
    Admit, Counts, Filter, Operator, Outcome, Rows, Rule, Scan, Tie, Value, ValueRef,
    WarehouseError, Write,
    commit::{add_to, apply, remove_internal},
    image, internal,
    plan::plan,
    returning,
    session::{Session, rows},
    sql::misuse,
    unreadable,
};
use crate::catalog::{Table, TableGroup, system};

/// So many rows are held in memory at a time.
const BATCH: u64 = 500;
/// The word for staged rows that were left out in [`Committed::counts`](super::Committed::counts): the key of each was that
/// of another row.
pub const SAME_KEY: &str = "same_key";
/// What stands in the key of a staged row between its own key, as JSON, and what it comes from; JSON has none in it.
const AFTER_KEY: char = '\n';

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
    /// The table of the same report whose rows these belong to, exchanged before in the same load: with a row of it that was
    /// not there, those below it come back too, though they did not change since retention removed them.
    pub parent: Option<Tie>,
}

/// The columns of a row that is staged: every declared one in order, then of whom its record speaks.
fn staged_columns(table: &Table) -> impl Iterator<Item = &str> {
    let declared = table.columns.iter().map(|column| column.name.as_ref());
    declared.chain([system::PEOPLE])
}

/// Stages rows for a [`Replacement`]: whole rows, with every declared column in order and then of whom the record speaks. All
/// rows of a record are staged at once. Where several rows have the same key, the exchange takes the first row of the first
/// record and counts the others, whichever way they were read.
pub fn stage(
    run: &str,
    table: &Table,
    record_column: &str,
    rows: &Rows,
    at: DateTime<Utc>,
) -> Result<Write, WarehouseError> {
    let record = position_of(table, record_column)?;
    if rows.width() != staged_columns(table).count() {
        return Err(misuse(&table.name, "staged rows have every column"));
    }
    let keys = keys(table, record, rows);
    let mut staged = Rows::new(internal::report_stage().columns.len());
    for (row, key) in rows.iter().zip(&keys) {
        let mut content = Map::new();
        for (column, value) in staged_columns(table).zip(row.values()) {
            if !value.is_null() {
                content.insert(column.to_owned(), image::json(value));
            }
        }
        staged.push_row([
            ValueRef::Text(run),
            ValueRef::Text(&table.name),
            ValueRef::Text(key),
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

fn position_of(table: &Table, record_column: &str) -> Result<usize, WarehouseError> {
    let mut columns = table.columns.iter();
    let position = columns.position(|column| column.name == record_column);
    position.ok_or_else(|| misuse(&table.name, "it has no column of the record"))
}

/// The keys that rows are staged under: rows of one key come one after the other, those of the first record first. Records
/// count by the length of their names before anything else, as numbers do.
fn keys(table: &Table, record: usize, rows: &Rows) -> Vec<String> {
    let key: Vec<usize> = table
        .key
        .iter()
        .filter_map(|name| table.position(name))
        .collect();
    let staged = rows.iter().enumerate().map(|(number, row)| {
        let parts = key.iter().map(|&position| image::json(row.get(position)));
        let own = Json::Array(parts.collect());
        let record = row.get(record).as_str().unwrap_or_default();
        let length = record.len();
        format!("{own}{AFTER_KEY}{length:04} {record} {number:010}")
    });
    staged.collect()
}

/// What stands before the record in the key of a staged row.
fn own_key(staged: &str) -> &str {
    staged.split_once(AFTER_KEY).map_or(staged, |(own, _)| own)
}

/// Which of these rows an exchange would leave out if they were all that is staged, by their places: rows with the key of
/// another one, which is taken.
pub fn same_key(
    table: &Table,
    record_column: &str,
    rows: &Rows,
) -> Result<BTreeSet<usize>, WarehouseError> {
    let keys = keys(table, position_of(table, record_column)?, rows);
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|&row| keys.get(row));
    let mut out = BTreeSet::new();
    let mut taken = None;
    for row in order {
        let own = keys.get(row).map(|key| own_key(key));
        if own == taken {
            out.insert(row);
        }
        taken = own;
    }
    Ok(out)
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
        let Some(last) = staged.last else {
            break;
        };
        after = Some(last);
        add_to(counts, table, SAME_KEY, staged.same_key);
        if !staged.admit.rows.is_empty() {
            let load = (observed_at, load_id);
            wrote |= let_in(session, replacement, staged.admit, load, counts).await?;
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

/// Lets some rows in, in the load of this time and number; whether anything was written.
async fn let_in<S: Session>(
    session: &mut S,
    replacement: &Replacement,
    admit: Admit,
    (observed_at, load_id): (DateTime<Utc>, i64),
    counts: &mut Counts,
) -> Result<bool, WarehouseError> {
    let decided = plan(session, &admit, observed_at, load_id).await?;
    let mut wrote = apply(session, &admit, &decided, observed_at).await?;
    let mut outcomes = decided.outcomes;
    let kept_out = (0..).zip(&outcomes);
    let kept_out = kept_out.filter(|(_, outcome)| **outcome == Outcome::KeptOut);
    let kept_out: Vec<usize> = kept_out.map(|(place, _)| place).collect();
    let back = match &replacement.parent {
        Some(parent) if !kept_out.is_empty() => {
            returning::with_new_parents(session, parent, &admit, &kept_out, load_id).await?
        }
        _ => Vec::new(),
    };
    if !back.is_empty() {
        let mut rows = Rows::new(admit.rows.width());
        for row in back.iter().filter_map(|&place| admit.rows.get(place)) {
            rows.push_row(row.values());
        }
        let rule = Rule::Ordered;
        let admit = Admit {
            rows,
            rule,
            ..admit
        };
        let decided = plan(session, &admit, observed_at, load_id).await?;
        wrote |= apply(session, &admit, &decided, observed_at).await?;
        for (place, outcome) in back.into_iter().zip(decided.outcomes) {
            if let Some(kept) = outcomes.get_mut(place) {
                *kept = outcome;
            }
        }
    }
    for outcome in outcomes {
        add_to(counts, &replacement.table, outcome.name(), 1);
    }
    Ok(wrote)
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
        .filter(scope.clone())
        .with_deleted()
        .limit(limit);
    unreadable::change(session, &scan, &[]).await
}

fn of_report(table: &Table) -> Result<(), WarehouseError> {
    if table.group == TableGroup::Report {
        return Ok(());
    }
    Err(misuse(&table.name, "only rows of reports are replaced so"))
}

/// Some staged rows, on their way through the gate.
struct Staged {
    /// The key of the last one.
    last: Option<String>,
    /// How many are left out, since another row has their key.
    same_key: u64,
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
    let mut last = after.map(str::to_owned);
    let mut same_key = 0;
    let mut records = BTreeSet::new();
    let mut arriving = Rows::new(staged_columns(table).count());
    for row in found.iter() {
        let key = row.get(0).as_str().unwrap_or_default();
        let is_taken = last.as_deref().map(own_key) == Some(own_key(key));
        last = Some(key.to_owned());
        records.insert(row.get(1).as_str().unwrap_or_default().to_owned());
        if is_taken {
            same_key += 1;
            continue;
        }
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
        last: last.filter(|_| !found.is_empty()),
        same_key,
        records,
        admit,
    })
}

/// Erases rows that meet a condition, batch by batch and whatever stands in their keys; how many.
async fn erase<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    filter: Filter,
) -> Result<u64, WarehouseError> {
    let scan = Scan::of(table).filter(filter).with_deleted().limit(BATCH);
    let mut erased = 0;
    loop {
        let gone = unreadable::change(session, &scan, &[]).await?;
        if gone == 0 {
            return Ok(erased);
        }
        erased += gone;
    }
}
