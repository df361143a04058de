use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Statement as Prepared};

use super::{
    connection::failed,
    space,
    value::{Bound, bind, read},
};
use crate::{
    catalog::{Storage, Table, TableGroup, system},
    warehouse::{
        Row, Rows, ValueRef, WarehouseError, internal,
        schema::{self, Dialect},
        session::Session,
        sql::{Answer, Select, Shape, Statement, list, quoted},
    },
};

/// Plain tables with row ids. Measured with a million customers: WITHOUT ROWID takes 1.7 times as long to fill, because
/// every index entry carries the whole key, and scans no faster where rows came in the order of their keys.
const DIALECT: Dialect = Dialect { type_of };

/// Shapes that are known, as of one version of the file's schema.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub version: i64,
    pub shapes: HashMap<String, Option<Arc<Shape>>>,
}

/// A transaction on one connection.
pub(super) struct SqliteSession<'c> {
    pub connection: &'c mut Connection,
    pub known: &'c mut Known,
}

impl Session for SqliteSession<'_> {
    fn schema(&self) -> Option<&str> {
        None
    }

    async fn shape(&mut self, table: &Table) -> Result<Option<Arc<Shape>>, WarehouseError> {
        if let Some(shape) = self.known.shapes.get(table.name.as_ref()) {
            return Ok(shape.clone());
        }
        let failed = failed("looking at a table");
        let mut statement = self
            .connection
            .prepare_cached("SELECT name FROM pragma_table_info(?1) UNION ALL SELECT '#' || name FROM pragma_index_list(?1)")
            .map_err(&failed)?;
        let names = statement
            .query_map([table.name.as_ref()], |row| row.get(0))
            .and_then(Iterator::collect::<Result<Shape, _>>)
            .map_err(&failed)?;
        let shape = (!names.is_empty()).then(|| Arc::new(names));
        self.known
            .shapes
            .insert(table.name.to_string(), shape.clone());
        Ok(shape)
    }

    async fn define(&mut self, table: &Table) -> Result<(), WarehouseError> {
        let shape = self.shape(table).await?;
        let mut statements = schema::definition(&DIALECT, None, table, shape.as_deref())?;
        if statements.is_empty() {
            return match table.group {
                TableGroup::Yclients => self.renew_views().await,
                _ => Ok(()),
            };
        }
        if let Some(companion) = internal::companion(&table.name) {
            let shape = self.shape(companion).await?;
            let others = schema::definition(&DIALECT, None, companion, shape.as_deref())?;
            statements.extend(others);
            statements.push(schema::log_view("CREATE VIEW IF NOT EXISTS", None)?);
        }
        for statement in statements {
            self.connection
                .execute_batch(&statement)
                .map_err(failed("creating a table"))?;
        }
        self.known.shapes.clear();
        if table.group == TableGroup::Yclients {
            self.define_views(table).await?;
        }
        Ok(())
    }

    async fn execute(
        &mut self,
        operation: &'static str,
        statement: Statement,
    ) -> Result<u64, WarehouseError> {
        let mut prepared = prepare(self.connection, operation, &statement)?;
        let count = prepared.raw_execute().map_err(failed(operation))?;
        Ok(count as u64)
    }

    async fn query(
        &mut self,
        operation: &'static str,
        select: Select,
    ) -> Result<Rows, WarehouseError> {
        let failed = failed(operation);
        let mut found = Rows::new(select.answers.len());
        let mut prepared = prepare(self.connection, operation, &select.statement)?;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next().map_err(&failed)? {
            push(
                &mut found,
                row,
                &select.table,
                &select.answers,
                select.tolerant,
            )?;
        }
        Ok(found)
    }

    async fn lookup(
        &mut self,
        table: &Table,
        shape: &Shape,
        source: &str,
        by: &[&str],
        keys: &Rows,
    ) -> Result<Rows, WarehouseError> {
        let operation = "looking rows up";
        let mut text = String::from("SELECT ");
        let mut answers = Vec::new();
        for column in table.stored_columns() {
            if !answers.is_empty() {
                text.push_str(", ");
            }
            if shape.contains(column.name.as_ref()) {
                text.push_str(&quoted(&column.name)?);
            } else {
                text.push_str("NULL");
            }
            answers.push(Answer {
                name: column.name.to_string(),
                storage: column.ty.storage(),
            });
        }
        text.push_str(&format!(
            " FROM {} WHERE {} = ?",
            quoted(&table.name)?,
            quoted(system::SOURCE_ID)?
        ));
        for name in by {
            text.push_str(&format!(" AND {} = ?", quoted(name)?));
        }
        if by.len() < table.key.len() {
            text.push_str(&format!(" ORDER BY {}", list("", table.primary_key())?));
        }
        let failed = failed(operation);
        let mut prepared = self.connection.prepare_cached(&text).map_err(&failed)?;
        let mut found = Rows::new(answers.len());
        let key_columns = table.key.iter();
        let own_key: Vec<usize> = key_columns
            .filter_map(|name| table.position(name))
            .collect();
        for key in keys.iter() {
            prepared.raw_bind_parameter(1, source).map_err(&failed)?;
            bind_row(&mut prepared, 2, key, &failed)?;
            let mut rows = prepared.raw_query();
            while let Some(row) = rows.next().map_err(&failed)? {
                push(&mut found, row, &table.name, &answers, true)?;
                found.drop_unknown(&own_key);
            }
        }
        Ok(found)
    }

    async fn insert(&mut self, table: &Table, rows: &Rows) -> Result<(), WarehouseError> {
        self.put("INSERT", "", table, rows).map(|_| ())
    }

    async fn insert_missing(&mut self, table: &Table, rows: &Rows) -> Result<u64, WarehouseError> {
        self.put("INSERT", " ON CONFLICT DO NOTHING", table, rows)
    }

    async fn replace(&mut self, table: &Table, rows: &Rows) -> Result<(), WarehouseError> {
        self.put("INSERT OR REPLACE", "", table, rows).map(|_| ())
    }

    async fn touch(
        &mut self,
        table: &Table,
        keys: &Rows,
        observed_at: DateTime<Utc>,
    ) -> Result<(), WarehouseError> {
        let failed = failed("noting what was seen");
        let mut text = format!(
            "UPDATE {} SET {} = ? WHERE ",
            quoted(&table.name)?,
            quoted(system::OBSERVED_AT)?
        );
        text.push_str(&is_key(table)?);
        let mut prepared = self.connection.prepare_cached(&text).map_err(&failed)?;
        for key in keys.iter() {
            bind(&mut prepared, 1, ValueRef::Timestamp(observed_at)).map_err(&failed)?;
            bind_row(&mut prepared, 2, key, &failed)?;
            prepared.raw_execute().map_err(&failed)?;
        }
        Ok(())
    }

    async fn erase(&mut self, table: &Table, keys: &Rows) -> Result<(), WarehouseError> {
        let failed = failed("erasing rows");
        let text = format!(
            "DELETE FROM {} WHERE {}",
            quoted(&table.name)?,
            is_key(table)?
        );
        let mut prepared = self.connection.prepare_cached(&text).map_err(&failed)?;
        for key in keys.iter() {
            bind_row(&mut prepared, 1, key, &failed)?;
            prepared.raw_execute().map_err(&failed)?;
        }
        Ok(())
    }

    async fn stored_bytes(&mut self, _limit: u64) -> Result<u64, WarehouseError> {
        space::used(self.connection)
    }
}

