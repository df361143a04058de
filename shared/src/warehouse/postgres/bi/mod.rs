//! A login for BI tools. PostgreSQL tells whoever is connected to a database the names, columns and sizes of everything in
//! it, and no privilege hides that. The login therefore opens a database of its own ([`apart`]), whose foreign tables are
//! read with another role, the reader, that nobody signs in with but the server itself.

mod apart;

use std::fmt::Write as _;

use self::apart::Apart;
use super::{PostgresWarehouse, creation, failed, run};
use crate::{
    catalog::{self, TableGroup},
    warehouse::{
        WarehouseError, bi_login, internal,
        sql::{misuse, quoted},
    },
};

/// Connections that one login may have at once: a dashboard with a few tiles open.
const CONNECTIONS: u32 = 10;

/// The name of the role that a tool signs in with, and of the database that it opens.
fn login(schema: &str) -> String {
    format!("bi_{schema}")
}

/// The name of the role that reads the schema.
fn reader(schema: &str) -> String {
    format!("rd_{schema}")
}

/// Statements that let the reader, where there is one, read what a BI tool is for: the copy of the vendor's data, its views,
/// and reports. The shop's own records and the system's tables are not among it.
pub(super) fn grants(schema: &str) -> Result<String, WarehouseError> {
    let role = reader(schema);
    let (schema, quoted_role) = (quoted(schema)?, quoted(&role)?);
    let own = catalog::tables_of(TableGroup::RepairShop).map(|table| table.name.as_ref());
    let mut kept = String::new();
    for name in own.chain([internal::LOG]) {
        let _ = write!(kept, "'{}',", quoted(name)?.trim_matches('"'));
    }
    Ok(format!(
        "DO $$ DECLARE readable regclass; BEGIN \
         IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN \
         FOR readable IN SELECT oid FROM pg_class WHERE relnamespace = '{schema}'::regnamespace \
         AND relkind IN ('r', 'p', 'v') AND left(relname, 1) <> '_' AND relname NOT IN ({kept} '') LOOP \
         EXECUTE format('GRANT SELECT ON %s TO %s', readable, '{quoted_role}'); END LOOP; END IF; END $$",
        role = quoted_role.trim_matches('"'),
    ))
}

/// Statements that take both roles away, once their database is gone.
fn removal(schema: &str) -> Result<String, WarehouseError> {
    let mut statements = String::new();
    for role in [login(schema), reader(schema)] {
        let role = quoted(&role)?;
        let _ = write!(
            statements,
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{plain}') THEN \
             GRANT {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}; END IF; \
             EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$; ",
            plain = role.trim_matches('"'),
        );
    }
    Ok(statements)
}

/// Statements that make a role that may sign in, once it has a password, and only reads; one that is there is made so again. A
/// new role has none of the attributes that only a superuser may take away.
fn role_that_reads(name: &str) -> Result<String, WarehouseError> {
    let role = quoted(name)?;
    Ok(format!(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {role}; END IF; END $$; \
         GRANT {role} TO CURRENT_USER; \
         ALTER ROLE {role} LOGIN NOINHERIT CONNECTION LIMIT {CONNECTIONS}; \
         ALTER ROLE {role} SET default_transaction_read_only = on; \
         ALTER ROLE {role} SET statement_timeout = '10min'; \
         ALTER ROLE {role} SET idle_in_transaction_session_timeout = '10min'; "
    ))
}

/// The passwords that a login gets, both of which come into force together.
struct Passwords<'v> {
    /// What PostgreSQL keeps of the login's.
    verifier: &'v str,
    /// The reader's, which the login's database signs in with.
    secret: String,
    /// What PostgreSQL keeps of it.
    kept: String,
}

impl Passwords<'_> {
    /// Statements that give them to the roles of a schema. Roles are the whole server's, so that a transaction in whichever
    /// database may hold these.
    fn changes(&self, schema: &str) -> Result<String, WarehouseError> {
        let mut statements = String::new();
        for (role, verifier) in [
            (login(schema), self.verifier),
            (reader(schema), self.kept.as_str()),
        ] {
            // A verifier is made of letters, digits and $ : + / =.
            let verifier = verifier.replace('\'', "");
            let _ = write!(
                statements,
                "ALTER ROLE {} PASSWORD '{verifier}'; ",
                quoted(&role)?
            );
        }
        Ok(statements)
    }
}

impl PostgresWarehouse {
    /// Whether there is a login.
    pub async fn has_bi_login(&self) -> Result<bool, WarehouseError> {
        Apart::of(self).exists().await
    }

