//! A company at the simulated vendor, copied and followed by what is deployed, whatever happens to it meanwhile.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use sqlx::{Connection, PgConnection, postgres::PgPoolOptions};
use wynos::{
    SourceId,
    control::Actor,
    services::Services,
    warehouse::Warehouses,
    yclients::{
        hooks,
        pull::{self, Ordered},
    },
};
use wynos_runtime::{Config, Function};
use wynos_sandbox::{OWNER_EMAIL, Options, PASSWORD, Running, Sandbox};
use wynos_tests::lambda_host::{Invoked, Stack};

use super::site::Site;

/// Tables that a pull brings whole.
const LISTS: [&str; 6] = [
    "yclients_companies",
    "yclients_staff",
    "yclients_services",
    "yclients_clients",
    "yclients_labels",
    "yclients_goods",
];

/// Tables that the vendor tells of as they change.
const TOLD: [&str; 2] = ["yclients_records", "yclients_record_services"];

/// The business is not older, and nobody books further ahead.
const BACK: TimeDelta = TimeDelta::days(75);
const AHEAD: TimeDelta = TimeDelta::days(30);

/// Calls to the vendor after which a pull is in its middle.
const MIDDLE: u64 = 8;

/// How long the database is away.
const AWAY: Duration = Duration::from_secs(3);

