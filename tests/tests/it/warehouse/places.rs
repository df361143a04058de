use sqlx::postgres::PgPoolOptions;
use tempfile::TempDir;
use wynos::warehouse::{Warehouse, Warehouses};
use wynos_tests::postgres::{DatabaseUrl, fresh_database};

/// Where the warehouses of one test live. Roles belong to the whole server, so every place has ids of its own.
pub(super) struct Place {
    kind: Kind,
    warehouses: Warehouses,
    unique: String,
}

enum Kind {
    Sqlite(TempDir),
    Postgres(DatabaseUrl),
}

impl Place {
    pub(super) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            warehouses: Warehouses::sqlite(directory.path().to_owned()),
            kind: Kind::Sqlite(directory),
            unique: unique(),
        }
    }

    pub(super) async fn postgres() -> Self {
        let database = fresh_database().await.unwrap();
        Self {
            warehouses: Warehouses::postgres(pool(database.as_str()).await),
            kind: Kind::Postgres(database),
            unique: unique(),
        }
    }

    /// The first subscription's warehouse.
    pub(super) fn warehouse(&self) -> Warehouse {
        self.warehouse_of('a')
    }

    /// The warehouse of one of several subscriptions.
    pub(super) fn warehouse_of(&self, subscription: char) -> Warehouse {
        let id = format!("{subscription}{}", self.unique);
        self.warehouses.open(&id.parse().unwrap())
    }

    /// The first subscription's warehouse, as another process sees it.
    pub(super) async fn elsewhere(&self) -> Warehouse {
        let warehouses = match &self.kind {
            Kind::Sqlite(directory) => Warehouses::sqlite(directory.path().to_owned()),
            Kind::Postgres(database) => Warehouses::postgres(pool(database.as_str()).await),
        };
        warehouses.open(self.warehouse().subscription())
    }

    /// The database, where there is one.
    pub(super) fn database(&self) -> Option<&DatabaseUrl> {
        match &self.kind {
            Kind::Sqlite(_) => None,
            Kind::Postgres(database) => Some(database),
        }
    }

    /// The first subscription's file, where there is one.
    pub(super) fn file(&self) -> Option<std::path::PathBuf> {
        let name = self.warehouse().subscription().warehouse_name();
        match &self.kind {
            Kind::Sqlite(directory) => Some(directory.path().join(format!("{name}.sqlite"))),
            Kind::Postgres(_) => None,
        }
    }
}

pub(super) async fn pool(url: &str) -> sqlx::PgPool {
    PgPoolOptions::new()
        .max_connections(8)
        .connect(url)
        .await
        .unwrap()
}

fn unique() -> String {
    format!("{:016x}", rand::random::<u64>())
}