    /// Makes the login and its database, or gives it another password: whoever is connected stays so. `verifier` is what
    /// PostgreSQL keeps of the password. Gives the name to sign in with, which is the database's too. Where it fails, a login that
    /// was there keeps its password, but for [`WarehouseError::LoginInDoubt`], and of one that was not nothing is left;
    /// [`WarehouseError::ForeignTables`] and [`WarehouseError::Trusted`] where an administrator has to let it be made.
    pub async fn renew_bi_login(&self, verifier: &str) -> Result<String, WarehouseError> {
        let (secret, kept) = bi_login::password()?;
        let passwords = Passwords {
            verifier,
            secret,
            kept,
        };
        let renewed = async {
            let apart = Apart::of(self);
            if apart.is_whole().await? {
                Box::pin(self.make_bi(&apart, &passwords)).await?;
                // The old password opens nothing any more, so that nothing may keep the new one from being shown.
                if let Err(error) = Box::pin(apart.follow()).await {
                    self.bi_waits(&error);
                }
                return Ok(());
            }
            // What an attempt left that broke off is older than what an administrator did since.
            self.take_bi_away().await?;
            let made = async {
                self.make_bi(&apart, &passwords).await?;
                apart.follow().await
            };
            let made = Box::pin(made).await;
            if made.is_err()
                && let Err(error) = self.take_bi_away().await
            {
                // The next attempt takes it away.
                tracing::warn!(schema = %self.schema, error = &error as &dyn std::error::Error, "half a BI login is left");
            }
            made
        };
        self.alone(Box::pin(renewed)).await?;
        Ok(login(&self.schema))
    }

    /// What needs no password, and as the last step the passwords, with what depends on them.
    async fn make_bi(
        &self,
        apart: &Apart<'_>,
        passwords: &Passwords<'_>,
    ) -> Result<(), WarehouseError> {
        apart.prepare().await?;
        self.make_bi_roles().await?;
        apart.make(passwords).await
    }

    async fn make_bi_roles(&self) -> Result<(), WarehouseError> {
        let operation = "making a login for reading";
        let (name, by) = (login(&self.schema), reader(&self.schema));
        let (schema, role, reader) = (quoted(&self.schema)?, quoted(&name)?, quoted(&by)?);
        let begun = self.all.pool.begin().await;
        let mut transaction = begun.map_err(failed(operation))?;
        let lock = format!("SELECT pg_advisory_xact_lock({})", self.lock());
        run(&mut transaction, operation, lock).await?;
        // Connecting is every role's right at first; without it the login cannot look at this database at all.
        let made = format!(
            "{}; {}{}ALTER ROLE {role} SET search_path = {schema}; \
             DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO CURRENT_USER', current_database()); \
             EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database()); \
             EXECUTE format('GRANT CONNECT ON DATABASE %I TO {reader}', current_database()); END $$; \
             SET LOCAL ROLE {schema}; GRANT USAGE ON SCHEMA {schema} TO {reader}; {}; RESET ROLE",
            creation(&schema).trim_end_matches([' ', ';']),
            role_that_reads(&name)?,
            role_that_reads(&by)?,
            grants(&self.schema)?,
        );
        run(&mut transaction, operation, made).await?;
        // Who may not take the right away is only warned by PostgreSQL.
        let connects: bool =
            sqlx::query_scalar("SELECT has_database_privilege($1, current_database(), 'CONNECT')")
                .bind(&name)
                .fetch_one(&mut *transaction)
                .await
                .map_err(failed(operation))?;
        if connects {
            let problem = "the login could look at the database of all, because its user may not take \
                           from PUBLIC the right to connect to it: make it the owner of the database";
            return Err(misuse(&name, problem));
        }
        transaction.commit().await.map_err(failed(operation))
    }

    /// Takes the login and its database away; nothing happens where there is none.
    pub async fn revoke_bi_login(&self) -> Result<(), WarehouseError> {
        self.alone(Box::pin(self.take_bi_away())).await
    }

    async fn take_bi_away(&self) -> Result<(), WarehouseError> {
        let operation = "taking a login for reading away";
        Apart::of(self).drop_it().await?;
        let begun = self.all.pool.begin().await;
        let mut transaction = begun.map_err(failed(operation))?;
        run(&mut transaction, operation, removal(&self.schema)?).await?;
        transaction.commit().await.map_err(failed(operation))
    }

    /// Brings the tables of the login's database up to those that may be read, where there is such a database. What could
    /// not be done now is done after the next load, or when the login is renewed.
    pub(super) async fn follow_bi(&self) {
        let followed = async {
            let apart = Apart::of(self);
            if !apart.exists().await? {
                return Ok(());
            }
            self.alone(Box::pin(apart.follow())).await
        };
        if let Err(error) = followed.await {
            self.bi_waits(&error);
        }
    }

    fn bi_waits(&self, error: &WarehouseError) {
        tracing::warn!(schema = %self.schema, error = error as &dyn std::error::Error, "BI tables wait");
        self.all.bi_behind().insert(self.schema.to_string());
    }

    /// Does it while nobody else does anything with the login, in any process: the password of the reader must be the one
    /// that its database has.
    async fn alone(
        &self,
        work: impl Future<Output = Result<(), WarehouseError>>,
    ) -> Result<(), WarehouseError> {
        let failed = failed("waiting for a login for reading");
        let mut connection = self.all.pool.acquire().await.map_err(&failed)?;
        let number = self.lock().wrapping_add(1);
        sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(number)
            .execute(&mut *connection)
            .await
            .map_err(&failed)?;
        let done = work.await;
        let unlocked = sqlx::query("SELECT pg_advisory_unlock($1)")
            .bind(number)
            .execute(&mut *connection)
            .await;
        if unlocked.is_err() {
            // The lock goes with the connection.
            connection.close_on_drop();
        }
        done
    }
}