struct Salon {
    site: Site,
    sandbox: Running,
    services: Services,
    copies: Warehouses,
    source: SourceId,
    company: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_copied_and_followed_whatever_is_killed_away_or_told_three_times() {
    let salon = Salon::connected().await;
    salon.first_pull_is_killed_and_ends_all_the_same().await;
    salon.history_comes_by_messages().await;
    salon.webhooks_reach_the_warehouse().await;
    salon.events_wait_while_the_database_is_away().await;
    Box::pin(salon.the_same_three_times_changes_nothing()).await;
    salon.a_schedule_leads_to_a_pull().await;
    salon.the_night_sweeps_what_is_kept_no_longer().await;
    let site = &salon.site;
    for queue in [
        "PullDeadLetters",
        "IngestDeadLetters",
        "RelayDeadLetters",
        "RetentionDeadLetters",
    ] {
        assert_eq!(site.waiting(queue).await, 0, "{queue}");
    }
    salon.sandbox.stop().await;
}

impl Salon {
    async fn connected() -> Self {
        let options = Options {
            records: 40,
            companies: 1,
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        let company = sandbox.companies()[0];
        let parameters = [("MaxReceives", "20"), ("RetrySeconds", "1")];
        let stack = Stack::new("vendor", &parameters).await.unwrap();
        let told = stack.tell_secret("YclientsPartnerSecret", "partner");
        told.await.unwrap();
        let variables = [("WYNOS_YCLIENTS_BASE_URL", sandbox.base_url.as_str())];
        let site = Site::on(stack, &variables).await;
        let services = services(&site).await;
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .connect_lazy(site.host.stack.database.as_str())
            .unwrap();
        let order = json!({ "login": OWNER_EMAIL, "password": PASSWORD, "company": company });
        let source = site.post("sources", order).await;
        Self {
            source: source["id"].as_str().unwrap().parse().unwrap(),
            copies: Warehouses::postgres(pool),
            site,
            sandbox,
            services,
            company,
        }
    }

    async fn first_pull_is_killed_and_ends_all_the_same(&self) {
        self.site
            .until("the vendor asked", async |_| self.calls().await >= MIDDLE)
            .await;
        self.site.kill_at_work("PullFunction").await;
        self.site
            .until("a death", async |site| site.host.functions.deaths() > 0)
            .await;
        // As when the queue's time-out has passed, which the host does not wait for: the dead one's hold is over.
        self.sql("UPDATE control.sources SET lease_until = now() - interval '1 minute'")
            .await;
        let body = json!({ "source": self.source });
        let again = self.site.message("pull.run", body);
        self.site.send("PullQueue", &again).await;
        self.equals(&LISTS).await;
    }

    async fn history_comes_by_messages(&self) {
        let today = self.services.clock.now().date_naive();
        let ordered = Ordered {
            from: today - BACK,
            to: today + AHEAD,
            tables: vec!["yclients_records".to_owned()],
            actor: Actor::System,
        };
        pull::order(&self.services, &self.source, ordered)
            .await
            .unwrap();
        self.equals(&TOLD).await;
    }

    async fn webhooks_reach_the_warehouse(&self) {
        let by = Actor::System;
        let registered = hooks::register(&self.services, &self.source, &by).await;
        let registered = registered.unwrap();
        let url = &self.site.host.url;
        assert!(registered.registered);
        assert!(registered.address.as_str().starts_with(url.as_str()));
        self.sandbox.step(60, 0);
        self.equals(&TOLD).await;
    }

    async fn events_wait_while_the_database_is_away(&self) {
        let road = &self.site.host.stack.roads.database;
        road.refuse();
        road.cut();
        self.sandbox.step(60, 0);
        tokio::time::sleep(AWAY).await;
        assert!(!self.differences(&TOLD).await.is_empty());
        road.calm();
        self.equals(&TOLD).await;
    }

    async fn the_same_three_times_changes_nothing(&self) {
        let told = self.ask("webhooks?limit=1000").await;
        let events = told["webhooks"].as_array().unwrap();
        let event = events.last().unwrap()["body"].clone();
        assert!(event["resource"].is_string(), "{told}");
        let source = self.services.control.source(&self.source).await.unwrap();
        let address = hooks::address(&self.services, &source);
        let post = async || {
            let sent = reqwest::Client::new().post(address.clone()).json(&event);
            assert!(sent.send().await.unwrap().status().is_success());
        };
        tokio::join!(post(), post(), post());
        let body = json!({ "source": self.source });
        let pull = self.site.message("pull.run", body);
        let queue = "PullQueue";
        tokio::join!(
            self.site.send(queue, &pull),
            self.site.send(queue, &pull),
            self.site.send(queue, &pull)
        );
        for queue in ["IngestQueue", "PullQueue"] {
            self.site
                .until("an empty queue", async |site| {
                    site.waiting(queue).await == 0
                })
                .await;
        }
        self.equals(&TOLD).await;
    }

    async fn a_schedule_leads_to_a_pull(&self) {
        let tables = ["yclients_staff", "yclients_services"];
        let order = json!({
            "kind": "base_pull", "name": "Staff", "source": self.source,
            "settings": { "tables": tables }, "schedule": "every 2 hours",
        });
        let job = self.site.post("jobs", order).await;
        let path = format!("jobs/{}", job["id"].as_str().unwrap());
        assert_eq!(self.site.get(&path).await["last_run"], Json::Null);
        // Two hours pass.
        self.sql("UPDATE control.jobs SET next_at = now()").await;
        self.site
            .until("the job's run", async |site| {
                site.get(&path).await["last_run"]["state"] == "done"
            })
            .await;
        self.equals(&tables).await;
    }

    async fn the_night_sweeps_what_is_kept_no_longer(&self) {
        assert!(self.site.told("job.done").await > 0);
        self.sql(
            "UPDATE control.journal SET at = at - interval '500 days' WHERE code = 'job.done'",
        )
        .await;
        // Another night comes.
        self.sql("UPDATE control.subscriptions SET created_at = created_at - interval '2 days'")
            .await;
        let night = include_str!("../../../../events/retention-nightly.json");
        let functions = &self.site.host.functions;
        let sent = functions.invoke("RetentionFunction", night.to_owned());
        let sent = sent.await.unwrap();
        assert!(matches!(sent, Invoked::Answer(_)), "{sent:?}");
        self.site
            .until("old entries gone", async |site| {
                site.told("job.done").await == 0 && site.told("retention.swept").await > 0
            })
            .await;
        self.equals(&TOLD).await;
    }

    async fn equals(&self, tables: &[&str]) {
        self.site
            .until("a copy of what the vendor has", async |_| {
                self.differences(tables).await.is_empty()
            })
            .await;
    }

    async fn differences(&self, tables: &[&str]) -> Vec<String> {
        let copy = self.copies.open(&self.site.shop).snapshot().await.unwrap();
        let compared = self
            .sandbox
            .compare(&copy, &self.source, self.company, tables)
            .await
            .unwrap();
        assert!(compared.rows > 0, "{tables:?} have no truth");
        compared.differences
    }

    async fn calls(&self) -> u64 {
        self.ask("limits").await["counts"]["requests"]
            .as_u64()
            .unwrap()
    }

    async fn ask(&self, control: &str) -> Json {
        let url = format!("{}/sandbox/{control}", self.sandbox.control_url);
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }

    async fn sql(&self, statement: &'static str) {
        let url = self.site.host.stack.database.as_str();
        let mut database = PgConnection::connect(url).await.unwrap();
        sqlx::query(statement).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }
}

/// What the console works with, in this process.
async fn services(site: &Site) -> Services {
    let told = site.host.functions.environment("ConsoleFunction");
    let config = Config::read(|name| told.get(name).cloned()).unwrap();
    let function = Function::with("tests", config, site.host.stack.cloud.clone());
    function.services().await.unwrap().clone()
}
