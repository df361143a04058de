use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use wynos::warehouse::{Warehouse, Warehouses};

/// Where a warehouse is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
    pub database: Database,
    pub subscription: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Database {
    /// A folder of files.
    Sqlite(PathBuf),
    /// A database's address.
    Postgres(String),
}

impl Database {
    pub async fn warehouses(&self) -> Result<Warehouses> {
        Ok(match self {
            Self::Sqlite(folder) => Warehouses::sqlite(folder.clone()),
            Self::Postgres(url) => Warehouses::postgres(sqlx::PgPool::connect(url).await?),
        })
    }
}

impl Place {
    pub async fn open(&self) -> Result<Warehouse> {
        let warehouses = self.database.warehouses().await?;
        Ok(warehouses.open(&self.subscription.parse()?))
    }
}
