use serde::Deserialize;
use url::Url;
use wynos_base::ports::SecretsError;

use super::SecretValues;

/// Where the database is: a secret, and what the secret itself does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabasePlace {
    /// The secret's name or ARN.
    pub secret: String,
    /// The server, for secrets that RDS manages: those hold a name and a password alone.
    pub host: Option<String>,
    /// The database of a secret that names none.
    pub name: String,
}

/// Why there is no address of a database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseSecretError {
    /// The secret was not given.
    #[error("the secret with the database's address cannot be read")]
    Secret(#[source] SecretsError),
    /// The secret has no value.
    #[error("the secret {secret} has no value")]
    Empty {
        /// Its name.
        secret: String,
    },
    /// It is neither an address nor what RDS stores.
    #[error(
        "the secret {secret} is neither postgres://user:password@host/database nor a JSON object with username, \
         password and, unless WYNOS_DATABASE_HOST is set, host"
    )]
    Malformed {
        /// Its name.
        secret: String,
    },
}

/// What RDS stores.
#[derive(Deserialize)]
struct Stored {
    username: String,
    password: String,
    host: Option<String>,
    port: Option<u16>,
    dbname: Option<String>,
}

impl DatabasePlace {
    /// The address as sqlx takes it.
    pub async fn url(&self, values: &SecretValues) -> Result<String, DatabaseSecretError> {
        let value = values
            .get(&self.secret)
            .await
            .map_err(DatabaseSecretError::Secret)?;
        let value = value.ok_or_else(|| DatabaseSecretError::Empty {
            secret: self.secret.clone(),
        })?;
        self.read(&value)
            .ok_or_else(|| DatabaseSecretError::Malformed {
                secret: self.secret.clone(),
            })
    }

    fn read(&self, value: &str) -> Option<String> {
        let value = value.trim();
        if value.starts_with("postgres://") || value.starts_with("postgresql://") {
            return Some(over_tls(Url::parse(value).ok()?).into());
        }
        let stored: Stored = serde_json::from_str(value).ok()?;
        let host = stored.host.as_deref().or(self.host.as_deref())?;
        let mut url = Url::parse("postgres://host/").ok()?;
        url.set_host(Some(host)).ok()?;
        url.set_port(Some(stored.port.unwrap_or(5432))).ok()?;
        url.set_username(&stored.username).ok()?;
        url.set_password(Some(&stored.password)).ok()?;
        url.set_path(stored.dbname.as_deref().unwrap_or(&self.name));
        Some(over_tls(url).into())
    }
}

/// The address, which is spoken to over TLS or not at all where it does not say how; a server on the same machine may have no
/// certificate.
fn over_tls(mut url: Url) -> Url {
    let says = url
        .query_pairs()
        .any(|(name, _)| name == "sslmode" || name == "ssl-mode");
    let is_local = matches!(
        url.host_str(),
        None | Some("" | "localhost" | "127.0.0.1" | "[::1]")
    );
    if !says && !is_local {
        url.query_pairs_mut().append_pair("sslmode", "require");
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: Option<&str>) -> DatabasePlace {
        DatabasePlace {
            secret: "s".to_owned(),
            host: host.map(str::to_owned),
            name: "wynos".to_owned(),
        }
    }

    #[test]
    fn an_address_and_what_rds_stores_are_read() {
        let read = |text: &str| place(None).read(text);
        assert_eq!(
            read("postgres://u:p@h:5433/d\n").as_deref(),
            Some("postgres://u:p@h:5433/d?sslmode=require")
        );
        for kept in [
            "postgres://u:p@h/d?sslmode=verify-full",
            "postgres://u:p@127.0.0.1:5433/d",
            "postgres://u:p@localhost/d?application_name=a",
        ] {
            assert_eq!(read(kept).as_deref(), Some(kept));
        }
        let whole = r#"{"username":"u","password":"p@:/","host":"h","port":5433,"dbname":"d"}"#;
        assert_eq!(
            read(whole).as_deref(),
            Some("postgres://u:p%40%3A%2F@h:5433/d?sslmode=require")
        );
        let managed = r#"{"username":"u","password":"p"}"#;
        assert_eq!(read(managed), None);
        assert_eq!(
            place(Some("db.example")).read(managed).as_deref(),
            Some("postgres://u:p@db.example:5432/wynos?sslmode=require")
        );
        for bad in ["", "mysql://h", "{}", "[]"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
