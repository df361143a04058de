//! Which rows of facts go, said in SQL.

use std::sync::Arc;

use super::{Sweep, Tie, ties::alone};
use crate::{
    catalog::{Storage, Table, system},
    warehouse::{
        Filter, Operator, Value, WarehouseError,
        condition::Conditions,
        session::{Session, shapes},
        sql::{Shapes, Statement, list, qualified, quoted},
        unreadable::{readable, readable_key},
    },
};

/// The primary keys of the first and the last row, both inclusive.
pub(super) type Between<'a> = Option<(&'a [Value], &'a [Value])>;

/// A table of which rows go.
#[derive(Clone, Copy)]
pub(super) struct Going<'a> {
    pub table: &'a Arc<Table>,
    /// Its columns that hold the key of the rows that it belongs to; of the sweep's own table, none.
    pub link: &'a [String],
}

impl<'a> Going<'a> {
    pub const fn own(sweep: &'a Sweep) -> Self {
        Self {
            table: &sweep.table,
            link: &[],
        }
    }

    pub const fn below(below: &'a Tie) -> Self {
        Self {
            table: &below.table,
            link: below.link.as_slice(),
        }
    }
}

/// A statement about the rows of a table that go: facts that were received before and belong to nothing that is there, or
/// child rows of such. `None` where there is no such table.
pub(super) async fn going<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    what: Going<'_>,
    between: Between<'_>,
    verb: &str,
) -> Result<Option<Statement>, WarehouseError> {
    let (table, parent) = (what.table.as_ref(), sweep.table.as_ref());
    let upper = sweep.below.upper.iter().map(|tie| tie.table.as_ref());
    let tables: Vec<&Table> = [table, parent].into_iter().chain(upper).collect();
    let shapes = shapes(session, &tables).await?;
    if !shapes.contains_key(table.name.as_ref()) || !shapes.contains_key(parent.name.as_ref()) {
        return Ok(None);
    }
    let schema = session.schema();
    let own = Filter::equal(system::SOURCE_ID, sweep.source_id.as_str());
    let old = Filter::compare(system::RECEIVED_AT, Operator::Less, sweep.before);
    let mut conditions = Conditions::new(schema, &shapes, table, true);
    conditions.meet(&own)?;
    // The planner of PostgreSQL knows how many rows lie between two values of a column, and nothing of whole keys.
    let ends = between.and_then(|(first, last)| first.get(1).zip(last.get(1)));
    let first_column = match what.link.first() {
        Some(link) => Some(link.as_str()),
        None => table.key.first().map(AsRef::as_ref),
    };
    if let (Some((from, to)), Some(column)) = (ends, first_column) {
        conditions.meet(&Filter::compare(column, Operator::AtLeast, from.clone()))?;
        conditions.meet(&Filter::compare(column, Operator::AtMost, to.clone()))?;
    }
    let whole = between.filter(|(first, _)| first.len() > 2);
    if table.name == parent.name {
        if let Some((first, last)) = whole {
            conditions.between(first, last)?;
        }
        conditions.meet(&old)?;
        let mut statement = conditions.into_statement(verb)?;
        let own = own_rows(schema, &shapes, sweep, "t")?;
        statement.text.push_str(&format!(" AND {own}"));
        return Ok(Some(statement));
    }
    let mut statement = conditions.into_statement(verb)?;
    statement.text.push_str(&format!(
        " AND EXISTS (SELECT 1 FROM {} AS p WHERE p.{source} = t.{source}",
        qualified(schema, &parent.name)?,
        source = quoted(system::SOURCE_ID)?,
    ));
    for (theirs, own) in parent.key.iter().zip(what.link) {
        let same = format!(" AND p.{} = t.{}", quoted(theirs)?, quoted(own)?);
        statement.text.push_str(&same);
    }
    if let (Some((from, to)), Some(column)) = (ends, parent.key.first()) {
        for (sign, end) in [(">=", from), ("<=", to)] {
            let bound = format!(" AND p.{} {sign} ", quoted(column)?);
            statement.text.push_str(&bound);
            statement.bind(end.clone());
        }
    }
    if let Some((first, last)) = whole {
        for (sign, end) in [(">=", first), ("<=", last)] {
            let names = list("p.", parent.primary_key().take(end.len()))?;
            statement.text.push_str(&format!(" AND ({names}) {sign} ("));
            for (at, value) in end.iter().enumerate() {
                let comma = if at > 0 { ", " } else { "" };
                statement.text.push_str(comma);
                statement.bind(value.clone());
            }
            statement.text.push(')');
        }
    }
    let received = format!(" AND p.{} < ", quoted(system::RECEIVED_AT)?);
    statement.text.push_str(&received);
    statement.bind(sweep.before.into());
    let own = own_rows(schema, &shapes, sweep, "p")?;
    statement.text.push_str(&format!(" AND {own})"));
    Ok(Some(statement))
}

