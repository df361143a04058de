//! The embedded defaults put together: files for everything, or PostgreSQL for the databases where one is given.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use axum::Router;
use sqlx::postgres::PgPoolOptions;
use url::Url;
use wynos::{
    control::{Control, ControlError, DatabaseTarget},
    embedded::{DirectoryObjects, KeyFile, MailFolder, MailSender, SmtpMailer, SqliteQueue},
    plans::Plans,
    ports::{Clock, KeyName, Mailer, Objects, Secrets, random_text},
    services::{Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::client::{Vendor, VendorSettings},
};
use wynos_console::{Options, SetupToken};
use wynos_webhook::Receiver;

use crate::{
    args::{Mail, Place},
    data_dir::DataDir,
    failure::Failure,
};

/// The data directory where none is named.
const DATA_DIR: &str = "wynos-data";
/// Connections to the shared tables of a PostgreSQL database.
const CONTROL_CONNECTIONS: u32 = 8;
/// Connections to the warehouses of a PostgreSQL database.
const WAREHOUSE_CONNECTIONS: u32 = 8;
/// What links begin with where nobody says: the address that a server listens on by itself.
const NO_FRONT: &str = "http://127.0.0.1:8787";

/// Everything, opened, and the folder it is held in.
pub(crate) struct Opened {
    /// What jobs and handlers work with.
    pub(crate) services: Services,
    objects: DirectoryObjects,
    /// Where objects are when they are not in the folder.
    objects_origin: Option<Url>,
    setup_token: String,
    directory: RefCell<DataDir>,
}

/// Opens everything for a command.
pub(crate) async fn open(place: &Place) -> anyhow::Result<Opened> {
    let public_url = match &place.public_url {
        Some(url) => url.clone(),
        None => Url::parse(NO_FRONT).context("the default address is not one")?,
    };
    open_for(place, place.vendor.settings(), public_url).await
}

/// Opens everything for a server whose links begin with `public_url`, and which reaches vendors by these settings.
pub(crate) async fn open_for(
    place: &Place,
    vendor: VendorSettings,
    public_url: Url,
) -> anyhow::Result<Opened> {
    let plans = plans()?;
    let root = place
        .data_dir
        .clone()
        .unwrap_or_else(|| PathBuf::from(DATA_DIR));
    let directory = DataDir::open(&root)?;
    let clock = Clock::System;
    let secrets = KeyFile::open(&directory.key())
        .with_context(|| format!("in {}", directory.key().display()))?;
    let objects = DirectoryObjects::open(
        &directory.objects(),
        public_url.clone(),
        secrets.keys(KeyName::ObjectUrl).await?,
        clock.clone(),
    )?;
    let mut settings = Settings::new(public_url.clone(), directory.work());
    settings.plans = plans;
    let (control, warehouses) = databases(place, &directory).await?;
    control.migrate().await.map_err(unreachable_database)?;
    let queue = SqliteQueue::open(&directory.queue(), clock.clone())
        .with_context(|| cannot_be_opened("queue", &directory.queue()))?;
    // Whoever had messages in hand was killed: nobody else holds the folder now.
    queue.hand_back().await?;
    #[cfg_attr(
        not(feature = "aws"),
        expect(unused_mut, reason = "AWS takes places of it")
    )]
    let mut services = Services {
        stop: wynos::stop::Stop::default(),
        queue: Arc::new(queue),
        objects: Arc::new(objects.clone()) as Arc<dyn Objects>,
        mailer: mailer(&place.mail, &directory, clock.clone())?,
        keys: Keys::load(&secrets).await?,
        vendor: Vendor::new(vendor),
        settings: Arc::new(settings),
        clock,
        control,
        warehouses,
    };
    #[cfg(feature = "aws")]
    let objects_origin = place.cloud.instead(&place.mail, &mut services).await?;
    #[cfg(not(feature = "aws"))]
    let objects_origin = None;
    Ok(Opened {
        services,
        objects,
        objects_origin,
        setup_token: random_text::<26>(),
        directory: RefCell::new(directory),
    })
}

