//! The whole warehouse as one SQLite file to take away: plain table names, declared types, keys and indexes.

use std::path::Path;

use rusqlite::{Connection, params_from_iter, types::Value as Sql};

use crate::{
    catalog::{Column, Storage, Table},
    delivery::DeliveryError,
    warehouse::{Rows, ValueRef},
};

/// `wyno` in ASCII: tells programs what the file is.
const APPLICATION_ID: i64 = 0x7779_6e6f;

/// Bytes of one page.
const PAGE: u64 = 4_096;

/// Memory that SQLite may hold while it writes, in KiB.
const CACHE_KIB: i64 = 8_192;

/// A database file being written. It is made from nothing, so nothing in it needs to survive a crash before it is finished.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    connection: Connection,
    limit: u64,
    insert: String,
    indexes: Vec<String>,
}

impl DatabaseFile {
    /// Begins a file of at most `limit` bytes where there is none.
    pub(super) fn create(path: &Path, limit: u64) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "page_size", PAGE.to_string())?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let pages = i64::try_from(limit / PAGE).unwrap_or(i64::MAX);
        connection.pragma_update(None, "max_page_count", pages.max(1))?;
        // Sorting for an index must not grow in memory: it goes to files of the system when it outgrows the cache.
        connection.pragma_update(None, "temp_store", "FILE")?;
        connection.execute_batch("BEGIN")?;
        Ok(Self {
            connection,
            limit,
            insert: String::new(),
            indexes: Vec::new(),
        })
    }

    /// Adds a table with these of its columns; rows that follow are its.
    pub(super) fn table(
        &mut self,
        table: &Table,
        columns: &[&Column],
    ) -> Result<(), DeliveryError> {
        let mut definitions: Vec<String> =
            columns.iter().map(|column| definition(column)).collect();
        let has = |name: &str| columns.iter().any(|column| column.name == name);
        let key: Vec<String> = table
            .primary_key()
            .filter(|part| has(part))
            .map(quoted)
            .collect();
        if !key.is_empty() {
            definitions.push(format!("PRIMARY KEY ({})", key.join(", ")));
        }
        let name = quoted(&table.name);
        let create = format!("CREATE TABLE {name} ({})", definitions.join(", "));
        let created = self.connection.execute_batch(&create);
        created.map_err(|error| self.explain(error))?;
        let places: Vec<String> = (1..=columns.len())
            .map(|place| format!("?{place}"))
            .collect();
        self.insert = format!("INSERT INTO {name} VALUES ({})", places.join(", "));
        for parts in table
            .indexes
            .iter()
            .filter(|parts| parts.iter().all(|part| has(part)))
        {
            let index = quoted(&format!("{}_by_{}", table.name, parts.join("_")));
            let parts: Vec<String> = parts.iter().map(|part| quoted(part)).collect();
            self.indexes.push(format!(
                "CREATE INDEX {index} ON {name} ({})",
                parts.join(", ")
            ));
        }
        Ok(())
    }

    /// Adds rows of the columns of the table begun last.
    pub(super) fn rows(&mut self, rows: &Rows) -> Result<(), DeliveryError> {
        self.insert(rows).map_err(|error| self.explain(error))
    }

    fn insert(&self, rows: &Rows) -> rusqlite::Result<()> {
        let mut insert = self.connection.prepare_cached(&self.insert)?;
        for row in rows.iter() {
            insert.execute(params_from_iter(row.values().map(stored)))?;
        }
        Ok(())
    }

    /// Adds the indexes and closes the file, which needs no other file then.
    pub(super) fn finish(self) -> Result<(), DeliveryError> {
        for index in &self.indexes {
            self.connection
                .execute_batch(index)
                .map_err(|error| self.explain(error))?;
        }
        let committed = self.connection.execute_batch("COMMIT; PRAGMA optimize");
        committed.map_err(|error| self.explain(error))?;
        Ok(self.connection.close().map_err(|(_, error)| error)?)
    }

    /// SQLite says the same of a full disk and of a file at its limit; the pages tell which it is.
    fn explain(&self, error: rusqlite::Error) -> DeliveryError {
        let number = |pragma: &str| {
            self.connection
                .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
                .ok()
        };
        let full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
        if full && number("page_count") >= number("max_page_count") {
            return DeliveryError::TooLarge { limit: self.limit };
        }
        error.into()
    }
}

