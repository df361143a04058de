//! A function's databases, files, mails and vendors, opened when an event needs them.
//!
//! Each is made where it is asked for and nowhere else, so that a function that asks for less is linked without the rest.

use std::sync::Arc;

use anyhow::Context;
use data_encoding::BASE64URL_NOPAD;
use sqlx::postgres::PgPoolOptions;
use wynos::{
    control::{Control, DatabaseTarget},
    services::{Dispatcher, Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::client::{Vendor, VendorSettings},
};

use crate::{Current, Function, KeyedQueue, S3Objects, SesMailer};

/// Where the shared tables are.
pub const CONTROL_SCHEMA: &str = "control";

/// A function that does jobs, with what they work with once an event needs it.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The function.
    pub function: Function,
    services: Current<Services>,
}

impl Worker {
    /// Nothing is opened yet.
    pub fn new(function: Function) -> Self {
        Self {
            function,
            services: Current::default(),
        }
    }

    /// What jobs work with, opened when it is asked for first, and anew when a secret has changed.
    pub async fn services(&self) -> anyhow::Result<Services> {
        let (function, open) = (&self.function, || self.function.open());
        let secrets = function.all_secrets();
        self.services.get(function, &secrets, open).await
    }
}

impl Function {
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

    /// Connects to the shared tables, wherever the secret says that they are.
    pub async fn control(&self) -> anyhow::Result<Control> {
        let target = DatabaseTarget::Postgres {
            url: self.config.database.url(&self.values).await?,
            schema: CONTROL_SCHEMA.to_owned(),
            max_connections: self.config.budget.control_connections,
        };
        Control::connect(&target)
            .await
            .context("the database cannot be reached")
    }

    /// What sends off what is due.
    pub async fn dispatcher(&self) -> anyhow::Result<Dispatcher> {
        let control = self.control().await?;
        let queue = KeyedQueue::new(self.queue.clone(), control.clone(), self.clock.clone());
        Ok(Dispatcher {
            clock: self.clock.clone(),
            control,
            queue: Arc::new(queue),
        })
    }

    /// The warehouses, in the same database; they are connected to when one is used.
    async fn warehouses(&self) -> anyhow::Result<Warehouses> {
        let url = self.config.database.url(&self.values).await?;
        let pool = PgPoolOptions::new()
            .max_connections(self.config.budget.warehouse_connections)
            .connect_lazy(&url)
            .context("the database's address cannot be read")?;
        Ok(Warehouses::postgres(pool))
    }

    /// Everything that jobs and handlers work with.
    pub async fn open(&self) -> anyhow::Result<Services> {
        let Dispatcher {
            clock,
            control,
            queue,
        } = self.dispatcher().await?;
        let config = &self.config;
        let budget = &config.budget;
        tokio::fs::create_dir_all(&budget.work_dir)
            .await
            .context("there is no temporary space")?;
        let mut settings = Settings::new(config.public_url.clone(), budget.work_dir.clone());
        settings.work_limit = budget.work_limit;
        settings.plans = config.plans;
        let mailer = SesMailer::new(
            &self.cloud,
            config.mail_from.clone(),
            config.mail_configuration_set.clone(),
            self.clock.clone(),
        );
        let vendor = Vendor::new(self.vendor().await?);
        Ok(Services {
            stop: wynos::stop::Stop::default(),
            vendor,
            clock,
            control,
            queue,
            warehouses: self.warehouses().await?,
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
        let mut settings = VendorSettings {
            share: self.config.vendor_share,
            ..VendorSettings::default()
        };
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
}

/// What the first owner's set-up asks for: whoever may ask the function that migrates gets it, and nobody else can work
/// it out. It is the same in every process, and useless once there is an account.
pub fn setup_token(keys: &Keys) -> String {
    let mac = keys.csrf.current().mac(&[b"the first owner's set-up"]);
    BASE64URL_NOPAD.encode(&mac)
}
