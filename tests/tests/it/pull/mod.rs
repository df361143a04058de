//! Sources read from a simulated vendor: after pulls, history and faults the warehouse is what the vendor has.

mod broken_off;
mod categories;
mod closed;
mod copy;
mod erased;
mod hinted;
mod left_out;
mod limits;
mod moved;
mod removed;
mod selection;
mod short;
mod swept;
pub(crate) mod truth;
mod turns;
mod used;
mod webhook;

use std::{str::FromStr, sync::Arc};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use wynos::{
    SourceId, SubscriptionId,
    control::{Actor, LaneLimits, RunState, VendorName},
    services::Services,
    warehouse::{Filter, Scan, Value},
    yclients::{
        client::{Patience, Vendor, VendorSettings},
        connect::{self, Add, Entry, SignIn},
        pull::{self, Finished, Options, Ordered, PullError},
    },
};
use wynos_sandbox::{FaultSpec, OWNER_EMAIL, PASSWORD, Running, Sandbox};
use wynos_tests::stack::{Database, Stack, Template};

/// A stack with one source of a sandbox's company.
pub(crate) struct Bed {
    pub(crate) stack: Stack,
    pub(crate) sandbox: Running,
    pub(crate) source: SourceId,
    pub(crate) company: i64,
}

/// Runs a test on both databases.
macro_rules! on_both {
    ($(async fn $name:ident($bed:ident: Bed, $options:expr) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                async fn run($bed: Bed) $body

                #[tokio::test]
                async fn sqlite() {
                    run(Bed::new(wynos_tests::stack::Database::Sqlite, $options).await).await;
                }

                #[tokio::test]
                async fn postgres() {
                    run(Bed::new(wynos_tests::stack::Database::Postgres, $options).await).await;
                }
            }
        )+
    };
}
pub(crate) use on_both;

pub(crate) fn small(records: usize, faults: &str) -> wynos_sandbox::Options {
    wynos_sandbox::Options {
        records,
        companies: 1,
        faults: FaultSpec::from_str(faults).unwrap(),
        ..wynos_sandbox::Options::default()
    }
}

impl Bed {
    pub(crate) async fn new(database: Database, options: wynos_sandbox::Options) -> Self {
        let template = Template::new(database).await.unwrap();
        template.seal().await;
        let stack = template.copy().await.unwrap();
        Self::on(stack, options).await
    }

    pub(crate) async fn on(stack: Stack, mut options: wynos_sandbox::Options) -> Self {
        options.clock = stack.clock.clone();
        let faults = std::mem::take(&mut options.faults);
        let sandbox = Sandbox::start(options).await.unwrap();
        let company = sandbox.companies()[0];
        let services = with_vendor(stack.services(), &sandbox);
        let source = connect(&services, &stack.shop, company).await;
        let bed = Self {
            stack,
            sandbox,
            source,
            company,
        };
        bed.faults(&faults.to_string()).await;
        bed
    }

    pub(crate) fn services(&self) -> Services {
        with_vendor(self.stack.services(), &self.sandbox)
    }

    /// What goes wrong at the vendor from now on.
    pub(crate) async fn faults(&self, spec: &str) {
        self.set_faults(&serde_json::json!({ "spec": spec })).await;
    }

    /// What goes wrong with the next requests of these paths.
    pub(crate) async fn next_faults(&self, next: &serde_json::Value) {
        self.set_faults(&serde_json::json!({ "next": next })).await;
    }

    async fn set_faults(&self, faults: &serde_json::Value) {
        let url = format!("{}/sandbox/faults", self.sandbox.control_url);
        let sent = reqwest::Client::new().post(url).json(faults).send();
        assert!(sent.await.unwrap().status().is_success());
    }

    /// Lets so many things happen at the vendor, and time pass with them.
    pub(crate) fn live(&self, events: u64, time: TimeDelta) {
        self.stack.clock.advance(time);
        self.sandbox.step(events, 0);
        self.stack.clock.advance(TimeDelta::seconds(1));
    }

    pub(crate) async fn pull(&self) -> Result<Finished, PullError> {
        pull::run(&self.services(), &self.source, options()).await
    }

