use std::{fs, path::PathBuf, sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use wynos::{
    catalog::Locale,
    control::{Actor, Control, DatabaseTarget, ImportFormat, ImportStatus, NewSubscription, Plan},
    embedded::{DirectoryObjects, KeyFile, MailFolder, SqliteQueue},
    import::{self, ConflictPolicy, FileSource, ImportOrder},
    ports::{Clock, KeyName, Secrets},
    services::{Keys, Services, Settings},
    yclients::client::{Vendor, VendorSettings},
};

use crate::{
    customers::remove_folder,
    place::Database,
    task::{Measured, block_on},
};

/// A file imported into a new subscription as the command line does it: validated, then applied.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportTask {
    pub file: PathBuf,
    /// Where everything but a PostgreSQL warehouse lies.
    pub folder: PathBuf,
    pub database: Database,
}

impl ImportTask {
    pub fn run(&self) -> Result<Measured> {
        remove_folder(&self.folder)?;
        fs::create_dir_all(self.folder.join("work"))?;
        block_on(async {
            let services = self.services().await?;
            let subscription = subscription(&services).await?;
            let order = ImportOrder {
                created_by: Actor::CommandLine,
                file_name: "customers.xml".to_owned(),
                format: ImportFormat::Exchange,
                table: None,
                mapping: None,
                merge: false,
                conflict: ConflictPolicy::KeepOurs,
                file: FileSource::Disk(self.file.clone()),
                idempotency_key: None,
            };
            let bytes = self.file.metadata()?.len();
            let begun = Instant::now();
            let (import, _) = import::begin(&services, &subscription, order).await?;
            import::noted(&services, &subscription, &import.id, None).await?;
            let validated = import::validate(&services, &subscription, &import.id).await?;
            ensure!(
                validated.status == ImportStatus::Previewed,
                "{:?}",
                validated.failure_code
            );
            let validating = begun.elapsed().as_secs_f64();
            let applied = import::apply(&services, &subscription, &import.id).await?;
            ensure!(
                applied.status == ImportStatus::Applied,
                "{:?}",
                applied.failure_code
            );
            let mut measured = Measured::new(begun, bytes);
            measured.stages = vec![
                ("validating".to_owned(), validating),
                ("applying".to_owned(), measured.seconds - validating),
            ];
            Ok(measured)
        })
    }

    async fn services(&self) -> Result<Services> {
        let clock = Clock::System;
        let file = self.folder.join("control.sqlite");
        let control = Control::connect(&DatabaseTarget::Sqlite { file }).await?;
        control.migrate().await?;
        let secrets = KeyFile::open(&self.folder.join("key"))?;
        let url: url::Url = "https://wynos.example/".parse()?;
        let keys = secrets.keys(KeyName::ObjectUrl).await?;
        let objects = self.folder.join("objects");
        let from = "Wynos <wynos@wynos.example>".parse()?;
        Ok(Services {
            stop: wynos::stop::Stop::default(),
            vendor: Vendor::new(VendorSettings::default()),
            control,
            warehouses: self.database.warehouses().await?,
            queue: Arc::new(SqliteQueue::open(
                &self.folder.join("queue.sqlite"),
                clock.clone(),
            )?),
            objects: Arc::new(DirectoryObjects::open(
                &objects,
                url.clone(),
                keys,
                clock.clone(),
            )?),
            mailer: Arc::new(MailFolder::open(
                &self.folder.join("outbox"),
                from,
                clock.clone(),
            )?),
            keys: Keys::load(&secrets).await?,
            settings: Arc::new(Settings::new(url, self.folder.join("work"))),
            clock,
        })
    }
}

async fn subscription(services: &Services) -> Result<wynos::SubscriptionId> {
    let new = NewSubscription {
        name: "Bench".to_owned(),
        plan: Plan::Standard,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".to_owned(),
        country: "PL".to_owned(),
        currency: "PLN".to_owned(),
        placement: "default".to_owned(),
    };
    let mut tx = services.control.begin().await?;
    let subscription = tx.create_subscription(&new, services.clock.now()).await?;
    tx.commit().await?;
    Ok(subscription.id)
}