impl SqliteSession<'_> {
    fn put(
        &mut self,
        verb: &str,
        suffix: &str,
        table: &Table,
        rows: &Rows,
    ) -> Result<u64, WarehouseError> {
        let failed = failed("writing rows");
        let columns = table.stored_columns().map(|column| column.name.as_ref());
        let marks = vec!["?"; rows.width()].join(", ");
        let text = format!(
            "{verb} INTO {} ({}) VALUES ({marks}){suffix}",
            quoted(&table.name)?,
            list("", columns)?
        );
        let mut prepared = self.connection.prepare_cached(&text).map_err(&failed)?;
        let mut count = 0;
        for row in rows.iter() {
            bind_row(&mut prepared, 1, row, &failed)?;
            count += prepared.raw_execute().map_err(&failed)? as u64;
        }
        Ok(count)
    }
}

/// Answers a question in batches, until `take` has enough. With an error comes how many rows were read before it.
pub(super) fn batches(
    connection: &Connection,
    select: &Select,
    is_full: impl Fn(&Rows) -> bool,
    mut take: impl FnMut(Rows) -> bool,
) -> Result<(), (WarehouseError, u64)> {
    let operation = "scanning a table";
    let mut batch = Rows::new(select.answers.len());
    let mut taken = 0;
    let mut prepared =
        prepare(connection, operation, &select.statement).map_err(|error| (error, 0))?;
    let mut rows = prepared.raw_query();
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => return Err((failed(operation)(error), taken)),
        };
        let (table, answers) = (&select.table, &select.answers);
        if let Err(error) = push(&mut batch, row, table, answers, select.tolerant) {
            return Err((error, taken + batch.len() as u64));
        }
        if is_full(&batch) {
            taken += batch.len() as u64;
            let next = batch.next_batch();
            if !take(std::mem::replace(&mut batch, next)) {
                return Ok(());
            }
        }
    }
    if !batch.is_empty() {
        take(batch);
    }
    Ok(())
}