    /// Pulls until it ends, whatever the vendor refuses meanwhile.
    pub(crate) async fn pull_through(&self) -> Finished {
        for _ in 0..60 {
            match self.pull().await {
                Ok(finished) if finished.state == RunState::Done => return finished,
                Ok(_) => self.stack.clock.advance(TimeDelta::minutes(16)),
                Err(error) => panic!("{error:?}"),
            }
        }
        panic!("no end of failures");
    }

    /// Loads everything there is of the past.
    pub(crate) async fn history(&self) -> Finished {
        let today = self.stack.clock.now().date_naive();
        let ordered = Ordered {
            from: today - TimeDelta::days(800),
            to: today.with_day(28).unwrap_or(today),
            tables: Vec::new(),
            actor: Actor::System,
        };
        let services = self.services();
        let run = pull::order(&services, &self.source, ordered).await.unwrap();
        loop {
            let done = pull::history(&services, &self.source, &run.id, None, None)
                .await
                .unwrap();
            if done.state != RunState::Running {
                return done;
            }
            self.stack.clock.advance(TimeDelta::minutes(6));
        }
    }

    pub(crate) async fn rows(&self, table: &str, columns: &[&str]) -> Vec<Vec<Value>> {
        use futures::TryStreamExt;
        let table = wynos::catalog::table(table).unwrap();
        let services = self.services();
        let snapshot = services
            .warehouses
            .open(&self.stack.shop)
            .snapshot()
            .await
            .unwrap();
        let scan = Scan::of(table)
            .columns(columns.iter().copied())
            .filter(Filter::equal("_source_id", self.source.as_str()));
        let batches: Vec<_> = snapshot
            .scan(scan)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        batches
            .iter()
            .flat_map(|rows| rows.iter())
            .map(|row| row.values().map(|value| value.to_owned()).collect())
            .collect()
    }

    pub(crate) async fn end(self) {
        self.sandbox.stop().await;
        self.stack.end().await.unwrap();
    }
}

pub(crate) fn options() -> Options {
    Options {
        deadline: None,
        tables: Vec::new(),
        run: None,
        actor: Actor::System,
        watch: None,
    }
}

/// The services with the sandbox as the vendor, and an allowance that does not hold tests up.
pub(crate) fn with_vendor(mut services: Services, sandbox: &Running) -> Services {
    services.vendor = vendor_at(&sandbox.base_url, hasty());
    services
}

/// A vendor at that address, with an allowance that does not hold tests up.
pub(crate) fn vendor_at(base_url: &str, patience: Patience) -> Vendor {
    let mut settings = VendorSettings::default();
    settings.yclients.base_url = base_url.to_owned();
    settings.yclients.partner_token = Some(PARTNER.to_owned());
    settings.limits = LaneLimits {
        per_minute: 60_000_000,
        per_second: 1_000_000,
        share: 100,
    };
    settings.patience = patience;
    Vendor::new(settings)
}

/// As many attempts as usual, without the waits between them.
pub(crate) fn hasty() -> Patience {
    Patience {
        first_wait: std::time::Duration::from_millis(1),
        longest_wait: std::time::Duration::from_millis(10),
        ..Patience::default()
    }
}

/// The partner whose token opens the sandbox.
pub(crate) const PARTNER: &str = "partner";

/// Signs in at the vendor and connects a company to the subscription.
pub(crate) async fn connect(
    services: &Services,
    subscription: &SubscriptionId,
    company: i64,
) -> SourceId {
    let by = Actor::System;
    let sign_in = SignIn {
        subscription: subscription.clone(),
        vendor: VendorName::Yclients,
        base_url: None,
        entry: Entry::Password {
            login: OWNER_EMAIL.to_owned(),
            password: PASSWORD.to_owned(),
        },
        by: by.clone(),
    };
    let (credential, _) = connect::sign_in(services, &sign_in).await.unwrap();
    let add = Add {
        subscription: subscription.clone(),
        credential: credential.id,
        company,
        name: Some("Salon".to_owned()),
        by,
    };
    connect::add(services, &add).await.unwrap().source.id
}

/// The same services with other plans.
fn with_plans(mut services: Services, change: impl FnOnce(&mut wynos::plans::Plans)) -> Services {
    let mut settings = services.settings.as_ref().clone();
    change(&mut settings.plans);
    services.settings = Arc::new(settings);
    services
}

pub(crate) fn instant(value: &Value) -> DateTime<Utc> {
    match value {
        Value::Timestamp(at) => *at,
        other => panic!("{other:?}"),
    }
}