fn definition(column: &Column) -> String {
    let kind = match column.ty.storage() {
        Storage::Text => "TEXT".to_owned(),
        Storage::Integer => "INTEGER".to_owned(),
        Storage::Decimal(scale) => format!("NUMERIC(19, {scale})"),
        Storage::Boolean => "BOOLEAN".to_owned(),
        Storage::Date => "DATE".to_owned(),
        Storage::Timestamp => "TIMESTAMP".to_owned(),
        Storage::Json => "JSON_TEXT".to_owned(),
    };
    let required = if column.required { " NOT NULL" } else { "" };
    format!("{} {kind}{required}", quoted(&column.name))
}

/// Exact numbers go in as text: the column turns them into numbers where that loses nothing, and keeps them otherwise.
fn stored(value: ValueRef<'_>) -> Sql {
    match value {
        ValueRef::Null => Sql::Null,
        ValueRef::Boolean(flag) => Sql::Integer(i64::from(flag)),
        ValueRef::Integer(number) => Sql::Integer(number),
        ValueRef::Decimal(number) => Sql::Text(number.to_string()),
        ValueRef::Text(text) | ValueRef::Json(text) => Sql::Text(text.to_owned()),
        ValueRef::Date(day) => Sql::Text(day.format("%Y-%m-%d").to_string()),
        ValueRef::Timestamp(at) => Sql::Text(at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rust_decimal::Decimal;

    use super::*;
    use crate::catalog;

    #[test]
    fn a_file_holds_types_keys_and_indexes_and_stands_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.sqlite");
        let mut file = DatabaseFile::create(&path, 1 << 30).unwrap();
        let table = catalog::table("part_deliveries").unwrap();
        let columns: Vec<&Column> = table.columns.iter().collect();
        file.table(table, &columns).unwrap();
        let mut rows = Rows::new(columns.len());
        for column in &columns {
            rows.push(match column.ty.storage() {
                Storage::Text => ValueRef::Text("Łódź"),
                Storage::Integer => ValueRef::Integer(i64::MAX),
                Storage::Decimal(scale) => ValueRef::Decimal(Decimal::new(-1_050, scale)),
                Storage::Boolean => ValueRef::Boolean(true),
                Storage::Date => ValueRef::Date(DateTime::UNIX_EPOCH.date_naive()),
                Storage::Timestamp => ValueRef::Timestamp(DateTime::UNIX_EPOCH),
                Storage::Json => ValueRef::Json("{}"),
            });
        }
        file.rows(&rows).unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

        let connection = Connection::open(&path).unwrap();
        let (id, price, kind): (String, f64, String) = connection
            .query_row(
                "SELECT id, price_net, typeof(price_net) FROM part_deliveries",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        assert_eq!((id.as_str(), kind.as_str()), ("Łódź", "real"));
        assert!((price - -0.105).abs() < 1e-9, "{price}");
        let indexes: i64 = connection
            .query_row(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(indexes, table.indexes.len() as i64);
    }

    #[test]
    fn a_file_does_not_outgrow_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = DatabaseFile::create(&folder.path().join("file"), 100_000).unwrap();
        let table = catalog::table("employees").unwrap();
        let column = table.column("id").unwrap();
        file.table(table, &[column]).unwrap();
        let full = (0..10_000).find_map(|number| {
            let mut rows = Rows::new(1);
            rows.push(ValueRef::Text(&format!("{number:0100}")));
            file.rows(&rows).err()
        });
        assert!(
            matches!(full, Some(DeliveryError::TooLarge { limit: 100_000 })),
            "{full:?}"
        );
    }
}
