//! Warehouses as PostgreSQL schemas, each owned by a role that reaches nothing else: every transaction takes that role
//! and names its schema, so that neither a mistake here nor a crafted name leads into another subscription's rows.

mod bi;
mod copy;
mod reader;
mod session;
mod size;
mod unnested;
mod value;
mod views;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use tokio::sync::oneshot;

use self::{
    reader::{BEGIN_READ, enter, serve},
    session::{Known, PostgresSession, failed},
    size::Size,
};
use super::{
    Admit, Ahead, Committed, Load, OutboxEntry, Outcome, Person, Snapshot, Sweep, SweptRows, Value,
    WarehouseError, Write, commit, erased, kept, outbox, sql::quoted, sweep,
};
use crate::SubscriptionId;

/// What is known of this many warehouses; beyond it everything is looked up anew.
const KNOWN_WAREHOUSES: usize = 4_096;

/// All schemas of one database.
#[derive(Debug)]
pub(super) struct PostgresWarehouses {
    pool: PgPool,
    /// Warehouses whose schema and role are known to exist, their tables, and what they take up.
    known: Mutex<HashMap<String, (Known, Option<Size>)>>,
    /// Warehouses whose login does not have all tables yet.
    bi_behind: Mutex<BTreeSet<String>>,
}

/// One subscription's schema.
#[derive(Debug, Clone)]
pub(super) struct PostgresWarehouse {
    all: Arc<PostgresWarehouses>,
    schema: Arc<str>,
}

