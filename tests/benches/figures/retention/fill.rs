use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use rusqlite::Connection;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use wynos::{
    SourceId, catalog,
    ports::Clock,
    services::Services,
    warehouse::{Admit, Filter, Load, Rows, Rule, Value, Write},
};

use crate::place::Database;

/// The table: facts without lines, so that one statement does all of it.
pub const TABLE: &str = "yclients_finance_transactions";
/// The first fifth was received longer ago than this.
pub const OLDER_THAN_DAYS: u32 = 365;

/// A warehouse with its rows.
pub struct Filled {
    pub source: SourceId,
    /// Its file, where it is one.
    pub file: Option<PathBuf>,
    name: String,
    before: String,
}

impl Filled {
    /// Makes the table by a load of one row, and the others by one statement.
    pub async fn new(
        services: &Services,
        source: &SourceId,
        folder: &Path,
        database: &Database,
        rows: u64,
    ) -> Result<Self> {
        let warehouse = services.warehouses.open(source.subscription());
        warehouse.commit(load(source, 0, 1)?).await?;
        let schema = source.subscription().warehouse_name();
        let old = Clock::System.now() - TimeDelta::days(800);
        let before = Clock::System.now() - TimeDelta::days(i64::from(OLDER_THAN_DAYS) + 1);
        let text =
            |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%S.000000Z").to_string();
        let series = match database {
            Database::Sqlite(_) => {
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
            }
            Database::Postgres(_) => "WITH n(i) AS (SELECT generate_series(1, {rows})) ",
        };
        let (at, cast) = match database {
            Database::Sqlite(_) => ("", "TEXT"),
            Database::Postgres(_) => ("::timestamptz", "text"),
        };
        let table = match database {
            Database::Sqlite(_) => TABLE.to_owned(),
            Database::Postgres(_) => format!("{schema}.{TABLE}"),
        };
        let statement = format!(
            "DELETE FROM {table}; {series}INSERT INTO {table} (id, amount, comment, client_id, master_id, record_id, \
             _source_id, _load_id, _received_at, _observed_at, _changed_at) \
             SELECT i, 100, 'payment ' || CAST(i AS {cast}), i % 5000, i % 40, i / 2, '{source}', 1, \
             CASE WHEN i <= {rows} / 5 THEN '{old}'{at} ELSE '{new}'{at} END, '{old}'{at}, '{old}'{at} FROM n",
            series = series.replace("{rows}", &rows.to_string()),
            old = text(old),
            new = text(Clock::System.now()),
        );
        let file = match database {
            Database::Sqlite(_) => {
                let file = folder.join(format!("{schema}.sqlite"));
                let connection = Connection::open(&file)?;
                connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -16000")?;
                connection.execute_batch(&statement)?;
                connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
                Some(file)
            }
            Database::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                sqlx::raw_sql(AssertSqlSafe(statement))
                    .execute(&mut connection)
                    .await?;
                let vacuum = format!("VACUUM ANALYZE {table}");
                sqlx::raw_sql(AssertSqlSafe(vacuum))
                    .execute(&mut connection)
                    .await?;
                None
            }
        };
        Ok(Self {
            source: source.clone(),
            file,
            name: table,
            before: text(before),
        })
    }

    /// The one statement that deletes what a job removes.
    pub fn statement(&self) -> String {
        format!(
            "DELETE FROM {} WHERE _source_id = '{}' AND _received_at < '{}'",
            self.name, self.source, self.before
        )
    }

    /// How many rows there are.
    pub async fn count(&self, services: &Services) -> Result<u64> {
        let warehouse = services.warehouses.open(self.source.subscription());
        let snapshot = warehouse.snapshot().await?;
        let table = catalog::table(TABLE).context("the table")?;
        Ok(snapshot.count(table, &Filter::All).await?)
    }
}

/// A load of so many rows whose ids begin after `after`.
pub fn load(source: &SourceId, after: i64, rows: i64) -> Result<Load> {
    let mut all = Rows::new(3);
    for id in after + 1..=after + rows {
        all.push_values(&[
            Value::Integer(id),
            Value::Decimal(100.into()),
            Value::from(format!("payment {id}")),
        ]);
    }
    let admit = Admit {
        table: Arc::clone(catalog::table(TABLE).context("the table")?),
        source_id: source.to_string(),
        columns: ["id", "amount", "comment"].map(str::to_owned).to_vec(),
        rows: all,
        rule: Rule::Newest,
        undo: None,
        personal_data_event: None,
        children: Vec::new(),
        filter: None,
    };
    Ok(Load {
        origin: "pull",
        run: "bench".to_owned(),
        observed_at: Clock::System.now(),
        writes: vec![Write::Admit(admit)],
        quota: None,
    })
}