/// The plans, with the numbers that the environment gives.
#[expect(
    clippy::disallowed_methods,
    reason = "the numbers of plans are of the installation, and no options of a command"
)]
fn plans() -> anyhow::Result<Plans> {
    let plans = Plans::read(|name| std::env::var(name).ok());
    Ok(plans.map_err(|error| Failure::usage(error.to_string()))?)
}

async fn databases(place: &Place, directory: &DataDir) -> anyhow::Result<(Control, Warehouses)> {
    let Some(url) = &place.database_url else {
        let file = directory.control();
        let target = DatabaseTarget::Sqlite { file: file.clone() };
        let control = Control::connect(&target)
            .await
            .with_context(|| cannot_be_opened("database", &file))?;
        return Ok((control, Warehouses::sqlite(directory.warehouses())));
    };
    let target = DatabaseTarget::Postgres {
        url: url.clone(),
        schema: "control".to_owned(),
        max_connections: CONTROL_CONNECTIONS,
    };
    let control = Control::connect(&target)
        .await
        .map_err(unreachable_database)?;
    let pool = PgPoolOptions::new()
        .max_connections(WAREHOUSE_CONNECTIONS)
        .connect_lazy(url)
        .map_err(|_| {
            Failure::usage(
                "the database URL is not of the form postgres://user:password@host/database",
            )
        })?;
    Ok((control, Warehouses::postgres(pool)))
}

fn cannot_be_opened(what: &str, file: &Path) -> String {
    format!(
        "the {what} {} cannot be opened; see whether its disk is full or may not be written",
        file.display()
    )
}

fn unreachable_database(error: ControlError) -> anyhow::Error {
    match error {
        ControlError::Database { source, .. } => Failure::new(
            "database_unavailable",
            format!("the database cannot be reached: {source}; nothing was changed. Try again when it answers"),
        )
        .into(),
        other => other.into(),
    }
}

fn mailer(mail: &Mail, directory: &DataDir, clock: Clock) -> anyhow::Result<Arc<dyn Mailer>> {
    let from: MailSender = mail.mail_from.parse().map_err(|_| {
        Failure::usage("the sender of mails is not of the form: Name <name@example.com>")
    })?;
    Ok(match &mail.smtp_url {
        Some(url) => Arc::new(SmtpMailer::new(url, from, clock).map_err(|_| {
            Failure::usage(
                "the mail server's URL is not of the form smtps://user:password@host:port",
            )
        })?),
        None => Arc::new(MailFolder::open(&directory.outbox(), from, clock)?),
    })
}

impl Opened {
    /// Tells others who want the data directory who holds it.
    pub(crate) fn describe(&self, holder: &str) -> anyhow::Result<()> {
        self.directory.borrow_mut().describe(holder)
    }

    /// The folder that mails are written into, where no mail server is given.
    pub(crate) fn outbox(&self) -> PathBuf {
        self.directory.borrow().outbox()
    }

    /// What the first set-up asks for, so that nobody but who started the server can do it.
    pub(crate) fn setup_token(&self) -> &str {
        &self.setup_token
    }

    /// The console, the API, the download page and the webhooks.
    pub(crate) fn router(&self) -> Router {
        let options = Options {
            setup_token: Some(SetupToken::new(&self.setup_token)),
            embedded_objects: self
                .objects_origin
                .is_none()
                .then(|| Arc::new(self.objects.clone())),
            objects_origin: self.objects_origin.clone(),
        };
        let receiver = Receiver::new(
            self.services.queue.clone(),
            self.services.keys.webhook.clone(),
            self.services.clock.clone(),
        );
        wynos_console::router(self.services.clone(), options).merge(wynos_webhook::router(receiver))
    }

    /// Closes the connections to the databases.
    pub(crate) async fn close(self) {
        self.services.control.close().await;
    }
}
