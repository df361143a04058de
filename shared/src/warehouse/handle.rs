use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::{
    Admit, Ahead, BiLogin, Committed, Load, Outcome, Person, Snapshot, Sweep, SweptRows, Value,
    WarehouseError, bi_login,
    postgres::{PostgresWarehouse, PostgresWarehouses},
    sqlite::{SqliteWarehouse, SqliteWarehouses},
};
use crate::{
    SubscriptionId,
    ports::{Interruptible, Interruptions},
    tallies::Tally,
};

/// All warehouses of one deployment.
#[derive(Debug, Clone)]
pub struct Warehouses {
    backend: Backend,
    interruptible: Interruptible,
}

/// The warehouse of one subscription. It cannot be made without one, and reaches no other.
#[derive(Debug, Clone)]
pub struct Warehouse {
    subscription: SubscriptionId,
    place: Place,
    interruptible: Interruptible,
}

/// A fact that the shared database is to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxEntry {
    /// Grows with every entry of a warehouse and is never given twice.
    pub id: i64,
    /// What kind of fact.
    pub kind: String,
    /// The fact.
    pub payload: Json,
}

#[derive(Debug, Clone)]
enum Backend {
    Sqlite(Arc<SqliteWarehouses>),
    Postgres(Arc<PostgresWarehouses>),
}

#[derive(Debug, Clone)]
enum Place {
    Sqlite(SqliteWarehouse),
    Postgres(PostgresWarehouse),
}

/// Does the work to its end even when the caller stops waiting, as a thread would: a connection that is dropped in the
/// middle of its conversation goes back to the pool in a state that the next one trips over.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, WarehouseError>> + Send + 'static,
) -> Result<T, WarehouseError> {
    tokio::spawn(work)
        .await
        .unwrap_or(Err(WarehouseError::Stopped))
}

impl Warehouses {
    /// Warehouses as SQLite files `w_<id>.sqlite` in this directory; it is made when the first one is written.
    pub fn sqlite(directory: PathBuf) -> Self {
        Self::of(Backend::Sqlite(Arc::new(SqliteWarehouses::new(directory))))
    }

    /// Warehouses as PostgreSQL schemas, each with a role of its own, both called `w_<id>`. The pool's user must be
    /// allowed to create roles, and schemas in the database. A snapshot holds one of the pool's connections for as long as
    /// it lives, and a load takes another.
    pub fn postgres(pool: sqlx::PgPool) -> Self {
        Self::of(Backend::Postgres(Arc::new(PostgresWarehouses::new(pool))))
    }

    fn of(backend: Backend) -> Self {
        Self {
            backend,
            interruptible: Interruptible::default(),
        }
    }

    /// The same warehouses, whose calls from now on fail when these say so.
    #[doc(hidden)]
    #[must_use]
    pub fn interrupted_by(mut self, interruptions: Arc<dyn Interruptions>) -> Self {
        self.interruptible = Interruptible::by(interruptions);
        self
    }

    /// Whether BI tools sign in to them, and do not open a file.
    pub const fn have_logins(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// The warehouse of a subscription; nothing is touched until it is used.
    pub fn open(&self, subscription: &SubscriptionId) -> Warehouse {
        let place = match &self.backend {
            Backend::Sqlite(all) => Place::Sqlite(SqliteWarehouse::new(all, subscription)),
            Backend::Postgres(all) => Place::Postgres(PostgresWarehouse::new(all, subscription)),
        };
        Warehouse {
            subscription: subscription.clone(),
            place,
            interruptible: self.interruptible.clone(),
        }
    }
}

impl Warehouse {
    /// Whose warehouse it is.
    pub const fn subscription(&self) -> &SubscriptionId {
        &self.subscription
    }

    /// Does everything the load says in one transaction: after an error nothing of it is there. Dropping the future does
    /// not say which of both happened; doing the same load again converges.
    ///
    /// A load holds its rows in memory, once as they came and once as they will be kept: a few thousand are a good size.
    pub async fn commit(&self, load: Load) -> Result<Committed, WarehouseError> {
        // On the heap: a load and its plan would make the future of every caller large.
        let commit = Box::pin(async {
            match &self.place {
                Place::Sqlite(place) => place.commit(load).await,
                Place::Postgres(place) => {
                    let place = place.clone();
                    to_its_end(async move { place.commit(load).await }).await
                }
            }
        });
        let committed = self
            .interruptible
            .write("warehouse.commit", WarehouseError::File, commit)
            .await?;
        Tally::RowsLoaded.add(committed.rows_written());
        Ok(committed)
    }

