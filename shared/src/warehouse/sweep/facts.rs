//! Rows of facts: nothing refers to them, so that one statement for each table says which of them go, and they are told by
//! the statement that removes them.

use std::sync::Arc;

use super::{Ahead, Below, Span, Sweep, SweptRows};
use crate::{
    catalog::{self, Storage, Table, system},
    warehouse::{
        Filter, Operator, Row, Rows, Value, ValueRef, WarehouseError,
        condition::Conditions,
        session::{Session, shapes},
        sql::{Answer, Select, Statement, answer, integer, list, misuse, qualified, quoted},
        swept::{self, Memories, Memory},
    },
};

/// The primary keys of the first and the last row, both inclusive.
type Between<'a> = Option<(&'a [Value], &'a [Value])>;

/// What is to be remembered, table by table.
type Remembered = Vec<(Arc<Table>, Memories)>;

/// A table of which rows go.
#[derive(Clone, Copy)]
struct Going<'a> {
    table: &'a Arc<Table>,
    /// Its columns that hold the key of the rows that it belongs to; of the sweep's own table, none.
    link: &'a [String],
}

impl<'a> Going<'a> {
    const fn own(sweep: &'a Sweep) -> Self {
        Self {
            table: &sweep.table,
            link: &[],
        }
    }

    const fn below(below: &'a Below) -> Self {
        Self {
            table: &below.table,
            link: below.link.as_slice(),
        }
    }
}

/// The declared child tables, whose keys begin with their parents'.
fn children(sweep: &Sweep) -> Vec<Below> {
    let children = catalog::children_of(&sweep.table).map(|table| Below {
        table: Arc::clone(table),
        link: table
            .key
            .iter()
            .take(sweep.table.key.len())
            .map(ToString::to_string)
            .collect(),
    });
    children.collect()
}

/// What would go.
pub(super) async fn weigh<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    between: Between<'_>,
) -> Result<Vec<SweptRows>, WarehouseError> {
    let mut told = Vec::new();
    let received = quoted(system::RECEIVED_AT)?;
    let verb = format!("SELECT COUNT(*), MIN(t.{received}), MAX(t.{received})");
    let children = children(sweep);
    let below = children.iter().chain(&sweep.below).map(Going::below);
    for what in below.chain([Going::own(sweep)]) {
        let table = what.table;
        let Some(statement) = going(session, sweep, what, between, &verb).await? else {
            continue;
        };
        let received = |name: &str| Answer {
            name: name.to_owned(),
            storage: Storage::Timestamp,
        };
        let answers = [integer("count"), received("oldest"), received("newest")];
        let select = Select {
            table: table.name.to_string(),
            statement,
            answers: answers.into(),
            tolerant: true,
        };
        let rows = session.query("weighing old rows", select).await?;
        told.extend(rows.get(0).and_then(|row| {
            let received = row.get(1).as_timestamp().zip(row.get(2).as_timestamp());
            let rows = u64::try_from(row.get(0).as_integer()?).ok()?;
            Span { rows, received }.tell(table)
        }));
    }
    Ok(told)
}

/// The greatest key, of one whole number, of all rows that go.
pub(super) async fn last<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    key: &str,
) -> Result<Option<i64>, WarehouseError> {
    let verb = format!("SELECT MAX(t.{})", quoted(key)?);
    let own = Going::own(sweep);
    let Some(statement) = going(session, sweep, own, None, &verb).await? else {
        return Ok(None);
    };
    let select = Select {
        table: sweep.table.name.to_string(),
        statement,
        answers: [integer("last")].into(),
        tolerant: false,
    };
    let rows = session
        .query("looking for the last old row", select)
        .await?;
    Ok(rows.get(0).and_then(|row| row.get(0).as_integer()))
}

/// Erases them; what went, and what is to be remembered of it.
pub(super) async fn erase<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    first: &[Value],
    last: &[Value],
) -> Result<(Vec<SweptRows>, Remembered), WarehouseError> {
    let between = Some((first, last));
    let (mut told, mut remembered) = erase_below(session, sweep, between).await?;
    let (own, memories) = erase_whole(session, sweep, Going::own(sweep), between).await?;
    told.extend(own);
    remembered.push((Arc::clone(&sweep.table), memories));
    Ok((told, remembered))
}

