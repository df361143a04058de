use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgPoolOptions};
use wynos::{
    SourceId,
    control::Actor,
    services::Services,
    warehouse::Warehouses,
    yclients::pull::{self, Ordered},
};
use wynos_runtime::{Config, Function};
use wynos_sandbox::{OWNER_EMAIL, Options, PASSWORD, Running, Sandbox};
use wynos_tests::lambda_host::Stack;

use super::site::Site;

/// Tables that a pull brings whole.
pub const LISTS: [&str; 6] = [
    "yclients_companies",
    "yclients_staff",
    "yclients_services",
    "yclients_clients",
    "yclients_labels",
    "yclients_goods",
];

/// The business is not older, and nobody books further ahead.
const BACK: TimeDelta = TimeDelta::days(75);
const AHEAD: TimeDelta = TimeDelta::days(30);

/// A company at the simulated vendor, connected to a system as deployed.
pub struct Salon {
    pub site: Site,
    pub sandbox: Running,
    /// What the console works with, in this process.
    pub services: Services,
    copies: Warehouses,
    pub source: SourceId,
    company: i64,
}

impl Salon {
    pub async fn connected(name: &str) -> Self {
        Self::told(name, &[]).await
    }

    /// The same, whose functions are told more variables.
    pub async fn told(name: &str, more: &[(&str, &str)]) -> Self {
        let options = Options {
            records: 40,
            companies: 1,
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        let company = sandbox.companies()[0];
        let parameters = [("MaxReceives", "20"), ("RetrySeconds", "1")];
        let stack = Stack::new(name, &parameters).await.unwrap();
        let told = stack.tell_secret("YclientsPartnerSecret", "partner");
        told.await.unwrap();
        let mut variables = vec![("WYNOS_YCLIENTS_BASE_URL", sandbox.base_url.as_str())];
        variables.extend_from_slice(more);
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

    /// Orders everything that the company ever did of these tables; of all for none.
    pub async fn order_history(&self, tables: &[&str]) {
        let today = self.services.clock.now().date_naive();
        let ordered = Ordered {
            from: today - BACK,
            to: today + AHEAD,
            tables: tables.iter().map(|table| (*table).to_owned()).collect(),
            actor: Actor::System,
        };
        pull::order(&self.services, &self.source, ordered)
            .await
            .unwrap();
    }

    /// Waits for the end of what was ordered: until then rows come that nobody is missing.
    pub async fn history_is_read(&self) {
        let path = format!("sources/{}/history", self.source);
        self.site
            .until("the end of the history", async |site| {
                site.get(&path).await["items"][0]["state"] == "done"
            })
            .await;
    }

    pub async fn equals(&self, tables: &[&str]) {
        self.site
            .until("a copy of what the vendor has", async |_| {
                self.differences(tables).await.is_empty()
            })
            .await;
    }

    pub async fn differences(&self, tables: &[&str]) -> Vec<String> {
        let copy = self.copies.open(&self.site.shop).snapshot().await.unwrap();
        let compared = self
            .sandbox
            .compare(&copy, &self.source, self.company, tables)
            .await
            .unwrap();
        assert!(compared.rows > 0, "{tables:?} have no truth");
        compared.differences
    }

    pub async fn calls(&self) -> u64 {
        self.ask("limits").await["counts"]["requests"]
            .as_u64()
            .unwrap()
    }

    pub async fn ask(&self, control: &str) -> Json {
        let url = format!("{}/sandbox/{control}", self.sandbox.control_url);
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }

    /// Changes rows behind the system's back; `@` stands for the warehouse's schema. How many were changed.
    pub async fn sql(&self, statement: &str) -> u64 {
        let mut database = self.database().await;
        let statement = AssertSqlSafe(self.of_warehouse(statement));
        let done = sqlx::query(statement).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
        done.rows_affected()
    }

    /// The number that a statement gives; `@` stands for the warehouse's schema.
    pub async fn number(&self, statement: &str) -> i64 {
        let mut database = self.database().await;
        let statement = AssertSqlSafe(self.of_warehouse(statement));
        let number = sqlx::query_scalar(statement).fetch_one(&mut database);
        let number = number.await.unwrap();
        database.close().await.unwrap();
        number
    }

    async fn database(&self) -> PgConnection {
        let url = self.site.host.stack.database.as_str();
        PgConnection::connect(url).await.unwrap()
    }

    fn of_warehouse(&self, statement: &str) -> String {
        statement.replace('@', &format!("\"{}\".", self.site.shop.warehouse_name()))
    }
}

async fn services(site: &Site) -> Services {
    let told = site.host.functions.environment("ConsoleFunction");
    let config = Config::read(|name| told.get(name).cloned()).unwrap();
    let function = Function::with("tests", config, site.host.stack.cloud.clone());
    function.open().await.unwrap()
}
