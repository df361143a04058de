use std::{fs, io, path::Path, sync::Arc};

use anyhow::{Context, Result};
use sqlx::{Connection, postgres::PgPoolOptions};
use tempfile::TempDir;
use url::Url;
use wynos::{
    SubscriptionId,
    control::{Control, DatabaseTarget},
    embedded::{DirectoryObjects, KeyFile, MailFolder, SqliteQueue},
    ports::{Clock, KeyName, Secrets},
    services::{Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::client::{Vendor, VendorSettings},
};

use crate::{
    faults::{Faults, FaultyMailer, FaultyObjects, FaultyQueue},
    postgres::{DatabaseUrl, fresh_database},
};

/// Connections of each of control and warehouses.
const CONNECTIONS: u32 = 4;

/// Which database holds control and the warehouses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// SQLite files.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Where a stack keeps everything.
#[derive(Debug)]
pub(super) struct Place {
    directory: TempDir,
    database: Option<DatabaseUrl>,
    pools: std::sync::Mutex<Vec<sqlx::PgPool>>,
}

impl Place {
    pub(super) async fn fresh(database: Database) -> Result<Self> {
        Ok(Self {
            directory: tempfile::tempdir()?,
            database: match database {
                Database::Sqlite => None,
                Database::Postgres => Some(fresh_database().await?),
            },
            pools: std::sync::Mutex::default(),
        })
    }

    /// A copy of everything; nobody may have the original open.
    pub(super) async fn copy(&self) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        copy_folder(self.directory.path(), directory.path()).context("copying a data folder")?;
        Ok(Self {
            directory,
            database: match &self.database {
                None => None,
                Some(original) => Some(original.copy().await?),
            },
            pools: std::sync::Mutex::default(),
        })
    }

    /// Opens everything with faults before it.
    pub(super) async fn open(&self, faults: &Arc<Faults>, clock: &Clock) -> Result<Services> {
        let root = self.directory.path();
        let secrets = KeyFile::open(&root.join("key"))?;
        let public_url = Url::parse("http://wynos.test/")?;
        let url_keys = secrets.keys(KeyName::ObjectUrl).await?;
        let objects = DirectoryObjects::open(
            &root.join("objects"),
            public_url.clone(),
            url_keys,
            clock.clone(),
        )?;
        let queue = SqliteQueue::open(&root.join("queue.sqlite"), clock.clone())?;
        let from = "Wynos <wynos@example.com>".parse()?;
        let mailer = MailFolder::open(&root.join("outbox"), from, clock.clone())?;
        let work = root.join("work");
        fs::create_dir_all(&work)?;
        let (control, warehouses) = self.databases().await?;
        let interrupted = Arc::clone(faults);
        Ok(Services {
            stop: wynos::stop::Stop::default(),
            vendor: Vendor::new(VendorSettings::default()),
            clock: clock.clone(),
            control: control.interrupted_by(interrupted.clone()),
            warehouses: warehouses.interrupted_by(interrupted),
            queue: Arc::new(FaultyQueue::new(Arc::new(queue), Arc::clone(faults))),
            objects: Arc::new(FaultyObjects::new(Arc::new(objects), Arc::clone(faults))),
            mailer: Arc::new(FaultyMailer::new(Arc::new(mailer), Arc::clone(faults))),
            keys: Keys::load(&secrets).await?,
            settings: Arc::new(Settings::new(public_url, work)),
        })
    }

    /// Names of the mails in the outbox.
    pub(super) fn mails(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.directory.path().join("outbox"))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// Names of what was left behind in the folder for temporary files.
    pub(super) fn leftovers(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.directory.path().join("work"))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// Removes everything; a database that is dropped instead holds up the whole task.
    pub(super) async fn remove(mut self) -> Result<()> {
        self.close().await;
        match self.database.take() {
            Some(database) => database.remove().await,
            None => Ok(()),
        }
    }

    pub(super) async fn close(&self) {
        let pools = std::mem::take(
            &mut *self
                .pools
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        );
        for pool in pools {
            pool.close().await;
        }
    }

    pub(super) async fn tamper(&self, of: &SubscriptionId, statements: &[String]) -> Result<()> {
        let Some(database) = &self.database else {
            let file = self
                .directory
                .path()
                .join(format!("warehouses/w_{of}.sqlite"));
            let connection = rusqlite::Connection::open(file)?;
            connection.busy_timeout(std::time::Duration::from_secs(10))?;
            for statement in statements {
                connection.execute_batch(&statement.replace('@', ""))?;
            }
            return Ok(());
        };
        let mut connection = sqlx::PgConnection::connect(database.as_str()).await?;
        for statement in statements {
            let statement = statement.replace('@', &format!("\"w_{of}\"."));
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut connection)
                .await?;
        }
        Ok(connection.close().await?)
    }

    async fn databases(&self) -> Result<(Control, Warehouses)> {
        let root = self.directory.path();
        let Some(database) = &self.database else {
            let file = root.join("control.sqlite");
            let control = Control::connect(&DatabaseTarget::Sqlite { file }).await?;
            return Ok((control, Warehouses::sqlite(root.join("warehouses"))));
        };
        let control = Control::connect(&DatabaseTarget::Postgres {
            url: database.as_str().to_owned(),
            schema: "control".to_owned(),
            max_connections: CONNECTIONS,
        })
        .await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_lazy(database.as_str())?;
        self.pools
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(pool.clone());
        Ok((control, Warehouses::postgres(pool)))
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
