use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use futures::TryStreamExt;
use rusqlite::{Connection, params_from_iter, types::Value};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use wynos::catalog::system;

use crate::{
    customers::{remove_folder, table},
    place::{Database, Place},
    task::{Measured, block_on},
};

/// Rows read ahead of being inserted.
const BATCH: usize = 1_000;

/// What an import keeps in `_imported`, so that raw rows are as long as imported ones.
const IMPORTED: &str = "1:0123456789abcdef0123456789abcdef";

/// Every customer of a warehouse inserted into an empty table of the same columns, key and indexes: by one prepared
/// statement in one transaction into SQLite, by one `COPY` into PostgreSQL. Where the rows come from is not counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InsertTask {
    pub from: Place,
    pub folder: PathBuf,
}

impl InsertTask {
    pub fn run(&self) -> Result<Measured> {
        let took = match &self.from.database {
            Database::Sqlite(folder) => {
                let file = folder.join(format!("w_{}.sqlite", self.from.subscription));
                self.insert_sqlite(&file)?
            }
            Database::Postgres(url) => block_on(self.insert_postgres(url))?,
        };
        Ok(Measured {
            seconds: took.as_secs_f64(),
            peak: 0,
            bytes: 0,
            stages: Vec::new(),
            latency: None,
        })
    }

    fn insert_sqlite(&self, file: &Path) -> Result<Duration> {
        remove_folder(&self.folder)?;
        fs::create_dir_all(&self.folder)?;
        let from = Connection::open(file)?;
        let mut into = Connection::open(self.folder.join("raw.sqlite"))?;
        into.execute_batch(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000",
        )?;
        let mut definitions = from
            .prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = 'customers' AND sql IS NOT NULL ORDER BY type DESC")?;
        let mut definitions = definitions.query([])?;
        while let Some(definition) = definitions.next()? {
            into.execute_batch(&definition.get::<_, String>(0)?)?;
        }
        let (names, chosen) = columns()?;
        let marks = vec!["?"; names.len()].join(", ");
        let insert = format!(
            "INSERT INTO customers ({}) VALUES ({marks})",
            names.join(", ")
        );
        let mut rows = from.prepare(&format!(
            "SELECT {chosen} FROM customers ORDER BY _source_id, id"
        ))?;
        let mut rows = rows.query([])?;

        let transaction = into.transaction()?;
        let mut insert = transaction.prepare(&insert)?;
        let mut took = Duration::ZERO;
        loop {
            let mut batch = Vec::with_capacity(BATCH);
            while batch.len() < BATCH
                && let Some(row) = rows.next()?
            {
                let values = (0..names.len()).map(|column| row.get(column));
                batch.push(values.collect::<Result<Vec<Value>, _>>()?);
            }
            if batch.is_empty() {
                break;
            }
            let begun = Instant::now();
            for row in &batch {
                insert.execute(params_from_iter(row))?;
            }
            took += begun.elapsed();
        }
        drop(insert);
        let begun = Instant::now();
        transaction.commit()?;
        Ok(took + begun.elapsed())
    }

    async fn insert_postgres(&self, url: &str) -> Result<Duration> {
        fs::create_dir_all(&self.folder)?;
        let schema = format!("w_{}", self.from.subscription);
        let mut database = PgConnection::connect(url).await?;
        let (names, chosen) = columns()?;
        let prepare = format!(
            "CREATE SCHEMA IF NOT EXISTS raw; DROP TABLE IF EXISTS raw.customers; \
             CREATE TABLE raw.customers (LIKE {schema}.customers INCLUDING ALL)"
        );
        sqlx::raw_sql(AssertSqlSafe(prepare))
            .execute(&mut database)
            .await?;
        let text = self.folder.join("customers.copy");
        let mut file = fs::File::create(&text)?;
        let question = format!(
            "COPY (SELECT {chosen} FROM {schema}.customers ORDER BY _source_id, id) TO STDOUT"
        );
        let mut pieces = database.copy_out_raw(&question).await?;
        while let Some(piece) = pieces.try_next().await? {
            std::io::Write::write_all(&mut file, &piece)?;
        }
        drop(pieces);
        drop(file);

        let mut file = fs::File::open(&text)?;
        let begun = Instant::now();
        let statement = format!("COPY raw.customers ({}) FROM STDIN", names.join(", "));
        let mut copy = database.copy_in_raw(&statement).await?;
        loop {
            let mut piece = Vec::with_capacity(256 * 1024);
            let read = std::io::Read::read_to_end(
                &mut std::io::Read::take(&mut file, 256 * 1024),
                &mut piece,
            )?;
            if read == 0 {
                break;
            }
            copy.send(piece).await?;
        }
        copy.finish().await?;
        Ok(begun.elapsed())
    }
}

/// The names of all columns, and what to select to fill them.
fn columns() -> Result<(Vec<String>, String)> {
    let names = table("customers")?
        .stored_columns()
        .map(|column| column.name.to_string());
    let names: Vec<String> = names.collect();
    let chosen = names.iter().map(|name| match name.as_str() {
        system::IMPORTED => format!("'{IMPORTED}' AS {name}"),
        name => format!("\"{name}\""),
    });
    let chosen = chosen.collect::<Vec<_>>().join(", ");
    let names = names
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>();
    (!names.is_empty())
        .then_some((names, chosen))
        .context("customers have no columns")
}