/// What the sweep's own rows meet beside being old: they have a name and an age, and go by themselves.
fn own_rows(
    schema: Option<&str>,
    shapes: &Shapes,
    sweep: &Sweep,
    alias: &str,
) -> Result<String, WarehouseError> {
    let mut text = match all_readable(schema, &sweep.table, alias)? {
        none if none.is_empty() => "1 = 1".to_owned(),
        conditions => conditions.join(" AND "),
    };
    text.push_str(&alone(schema, shapes, alias, &sweep.below.upper)?);
    Ok(text)
}

/// The conditions that the parts of a row's key are of their columns' types, and that its time of receipt begins as one. That is
/// asked for in files alone, by a comparison, since it is asked of every row that is old: in a file numbers come before all
/// texts, and would be older than any time. A server lets nothing but times be there, and one before all times is old.
fn all_readable(
    schema: Option<&str>,
    table: &Table,
    alias: &str,
) -> Result<Vec<String>, WarehouseError> {
    let mut conditions = readable_key(schema, table, alias)?;
    if schema.is_none() {
        let received = format!("{alias}.{}", quoted(system::RECEIVED_AT)?);
        // Without the sign the column would have every text tried as a number, row by row.
        conditions.push(format!("+{received} >= '0'"));
    }
    Ok(conditions)
}

/// The same for a statement that looks for them, and the tables that it needs.
pub(super) async fn own<S: Session>(
    session: &mut S,
    sweep: &Sweep,
) -> Result<(Shapes, String), WarehouseError> {
    let upper = sweep.below.upper.iter().map(|tie| tie.table.as_ref());
    let tables: Vec<&Table> = [sweep.table.as_ref()].into_iter().chain(upper).collect();
    let shapes = shapes(session, &tables).await?;
    let text = own_rows(session.schema(), &shapes, sweep, "t")?;
    Ok((shapes, text))
}

/// Adds to a statement about the rows of a source the condition that they are old, and that no sweep takes them since nothing
/// names them; `false` where there can be none. Keys are looked through in their index, and nothing but them: all rows of a large
/// table, read once more for the few whose time of receipt is none, would cost as much as what the sweep does.
pub(super) fn passed_by(
    schema: Option<&str>,
    sweep: &Sweep,
    statement: &mut Statement,
) -> Result<bool, WarehouseError> {
    let named = readable_key(schema, &sweep.table, "t")?.join(" AND ");
    if named.is_empty() {
        return Ok(false);
    }
    let received = format!("t.{}", quoted(system::RECEIVED_AT)?);
    let old = format!(" AND NOT ({named}) AND {received} < ");
    statement.text.push_str(&old);
    statement.bind(sweep.before.into());
    Ok(true)
}

/// The condition that a row's version follows from the time at which its origin changed or deleted it.
pub(super) fn by_time(schema: Option<&str>) -> Result<String, WarehouseError> {
    let changed = format!("t.{}", quoted(system::CHANGED_AT)?);
    let deleted = format!("t.{}", quoted(system::DELETED_AT)?);
    let told = readable(schema, &changed, Storage::Timestamp).unwrap_or_else(|| "1 = 1".to_owned());
    Ok(format!(
        "(CASE WHEN {changed} IS NULL THEN {deleted} IS NOT NULL ELSE {told} END)"
    ))
}

/// The times of receipt that can be read.
pub(super) fn told_times(schema: Option<&str>) -> Result<String, WarehouseError> {
    let received = format!("t.{}", quoted(system::RECEIVED_AT)?);
    Ok(match readable(schema, &received, Storage::Timestamp) {
        Some(readable) => format!("CASE WHEN {readable} THEN {received} END"),
        None => received,
    })
}
