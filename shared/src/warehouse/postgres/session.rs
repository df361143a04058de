use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::{
    bi, copy,
    size::Size,
    unnested::{Unnested, columns_of},
    value::{bind, bind_column, push, type_of},
};
use crate::{
    catalog::{Column, Table, TableGroup, system},
    warehouse::{
        Rows, WarehouseError, internal,
        schema::{self, Dialect},
        session::Session,
        sql::{Answer, Select, Shape, Statement, list, qualified, quoted},
    },
};

const DIALECT: Dialect = Dialect { type_of };

/// Fewer rows go in by one statement: the driver sends a `COPY` in pieces, the last of which waits some 40 ms for an
/// acknowledgement (`TCP_NODELAY` is not set).
const COPIED_FROM: usize = 2_000;

/// Tables that are known to exist with these columns. Nothing takes a table or column away but erasure, which the
/// transactions notice.
pub(super) type Known = BTreeMap<String, Arc<Shape>>;

/// A transaction on one connection, in the warehouse's role.
pub(super) struct PostgresSession<'c> {
    pub connection: &'c mut PgConnection,
    pub schema: &'c str,
    /// Whether the schema is there at all.
    pub exists: bool,
    /// What earlier transactions knew and this one adds; it counts for others once this one is committed.
    pub known: Known,
    /// What the schema took up when it was last looked at.
    pub size: Option<Size>,
    /// Whether there is something new for BI tools to read.
    pub readable_changed: bool,
    /// What this transaction saw.
    pub seen: HashMap<String, Option<Arc<Shape>>>,
}

/// Names the operation that failed.
pub(super) fn failed(operation: &'static str) -> impl Fn(sqlx::Error) -> WarehouseError {
    move |source| {
        wynos_base::logins::noted(&source);
        WarehouseError::Postgres { operation, source }
    }
}

