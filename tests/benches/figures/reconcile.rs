//! Comparing records that agree, beside reading and decoding the same pages: processor time, because the vendor that is
//! simulated takes its share of the clock's.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use wynos::{
    SourceId, SubscriptionId,
    catalog::Locale,
    control::{
        Actor, Control, DatabaseTarget, LaneLimits, NewSubscription, Plan, Purpose, RunId,
        RunState, Spender, VendorName,
    },
    embedded::{DirectoryObjects, KeyFile, MailFolder, SqliteQueue},
    ports::{Clock, KeyName, Secrets},
    services::{Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::{
        client::{Vendor, VendorSettings},
        connect::{self, Add, Entry, SignIn},
        decode::{Body, Branch, Context as Beside},
        lists::{Care, List},
        pull, reconcile, streams,
    },
};
use wynos_sandbox::{OWNER_EMAIL, Options, PASSWORD, Sandbox};

use crate::{
    customers::Customers,
    figure::{Figure, child},
    plain::Plain,
    task::{Measured, Task, block_on},
};

/// What is compared.
const TABLE: &str = "yclients_records";
/// Days that the simulated business looks back on, and a few more.
const PAST: i64 = 1_200;
/// Days asked for at once, as a comparison does.
const DAYS_AT_ONCE: u64 = 7;

/// One of the things that are done with a source of so many records.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReconcileTask {
    pub folder: PathBuf,
    pub records: u64,
    pub what: What,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// Is the vendor, until nobody listens any more.
    Vendor,
    /// Loads the source.
    Prepare,
    /// Reads and decodes its records.
    Read,
    /// Compares them.
    Compare,
}

pub fn figures() -> Vec<Figure> {
    vec![Figure {
        name: "reconcile-sqlite",
        what: "Reconciling records that agree / reading and decoding them (processor time)",
        rows: 100_000,
        promised: Some(1.5),
        sides,
        stages: None,
    }]
}

fn sides(customers: &mut Customers, records: u64) -> Result<(Task, Vec<Plain>)> {
    let folder = customers.file(&format!("reconcile-{records}"));
    let task = |what| {
        Task::Reconcile(ReconcileTask {
            folder: folder.clone(),
            records,
            what,
        })
    };
    if !folder.join("source").exists() {
        fs::create_dir_all(&folder)?;
        child(&task(What::Prepare))?;
    }
    let plain = Plain::Task(task(What::Read));
    Ok((task(What::Compare), vec![plain]))
}

impl ReconcileTask {
    pub fn run(&self) -> Result<Measured> {
        block_on(async {
            match self.what {
                What::Vendor => self.vendor().await,
                What::Prepare => self.prepare().await,
                What::Read => self.read().await,
                What::Compare => self.compare().await,
            }
        })
    }

