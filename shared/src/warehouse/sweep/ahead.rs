//! Rows of facts that a sweep goes on with: looked for, and gone through, beside whatever writes meanwhile, so that the
//! transaction that removes them does no more than that.

use super::{Span, Sweep, check, going};
use crate::{
    catalog::system,
    warehouse::{
        Filter, Operator, Row, Scan, Value, ValueRef, WarehouseError, commit,
        session::Session,
        sql,
        swept::{self, Gatherer, Memories, Memory},
    },
};

/// Rows that a sweep goes on with, as they were when they were looked at.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// The primary key of the first.
    pub first: Vec<Value>,
    /// The primary key of the last.
    pub last: Vec<Value>,
    /// How many they are.
    pub rows: u64,
    /// The last load that was there.
    pub(super) as_of: i64,
    pub(super) span: Span,
    /// What is to be remembered of them; `None` where that takes whole rows.
    pub(super) memories: Option<Memories>,
}

impl Ahead {
    /// They were looked at while this load removed others: its own number does not mean that they changed.
    pub fn looked_at_beside(&mut self, load_id: i64) {
        if load_id == self.as_of + 1 {
            self.as_of = load_id;
        }
    }
}

/// The next rows of facts that go, after one primary key and up to a number where the key is one, at most so many; `None`
/// where none is left.
pub(in crate::warehouse) async fn ahead<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    after: Option<Vec<Value>>,
    upto: Option<i64>,
    limit: u64,
) -> Result<Option<Ahead>, WarehouseError> {
    check(sweep)?;
    let as_of = commit::last(session, commit::LOADS).await?;
    let key: Vec<usize> = (0..sweep.table.key.len()).collect();
    let (shapes, own) = going::own(session, sweep).await?;
    let scan = scan(sweep, after, upto, limit);
    let Some(select) = sql::scan(session.schema(), &shapes, &scan, &own)? else {
        return Ok(None);
    };
    let found = session.query("looking for old rows", select).await?;
    let rows = found.len();
    let found = found.known(&key);
    let (Some(first), Some(last)) = (found.get(0), found.get(found.len().saturating_sub(1))) else {
        return Ok(None);
    };
    let width = sweep.table.key.len();
    let whole = |row: Row<'_>| -> Vec<Value> {
        let own = row.values().take(width).map(ValueRef::to_owned);
        let source = Value::from(sweep.source_id.as_str());
        std::iter::once(source).chain(own).collect()
    };
    let mut span = Span::default();
    // Where a key that the database took for one cannot be read, what goes is told by the statement that erases it.
    let mut gatherer = (rows == found.len()).then(Gatherer::default);
    for row in found.iter() {
        span.add(row.get(width).as_timestamp());
        let version = swept::version_by_time(row.get(width + 1), row.get(width + 2));
        match (&mut gatherer, version) {
            (Some(gatherer), Some(version)) => {
                gatherer.add(Memory::new((0..width).map(|at| row.get(at)), version));
            }
            _ => gatherer = None,
        }
    }
    Ok(Some(Ahead {
        first: whole(first),
        last: whole(last),
        rows: rows as u64,
        as_of,
        span,
        memories: gatherer.map(Gatherer::finish),
    }))
}

/// Keys, and what tells of their versions.
fn scan(sweep: &Sweep, after: Option<Vec<Value>>, upto: Option<i64>, limit: u64) -> Scan {
    let own = Filter::equal(system::SOURCE_ID, sweep.source_id.as_str());
    let old = Filter::compare(system::RECEIVED_AT, Operator::Less, sweep.before);
    let mut filter = own.and(old);
    if let (Some(end), Some(key)) = (upto, sweep.table.key.first()) {
        filter = filter.and(Filter::compare(key.as_ref(), Operator::AtMost, end));
    }
    let times = [system::RECEIVED_AT, system::CHANGED_AT, system::DELETED_AT];
    let key = sweep.table.key.iter().map(AsRef::as_ref);
    let mut scan = Scan::of(&sweep.table)
        .columns(key.chain(times))
        .filter(filter)
        .with_deleted()
        .limit(limit)
        .tolerant();
    scan.after = after;
    scan
}
