//! The database of one login: foreign tables of what may be read, and nothing of anybody else.

use std::collections::BTreeMap;

use sqlx::{Connection as _, PgConnection, Row as _, postgres::PgRow};

use super::{Passwords, failed, login, reader, run};
use crate::warehouse::{
    WarehouseError,
    postgres::PostgresWarehouse,
    sql::{list, quoted},
    views::DATES,
};

/// The tables of a schema that a role may read, each with its columns and their types.
type Readable = BTreeMap<String, String>;

/// The server's own address to itself: connections never leave it.
const SERVER: &str = "warehouse";

/// How long a tool that reads a table holds up its replacement.
const PATIENCE: &str = "SET LOCAL lock_timeout = '3s'";

/// The login's database of a warehouse.
pub(super) struct Apart<'w> {
    warehouse: &'w PostgresWarehouse,
    name: String,
}

impl<'w> Apart<'w> {
    pub fn of(warehouse: &'w PostgresWarehouse) -> Self {
        Self {
            name: login(&warehouse.schema),
            warehouse,
        }
    }

    /// Makes it, where it is not there, and tries whether foreign tables may be made in it, before there is anybody to read
    /// them; [`WarehouseError::ForeignTables`] where they may not.
    pub async fn prepare(&self) -> Result<(), WarehouseError> {
        let operation = "making the database of a login";
        let database = quoted(&self.name)?;
        if !self.exists().await? {
            self.alone(operation, format!("CREATE DATABASE {database}"))
                .await?;
        }
        let shut = format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC");
        self.alone(operation, shut).await?;
        let mut connection = self.connect(operation).await?;
        let user: String = sqlx::query_scalar("SELECT quote_ident(current_user)")
            .fetch_one(&mut connection)
            .await
            .map_err(failed(operation))?;
        let tried = "CREATE EXTENSION IF NOT EXISTS postgres_fdw; \
                     CREATE SERVER tried FOREIGN DATA WRAPPER postgres_fdw; DROP SERVER tried";
        run(&mut connection, operation, tried.to_owned())
            .await
            .map_err(|error| without_wrapper(error, user))?;
        connection.close().await.map_err(failed(operation))
    }

    /// Brings these passwords into force, with the mappings by which its tables are read, or changes nothing of either
    /// ([`WarehouseError::LoginInDoubt`] where that cannot be told), once it is prepared and both roles are there. Tables come
    /// after it: whoever makes them signs in with what is in force.
    pub async fn make(&self, passwords: &Passwords<'_>) -> Result<(), WarehouseError> {
        let operation = "making the database of a login";
        let (database, schema) = (quoted(&self.name)?, quoted(&self.warehouse.schema)?);
        let rights = format!("GRANT CONNECT ON DATABASE {database} TO {database}");
        self.alone(operation, rights).await?;
        let (port, main): (String, String) =
            sqlx::query_as("SELECT current_setting('port'), current_database()::text")
                .fetch_one(&self.warehouse.all.pool)
                .await
                .map_err(failed(operation))?;
        let mut connection = self.connect(operation).await?;
        let mut transaction = connection.begin().await.map_err(failed(operation))?;
        let (main, reader) = (main.replace('\'', "''"), reader(&self.warehouse.schema));
        // Tables hang on the server, and nothing on its mappings.
        let mut made = format!(
            "{}CREATE SERVER IF NOT EXISTS {SERVER} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', \
             port '{port}', dbname '{main}', fetch_size '5000', updatable 'false'); \
             ALTER SERVER {SERVER} OPTIONS (SET port '{port}', SET dbname '{main}'); \
             REVOKE ALL ON SCHEMA public FROM PUBLIC; CREATE SCHEMA IF NOT EXISTS {schema}; \
             GRANT USAGE ON SCHEMA {schema} TO {database}",
            passwords.changes(&self.warehouse.schema)?,
        );
        for user in [database.as_str(), "CURRENT_USER"] {
            made.push_str(&format!(
                "; DROP USER MAPPING IF EXISTS FOR {user} SERVER {SERVER}; \
                 CREATE USER MAPPING FOR {user} SERVER {SERVER} OPTIONS (user '{reader}', password '{}')",
                passwords.secret,
            ));
        }
        run(&mut transaction, operation, made).await?;
        let committed = transaction.commit().await;
        committed.map_err(|source| WarehouseError::LoginInDoubt { source })?;
        // All is done; what becomes of the connection changes nothing.
        let _ = connection.close().await;
        Ok(())
    }

    /// Brings its tables up to those that may be read; nothing where nobody may sign in to it yet.
    pub async fn follow(&self) -> Result<(), WarehouseError> {
        let operation = "following tables for a login";
        if !self.is_whole().await? {
            return Ok(());
        }
        let mut connection = self.connect(operation).await?;
        let mut transaction = connection.begin().await.map_err(failed(operation))?;
        run(&mut transaction, operation, PATIENCE.to_owned()).await?;
        self.bring_up(&mut transaction).await?;
        transaction.commit().await.map_err(failed(operation))?;
        connection.close().await.map_err(failed(operation))
    }