    async fn vendor(&self) -> Result<Measured> {
        let options = Options {
            records: usize::try_from(self.records)?,
            companies: 1,
            clock: Clock::fixed(noon()),
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await?;
        {
            use std::io::Write;
            let company = sandbox.companies().first().copied().context("a company")?;
            writeln!(std::io::stdout(), "{} {company}", sandbox.base_url)?;
        }
        let ended = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)
        });
        ended.await??;
        Ok(Measured::new(std::time::Instant::now(), 0))
    }

    async fn prepare(&self) -> Result<Measured> {
        let outside = Outside::start(self)?;
        let services = services(&self.folder, &outside.base_url, noon()).await?;
        let source = connected(&services, outside.company).await?;
        let ordered = pull::Ordered {
            from: first_day(),
            to: noon().date_naive() + TimeDelta::days(60),
            tables: vec![TABLE.to_owned()],
            actor: Actor::CommandLine,
        };
        let options = pull::Options {
            deadline: None,
            tables: vec!["yclients_services".to_owned()],
            run: None,
            actor: Actor::CommandLine,
            watch: None,
        };
        pull::run(&services, &source, options).await?;
        let run = pull::order(&services, &source, ordered).await?;
        let done = pull::history(&services, &source, &run.id, None, None).await?;
        ensure!(done.state == RunState::Done, "{done:?}");
        fs::write(self.folder.join("source"), source.as_str())?;
        Ok(Measured::new(std::time::Instant::now(), 0))
    }

    async fn read(&self) -> Result<Measured> {
        let outside = Outside::start(self)?;
        let services = services(&self.folder, &outside.base_url, later()).await?;
        let id = self.source()?;
        let source = services.control.source(&id).await?;
        let credentials = services.control.credentials(id.subscription());
        let credential = credentials.get(&source.credential_id).await?;
        let token = credential.token(&services.keys.fields)?;
        let spender = Spender {
            subscription: id.subscription().clone(),
            source: Some(id.clone()),
            purpose: Purpose::Reconciliation,
        };
        let (control, clock) = (&services.control, &services.clock);
        let caller =
            services
                .vendor
                .caller(control, clock, spender, source.vendor, None, Some(&token))?;
        let branch = Branch {
            source_id: id,
            company_id: source.company_id,
            time_zone: source.time_zone.parse()?,
        };
        let stream = streams::stream(TABLE).context("the stream")?;
        let begun = processor_seconds()?;
        let mut rows = 0;
        let mut from = first_day();
        while from <= last_day() {
            let to = last_day().min(from + Days::new(DAYS_AT_ONCE - 1));
            let days = Some((from, to));
            let mut list = List::new(&caller, branch.company_id, stream, days, Care::Moved);
            while let Some(answer) = list.next().await? {
                let context = Beside {
                    branch: &branch,
                    observed_at: answer.observed_at,
                    categories: None,
                };
                let decoded = stream.decode(&context, &answer.records, Body::Full);
                rows += decoded.first().map_or(0, |part| part.rows.len());
            }
            from = to + Days::new(1);
        }
        self.measured(begun, rows)
    }

    async fn compare(&self) -> Result<Measured> {
        let outside = Outside::start(self)?;
        let services = services(&self.folder, &outside.base_url, later()).await?;
        let id = self.source()?;
        let ordered = reconcile::Ordered {
            from: first_day(),
            to: last_day(),
            tables: vec![TABLE.to_owned()],
            actor: Actor::CommandLine,
        };
        let begun = processor_seconds()?;
        let run = reconcile::begin(&services, &id, ordered, RunId::random()).await?;
        let done = reconcile::proceed(&services, &id, &run.id, None, None).await?;
        ensure!(done.state == RunState::Done, "{done:?}");
        let summary = &done.summary;
        let found = summary.missing + summary.extra + summary.differing;
        ensure!(found == 0, "{summary:?}");
        let rows = summary.tables.get(TABLE).map_or(0, |table| table.rows_held);
        self.measured(begun, usize::try_from(rows)?)
    }

    fn source(&self) -> Result<SourceId> {
        Ok(fs::read_to_string(self.folder.join("source"))?.parse()?)
    }

    fn measured(&self, begun: f64, rows: usize) -> Result<Measured> {
        let seconds = processor_seconds()? - begun;
        let few = usize::try_from(self.records)? / 2;
        ensure!(rows > few, "only {rows} records were there");
        let mut measured = Measured::new(std::time::Instant::now(), 0);
        measured.seconds = seconds;
        Ok(measured)
    }
}

/// The vendor in a process of its own, whose memory and time are not ours.
struct Outside {
    process: Child,
    base_url: String,
    company: i64,
}

impl Outside {
    fn start(task: &ReconcileTask) -> Result<Self> {
        let vendor = Task::Reconcile(ReconcileTask {
            what: What::Vendor,
            ..task.clone()
        });
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--task")
            .arg(serde_json::to_string(&vendor)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let out = process.stdout.as_mut().context("its output")?;
        BufReader::new(out).read_line(&mut line)?;
        let (base_url, company) = line.trim().split_once(' ').context("its address")?;
        Ok(Self {
            base_url: base_url.to_owned(),
            company: company.parse()?,
            process,
        })
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_778_414_400, 0).unwrap_or_default()
}

fn later() -> DateTime<Utc> {
    noon() + TimeDelta::minutes(10)
}

fn first_day() -> NaiveDate {
    noon().date_naive() - TimeDelta::days(PAST)
}

fn last_day() -> NaiveDate {
    noon().date_naive() + TimeDelta::days(60)
}

/// Seconds that this process has worked, in itself and in the system.
fn processor_seconds() -> Result<f64> {
    /// Ticks a second, which Linux has told programs for as long as there is this file.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("the name")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: Result<Vec<f64>, _> = ticks.map(str::parse).collect();
    Ok(ticks?.iter().sum::<f64>() / TICKS)
}

async fn services(folder: &Path, base_url: &str, now: DateTime<Utc>) -> Result<Services> {
    let secrets = KeyFile::open(&folder.join("key"))?;
    let clock = Clock::fixed(now);
    let public_url: url::Url = "http://bench.test/".parse()?;
    let url_keys = secrets.keys(KeyName::ObjectUrl).await?;
    let objects = folder.join("objects");
    let objects = DirectoryObjects::open(&objects, public_url.clone(), url_keys, clock.clone())?;
    let from = "Wynos <wynos@example.com>".parse()?;
    let file = folder.join("control.sqlite");
    let control = Control::connect(&DatabaseTarget::Sqlite { file }).await?;
    control.migrate().await?;
    let mut settings = VendorSettings::default();
    settings.yclients.base_url = base_url.to_owned();
    settings.yclients.partner_token = Some("partner".to_owned());
    settings.limits = LaneLimits {
        per_minute: 60_000_000,
        per_second: 1_000_000,
        share: 100,
    };
    Ok(Services {
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
        vendor: Vendor::new(settings),
        clock,
        control,
        warehouses: Warehouses::sqlite(folder.join("warehouses")),
    })
}

/// A business with the sandbox's company.
async fn connected(services: &Services, company: i64) -> Result<SourceId> {
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
    Ok(connect::add(services, &add).await?.id)
}