/// The condition that a row has the primary key that is bound.
fn is_key(table: &Table) -> Result<String, WarehouseError> {
    let mut text = String::new();
    for (index, name) in table.primary_key().enumerate() {
        if index > 0 {
            text.push_str(" AND ");
        }
        text.push_str(&format!("{} = ?", quoted(name)?));
    }
    Ok(text)
}

fn prepare<'c>(
    connection: &'c Connection,
    operation: &'static str,
    statement: &Statement,
) -> Result<rusqlite::CachedStatement<'c>, WarehouseError> {
    let failed = failed(operation);
    let mut prepared = connection
        .prepare_cached(&statement.text)
        .map_err(&failed)?;
    for (index, value) in statement.values.iter().enumerate() {
        prepared
            .raw_bind_parameter(index + 1, Bound(value.as_ref()))
            .map_err(&failed)?;
    }
    Ok(prepared)
}

fn bind_row(
    prepared: &mut Prepared<'_>,
    first: usize,
    row: Row<'_>,
    failed: &impl Fn(rusqlite::Error) -> WarehouseError,
) -> Result<(), WarehouseError> {
    for (index, value) in row.values().enumerate() {
        bind(prepared, first + index, value).map_err(failed)?;
    }
    Ok(())
}

/// Adds a row of an answer to a batch. SQLite lets anybody write anything into any column: what is not of its type is marked
/// for a tolerant reader, and an error for others.
fn push(
    rows: &mut Rows,
    row: &rusqlite::Row<'_>,
    table: &str,
    answers: &[Answer],
    tolerant: bool,
) -> Result<(), WarehouseError> {
    for (index, answer) in answers.iter().enumerate() {
        let value = row
            .get_ref(index)
            .ok()
            .and_then(|stored| read(stored, answer.storage));
        match value {
            Some(value) => rows.push(value),
            None => answer.unreadable(rows, table, tolerant)?,
        }
    }
    Ok(())
}

fn type_of(storage: Storage) -> String {
    match storage {
        Storage::Text | Storage::Json => "TEXT".to_owned(),
        Storage::Integer => "INTEGER".to_owned(),
        Storage::Decimal(scale) => format!("DECIMAL(38,{scale})"),
        Storage::Boolean => "BOOLEAN".to_owned(),
        Storage::Date => "DATE".to_owned(),
        Storage::Timestamp => "TIMESTAMP".to_owned(),
    }
}
