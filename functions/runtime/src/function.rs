use std::{sync::Arc, time::Duration};

use anyhow::Context;
use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::OnceCell;
use wynos::{
    control::{Control, DatabaseTarget},
    ports::Clock,
    services::{Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::client::{Vendor, VendorSettings},
};

use crate::{
    Config, S3Objects, SecretValues, SecretsManagerKeys, SesMailer, SqsQueue, cloud, logging,
};

/// Where the shared tables are.
pub const CONTROL_SCHEMA: &str = "control";

/// A function: what it was told, and what it works with once an event needs it.
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
    cloud: aws_config::SdkConfig,
    values: SecretValues,
    services: Arc<OnceCell<Services>>,
}

impl Function {
    /// Starts the log, checks what the environment says and makes the clients. Nothing is asked of anybody yet.
    pub async fn start(name: &'static str) -> anyhow::Result<Self> {
        logging::start();
        let config = Config::from_environment()?;
        Ok(Self::with(name, config, cloud::configuration().await))
    }

    /// A function that was told this.
    pub fn with(name: &'static str, config: Config, cloud: aws_config::SdkConfig) -> Self {
        Self {
            name,
            queue: SqsQueue::new(&cloud, config.queues.clone()),
            values: SecretValues::new(&cloud),
            config: Arc::new(config),
            clock: Clock::System,
            cloud,
            services: Arc::default(),
        }
    }

    /// What jobs work with, opened when it is asked for first.
    pub async fn services(&self) -> anyhow::Result<&Services> {
        self.services.get_or_try_init(|| self.open()).await
    }

    /// The keys' secret.
    pub fn master_keys(&self) -> SecretsManagerKeys {
        SecretsManagerKeys::new(
            &self.cloud,
            self.values.clone(),
            &self.config.master_key_secret,
        )
    }

    /// The bucket.
    pub fn objects(&self) -> S3Objects {
        let config = &self.config;
        S3Objects::new(
            &self.cloud,
            &config.bucket,
            config.budget.parts,
            config.bucket_by_path,
        )
    }

    /// Connects to the database, wherever the secret says that it is.
    pub async fn databases(&self) -> anyhow::Result<(Control, Warehouses)> {
        let url = self.config.database.url(&self.values).await?;
        let budget = &self.config.budget;
        let target = DatabaseTarget::Postgres {
            url: url.clone(),
            schema: CONTROL_SCHEMA.to_owned(),
            max_connections: budget.control_connections,
        };
        let control = Control::connect(&target)
            .await
            .context("the database cannot be reached")?;
        let pool = PgPoolOptions::new()
            .max_connections(budget.warehouse_connections)
            .connect_lazy(&url)
            .context("the database's address cannot be read")?;
        Ok((control, Warehouses::postgres(pool)))
    }

    async fn open(&self) -> anyhow::Result<Services> {
        let (control, warehouses) = self.databases().await?;
        let config = &self.config;
        let budget = &config.budget;
        tokio::fs::create_dir_all(&budget.work_dir)
            .await
            .context("there is no temporary space")?;
        let mut settings = Settings::new(config.public_url.clone(), budget.work_dir.clone());
        settings.work_limit = budget.work_limit;
        let mailer = SesMailer::new(
            &self.cloud,
            config.mail_from.clone(),
            config.mail_configuration_set.clone(),
            self.clock.clone(),
        );
        let vendor = Vendor::new(self.vendor().await?);
        Ok(Services {
            vendor,
            clock: self.clock.clone(),
            control,
            warehouses,
            queue: Arc::new(self.queue.clone()),
            objects: Arc::new(self.objects()),
            mailer: Arc::new(mailer),
            keys: Keys::load(&self.master_keys())
                .await
                .context("the keys cannot be read")?,
            settings: Arc::new(settings),
        })
    }

    /// How the vendors are reached: a secret of `WYNOS_YCLIENTS_PARTNER_SECRET` or `WYNOS_ALTEGIO_PARTNER_SECRET` that has
    /// no value yet is the same as none.
    async fn vendor(&self) -> anyhow::Result<VendorSettings> {
        let mut settings = VendorSettings::default();
        let given = [
            (&mut settings.yclients, &self.config.yclients),
            (&mut settings.altegio, &self.config.altegio),
        ];
        for (access, place) in given {
            if let Some(base_url) = &place.base_url {
                access.base_url.clone_from(base_url);
            }
            if let Some(secret) = &place.partner_secret {
                let token = self.values.get(secret).await?;
                access.partner_token = token.map(|token| token.trim().to_owned());
            }
        }
        Ok(settings)
    }

    /// When work of an invocation that is killed at `deadline` (milliseconds since 1970) has to end, so that there is time
    /// to hand it back.
    pub fn last_moment(&self, deadline: u64) -> DateTime<Utc> {
        let deadline = i64::try_from(deadline).ok();
        let deadline = deadline.and_then(DateTime::from_timestamp_millis);
        let Some(deadline) = deadline else {
            return DateTime::<Utc>::MAX_UTC;
        };
        let whole = (deadline - self.clock.now()).to_std().unwrap_or_default();
        let margin = (whole / 10).clamp(Duration::from_millis(500), Duration::from_secs(15));
        deadline - margin
    }
}

/// What the first owner's set-up asks for: whoever may ask the function that migrates gets it, and nobody else can work
/// it out. It is the same in every process, and useless once there is an account.
pub fn setup_token(keys: &Keys) -> String {
    let mac = keys.csrf.current().mac(&[b"the first owner's set-up"]);
    BASE64URL_NOPAD.encode(&mac)
}
