//! A salon's business at a simulated vendor: copied, kept current by events, compared with the vendor row by row.

use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use chrono::TimeDelta;
use wynos::{
    SourceId, SubscriptionId,
    control::{Actor, LaneLimits, Run, RunState, Source, VendorName},
    services::Services,
    yclients::{
        client::{Access, VendorSettings},
        connect::{self, Add, Entry, SignIn},
        hooks,
        pull::{self, Ordered},
    },
};
use wynos_sandbox::{Comparison, Limits, OWNER_EMAIL, Options, PASSWORD, Sandbox};

use super::PATIENCE;
use crate::{args::Demo, output::Output};

/// Tables that a pull and its history bring. Documents come with what mentions them.
const READ: [&str; 16] = [
    "yclients_companies",
    "yclients_staff",
    "yclients_service_categories",
    "yclients_services",
    "yclients_clients",
    "yclients_labels",
    "yclients_goods_categories",
    "yclients_storages",
    "yclients_goods",
    "yclients_accounts",
    "yclients_records",
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_record_labels",
    "yclients_goods_transactions",
    "yclients_finance_transactions",
];
/// Tables that the vendor tells of as they change.
const TOLD: [&str; 2] = ["yclients_records", "yclients_record_services"];
/// Things that happen to the business while it is watched.
const EVENTS: u64 = 200;
/// The business is not older, and nobody books further ahead.
const BACK: TimeDelta = TimeDelta::days(75);
const AHEAD: TimeDelta = TimeDelta::days(30);
/// How often it is looked whether something is done.
const LOOK: Duration = Duration::from_millis(100);

/// More calls than anybody makes.
const UNLIMITED: LaneLimits = LaneLimits {
    per_minute: 60_000_000,
    per_second: 1_000_000,
    share: 100,
};

/// Starts the vendor, which keeps to the limits of the real one unless told otherwise; and the settings that reach it.
pub(super) async fn open(
    demo: &Demo,
    mut vendor: VendorSettings,
) -> anyhow::Result<(wynos_sandbox::Running, VendorSettings)> {
    let options = Options {
        seed: demo.seed,
        records: demo.records,
        limits: (!demo.unlimited).then(Limits::default),
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await?;
    if demo.unlimited {
        vendor.limits = UNLIMITED;
    }
    vendor.yclients = Access {
        base_url: sandbox.base_url.clone(),
        partner_token: Some("demonstration".to_owned()),
    };
    Ok((sandbox, vendor))
}

/// The salon's part of the demonstration.
pub(super) struct Salon<'a> {
    pub(super) services: &'a Services,
    pub(super) sandbox: &'a wynos_sandbox::Running,
    pub(super) subscription: &'a SubscriptionId,
    pub(super) output: Output,
    /// Whether the vendor's limits are kept to.
    pub(super) is_limited: bool,
}

impl Salon<'_> {
    /// Connects a company; its first pull begins by itself and is waited for.
    pub(super) async fn connect(&self) -> anyhow::Result<Source> {
        let by = Actor::CommandLine;
        let sign_in = SignIn {
            subscription: self.subscription.clone(),
            vendor: VendorName::Yclients,
            base_url: None,
            entry: Entry::Password {
                login: OWNER_EMAIL.to_owned(),
                password: PASSWORD.to_owned(),
            },
            by: by.clone(),
        };
        let (credential, companies) = connect::sign_in(self.services, &sign_in).await?;
        let Some(company) = companies.first() else {
            bail!("the account sees no company")
        };
        let add = Add {
            subscription: self.subscription.clone(),
            credential: credential.id,
            company: company.id,
            name: None,
            by,
        };
        let source = connect::add(self.services, &add).await?.source;
        self.say(format!(
            "signed in; {} companies are seen, {} is chosen. The password is forgotten, a token kept encrypted",
            companies.len(),
            company.title
        ));
        let first = self.run_of(&source.id).await?;
        self.say(format!(
            "{} rows: all lists, and what changed in the last two days",
            first.rows
        ));
        Ok(source)
    }

    /// Orders the past, and waits until all of it is there.
    pub(super) async fn history(&self, source: &Source) -> anyhow::Result<()> {
        let began = Instant::now();
        let today = self.services.clock.now().date_naive();
        let ordered = Ordered {
            from: today - BACK,
            to: today + AHEAD,
            tables: Vec::new(),
            actor: Actor::CommandLine,
        };
        let run = pull::order(self.services, &source.id, ordered).await?;
        let done = self.ended(&run).await?;
        self.say(format!(
            "{} windows, {} rows, in {:.1} s, {}",
            done.windows_done,
            done.rows,
            began.elapsed().as_secs_f64(),
            if self.is_limited {
                "within 90 % of the vendor's 200 calls a minute"
            } else {
                "as fast as the vendor answers"
            }
        ));
        let compared = self.compare(source, &READ).await?;
        let Comparison { rows, differences } = compared;
        ensure!(
            differences.is_empty(),
            "the copy differs: {:?}",
            differences.first()
        );
        self.say(format!(
            "compared with the vendor, row by row and column by column: {rows} rows in {} tables, no difference",
            READ.len()
        ));
        Ok(())
    }

    /// Registers the webhook, lets the business live, and waits until the copy has followed.
    pub(super) async fn follow(&self, source: &Source) -> anyhow::Result<()> {
        let by = Actor::CommandLine;
        let registration = hooks::register(self.services, &source.id, &by).await?;
        ensure!(registration.registered, "the webhook was not registered");
        self.say("the webhook is entered in the vendor's settings; those of others stay");
        let began = Instant::now();
        self.sandbox.step(EVENTS, 0);
        let deadline = Instant::now() + PATIENCE;
        let rows = loop {
            let Comparison { rows, differences } = self.compare(source, &TOLD).await?;
            match differences.first() {
                None => break rows,
                Some(first) if Instant::now() > deadline => {
                    bail!("the copy did not follow: {first}")
                }
                Some(_) => tokio::time::sleep(LOOK).await,
            }
        };
        self.say(format!(
            "{EVENTS} things happened at the vendor; {:.1} s later the copy's {rows} records and their lines are the vendor's",
            began.elapsed().as_secs_f64()
        ));
        Ok(())
    }

    async fn compare(&self, source: &Source, tables: &[&str]) -> anyhow::Result<Comparison> {
        let copy = self
            .services
            .warehouses
            .open(self.subscription)
            .snapshot()
            .await?;
        let compared = self
            .sandbox
            .compare(&copy, &source.id, source.company_id, tables);
        Ok(compared.await?)
    }

    /// The first run of a source, when it has ended.
    async fn run_of(&self, source: &SourceId) -> anyhow::Result<Run> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let runs = self.services.control.runs(self.subscription);
            let page = runs.list(Some(source), None, None, 1).await?;
            match page.items.into_iter().next() {
                Some(run) => return self.ended(&run).await,
                None if Instant::now() > deadline => bail!("the first pull did not begin"),
                None => tokio::time::sleep(LOOK).await,
            }
        }
    }

    async fn ended(&self, run: &Run) -> anyhow::Result<Run> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let run = self
                .services
                .control
                .runs(self.subscription)
                .get(&run.id)
                .await?;
            match run.state {
                RunState::Done => return Ok(run),
                RunState::Failed => bail!("the pull failed: {:?}", run.failure_code),
                _ if Instant::now() > deadline => {
                    bail!("the pull took longer than {} s", PATIENCE.as_secs())
                }
                _ => tokio::time::sleep(LOOK).await,
            }
        }
    }

    fn say(&self, line: impl AsRef<str>) {
        self.output.say(format!("   {}", line.as_ref()));
    }
}
