//! Secrets Manager and KMS: the database's address, and the master key that all keys are derived from.

mod database;
mod master;

use std::{
    collections::HashMap,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_types::SdkConfig;
use tokio::sync::Mutex;
use wynos_base::ports::SecretsError;

use crate::cloud::said;

pub use database::{DatabasePlace, DatabaseSecretError};
pub use master::SecretsManagerKeys;

/// How long a value is used before it is asked for again: a rotated secret is honoured after that.
const FRESH: Duration = Duration::from_secs(15 * 60);

/// The same of a secret that has no value yet: whoever gives it one does not want to wait.
const FRESH_NOTHING: Duration = Duration::from_secs(5);

/// When it is asked for again after nobody answered.
const ASK_LATER: Duration = Duration::from_secs(60);

/// When a value was asked for, and what it was.
type Known = (Instant, Option<Arc<str>>);

/// What secrets were when something was opened with them.
pub(crate) type Stamp = Vec<Option<Arc<str>>>;

/// Values of secrets, by name, kept for a quarter of an hour.
#[derive(Clone)]
pub struct SecretValues {
    client: aws_sdk_secretsmanager::Client,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

impl std::fmt::Debug for SecretValues {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretValues(…)")
    }
}

impl SecretValues {
    /// Asks nothing yet.
    pub fn new(cloud: &SdkConfig) -> Self {
        Self {
            client: aws_sdk_secretsmanager::Client::new(cloud),
            known: Arc::default(),
        }
    }

    /// The value of the secret of that name or ARN; `None` when it has none yet.
    pub async fn get(&self, name: &str) -> Result<Option<Arc<str>>, SecretsError> {
        // Held while it is asked for: of many who need it at once, one asks.
        let mut known = self.known.lock().await;
        if let Some((since, value)) = known.get(name)
            && since.elapsed()
                < if value.is_some() {
                    FRESH
                } else {
                    FRESH_NOTHING
                }
        {
            return Ok(value.clone());
        }
        let asked = self.client.get_secret_value().secret_id(name).send().await;
        let value = match asked {
            Ok(answer) => answer.secret_string,
            Err(error)
                if error.code() == Some("ResourceNotFoundException")
                    && error
                        .message()
                        .is_some_and(|said| said.contains("AWSCURRENT")) =>
            {
                None
            }
            Err(error) => return Err(unavailable(error)),
        };
        let value = value.filter(|value| !value.trim().is_empty());
        let value: Option<Arc<str>> = value.map(Arc::from);
        known.insert(name.to_owned(), (Instant::now(), value.clone()));
        Ok(value)
    }

    /// The values of all of these.
    pub(crate) async fn all(&self, names: &[&str]) -> Result<Stamp, SecretsError> {
        let mut values = Vec::with_capacity(names.len());
        for name in names {
            values.push(self.get(name).await?);
        }
        Ok(values)
    }

    /// Takes what is known of these for good a little longer: nobody answers now.
    pub(crate) async fn ask_later(&self, names: &[&str]) {
        let mut known = self.known.lock().await;
        let now = Instant::now();
        for (name, (since, _)) in known.iter_mut() {
            if names.contains(&name.as_str()) {
                *since = now.checked_sub(FRESH - ASK_LATER).unwrap_or(now);
            }
        }
    }

    /// Asks for it anew the next time: its value turned out to be an old one.
    pub(crate) async fn forget(&self, name: &str) {
        self.known.lock().await.remove(name);
    }

    /// Gives the secret a new value.
    pub(crate) async fn put(&self, name: &str, value: &str) -> Result<(), SecretsError> {
        let mut known = self.known.lock().await;
        self.client
            .put_secret_value()
            .secret_id(name)
            .secret_string(value)
            .send()
            .await
            .map_err(unavailable)?;
        known.insert(name.to_owned(), (Instant::now(), Some(value.into())));
        Ok(())
    }
}

fn unavailable<E: std::error::Error>(error: E) -> SecretsError {
    SecretsError::Unavailable {
        source: io::Error::other(said(error)),
    }
}

fn malformed(place: &str) -> SecretsError {
    SecretsError::Malformed {
        place: place.to_owned(),
    }
}
