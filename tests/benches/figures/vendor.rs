//! The simulated vendor in a process of its own, whose memory and time are not ours, and what connects to it.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use wynos::{
    SourceId, SubscriptionId,
    catalog::Locale,
    control::{Actor, Control, DatabaseTarget, LaneLimits, NewSubscription, Plan, VendorName},
    embedded::{DirectoryObjects, KeyFile, MailFolder, SqliteQueue},
    ports::{Clock, KeyName, Secrets},
    services::{Keys, Services, Settings},
    yclients::{
        client::{Vendor, VendorSettings},
        connect::{self, Add, Entry, SignIn},
    },
};
use wynos_sandbox::{Limits, OWNER_EMAIL, Options, PASSWORD, Sandbox};

use crate::{
    place::Database,
    task::{Measured, Task},
};

/// A vendor to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VendorTask {
    /// Records over all companies.
    pub records: u64,
    pub companies: usize,
    /// Whether it refuses calls beyond its limits.
    pub limits: bool,
    /// The time that stands still there; the machine's where there is none.
    pub noon: Option<DateTime<Utc>>,
}

/// A vendor that runs.
pub struct Outside {
    process: Child,
    pub at: Address,
    limits: bool,
}

/// Where it is reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Address {
    pub base_url: String,
    pub control_url: String,
    pub companies: Vec<i64>,
}

impl VendorTask {
    /// One company whose clock stands at this time, with two thousand records and without limits.
    pub const fn of_day(noon: DateTime<Utc>) -> Self {
        Self {
            records: 2_000,
            companies: 1,
            limits: false,
            noon: Some(noon),
        }
    }

    /// Is the vendor until nobody listens any more.
    pub async fn run(&self) -> Result<Measured> {
        let options = Options {
            records: usize::try_from(self.records)?,
            companies: self.companies,
            limits: self.limits.then(Limits::default),
            clock: self.noon.map_or(Clock::System, Clock::fixed),
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await?;
        let at = Address {
            base_url: sandbox.base_url.clone(),
            control_url: sandbox.control_url.clone(),
            companies: sandbox.companies(),
        };
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&at)?)?;
        let ended = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)
        });
        ended.await??;
        Ok(Measured::new(std::time::Instant::now(), 0))
    }
}

impl Outside {
    pub fn start(task: &VendorTask) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--task")
            .arg(serde_json::to_string(&Task::Vendor(task.clone()))?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let out = process.stdout.as_mut().context("its output")?;
        BufReader::new(out).read_line(&mut line)?;
        Ok(Self {
            at: serde_json::from_str(&line).context("its address")?,
            process,
            limits: task.limits,
        })
    }

    /// The number of its first company.
    pub fn company(&self) -> Result<i64> {
        self.at.companies.first().copied().context("a company")
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Everything in a folder, with warehouses in this database and this vendor, whose allowance is without an end unless it
/// has limits.
pub async fn services(
    folder: &Path,
    vendor: &Outside,
    clock: Clock,
    database: &Database,
) -> Result<Services> {
    let file = folder.join("control.sqlite");
    let control = Control::connect(&DatabaseTarget::Sqlite { file }).await?;
    let mut settings = VendorSettings::default();
    if !vendor.limits {
        settings.limits = LaneLimits {
            per_minute: 60_000_000,
            per_second: 1_000_000,
            share: 100,
        };
    }
    services_of(folder, control, settings, &vendor.at, clock, database).await
}

/// The same with this control database and these settings of the vendor.
pub async fn services_of(
    folder: &Path,
    control: Control,
    mut vendor: VendorSettings,
    at: &Address,
    clock: Clock,
    database: &Database,
) -> Result<Services> {
    let secrets = KeyFile::open(&folder.join("key"))?;
    let public_url: url::Url = "http://bench.test/".parse()?;
    let url_keys = secrets.keys(KeyName::ObjectUrl).await?;
    let objects = folder.join("objects");
    let objects = DirectoryObjects::open(&objects, public_url.clone(), url_keys, clock.clone())?;
    let from = "Wynos <wynos@example.com>".parse()?;
    control.migrate().await?;
    vendor.yclients.base_url.clone_from(&at.base_url);
    vendor.yclients.partner_token = Some("partner".to_owned());
    Ok(Services {
        stop: wynos::stop::Stop::default(),
        queue: Arc::new(SqliteQueue::open(
            &folder.join("queue.sqlite"),
            clock.clone(),
        )?),
        objects: Arc::new(objects),
        mailer: Arc::new(MailFolder::open(
            &folder.join("outbox"),
            from,
            clock.clone(),
        )?),
        keys: Keys::load(&secrets).await?,
        settings: Arc::new(Settings::new(public_url, folder.join("work"))),
        vendor: Vendor::new(vendor),
        clock,
        control,
        warehouses: database.warehouses().await?,
    })
}

/// A business with this company of the vendor's.
pub async fn connected(services: &Services, company: i64) -> Result<SourceId> {
    let business = NewSubscription {
        name: "Bench".to_owned(),
        plan: Plan::Standard,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".to_owned(),
        country: "PL".to_owned(),
        currency: "PLN".to_owned(),
        placement: "default".to_owned(),
    };
    let mut tx = services.control.begin().await?;
    let subscription: SubscriptionId = tx
        .create_subscription(&business, services.clock.now())
        .await?
        .id;
    tx.commit().await?;
    let sign_in = SignIn {
        subscription: subscription.clone(),
        vendor: VendorName::Yclients,
        base_url: None,
        entry: Entry::Password {
            login: OWNER_EMAIL.to_owned(),
            password: PASSWORD.to_owned(),
        },
        by: Actor::CommandLine,
    };
    let (credential, _) = connect::sign_in(services, &sign_in).await?;
    let add = Add {
        subscription,
        credential: credential.id,
        company,
        name: Some("Salon".to_owned()),
        by: Actor::CommandLine,
    };
    Ok(connect::add(services, &add).await?.source.id)
}
