//! Which rows of a table others still refer to.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Value, WarehouseError,
    session::Session,
    sql::{Select, Statement, integer, qualified, quoted},
};
use crate::catalog::{self, Column, Storage, Table, system};

/// Ids asked about at once.
const BATCH: usize = 200;

/// Who may refer to rows of a table.
pub(super) struct Referrers<'a> {
    pub table: &'a Table,
    pub source_id: &'a str,
    /// Which of the rows that refer to them count.
    pub counting: Counting<'a>,
}

/// Which rows that refer to others count.
pub(super) enum Counting<'a> {
    /// All of them.
    All,
    /// Those that stay when these tables are swept, of which rows that were received before go: facts that go hold nothing.
    Staying(&'a [Arc<Table>], DateTime<Utc>),
    /// Those that the load of this number brought, and that were not there before.
    New(i64),
}

/// Those of the ids that any row of the source refers to, tombstones included, in ascending order.
pub(super) async fn among<S: Session>(
    session: &mut S,
    referrers: &Referrers<'_>,
    ids: Vec<i64>,
) -> Result<Vec<i64>, WarehouseError> {
    let mut open = ids;
    let mut referenced = Vec::new();
    for (table, column) in referring(referrers.table) {
        if open.is_empty() {
            break;
        }
        let Some(shape) = session.shape(table).await? else {
            continue;
        };
        if !shape.contains(column.name.as_ref()) {
            continue;
        }
        let mut found = Vec::new();
        for some in open.chunks(BATCH) {
            let select = question(session.schema(), referrers, table, column, some)?;
            let rows = session.query("looking for references", select).await?;
            found.extend(rows.iter().filter_map(|row| row.get(0).as_integer()));
        }
        found.sort_unstable();
        open.retain(|id| found.binary_search(id).is_err());
        referenced.extend(found);
    }
    referenced.sort_unstable();
    Ok(referenced)
}

/// Columns of other tables that name rows of this one. Child rows are parts of their parent and hold nothing of it.
fn referring(table: &Table) -> impl Iterator<Item = (&'static Arc<Table>, &'static Column)> {
    let name = table.name.clone();
    catalog::tables().iter().flat_map(move |other| {
        let name = name.clone();
        other.columns.iter().filter_map(move |column| {
            let refers = column.reference.as_ref() == Some(&name)
                && column.ty.storage() == Storage::Integer
                && other.parent.as_ref() != Some(&name);
            refers.then_some((other, column))
        })
    })
}

/// One search of an index for each id, whatever the planner believes.
fn question(
    schema: Option<&str>,
    referrers: &Referrers<'_>,
    table: &Table,
    column: &Column,
    ids: &[i64],
) -> Result<Select, WarehouseError> {
    let mut statement = Statement::default();
    let mut word = "SELECT v.id FROM (SELECT ";
    for id in ids {
        statement.text.push_str(word);
        statement.bind(Value::Integer(*id));
        if word != " UNION ALL SELECT " {
            statement.text.push_str(" AS id");
        }
        word = " UNION ALL SELECT ";
    }
    statement.text.push_str(&format!(
        ") AS v WHERE EXISTS (SELECT 1 FROM {} AS t WHERE t.{} = v.id AND t.{} = ",
        qualified(schema, &table.name)?,
        quoted(&column.name)?,
        quoted(system::SOURCE_ID)?,
    ));
    statement.bind(referrers.source_id.into());
    match referrers.counting {
        Counting::All => {}
        Counting::Staying(going, before) => stays(&mut statement, schema, (going, before), table)?,
        Counting::New(load_id) => is_new(&mut statement, load_id)?,
    }
    statement.text.push(')');
    Ok(Select {
        table: table.name.to_string(),
        statement,
        answers: [integer("id")].into(),
        tolerant: false,
    })
}

/// Adds the condition that a load brought a referring row that was not there: one that was keeps the time at which it came
/// first.
fn is_new(statement: &mut Statement, load_id: i64) -> Result<(), WarehouseError> {
    let same = format!(
        " AND t.{} = t.{} AND t.{} = ",
        quoted(system::RECEIVED_AT)?,
        quoted(system::OBSERVED_AT)?,
        quoted(system::LOAD_ID)?,
    );
    statement.text.push_str(&same);
    statement.bind(Value::Integer(load_id));
    Ok(())
}

/// Adds the condition that a referring row of the table is not one that goes itself.
fn stays(
    statement: &mut Statement,
    schema: Option<&str>,
    (going, before): (&[Arc<Table>], DateTime<Utc>),
    table: &Table,
) -> Result<(), WarehouseError> {
    let goes = |name: &str| going.iter().any(|table| table.facts && table.name == name);
    let received = quoted(system::RECEIVED_AT)?;
    if goes(&table.name) {
        statement.text.push_str(&format!(" AND t.{received} >= "));
        statement.bind(before.into());
        return Ok(());
    }
    let parent = table.parent.as_deref().filter(|parent| goes(parent));
    let Some(parent) = parent.and_then(catalog::table) else {
        return Ok(());
    };
    let source = quoted(system::SOURCE_ID)?;
    statement.text.push_str(&format!(
        " AND EXISTS (SELECT 1 FROM {} AS p WHERE p.{source} = t.{source}",
        qualified(schema, &parent.name)?,
    ));
    for (own, theirs) in table.key.iter().zip(&parent.key) {
        statement
            .text
            .push_str(&format!(" AND p.{} = t.{}", quoted(theirs)?, quoted(own)?));
    }
    statement.text.push_str(&format!(" AND p.{received} >= "));
    statement.bind(before.into());
    statement.text.push(')');
    Ok(())
}
