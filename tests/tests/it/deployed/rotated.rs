//! Secrets change under processes that go on.

use reqwest::StatusCode;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use wynos_sandbox::{OWNER_EMAIL, Options, PASSWORD, Sandbox};
use wynos_tests::lambda_host::Stack;

use super::site::{Site, customers};

/// What the vendor's simulation takes for a partner.
const PARTNER: &str = "partner";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_password_and_a_new_partner_token_are_honoured_by_processes_that_go_on() {
    let stack = Stack::new("rotated", &[("MaxReceives", "7"), ("RetrySeconds", "0")]);
    let stack = stack.await.unwrap();
    let login = login(&stack).await;
    let road = stack.roads.database.address();
    let tell = async |stack: &Stack, password: &str| {
        let mut url = stack.database.through(road).unwrap();
        url.set_username(&login).unwrap();
        url.set_password(Some(password)).unwrap();
        let told = stack.tell_secret("DatabaseSecretArn", url.as_str());
        told.await.unwrap();
    };
    tell(&stack, "one").await;
    let sandbox = Sandbox::start(Options {
        records: 1,
        companies: 1,
        ..Options::default()
    });
    let sandbox = sandbox.await.unwrap();
    let variables = [("WYNOS_YCLIENTS_BASE_URL", sandbox.base_url.as_str())];
    let site = Site::on(stack, &variables).await;
    site.import(&customers(5)).await;

    // The console has answered, and only then somebody tells the partner's token.
    let told = site
        .host
        .stack
        .tell_secret("YclientsPartnerSecret", PARTNER);
    told.await.unwrap();
    let company = sandbox.companies()[0];
    let order = json!({ "login": OWNER_EMAIL, "password": PASSWORD, "company": company });
    site.until("the partner's token honoured", async |site| {
        site.try_post("sources", &order).await == StatusCode::CREATED
    })
    .await;

    // A rotation, after which nobody is connected any more.
    tell(&site.host.stack, "two").await;
    sql(
        &site.host.stack,
        &format!("ALTER ROLE {login} PASSWORD 'two'"),
    )
    .await;
    let end =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{login}'");
    sql(&site.host.stack, &end).await;
    let order = json!({ "format": "csv", "table": "customers" });
    site.until("the console back", async |site| {
        site.try_post("exports", &order).await.is_success()
    })
    .await;
    let ordered = site.post("exports", order).await;
    let id = ordered["id"].as_str().unwrap();
    let built = site.when(&format!("exports/{id}"), "ready").await;
    assert_eq!(built["counts"]["customers"], 5);
    site.mailed(id).await;
    for queue in ["ExportDeadLetters", "MailDeadLetters", "RelayDeadLetters"] {
        assert_eq!(site.waiting(queue).await, 0, "{queue}");
    }
    sandbox.stop().await;
}

/// Somebody new at the database's server, with the password `one`.
async fn login(stack: &Stack) -> String {
    let login = format!("rotated_{}", stack.database.name());
    sql(
        stack,
        &format!("CREATE ROLE {login} SUPERUSER LOGIN PASSWORD 'one'"),
    )
    .await;
    login
}

async fn sql(stack: &Stack, statement: &str) {
    let mut database = PgConnection::connect(stack.database.as_str())
        .await
        .unwrap();
    let statement = AssertSqlSafe(statement.to_owned());
    sqlx::query(statement).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}
