//! Comparing records that agree, beside reading and decoding the same pages: processor time, because the vendor that is
//! simulated takes its share of the clock's.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use wynos::{
    SourceId,
    control::{Actor, Purpose, RunId, RunState, Spender},
    ports::Clock,
    services::Services,
    yclients::{
        decode::{Body, Branch, Context as Beside},
        lists::{Care, List},
        pull, reconcile, streams,
    },
};

use crate::{
    customers::Customers,
    figure::{Figure, child},
    place::Database,
    plain::Plain,
    task::{Measured, Task, block_on},
    vendor::{Outside, VendorTask, connected, services},
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
                What::Prepare => self.prepare().await,
                What::Read => self.read().await,
                What::Compare => self.compare().await,
            }
        })
    }

    async fn prepare(&self) -> Result<Measured> {
        let outside = self.vendor()?;
        let services = self.services(&outside, noon()).await?;
        let source = connected(&services, outside.company()?).await?;
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
        let outside = self.vendor()?;
        let services = self.services(&outside, later()).await?;
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
        let outside = self.vendor()?;
        let services = self.services(&outside, later()).await?;
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

    fn vendor(&self) -> Result<Outside> {
        Outside::start(&VendorTask {
            records: self.records,
            ..VendorTask::of_day(noon())
        })
    }

    async fn services(&self, outside: &Outside, now: DateTime<Utc>) -> Result<Services> {
        let database = Database::Sqlite(self.folder.join("warehouses"));
        services(&self.folder, outside, Clock::fixed(now), &database).await
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