/// Erases the rows of one table that go; what that was, and what is to be remembered of it.
async fn erase_whole<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    what: Going<'_>,
    between: Between<'_>,
) -> Result<(Option<SweptRows>, Memories), WarehouseError> {
    let table = what.table.as_ref();
    let mut span = Span::default();
    let mut memories = Memories::default();
    // Rows whose origin tells no time of change are remembered by what they say, and only they are told wholly.
    let unclear = format!(
        "(t.{} IS NULL AND t.{} IS NULL)",
        quoted(system::CHANGED_AT)?,
        quoted(system::DELETED_AT)?
    );
    for is_clear in [true, false] {
        let Some(mut statement) = going(session, sweep, what, between, "DELETE").await? else {
            continue;
        };
        let word = if is_clear { " AND NOT " } else { " AND " };
        statement.text.push_str(word);
        statement.text.push_str(&unclear);
        let key = table.key.iter().map(AsRef::as_ref);
        let columns: Vec<&str> = if is_clear {
            let times = [system::RECEIVED_AT, system::CHANGED_AT, system::DELETED_AT];
            key.clone().chain(times).collect()
        } else {
            let all = table.stored_columns();
            all.map(|column| column.name.as_ref()).collect()
        };
        let gone = removed(session, table, Some(statement), &columns).await?;
        for row in gone.iter() {
            let of = |name: &str| value(row, &columns, name);
            span.add(of(system::RECEIVED_AT).as_timestamp());
            let version = swept::version_by_time(of(system::CHANGED_AT), of(system::DELETED_AT))
                .unwrap_or_else(|| swept::version_by_content(table, row));
            memories
                .each
                .push(Memory::new(key.clone().map(of), version));
        }
    }
    Ok((span.tell(table), memories))
}

/// Erases rows of which nothing changed since they were looked at.
pub(super) async fn erase_seen<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    ahead: &Ahead,
) -> Result<(Vec<SweptRows>, Remembered), WarehouseError> {
    let Some(memories) = &ahead.memories else {
        return erase(session, sweep, &ahead.first, &ahead.last).await;
    };
    let between = Some((ahead.first.as_slice(), ahead.last.as_slice()));
    let (mut told, mut remembered) = erase_below(session, sweep, between).await?;
    let gone = match going(session, sweep, Going::own(sweep), between, "DELETE").await? {
        Some(statement) => session.execute("erasing old rows", statement).await?,
        None => 0,
    };
    if gone != ahead.rows {
        return Err(misuse(
            &sweep.table.name,
            "other rows go than were looked at",
        ));
    }
    told.extend(ahead.span.tell(&sweep.table));
    remembered.push((Arc::clone(&sweep.table), memories.clone()));
    Ok((told, remembered))
}

/// Child rows are found by their parents, so they go before them. Those of declared tables come with their parents, and need
/// not be remembered.
async fn erase_below<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    between: Between<'_>,
) -> Result<(Vec<SweptRows>, Remembered), WarehouseError> {
    let mut told = Vec::new();
    for child in children(sweep) {
        let mut span = Span::default();
        let going = going(session, sweep, Going::below(&child), between, "DELETE").await?;
        let gone = removed(session, &child.table, going, &[system::RECEIVED_AT]).await?;
        for row in gone.iter() {
            span.add(row.get(0).as_timestamp());
        }
        told.extend(span.tell(&child.table));
    }
    let mut remembered = Remembered::new();
    for below in &sweep.below {
        let (gone, memories) = erase_whole(session, sweep, Going::below(below), between).await?;
        told.extend(gone);
        remembered.push((Arc::clone(&below.table), memories));
    }
    Ok((told, remembered))
}

/// A statement about the rows of a table that go: facts that were received before, or child rows of such. `None` where
/// there is no such table.
async fn going<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    what: Going<'_>,
    between: Between<'_>,
    verb: &str,
) -> Result<Option<Statement>, WarehouseError> {
    let (table, parent) = (what.table.as_ref(), sweep.table.as_ref());
    let shapes = shapes(session, &[table, parent]).await?;
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
        return conditions.into_statement(verb).map(Some);
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
    statement.text.push(')');
    Ok(Some(statement))
}

fn value<'r>(row: Row<'r>, columns: &[&str], name: &str) -> ValueRef<'r> {
    let place = columns.iter().position(|column| *column == name);
    place.map_or(ValueRef::Null, |place| row.get(place))
}

/// Runs a statement that removes rows, and tells these columns of them.
async fn removed<S: Session>(
    session: &mut S,
    table: &Table,
    statement: Option<Statement>,
    columns: &[&str],
) -> Result<Rows, WarehouseError> {
    let Some(mut statement) = statement else {
        return Ok(Rows::new(columns.len()));
    };
    let Some(shape) = session.shape(table).await? else {
        return Ok(Rows::new(columns.len()));
    };
    for (at, name) in columns.iter().enumerate() {
        let word = if at == 0 { " RETURNING " } else { ", " };
        statement.text.push_str(word);
        // A file that an older program made has fewer columns.
        let there = shape.contains(*name);
        let told = if there {
            quoted(name)?
        } else {
            "NULL".to_owned()
        };
        statement.text.push_str(&told);
    }
    let answers: Vec<Answer> = columns
        .iter()
        .filter_map(|name| answer(table, name))
        .collect();
    let select = Select {
        table: table.name.to_string(),
        statement,
        answers: answers.into(),
        tolerant: true,
    };
    session.query("erasing old rows", select).await
}
