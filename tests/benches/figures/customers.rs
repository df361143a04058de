//! The made-up customers that everything is measured with, in warehouses of both databases.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use chrono::DateTime;
use tokio::runtime::Runtime;
use wynos::{
    catalog::{self, Table, repair_shop::LOCAL_SOURCE},
    sample::Shop,
    warehouse::{Admit, Load, Rule, Warehouse, Write},
};
use wynos_tests::{
    postgres::{DatabaseUrl, fresh_database},
    project,
};

use crate::place::{Database, Place};

/// The customers and what they refer to.
pub const TABLES: [&str; 3] = ["dictionaries", "custom_fields", "customers"];

/// Batches in one load.
const BATCHES: usize = 5;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// Warehouses filled so far, and the folder that everything lies in. Files of SQLite are kept for the next time.
pub struct Customers {
    folder: PathBuf,
    runtime: Runtime,
    server: Option<DatabaseUrl>,
    filled: BTreeMap<(Kind, u64), Place>,
}

impl Customers {
    pub fn new() -> Result<Self> {
        let folder = project::root().join("bench-data");
        fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            runtime: Runtime::new()?,
            server: None,
            filled: BTreeMap::new(),
        })
    }

    /// A file of this name in the folder of the benches.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The warehouse with so many customers.
    pub fn warehouse(&mut self, kind: Kind, rows: u64) -> Result<Place> {
        if let Some(place) = self.filled.get(&(kind, rows)) {
            return Ok(place.clone());
        }
        let place = match kind {
            Kind::Sqlite => self.sqlite(rows)?,
            Kind::Postgres => self.postgres(rows)?,
        };
        self.filled.insert((kind, rows), place.clone());
        Ok(place)
    }

    /// A database for warehouses that are not kept: in a folder of this name, or on the server.
    pub fn database(&mut self, kind: Kind, name: &str) -> Result<Database> {
        Ok(match kind {
            Kind::Sqlite => Database::Sqlite(self.file(name)),
            Kind::Postgres => Database::Postgres(self.server()?),
        })
    }

    fn sqlite(&self, rows: u64) -> Result<Place> {
        let ready = self.file(&format!("customers-{rows}"));
        let place = |folder: &Path| Place {
            database: Database::Sqlite(folder.to_owned()),
            subscription: subscription(rows),
        };
        let stamp = ready.join("columns");
        if fs::read_to_string(&stamp).is_ok_and(|columns| columns == known_columns()) {
            return Ok(place(&ready));
        }
        remove_folder(&ready)?;
        let begun = self.file(&format!("customers-{rows}.begun"));
        remove_folder(&begun)?;
        self.runtime.block_on(fill(&place(&begun), rows))?;
        fs::write(begun.join("columns"), known_columns())?;
        fs::rename(&begun, &ready)?;
        Ok(place(&ready))
    }

    fn postgres(&mut self, rows: u64) -> Result<Place> {
        let place = Place {
            database: Database::Postgres(self.server()?),
            subscription: subscription(rows),
        };
        self.runtime.block_on(async {
            fill(&place, rows).await?;
            let Database::Postgres(url) = &place.database else {
                return Ok(());
            };
            // What autovacuum does in its own time would else happen in the middle of a measurement.
            let pool = sqlx::PgPool::connect(url).await?;
            sqlx::raw_sql("VACUUM ANALYZE").execute(&pool).await?;
            pool.close().await;
            anyhow::Ok(())
        })?;
        Ok(place)
    }

    fn server(&mut self) -> Result<String> {
        if self.server.is_none() {
            self.server = Some(self.runtime.block_on(fresh_database())?);
        }
        let server = self
            .server
            .as_ref()
            .context("the server was just started")?;
        Ok(server.as_str().to_owned())
    }
}

/// The shop with so many customers.
pub fn shop(rows: u64) -> Result<Shop> {
    Ok(Shop {
        origin: "benchshop".parse()?,
        seed: 7,
        customers: rows,
        today: DateTime::from_timestamp(1_760_000_000, 0).context("a moment in range")?,
    })
}

pub fn table(name: &str) -> Result<&'static Arc<Table>> {
    catalog::table(name).with_context(|| format!("the catalog has no table {name}"))
}

pub fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn subscription(rows: u64) -> String {
    format!("customers{rows}")
}

/// Kept files are of use while the tables have these columns.
fn known_columns() -> String {
    let tables = TABLES.into_iter().filter_map(catalog::table);
    let columns = tables.flat_map(|table| table.stored_columns());
    columns.map(|column| format!("{}\n", column.name)).collect()
}

async fn fill(place: &Place, rows: u64) -> Result<()> {
    let warehouse = place.open().await?;
    let shop = shop(rows)?;
    for name in TABLES {
        let table = table(name)?;
        let mut writes = Vec::new();
        for batch in shop.batches(table) {
            writes.push(Write::Admit(Admit {
                table: Arc::clone(table),
                source_id: LOCAL_SOURCE.to_owned(),
                columns: table
                    .columns
                    .iter()
                    .map(|column| column.name.to_string())
                    .collect(),
                rows: batch,
                rule: Rule::Change,
                undo: None,
                personal_data_event: None,
                children: Vec::new(),
                filter: None,
            }));
            if writes.len() == BATCHES {
                commit(&warehouse, &shop, std::mem::take(&mut writes)).await?;
            }
        }
        commit(&warehouse, &shop, writes).await?;
    }
    Ok(())
}

async fn commit(warehouse: &Warehouse, shop: &Shop, writes: Vec<Write>) -> Result<()> {
    if !writes.is_empty() {
        warehouse
            .commit(Load {
                origin: "api",
                run: "bench".to_owned(),
                observed_at: shop.today,
                writes,
                quota: None,
            })
            .await?;
    }
    Ok(())
}
