use std::{sync::Arc, time::Duration};

use anyhow::Context;
use tokio::sync::Mutex;
use tracing::{info, warn};
use wynos_base::logins;

use crate::{Function, secrets::Stamp};

/// How long whoever has something open waits for word of a change: an event is worth more.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a process opens once and works with from then on, until a secret that it was opened with has another value: a
/// process lives for hours, and passwords are rotated under it.
///
/// A new value is seen at the first event after a quarter of an hour at most, and that of the database at the first event
/// after it refused the old one.
#[derive(Debug, Clone)]
pub struct Current<T>(Arc<Mutex<Option<(Stamp, T)>>>);

impl<T> Default for Current<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Current<T> {
    /// What there is, opened when there is none or when one of these secrets has changed. Where the secrets cannot be asked
    /// for, what is open is used on.
    pub async fn get<Opening, E>(
        &self,
        function: &Function,
        secrets: &[&str],
        open: impl Fn() -> Opening,
    ) -> anyhow::Result<T>
    where
        Opening: Future<Output = Result<T, E>>,
        E: Into<anyhow::Error>,
    {
        let mut held = self.0.lock().await;
        if logins::refused() {
            function.forget_login().await;
        }
        let asked = function.values.all(secrets);
        let mut stamp = if let Some((known, value)) = held.as_ref() {
            match tokio::time::timeout(PATIENCE, asked).await {
                Ok(Ok(now)) if now == *known => return Ok(value.clone()),
                Ok(Ok(now)) => {
                    info!("a secret has changed, everything is opened anew");
                    now
                }
                outcome => {
                    let failure = outcome.map_err(|_| "no answer in time");
                    warn!(reason = ?failure.map(|asked| asked.err()), "whether a secret has changed cannot be asked now");
                    function.values.ask_later(secrets).await;
                    return Ok(value.clone());
                }
            }
        } else {
            asked.await.context("the secrets cannot be read")?
        };
        let opened = match open().await.map_err(Into::into) {
            Err(_) if logins::refused() => {
                // Rotated within the last quarter of an hour.
                function.forget_login().await;
                let asked = function.values.all(secrets).await;
                stamp = asked.context("the secrets cannot be read")?;
                open().await.map_err(Into::into)
            }
            outcome => outcome,
        }?;
        *held = Some((stamp, opened.clone()));
        Ok(opened)
    }
}

impl Function {
    /// The secrets that everything is opened with that jobs and handlers work with.
    pub fn all_secrets(&self) -> Vec<&str> {
        let config = &self.config;
        let vendors = [&config.yclients, &config.altegio];
        let partners = vendors
            .into_iter()
            .filter_map(|one| one.partner_secret.as_deref());
        let mut names = vec![config.database.secret.as_str(), &config.master_key_secret];
        names.extend(partners);
        names
    }

    async fn forget_login(&self) {
        info!("the database refused the login, its secret is read anew");
        self.values.forget(&self.config.database.secret).await;
    }
}