    /// Drops it, whoever is connected.
    pub async fn drop_it(&self) -> Result<(), WarehouseError> {
        let dropped = format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            quoted(&self.name)?
        );
        self.alone("dropping the database of a login", dropped)
            .await
    }

    async fn bring_up(&self, connection: &mut PgConnection) -> Result<(), WarehouseError> {
        let operation = "following tables for a login";
        let schema = &self.warehouse.schema;
        let wanted = {
            let acquired = self.warehouse.all.pool.acquire().await;
            let mut main = acquired.map_err(failed(operation))?;
            readable(&mut main, schema, &reader(schema)).await?
        };
        let there = readable(connection, schema, &self.name).await?;
        let (schema, role) = (quoted(schema)?, quoted(&self.name)?);
        for (table, columns) in &there {
            if wanted.get(table) != Some(columns) {
                let drop = format!("DROP FOREIGN TABLE {schema}.{}", quoted(table)?);
                run(connection, operation, drop).await?;
            }
        }
        let missing = wanted.iter().filter(|(table, columns)| {
            there
                .get(*table)
                .is_none_or(|existing| existing != *columns)
        });
        let mut missing = list("", missing.map(|(table, _)| table.as_str()))?;
        if there.is_empty() && missing.is_empty() {
            // There is nothing to read yet, and only trying tells whether the server can sign in to itself.
            missing = quoted(DATES)?;
        }
        if !missing.is_empty() {
            let import = format!(
                "IMPORT FOREIGN SCHEMA {schema} LIMIT TO ({missing}) FROM SERVER {SERVER} INTO {schema}; \
                 GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}"
            );
            let imported = run(connection, operation, import).await;
            imported.map_err(|error| without_password(error, reader(&self.warehouse.schema)))?;
        }
        Ok(())
    }

    /// Whether it is there.
    pub async fn exists(&self) -> Result<bool, WarehouseError> {
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&self.name)
            .fetch_one(&self.warehouse.all.pool)
            .await
            .map_err(failed("looking for the database of a login"))
    }

    /// Whether somebody may sign in to it. Its server comes in the transaction that gives the first password, so that what an
    /// attempt left behind that broke off before has none.
    pub async fn is_whole(&self) -> Result<bool, WarehouseError> {
        let operation = "looking into the database of a login";
        if !self.exists().await? {
            return Ok(false);
        }
        let mut connection = self.connect(operation).await?;
        let is_whole =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_foreign_server WHERE srvname = $1)")
                .bind(SERVER)
                .fetch_one(&mut connection)
                .await
                .map_err(failed(operation))?;
        connection.close().await.map_err(failed(operation))?;
        Ok(is_whole)
    }

    async fn connect(&self, operation: &'static str) -> Result<PgConnection, WarehouseError> {
        let options = self.warehouse.all.pool.connect_options();
        let options = options.as_ref().clone().database(&self.name);
        PgConnection::connect_with(&options)
            .await
            .map_err(failed(operation))
    }

    /// Statements that no transaction may hold.
    async fn alone(
        &self,
        operation: &'static str,
        statement: String,
    ) -> Result<(), WarehouseError> {
        let acquired = self.warehouse.all.pool.acquire().await;
        let mut connection = acquired.map_err(failed(operation))?;
        run(&mut connection, operation, statement).await
    }
}

/// Says what is missing where PostgreSQL has no `postgres_fdw` for this user: not the right to make the extension or to use
/// its wrapper (42501), or not the extension itself (0A000; 58P01 before PostgreSQL 15).
fn without_wrapper(error: WarehouseError, user: String) -> WarehouseError {
    match error {
        WarehouseError::Postgres {
            source: sqlx::Error::Database(answer),
            ..
        } if matches!(answer.code().as_deref(), Some("42501" | "0A000" | "58P01")) => {
            WarehouseError::ForeignTables {
                user,
                source: sqlx::Error::Database(answer),
            }
        }
        other => other,
    }
}

/// Says what is in the way where the server lets itself in without a password: `postgres_fdw` then refuses everybody but
/// superusers (2F003), because whoever may make a mapping could read as anybody.
fn without_password(error: WarehouseError, user: String) -> WarehouseError {
    match error {
        WarehouseError::Postgres {
            source: sqlx::Error::Database(answer),
            ..
        } if answer.code().as_deref() == Some("2F003") => WarehouseError::Trusted {
            user,
            source: sqlx::Error::Database(answer),
        },
        other => other,
    }
}

async fn readable(
    connection: &mut PgConnection,
    schema: &str,
    role: &str,
) -> Result<Readable, WarehouseError> {
    let failed = failed("looking at tables for a login");
    let sql = "SELECT c.relname::text, \
               string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ',' ORDER BY a.attnum) \
               FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
               JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
               WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'f') \
               AND has_table_privilege($2, c.oid, 'SELECT') GROUP BY c.relname";
    let rows = sqlx::query(sql)
        .bind(schema)
        .bind(role)
        .fetch_all(connection)
        .await
        .map_err(&failed)?;
    let table =
        |row: &PgRow| -> sqlx::Result<(String, String)> { Ok((row.try_get(0)?, row.try_get(1)?)) };
    rows.iter()
        .map(table)
        .collect::<Result<_, _>>()
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, error::Error, fmt};

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::*;

    /// An answer of PostgreSQL with this code.
    #[derive(Debug)]
    struct Answer(&'static str);

    impl fmt::Display for Answer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("password is required")
        }
    }

    impl Error for Answer {}

    impl DatabaseError for Answer {
        fn message(&self) -> &str {
            "password is required"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    #[test]
    fn a_server_that_lets_itself_in_without_a_password_is_told_from_other_faults() {
        let refused = |code| {
            let source = sqlx::Error::Database(Box::new(Answer(code)));
            without_password(failed("trying")(source), "rd_w_shop".to_owned())
        };
        assert!(matches!(
            refused("2F003"),
            WarehouseError::Trusted { user, .. } if user == "rd_w_shop"
        ));
        assert!(matches!(refused("08001"), WarehouseError::Postgres { .. }));
    }
}
