use std::{sync::Arc, time::Duration};

use aws_types::SdkConfig;
use chrono::{DateTime, Utc};
use wynos_base::ports::Clock;

use crate::{Config, SecretValues, SecretsManagerKeys, SqsQueue, cloud, logging, metrics};

/// What an invocation has whose deadline cannot be one: emulators tell 1970.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(60);

/// A function: what it was told, and what needs no database.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name, in the log and in figures.
    pub name: &'static str,
    /// What it was told.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
    /// The queues; they need no database.
    pub queue: SqsQueue,
    pub(crate) cloud: SdkConfig,
    pub(crate) values: SecretValues,
}

impl Function {
    /// Starts the log, checks what the environment says and makes the clients. Nothing is asked of anybody yet. The error
    /// is a message that names the variable.
    pub fn start(name: &'static str) -> anyhow::Result<Self> {
        logging::start();
        let config = Config::from_environment(name)?;
        metrics::begin(&config.metrics_namespace);
        Ok(Self::with(name, config, cloud::of_environment()))
    }

    /// A function that was told this.
    pub fn with(name: &'static str, config: Config, cloud: SdkConfig) -> Self {
        Self {
            name,
            queue: SqsQueue::new(&cloud, config.queues.clone()),
            values: SecretValues::new(&cloud),
            config: Arc::new(config),
            clock: Clock::System,
            cloud,
        }
    }

    /// The keys' secret.
    pub fn master_keys(&self) -> SecretsManagerKeys {
        SecretsManagerKeys::new(
            &self.cloud,
            self.values.clone(),
            &self.config.master_key_secret,
        )
    }

    /// When work of an invocation that is killed at `deadline` (milliseconds since 1970) has to end, so that there is time
    /// to hand it back. A deadline that is over before anything began is none of Lambda's: a minute takes its place.
    pub fn last_moment(&self, deadline: u64) -> DateTime<Utc> {
        let deadline = i64::try_from(deadline).ok();
        let deadline = deadline.and_then(DateTime::from_timestamp_millis);
        let Some(deadline) = deadline else {
            return DateTime::<Utc>::MAX_UTC;
        };
        let now = self.clock.now();
        if deadline <= now {
            return now + WITHOUT_DEADLINE;
        }
        let whole = (deadline - now).to_std().unwrap_or_default();
        let margin = (whole / 10).clamp(Duration::from_millis(500), Duration::from_secs(15));
        deadline - margin
    }
}