impl Session for PostgresSession<'_> {
    fn schema(&self) -> Option<&str> {
        Some(self.schema)
    }

    async fn shape(&mut self, table: &Table) -> Result<Option<Arc<Shape>>, WarehouseError> {
        if !self.exists {
            return Ok(None);
        }
        if let Some(shape) = self.known.get(table.name.as_ref())
            && table
                .stored_columns()
                .all(|column| shape.contains(column.name.as_ref()))
        {
            return Ok(Some(Arc::clone(shape)));
        }
        if let Some(shape) = self.seen.get(table.name.as_ref()) {
            return Ok(shape.clone());
        }
        let name = qualified(Some(self.schema), &table.name)?;
        let failed = failed("looking at a table");
        let rows = sqlx::query("SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped UNION ALL SELECT '#' || c.relname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass($1)")
            .bind(name)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(&failed)?;
        let names = rows
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<Shape, _>>()
            .map_err(&failed)?;
        let shape = (!names.is_empty()).then(|| Arc::new(names));
        self.seen.insert(table.name.to_string(), shape.clone());
        Ok(shape)
    }

    async fn define(&mut self, table: &Table) -> Result<(), WarehouseError> {
        if let Some(shape) = self.known.get(table.name.as_ref())
            && schema::is_whole(table, shape)
        {
            return Ok(());
        }
        let tables = [
            Some(table),
            internal::companion(&table.name).map(AsRef::as_ref),
        ];
        let mut statements = Vec::new();
        for table in tables.iter().flatten() {
            let shape = self.shape(table).await?;
            let schema = Some(self.schema);
            statements.extend(schema::definition(
                &DIALECT,
                schema,
                table,
                shape.as_deref(),
            )?);
        }
        if tables.iter().flatten().count() > 1 && !statements.is_empty() {
            statements.push(schema::log_view(
                "CREATE OR REPLACE VIEW",
                Some(self.schema),
            )?);
        }
        if !statements.is_empty() {
            sqlx::raw_sql(AssertSqlSafe(statements.join(";\n")))
                .execute(&mut *self.connection)
                .await
                .map_err(failed("creating a table"))?;
            self.seen.clear();
            if table.group == TableGroup::Yclients {
                self.define_views(table).await?;
            }
            if matches!(table.group, TableGroup::Yclients | TableGroup::Report) {
                sqlx::raw_sql(AssertSqlSafe(bi::grants(self.schema)?))
                    .execute(&mut *self.connection)
                    .await
                    .map_err(failed("letting a table be read"))?;
                self.readable_changed = true;
            }
        } else if table.group == TableGroup::Yclients {
            self.renew_views().await?;
        }
        for table in tables.into_iter().flatten() {
            self.known
                .insert(table.name.to_string(), Arc::new(schema::whole(table)));
        }
        Ok(())
    }

    async fn execute(
        &mut self,
        operation: &'static str,
        statement: Statement,
    ) -> Result<u64, WarehouseError> {
        let mut query = sqlx::query(AssertSqlSafe(statement.text));
        for value in &statement.values {
            query = bind(query, value);
        }
        let done = query.execute(&mut *self.connection).await;
        Ok(done.map_err(failed(operation))?.rows_affected())
    }

    async fn query(
        &mut self,
        operation: &'static str,
        select: Select,
    ) -> Result<Rows, WarehouseError> {
        let mut query = sqlx::query(AssertSqlSafe(select.statement.text));
        for value in &select.statement.values {
            query = bind(query, value);
        }
        let mut rows = Rows::new(select.answers.len());
        let mut answers = query.fetch(&mut *self.connection);
        while let Some(row) = answers.try_next().await.map_err(failed(operation))? {
            push(
                &mut rows,
                &row,
                &select.table,
                &select.answers,
                select.tolerant,
            )?;
        }
        Ok(rows)
    }

    async fn lookup(
        &mut self,
        table: &Table,
        shape: &Shape,
        source: &str,
        by: &[&str],
        keys: &Rows,
    ) -> Result<Rows, WarehouseError> {
        let mut chosen = Vec::new();
        let mut answers = Vec::new();
        for column in table.stored_columns() {
            chosen.push(if shape.contains(column.name.as_ref()) {
                format!("t.{}", quoted(&column.name)?)
            } else {
                format!("NULL AS {}", quoted(&column.name)?)
            });
            answers.push(Answer {
                name: column.name.to_string(),
                storage: column.ty.storage(),
            });
        }
        let key = columns_of(table, by.iter().copied());
        let keyed = Unnested::new(&key, 2)?;
        // One search of the index for each key, whatever the planner believes about the sizes of both sides: of a table that
        // grows it knows nothing yet, and would go through all rows of a source. What has a limit is not merged into a join.
        let one = if by.len() < table.key.len() {
            " OFFSET 0"
        } else {
            " LIMIT 1"
        };
        let text = format!(
            "SELECT t.* FROM {} CROSS JOIN LATERAL (SELECT {} FROM {} AS t WHERE t.{} = $1 AND {}{one}) AS t ORDER BY {}",
            keyed.table,
            chosen.join(", "),
            qualified(Some(self.schema), &table.name)?,
            quoted(system::SOURCE_ID)?,
            keyed.equal,
            list("t.", table.primary_key())?,
        );
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(source);
        for (index, column) in key.iter().enumerate() {
            query = bind_column(query, keys, index, column.ty.storage());
        }
        let mut found = Rows::new(answers.len());
        let mut rows = query.fetch(&mut *self.connection);
        while let Some(row) = rows.try_next().await.map_err(failed("looking rows up"))? {
            push(&mut found, &row, &table.name, &answers, true)?;
        }
        Ok(found)
    }

    async fn insert(&mut self, table: &Table, rows: &Rows) -> Result<(), WarehouseError> {
        if rows.len() < COPIED_FROM {
            self.put(table, rows, None).await?;
            return Ok(());
        }
        let failed = failed("writing rows");
        let columns = table.stored_columns().map(|column| column.name.as_ref());
        let statement = format!(
            "COPY {} ({}) FROM STDIN",
            qualified(Some(self.schema), &table.name)?,
            list("", columns)?
        );
        let mut copy = self
            .connection
            .copy_in_raw(&statement)
            .await
            .map_err(&failed)?;
        for piece in copy::pieces(rows) {
            copy.send(piece).await.map_err(&failed)?;
        }
        copy.finish().await.map_err(&failed)?;
        Ok(())
    }

    async fn insert_missing(&mut self, table: &Table, rows: &Rows) -> Result<u64, WarehouseError> {
        self.put(table, rows, Some("DO NOTHING")).await
    }

    async fn replace(&mut self, table: &Table, rows: &Rows) -> Result<(), WarehouseError> {
        let mut changes = Vec::new();
        for column in table.stored_columns() {
            if table.primary_key().all(|key| key != column.name) {
                let name = quoted(&column.name)?;
                changes.push(format!("{name} = EXCLUDED.{name}"));
            }
        }
        let action = if changes.is_empty() {
            "DO NOTHING".to_owned()
        } else {
            format!("DO UPDATE SET {}", changes.join(", "))
        };
        self.put(table, rows, Some(&action)).await?;
        Ok(())
    }

    async fn touch(
        &mut self,
        table: &Table,
        keys: &Rows,
        observed_at: DateTime<Utc>,
    ) -> Result<(), WarehouseError> {
        let key = columns_of(table, table.primary_key());
        let keyed = Unnested::new(&key, 2)?;
        let text = format!(
            "UPDATE {} AS t SET {} = $1 FROM {} WHERE {}",
            qualified(Some(self.schema), &table.name)?,
            quoted(system::OBSERVED_AT)?,
            keyed.table,
            keyed.equal
        );
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(observed_at);
        for (index, column) in key.iter().enumerate() {
            query = bind_column(query, keys, index, column.ty.storage());
        }
        let done = query.execute(&mut *self.connection).await;
        done.map_err(failed("noting what was seen"))?;
        Ok(())
    }

    async fn stored_bytes(&mut self, limit: u64) -> Result<u64, WarehouseError> {
        if let Some(bytes) = self.size.as_ref().and_then(|size| size.still_good(limit)) {
            return Ok(bytes);
        }
        let size = Size::measure(self.connection, self.schema).await?;
        let bytes = size.bytes;
        self.size = Some(size);
        Ok(bytes)
    }

    async fn erase(&mut self, table: &Table, keys: &Rows) -> Result<(), WarehouseError> {
        let key = columns_of(table, table.primary_key());
        let keyed = Unnested::new(&key, 1)?;
        let name = qualified(Some(self.schema), &table.name)?;
        // Nobody else writes this warehouse now, so rows stay where they were found.
        let text = format!(
            "DELETE FROM {name} WHERE ctid = ANY(ARRAY(SELECT t.ctid FROM {} CROSS JOIN LATERAL (SELECT t.ctid FROM {name} AS t WHERE {} LIMIT 1) AS t))",
            keyed.table, keyed.equal
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (index, column) in key.iter().enumerate() {
            query = bind_column(query, keys, index, column.ty.storage());
        }
        let done = query.execute(&mut *self.connection).await;
        done.map_err(failed("erasing rows"))?;
        Ok(())
    }
}

impl PostgresSession<'_> {
    async fn put(
        &mut self,
        table: &Table,
        rows: &Rows,
        action: Option<&str>,
    ) -> Result<u64, WarehouseError> {
        let columns: Vec<&Column> = table.stored_columns().collect();
        let values = Unnested::new(&columns, 1)?;
        let mut text = format!(
            "INSERT INTO {} ({}) SELECT {} FROM {}",
            qualified(Some(self.schema), &table.name)?,
            list("", columns.iter().map(|column| column.name.as_ref()))?,
            values.chosen,
            values.table,
        );
        if let Some(action) = action {
            let key = list("", table.primary_key())?;
            text.push_str(&format!(" ON CONFLICT ({key}) {action}"));
        }
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (index, column) in columns.iter().enumerate() {
            query = bind_column(query, rows, index, column.ty.storage());
        }
        let done = query.execute(&mut *self.connection).await;
        Ok(done.map_err(failed("writing rows"))?.rows_affected())
    }
}
