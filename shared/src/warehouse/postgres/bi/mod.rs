//! A login for BI tools: a role that may read the vendor's copy and the reports of one schema, and nothing else.

use std::fmt::Write as _;

use super::{PostgresWarehouse, creation, run};
use crate::{
    catalog::{self, TableGroup},
    warehouse::{WarehouseError, internal, sql::quoted},
};

/// What the names of these roles begin with.
const PREFIX: &str = "bi_";

/// Connections that one login may have at once: a dashboard with a few tiles open.
const CONNECTIONS: u32 = 10;

/// The name of the role that reads a schema.
pub(super) fn role(schema: &str) -> String {
    format!("{PREFIX}{schema}")
}

/// Statements that let the role, where there is one, read what a BI tool is for: the copy of the vendor's data, its views,
/// and reports. The shop's own records and the system's tables are not among it.
pub(super) fn grants(schema: &str) -> Result<String, WarehouseError> {
    let role = role(schema);
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

/// Statements that take the role away.
pub(super) fn removal(schema: &str) -> Result<String, WarehouseError> {
    let role = quoted(&role(schema))?;
    Ok(format!(
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{plain}') THEN \
         GRANT {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}; END IF; \
         EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$",
        plain = role.trim_matches('"'),
    ))
}

impl PostgresWarehouse {
    /// Makes the login, or gives it another password: whoever is connected stays so. `verifier` is what PostgreSQL keeps of
    /// the password. Gives the name to sign in with.
    pub async fn renew_bi_login(&self, verifier: &str) -> Result<String, WarehouseError> {
        let operation = "making a login for reading";
        let name = role(&self.schema);
        let (schema, role) = (quoted(&self.schema)?, quoted(&name)?);
        // A verifier is made of letters, digits and $ : + / =.
        let verifier: String = verifier.chars().filter(|sign| *sign != '\'').collect();
        let begun = self.all.pool.begin().await;
        let mut transaction = begun.map_err(super::failed(operation))?;
        let lock = format!("SELECT pg_advisory_xact_lock({})", self.lock());
        run(&mut transaction, operation, lock).await?;
        let made = format!(
            "{}; DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN \
             CREATE ROLE {role}; END IF; END $$; \
             ALTER ROLE {role} LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE \
             CONNECTION LIMIT {CONNECTIONS} PASSWORD '{verifier}'; \
             ALTER ROLE {role} SET default_transaction_read_only = on; \
             ALTER ROLE {role} SET search_path = {schema}; \
             ALTER ROLE {role} SET statement_timeout = '10min'; \
             ALTER ROLE {role} SET idle_in_transaction_session_timeout = '10min'; \
             SET LOCAL ROLE {schema}; GRANT USAGE ON SCHEMA {schema} TO {role}; {}",
            creation(&schema).trim_end_matches([' ', ';']),
            grants(&self.schema)?,
        );
        run(&mut transaction, operation, made).await?;
        transaction
            .commit()
            .await
            .map_err(super::failed(operation))?;
        Ok(name)
    }

    /// Takes the login away; nothing happens where there is none.
    pub async fn revoke_bi_login(&self) -> Result<(), WarehouseError> {
        let operation = "taking a login for reading away";
        let begun = self.all.pool.begin().await;
        let mut transaction = begun.map_err(super::failed(operation))?;
        run(&mut transaction, operation, removal(&self.schema)?).await?;
        transaction.commit().await.map_err(super::failed(operation))
    }
}