    /// What would become of every arriving row if it were committed now; nothing is written.
    pub async fn weigh(
        &self,
        admit: Admit,
        observed_at: DateTime<Utc>,
    ) -> Result<Vec<Outcome>, WarehouseError> {
        self.reading("warehouse.weigh")?;
        match &self.place {
            Place::Sqlite(place) => place.weigh(admit, observed_at).await,
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.weigh(admit, observed_at).await }).await
            }
        }
    }

    /// What a step of a sweep would erase if it were committed now, table by table; nothing is written.
    pub async fn weigh_sweep(&self, sweep: Sweep) -> Result<Vec<SweptRows>, WarehouseError> {
        self.reading("warehouse.weigh_sweep")?;
        match &self.place {
            Place::Sqlite(place) => place.weigh_sweep(sweep).await,
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.weigh_sweep(sweep).await }).await
            }
        }
    }

    /// The next rows of facts that a sweep erases, after one primary key, and up to a number where the declared key is one,
    /// at most so many; `None` where none is left.
    pub async fn ahead_of_sweep(
        &self,
        sweep: Sweep,
        after: Option<Vec<Value>>,
        upto: Option<i64>,
        limit: u64,
    ) -> Result<Option<Ahead>, WarehouseError> {
        self.reading("warehouse.ahead_of_sweep")?;
        match &self.place {
            Place::Sqlite(place) => place.ahead_of_sweep(sweep, after, upto, limit).await,
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.ahead_of_sweep(sweep, after, upto, limit).await })
                    .await
            }
        }
    }

    /// The greatest key of all rows of facts that a sweep erases, where looking for it keeps nobody waiting: on SQLite it
    /// would keep the log of changes from being written into the file, so that `None` is given. The key of the table is one
    /// whole number.
    pub async fn end_of_sweep(&self, sweep: Sweep) -> Result<Option<i64>, WarehouseError> {
        self.reading("warehouse.end_of_sweep")?;
        match &self.place {
            Place::Sqlite(_) => Ok(None),
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.end_of_sweep(sweep).await }).await
            }
        }
    }

    /// Those of the people who were erased.
    pub async fn erased(
        &self,
        people: BTreeSet<Person>,
    ) -> Result<BTreeSet<Person>, WarehouseError> {
        self.reading("warehouse.erased")?;
        match &self.place {
            Place::Sqlite(place) => place.erased(people).await,
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.erased(people).await }).await
            }
        }
    }

    /// Gives at most this many free pages of a file back to the disk; how many are left. PostgreSQL does so by itself: its
    /// autovacuum makes the space of erased rows free for new ones.
    pub async fn give_back(&self, pages: u32) -> Result<u64, WarehouseError> {
        let give = async {
            match &self.place {
                Place::Sqlite(place) => place.give_back(pages).await,
                Place::Postgres(_) => Ok(0),
            }
        };
        self.interruptible
            .write("warehouse.give_back", WarehouseError::File, give)
            .await
    }

    /// Takes what rows were before out of the database's files, where only the file itself could tell of it: a file of SQLite
    /// of at most so many bytes is written anew, which holds loads up for as long, and PostgreSQL vacuums the tables, so that
    /// no statement reads the earlier versions. `false` where a file is larger, has no room, or has readers who go on: it is
    /// to be tried again.
    pub async fn scrub(&self, most_bytes: u64) -> Result<bool, WarehouseError> {
        let scrub = async {
            match &self.place {
                Place::Sqlite(place) => place.scrub(most_bytes).await,
                Place::Postgres(place) => {
                    let place = place.clone();
                    to_its_end(async move { place.scrub().await }).await
                }
            }
        };
        self.interruptible
            .write("warehouse.scrub", WarehouseError::File, scrub)
            .await
    }

    /// The bytes that the warehouse takes up now: pages of the file that hold something, or the schema's tables and indexes.
    /// On PostgreSQL the space of erased rows counts too until the database gives it back.
    pub async fn stored_bytes(&self) -> Result<u64, WarehouseError> {
        self.reading("warehouse.stored_bytes")?;
        match &self.place {
            Place::Sqlite(place) => place.stored_bytes().await,
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.stored_bytes().await }).await
            }
        }
    }

    /// One consistent read of everything, as of now. A warehouse that nothing was written to has no tables.
    pub async fn snapshot(&self) -> Result<Snapshot, WarehouseError> {
        self.reading("warehouse.snapshot")?;
        let snapshot = match &self.place {
            Place::Sqlite(place) => place.snapshot().await,
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.snapshot().await }).await
            }
        }?;
        Ok(snapshot.interruptible(self.interruptible.clone()))
    }

    /// The cursor or checkpoint kept under this name.
    pub async fn state(&self, key: &str) -> Result<Option<Json>, WarehouseError> {
        self.reading("warehouse.state")?;
        match &self.place {
            Place::Sqlite(place) => place.state(key).await,
            Place::Postgres(place) => {
                let (place, key) = (place.clone(), key.to_owned());
                to_its_end(async move { place.state(&key).await }).await
            }
        }
    }

    /// At most this many entries of the outbox after the one with this id (0 for the first), oldest first.
    pub async fn outbox(&self, after: i64, limit: u64) -> Result<Vec<OutboxEntry>, WarehouseError> {
        self.reading("warehouse.outbox")?;
        match &self.place {
            Place::Sqlite(place) => place.outbox(after, limit).await,
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.outbox(after, limit).await }).await
            }
        }
    }

    /// Forgets the entries of the outbox up to and with this one, once they were told.
    pub async fn forget_outbox(&self, up_to: i64) -> Result<(), WarehouseError> {
        let forget = async {
            match &self.place {
                Place::Sqlite(place) => place.forget_outbox(up_to).await,
                Place::Postgres(place) => {
                    let place = place.clone();
                    to_its_end(async move { place.forget_outbox(up_to).await }).await
                }
            }
        };
        self.interruptible
            .write("warehouse.forget_outbox", WarehouseError::File, forget)
            .await
    }

    /// Drops the whole warehouse: every table, the file or schema, and the role. It cannot be undone.
    pub async fn erase(&self) -> Result<(), WarehouseError> {
        match &self.place {
            Place::Sqlite(place) => place.erase().await,
            Place::Postgres(place) => {
                let place = place.clone();
                to_its_end(async move { place.erase().await }).await
            }
        }
    }

    /// Makes a login that reads the copy of the vendor's data and the reports, and nothing else; one that was there gets
    /// another password. `None` on SQLite, where the file itself is opened.
    pub async fn renew_bi_login(&self) -> Result<Option<BiLogin>, WarehouseError> {
        let Place::Postgres(place) = &self.place else {
            return Ok(None);
        };
        let (password, kept) = bi_login::password()?;
        let place = place.clone();
        let renewed = to_its_end(Box::pin(async move { place.renew_bi_login(&kept).await }));
        let user = self
            .interruptible
            .write("warehouse.renew_bi_login", WarehouseError::File, renewed)
            .await?;
        Ok(Some(BiLogin {
            database: user.clone(),
            user,
            password,
            schema: self.subscription.warehouse_name(),
        }))
    }

    /// Whether there is such a login. What it reads, and when, is not known.
    pub async fn has_bi_login(&self) -> Result<bool, WarehouseError> {
        self.reading("warehouse.has_bi_login")?;
        match &self.place {
            Place::Sqlite(_) => Ok(false),
            Place::Postgres(place) => place.has_bi_login().await,
        }
    }

    /// Takes that login away; nothing happens where there is none.
    pub async fn revoke_bi_login(&self) -> Result<(), WarehouseError> {
        let Place::Postgres(place) = &self.place else {
            return Ok(());
        };
        let place = place.clone();
        let revoked = to_its_end(Box::pin(async move { place.revoke_bi_login().await }));
        self.interruptible
            .write("warehouse.revoke_bi_login", WarehouseError::File, revoked)
            .await
    }

    fn reading(&self, call: &'static str) -> Result<(), WarehouseError> {
        self.interruptible.read(call).map_err(WarehouseError::File)
    }
}
