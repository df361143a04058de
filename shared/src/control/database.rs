#[cfg(feature = "control-sqlite")]
use std::path::PathBuf;
use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
#[cfg(feature = "control-sqlite")]
use sqlx::{
    Sqlite, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::ControlError;
use crate::ports::{Interruptible, Interruptions};

/// How long to wait for another process that writes to the same SQLite file.
#[cfg(feature = "control-sqlite")]
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to wait for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the control database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseTarget {
    /// A SQLite file, made when it is not there.
    #[cfg(feature = "control-sqlite")]
    Sqlite {
        /// The file.
        file: PathBuf,
    },
    /// A schema of a PostgreSQL database, made by [`Control::migrate`] when it is not there.
    Postgres {
        /// How to reach the database: `postgres://user:password@host/database`.
        url: String,
        /// The schema, `control` unless several systems share the database; letters, digits and `_`.
        schema: String,
        /// The most connections to hold.
        max_connections: u32,
    },
}

/// The URL may hold a password.
impl std::fmt::Debug for DatabaseTarget {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            #[cfg(feature = "control-sqlite")]
            Self::Sqlite { file } => formatter
                .debug_struct("Sqlite")
                .field("file", file)
                .finish(),
            Self::Postgres { schema, .. } => formatter
                .debug_struct("Postgres")
                .field("schema", schema)
                .finish_non_exhaustive(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Pool {
    #[cfg(feature = "control-sqlite")]
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The control database.
#[derive(Debug, Clone)]
pub struct Control {
    reader: Pool,
    writer: Pool,
    schema: Option<String>,
    interruptible: Interruptible,
}

/// Changes to the control database that are committed together. Dropped without [`Tx::commit`], it changes nothing.
///
/// On SQLite there is one writer at a time: hold it briefly, and never wait for another `Tx` while holding one.
#[derive(Debug)]
pub struct Tx {
    pub(crate) inner: Inner,
    interruptible: Interruptible,
}

#[derive(Debug)]
pub(crate) enum Inner {
    #[cfg(feature = "control-sqlite")]
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same body on whichever database the pool for reading leads to: `read!(control, db => query.fetch_all(db).await)`.
macro_rules! read {
    ($control:expr, $db:ident => $body:expr) => {
        match $control.reader() {
            #[cfg(feature = "control-sqlite")]
            Ok($crate::control::database::Pool::Sqlite($db)) => $body,
            Ok($crate::control::database::Pool::Postgres($db)) => $body,
            Err(error) => Err(error),
        }
    };
}

/// Runs the same body within a transaction on whichever database: `within!(tx, db => query.execute(db).await)`.
///
/// A statement that writes and returns rows is read to its end (`fetch_all`, not `fetch_optional`): SQLite reports that
/// it could not do it at its end only.
macro_rules! within {
    ($tx:expr, $db:ident => $body:expr) => {
        match &mut $tx.inner {
            #[cfg(feature = "control-sqlite")]
            $crate::control::database::Inner::Sqlite(transaction) => {
                let $db = &mut **transaction;
                $body
            }
            $crate::control::database::Inner::Postgres(transaction) => {
                let $db = &mut **transaction;
                $body
            }
        }
    };
}

pub(crate) use {read, within};

impl Control {
    /// Connects. The tables are made by [`Control::migrate`].
    pub async fn connect(target: &DatabaseTarget) -> Result<Self, ControlError> {
        match target {
            #[cfg(feature = "control-sqlite")]
            DatabaseTarget::Sqlite { file } => {
                let options = SqliteConnectOptions::new()
                    .filename(file)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(BUSY_TIMEOUT)
                    .foreign_keys(true);
                // SQLite has one writer; a queue for one connection is fair, its busy handler is not.
                let writer = sqlite_pool(1, options.clone()).await?;
                let reader = sqlite_pool(4, options).await?;
                Ok(Self {
                    reader: Pool::Sqlite(reader),
                    writer: Pool::Sqlite(writer),
                    schema: None,
                    interruptible: Interruptible::default(),
                })
            }
            DatabaseTarget::Postgres {
                url,
                schema,
                max_connections,
            } => {
                let well_formed = !schema.is_empty()
                    && schema.len() <= 63
                    && schema.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
                    });
                if !well_formed {
                    return Err(ControlError::Invalid { field: "schema" });
                }
                let options = PgConnectOptions::from_str(url)
                    .map_err(ControlError::database("read the database URL"))?
                    .application_name("wynos")
                    .options([("search_path", schema)]);
                let pool = PgPoolOptions::new()
                    .max_connections(*max_connections)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await
                    .map_err(ControlError::database("connect"))?;
                Ok(Self {
                    reader: Pool::Postgres(pool.clone()),
                    writer: Pool::Postgres(pool),
                    schema: Some(schema.clone()),
                    interruptible: Interruptible::default(),
                })
            }
        }
    }

    /// The same database, whose calls from now on fail when these say so.
    #[doc(hidden)]
    #[must_use]
    pub fn interrupted_by(mut self, interruptions: Arc<dyn Interruptions>) -> Self {
        self.interruptible = Interruptible::by(interruptions);
        self
    }

    /// Brings the tables up to date. Safe to run by several processes at once, and again. Tables of a later version stay as they
    /// are: migrations only add, so that the version before works on them and can be gone back to.
    pub async fn migrate(&self) -> Result<(), ControlError> {
        match &self.writer {
            #[cfg(feature = "control-sqlite")]
            Pool::Sqlite(pool) => {
                let mut known = sqlx::migrate!("migrations/control/sqlite");
                known.set_ignore_missing(true).run(pool).await
            }
            Pool::Postgres(pool) => {
                self.create_schema(pool).await?;
                let mut known = sqlx::migrate!("migrations/control/postgres");
                known.set_ignore_missing(true).run(pool).await
            }
        }
        .map_err(|source| ControlError::Migrate {
            source: Box::new(source),
        })
    }

    async fn create_schema(&self, pool: &PgPool) -> Result<(), ControlError> {
        let Some(schema) = &self.schema else {
            return Ok(());
        };
        // The name was checked when connecting. Looking first spares the right to create schemas, and two processes that
        // both create it meet at the second look.
        let exists = "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)";
        let create = format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"");
        for last in [false, true] {
            let found: bool = sqlx::query_scalar(exists)
                .bind(schema)
                .fetch_one(pool)
                .await
                .map_err(ControlError::database("look for the schema"))?;
            if found {
                return Ok(());
            }
            match sqlx::query(sqlx::AssertSqlSafe(create.clone()))
                .execute(pool)
                .await
            {
                Ok(_) => return Ok(()),
                Err(error) if last => {
                    return Err(ControlError::database("create the schema")(error));
                }
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Begins changes that belong together.
    pub async fn begin(&self) -> Result<Tx, ControlError> {
        self.interruptible
            .read("control.begin")
            .map_err(|error| ControlError::database("begin")(error.into()))?;
        let inner = match &self.writer {
            // A deferred transaction that reads first could not go on to write once another one has written.
            #[cfg(feature = "control-sqlite")]
            Pool::Sqlite(pool) => pool.begin_with("BEGIN IMMEDIATE").await.map(Inner::Sqlite),
            Pool::Postgres(pool) => pool.begin().await.map(Inner::Postgres),
        }
        .map_err(ControlError::database("begin"))?;
        Ok(Tx {
            inner,
            interruptible: self.interruptible.clone(),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), ControlError> {
        let one: i32 = read!(self, db => sqlx::query_scalar("SELECT 1").fetch_one(db).await)
            .map_err(ControlError::database("answer"))?;
        if one == 1 {
            Ok(())
        } else {
            Err(ControlError::NotFound { what: "answer" })
        }
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        for pool in [&self.reader, &self.writer] {
            match pool {
                #[cfg(feature = "control-sqlite")]
                Pool::Sqlite(pool) => pool.close().await,
                Pool::Postgres(pool) => pool.close().await,
            }
        }
    }

    pub(crate) fn reader(&self) -> sqlx::Result<&Pool> {
        self.interruptible.read("control.read")?;
        Ok(&self.reader)
    }
}

#[cfg(feature = "control-sqlite")]
async fn sqlite_pool(
    connections: u32,
    options: SqliteConnectOptions,
) -> Result<SqlitePool, ControlError> {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .map_err(ControlError::database("open the file"))
}

impl Tx {
    /// Commits. After an error the changes are either all there or all absent.
    pub async fn commit(self) -> Result<(), ControlError> {
        let commit = async {
            match self.inner {
                #[cfg(feature = "control-sqlite")]
                Inner::Sqlite(transaction) => transaction.commit().await,
                Inner::Postgres(transaction) => transaction.commit().await,
            }
        };
        self.interruptible
            .write("control.commit", sqlx::Error::Io, commit)
            .await
            .map_err(ControlError::database("commit"))
    }

    /// Takes the changes back; the same as dropping it, but done when this returns.
    pub async fn rollback(self) -> Result<(), ControlError> {
        match self.inner {
            #[cfg(feature = "control-sqlite")]
            Inner::Sqlite(transaction) => transaction.rollback().await,
            Inner::Postgres(transaction) => transaction.rollback().await,
        }
        .map_err(ControlError::database("roll back"))
    }
}
