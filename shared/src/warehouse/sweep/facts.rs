//! Rows of facts: nothing refers to them, so that one statement for each table says which of them go, and they are told by
//! the statement that removes them.

use std::sync::Arc;

use super::{
    Ahead, Span, Sweep, SweptRows, Tie,
    going::{Between, Going, by_time, going, passed_by, told_times},
};
use crate::{
    catalog::{self, Storage, Table, system},
    warehouse::{
        Filter, Row, Rows, Value, ValueRef, WarehouseError,
        condition::Conditions,
        session::{Session, shapes},
        sql::{Answer, Select, Statement, answer, integer, misuse, quoted},
        swept::{self, Memories, Memory},
    },
};

/// What is to be remembered, table by table.
type Remembered = Vec<(Arc<Table>, Memories)>;

/// The declared child tables, whose keys begin with their parents'.
fn children(sweep: &Sweep) -> Vec<Tie> {
    let children = catalog::children_of(&sweep.table).map(|table| Tie {
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
    let received = told_times(session.schema())?;
    let verb = format!("SELECT COUNT(*), MIN({received}), MAX({received})");
    let children = children(sweep);
    let below = children.iter().chain(&sweep.below.lower).map(Going::below);
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
            Span { rows, received }.tell(table, sweep.before)
        }));
    }
    Ok(told)
}

/// Old rows that no statement here takes, since nothing names them.
pub(super) async fn unreadable<S: Session>(
    session: &mut S,
    sweep: &Sweep,
) -> Result<Vec<SweptRows>, WarehouseError> {
    let table = sweep.table.as_ref();
    let shapes = shapes(session, &[table]).await?;
    if !shapes.contains_key(table.name.as_ref()) {
        return Ok(Vec::new());
    }
    let mut conditions = Conditions::new(session.schema(), &shapes, table, true);
    conditions.meet(&Filter::equal(system::SOURCE_ID, sweep.source_id.as_str()))?;
    let mut statement = conditions.into_statement("SELECT COUNT(*)")?;
    if !passed_by(session.schema(), sweep, &mut statement)? {
        return Ok(Vec::new());
    }
    let select = Select {
        table: table.name.to_string(),
        statement,
        answers: [integer("count")].into(),
        tolerant: false,
    };
    let found = session.query("counting rows that stay", select).await?;
    let count = found.get(0).and_then(|row| row.get(0).as_integer());
    let span = Span {
        rows: count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or(0),
        received: None,
    };
    Ok(span.tell(table, sweep.before).into_iter().collect())
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
    let clear = by_time(session.schema())?;
    for is_clear in [true, false] {
        let Some(mut statement) = going(session, sweep, what, between, "DELETE").await? else {
            continue;
        };
        let word = if is_clear { " AND " } else { " AND NOT " };
        statement.text.push_str(word);
        statement.text.push_str(&clear);
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
            let version = match version_of(row, &columns) {
                None if !is_clear => Some(swept::version_by_content(table, row)),
                version => version,
            };
            // What has no name, or no version, could not be told from others when it comes again.
            if let Some(version) = version.filter(|_| !has_no_name(table, row, &columns)) {
                let memory = Memory::new(key.clone().map(of), version);
                memories.each.push(memory);
            }
        }
    }
    Ok((span.tell(table, sweep.before), memories))
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
    told.extend(ahead.span.tell(&sweep.table, sweep.before));
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
        told.extend(span.tell(&child.table, sweep.before));
    }
    let mut remembered = Remembered::new();
    for below in &sweep.below.lower {
        if session.shape(&below.table).await?.is_some() {
            // A version before did not declare the index that finds its rows by those above.
            session.define(&below.table).await?;
        }
        let (gone, memories) = erase_whole(session, sweep, Going::below(below), between).await?;
        told.extend(gone);
        remembered.push((Arc::clone(&below.table), memories));
    }
    Ok((told, remembered))
}

/// The version of a row by the time at which its origin changed it.
fn version_of(row: Row<'_>, columns: &[&str]) -> Option<String> {
    let of = |name: &str| value(row, columns, name);
    swept::version_by_time(of(system::CHANGED_AT), of(system::DELETED_AT))
}

/// Whether a part of the row's key cannot be read.
fn has_no_name(table: &Table, row: Row<'_>, columns: &[&str]) -> bool {
    let mut places = columns.iter().enumerate();
    places.any(|(place, name)| row.is_unreadable(place) && table.key.iter().any(|key| key == name))
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