impl PostgresWarehouses {
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            known: Mutex::default(),
            bi_behind: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (Known, Option<Size>)>> {
        // A panic elsewhere leaves the map usable.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bi_behind(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.bi_behind
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl PostgresWarehouse {
    pub fn new(all: &Arc<PostgresWarehouses>, subscription: &SubscriptionId) -> Self {
        Self {
            all: Arc::clone(all),
            schema: subscription.warehouse_name().into(),
        }
    }

    pub async fn commit(&self, load: Load) -> Result<Committed, WarehouseError> {
        match self.try_commit(&load).await {
            // Another process erased the warehouse since; what was known of it is forgotten, and it is begun anew.
            Err(error) if is_outdated(&error) && self.forget() => self.try_commit(&load).await,
            done => done,
        }
    }

    async fn try_commit(&self, load: &Load) -> Result<Committed, WarehouseError> {
        let failed = failed("beginning a transaction");
        let mut transaction = self.all.pool.begin().await.map_err(failed)?;
        let known = self.all.known().get(self.schema.as_ref()).cloned();
        let schema = quoted(&self.schema)?;
        let lock = format!("SELECT pg_advisory_xact_lock({});", self.lock());
        let mut statements = lock;
        if known.is_none() {
            statements.push_str(&creation(&schema));
        }
        statements.push_str(&format!("SET LOCAL ROLE {schema}"));
        let asked = Instant::now();
        run(&mut transaction, "beginning a transaction", statements).await?;
        let waited = asked.elapsed();
        let (known, size) = known.unwrap_or_default();
        let mut session = PostgresSession {
            connection: &mut transaction,
            schema: &self.schema,
            exists: true,
            known,
            size,
            readable_changed: false,
            seen: HashMap::new(),
        };
        let committed = commit::commit(&mut session, load).await?;
        let drops = |write: &Write| matches!(write, Write::DropReport { .. });
        let readable_changed = session.readable_changed || load.writes.iter().any(drops);
        let (known, mut size) = (session.known, session.size);
        if let Some(size) = &mut size {
            size.add(committed.rows_written());
        }
        transaction
            .commit()
            .await
            .map_err(session::failed("committing a load"))?;
        self.remember((known, size));
        let is_behind = self.all.bi_behind().remove(self.schema.as_ref());
        if readable_changed || is_behind {
            self.follow_bi().await;
        }
        Ok(Committed {
            waited,
            ..committed
        })
    }

    pub async fn weigh(
        &self,
        admit: Admit,
        observed_at: DateTime<Utc>,
    ) -> Result<Vec<Outcome>, WarehouseError> {
        let mut transaction = self.begin_read().await?;
        let mut session = enter(&mut transaction, &self.schema).await?;
        commit::weigh(&mut session, &admit, observed_at).await
    }

    pub async fn erased(
        &self,
        people: BTreeSet<Person>,
    ) -> Result<BTreeSet<Person>, WarehouseError> {
        let mut transaction = self.begin_read().await?;
        let mut session = enter(&mut transaction, &self.schema).await?;
        erased::among(&mut session, people).await
    }

    pub async fn weigh_sweep(&self, sweep: Sweep) -> Result<Vec<SweptRows>, WarehouseError> {
        let mut transaction = self.begin_read().await?;
        let mut session = enter(&mut transaction, &self.schema).await?;
        commit::weigh_sweep(&mut session, &sweep).await
    }

    pub async fn ahead_of_sweep(
        &self,
        sweep: Sweep,
        after: Option<Vec<Value>>,
        upto: Option<i64>,
        limit: u64,
    ) -> Result<Option<Ahead>, WarehouseError> {
        let mut transaction = self.begin_read().await?;
        let mut session = enter(&mut transaction, &self.schema).await?;
        sweep::ahead(&mut session, &sweep, after, upto, limit).await
    }

    pub async fn end_of_sweep(&self, sweep: Sweep) -> Result<Option<i64>, WarehouseError> {
        let mut transaction = self.begin_read().await?;
        let mut session = enter(&mut transaction, &self.schema).await?;
        sweep::last(&mut session, &sweep).await
    }

    /// Vacuums all tables, each on its own: outside of a transaction, beside loads.
    pub async fn scrub(&self) -> Result<bool, WarehouseError> {
        let operation = "vacuuming the warehouse";
        let mut connection = self.all.pool.acquire().await.map_err(failed(operation))?;
        let sql =
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = $1 ORDER BY tablename";
        let tables: Vec<String> = sqlx::query_scalar(sql)
            .bind(self.schema.as_ref())
            .fetch_all(&mut *connection)
            .await
            .map_err(failed(operation))?;
        let schema = quoted(&self.schema)?;
        for table in tables {
            let vacuum = format!("VACUUM {schema}.{table}");
            match run(&mut connection, operation, vacuum).await {
                // A report's table that somebody removes meanwhile.
                Err(error) if is_outdated(&error) => {}
                done => done?,
            }
        }
        Ok(true)
    }

    pub async fn stored_bytes(&self) -> Result<u64, WarehouseError> {
        let mut transaction = self.begin_read().await?;
        Ok(Size::measure(&mut transaction, &self.schema).await?.bytes)
    }

    pub async fn state(&self, key: &str) -> Result<Option<Json>, WarehouseError> {
        let mut transaction = self.begin_read().await?;
        let mut session = enter(&mut transaction, &self.schema).await?;
        kept::get(&mut session, key).await
    }

    pub async fn outbox(&self, after: i64, limit: u64) -> Result<Vec<OutboxEntry>, WarehouseError> {
        let mut transaction = self.begin_read().await?;
        let mut session = enter(&mut transaction, &self.schema).await?;
        outbox::after(&mut session, after, limit).await
    }

    pub async fn forget_outbox(&self, up_to: i64) -> Result<(), WarehouseError> {
        let failed = failed("forgetting what was told");
        let mut transaction = self.all.pool.begin().await.map_err(&failed)?;
        let mut session = enter(&mut transaction, &self.schema).await?;
        outbox::forget(&mut session, up_to).await?;
        transaction.commit().await.map_err(failed)
    }

    pub async fn snapshot(&self) -> Result<Snapshot, WarehouseError> {
        let failed = failed("beginning a transaction");
        let connection = self.all.pool.acquire().await.map_err(failed)?;
        let (snapshot, commands) = Snapshot::new();
        let (ready, is_ready) = oneshot::channel();
        tokio::spawn(serve(connection, self.schema.to_string(), ready, commands));
        is_ready.await.map_err(|_| WarehouseError::Stopped)??;
        Ok(snapshot)
    }

    pub async fn erase(&self) -> Result<(), WarehouseError> {
        let operation = "erasing the warehouse";
        self.revoke_bi_login().await?;
        let mut transaction = self.all.pool.begin().await.map_err(failed(operation))?;
        let lock = format!("SELECT pg_advisory_xact_lock({})", self.lock());
        run(&mut transaction, operation, lock).await?;
        let statements = removal(&quoted(&self.schema)?);
        run(&mut transaction, operation, statements).await?;
        transaction.commit().await.map_err(failed(operation))?;
        self.forget();
        Ok(())
    }

    async fn begin_read(
        &self,
    ) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, WarehouseError> {
        let begun = self.all.pool.begin_with(BEGIN_READ).await;
        begun.map_err(failed("beginning a transaction"))
    }

    /// The number of the lock that lets one transaction at a time write this warehouse.
    fn lock(&self) -> i64 {
        let digest = Sha256::digest(format!("warehouse {}", self.schema).as_bytes());
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(digest) {
            *to = from;
        }
        i64::from_be_bytes(first)
    }

    fn remember(&self, known: (Known, Option<Size>)) {
        let mut all = self.all.known();
        if all.len() >= KNOWN_WAREHOUSES && !all.contains_key(self.schema.as_ref()) {
            all.clear();
        }
        all.insert(self.schema.to_string(), known);
    }

    /// Whether anything had been known.
    fn forget(&self) -> bool {
        self.all.known().remove(self.schema.as_ref()).is_some()
    }
}

/// Statements that make the schema and its role be there. A role belongs to all databases of a server, and two
/// processes may make it at the same time in two of them.
fn creation(name: &str) -> String {
    format!(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE quote_ident(rolname) = '{plain}') THEN \
         CREATE ROLE {name} NOLOGIN; END IF; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; \
         GRANT {name} TO CURRENT_USER; \
         CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {name}; ",
        plain = name.trim_matches('"'),
    )
}

/// Statements that take the schema away, and the role unless another database of the server has its schema too.
fn removal(name: &str) -> String {
    format!(
        "DROP SCHEMA IF EXISTS {name} CASCADE; \
         DO $$ BEGIN DROP ROLE IF EXISTS {name}; \
         EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$"
    )
}

async fn run(
    connection: &mut PgConnection,
    operation: &'static str,
    statements: String,
) -> Result<(), WarehouseError> {
    sqlx::raw_sql(AssertSqlSafe(statements))
        .execute(connection)
        .await
        .map_err(failed(operation))?;
    Ok(())
}

/// Whether a role, schema, table or column that was known is there no more.
fn is_outdated(error: &WarehouseError) -> bool {
    let WarehouseError::Postgres {
        source: sqlx::Error::Database(error),
        ..
    } = error
    else {
        return false;
    };
    matches!(
        error.code().as_deref(),
        Some("22023" | "42704" | "3F000" | "42P01" | "42703" | "42701" | "42P07")
    )
}
