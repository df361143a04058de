//! Rows that retention removes: a bounded step at a time, each remembered so that it does not come back as it was.

mod ahead;
mod facts;
mod going;
mod listed;
mod ties;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};

pub use ahead::Ahead;
pub(super) use ahead::ahead;
pub use ties::{Tie, Ties};

use super::{Rows, Value, WarehouseError, session::Session, sql::misuse, swept};
use crate::catalog::{Storage, Table, TableGroup};

/// One step of a sweep: of these rows, those that may go are erased with their child rows. The same step without writing
/// is [`super::Warehouse::weigh_sweep`].
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The table: a copy of the vendor's, or a report's; none whose rows come and go with those of another one.
    pub table: Arc<Table>,
    /// Whose rows.
    pub source_id: String,
    /// Only rows that were received before.
    pub before: DateTime<Utc>,
    /// The tables whose rows go in the same sweep: of facts among them, rows received before do not hold a dimension.
    pub going: Vec<Arc<Table>>,
    /// Which rows the step looks at.
    pub stretch: Stretch,
    /// Of a described report: the tables that are below this one, and above it.
    pub below: Ties,
}

/// The rows that a step of a sweep looks at.
#[derive(Debug, Clone)]
pub enum Stretch {
    /// Of facts, which nothing refers to: all of the source's. They can be weighed so, and not erased.
    All,
    /// Of facts: those from one primary key to another, both inclusive.
    Between(Vec<Value>, Vec<Value>),
    /// The same, of rows that were looked at before.
    Ahead(Ahead),
    /// Of dimensions, which stay while something refers to them: those of these declared keys, in ascending order.
    Listed(Rows),
    /// Old rows that no step takes, since what they have as a part of their key is not of the column's type. They can be
    /// weighed so, and not erased.
    Unreadable,
}

/// The declared key of a table where it is one whole number.
pub(crate) fn number_of(table: &Table) -> Option<&str> {
    let [key] = table.key.as_slice() else {
        return None;
    };
    let is_number = table.column(key)?.ty.storage() == Storage::Integer;
    is_number.then_some(key.as_ref())
}

/// The greatest key of all rows of facts that go; `None` where there are none.
pub(super) async fn last<S: Session>(
    session: &mut S,
    sweep: &Sweep,
) -> Result<Option<i64>, WarehouseError> {
    check(sweep)?;
    let unfit = || misuse(&sweep.table.name, "the key is not one whole number");
    let key = number_of(&sweep.table).ok_or_else(unfit)?;
    facts::last(session, sweep, key).await
}

/// What a step of a sweep erases of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptRows {
    /// The table.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// When the first of them was received.
    pub oldest: DateTime<Utc>,
    /// When the last of them was received.
    pub newest: DateTime<Utc>,
}

/// What a step would erase, table by table, children first. Writes nothing.
pub(super) async fn weigh<S: Session>(
    session: &mut S,
    sweep: &Sweep,
) -> Result<Vec<SweptRows>, WarehouseError> {
    check(sweep)?;
    match &sweep.stretch {
        Stretch::All => facts::weigh(session, sweep, None).await,
        Stretch::Between(first, last) => facts::weigh(session, sweep, Some((first, last))).await,
        Stretch::Ahead(ahead) => {
            facts::weigh(session, sweep, Some((&ahead.first, &ahead.last))).await
        }
        Stretch::Listed(keys) => Ok(listed::plan(session, sweep, keys).await?.told),
        Stretch::Unreadable => facts::unreadable(session, sweep).await,
    }
}

/// Erases what may go, and remembers it; what that was, table by table, children first. `last_load` is the last one before,
/// where this one wrote nothing else yet.
pub(super) async fn erase<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    last_load: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Vec<SweptRows>, WarehouseError> {
    check(sweep)?;
    let (told, memories) = match &sweep.stretch {
        Stretch::All => return Err(misuse(&sweep.table.name, "too many rows at once")),
        Stretch::Unreadable => return Err(misuse(&sweep.table.name, "nothing names these rows")),
        Stretch::Between(first, last) => facts::erase(session, sweep, first, last).await?,
        Stretch::Ahead(ahead) if last_load == Some(ahead.as_of) => {
            facts::erase_seen(session, sweep, ahead).await?
        }
        Stretch::Ahead(ahead) => facts::erase(session, sweep, &ahead.first, &ahead.last).await?,
        Stretch::Listed(keys) => {
            let plan = listed::plan(session, sweep, keys).await?;
            let memories = listed::apply(session, sweep, &plan).await?;
            (plan.told, vec![(Arc::clone(&sweep.table), memories)])
        }
    };
    for (table, memories) in memories {
        swept::remember(session, &table, &sweep.source_id, memories, now).await?;
    }
    Ok(told)
}

fn check(sweep: &Sweep) -> Result<(), WarehouseError> {
    let table = &sweep.table;
    let copied = matches!(table.group, TableGroup::Yclients | TableGroup::Report);
    if !copied || sweep.source_id.is_empty() {
        return Err(misuse(&table.name, "only rows of a source are swept"));
    }
    if table.parent.is_some() {
        return Err(misuse(&table.name, "child rows go with their parents"));
    }
    match &sweep.stretch {
        Stretch::Listed(keys) if keys.width() != table.key.len() => {
            Err(misuse(&table.name, "the keys are not its own"))
        }
        Stretch::All | Stretch::Between(..) | Stretch::Ahead(_) if !table.facts => {
            Err(misuse(&table.name, "something may refer to its rows"))
        }
        _ => Ok(()),
    }
}

/// How many rows of a table go, and when they were received.
#[derive(Debug, Clone, Default)]
struct Span {
    rows: u64,
    received: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Span {
    fn add(&mut self, received: Option<DateTime<Utc>>) {
        self.rows += 1;
        if let Some(at) = received {
            let (oldest, newest) = self.received.unwrap_or((at, at));
            self.received = Some((oldest.min(at), newest.max(at)));
        }
    }

    /// What goes of the table; nothing where that is no row. Rows of which none tells when it was received, as lines of an old
    /// row may, are told of as the last that go.
    fn tell(&self, table: &Table, before: DateTime<Utc>) -> Option<SweptRows> {
        let (oldest, newest) = self.received.unwrap_or((before, before));
        (self.rows > 0).then(|| SweptRows {
            table: table.name.to_string(),
            rows: self.rows,
            oldest,
            newest,
        })
    }
}

/// The table as if it had only its key, in the key's order, beside the system columns.
pub(super) fn narrowed(table: &Table) -> Table {
    let columns = table.key.iter().filter_map(|name| table.column(name));
    Table {
        columns: columns.cloned().collect(),
        ..table.clone()
    }
}

/// Adds what one step removes to what others did, by table.
pub(crate) fn add(found: &mut BTreeMap<String, SweptRows>, more: Vec<SweptRows>) {
    for swept in more {
        match found.get_mut(&swept.table) {
            Some(all) => {
                all.rows += swept.rows;
                all.oldest = all.oldest.min(swept.oldest);
                all.newest = all.newest.max(swept.newest);
            }
            None => {
                found.insert(swept.table.clone(), swept);
            }
        }
    }
}
