//! Nobody has connected yet when the database is away.

use reqwest::StatusCode;
use serde_json::json;
use wynos_tests::lambda_host::Stack;

use super::site::{Site, customers};

/// Invocations that could begin nothing, before the database is back.
const IN_VAIN: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_while_the_database_is_away_waits_where_every_process_is_new() {
    let parameters = [("MaxReceives", "22"), ("RetrySeconds", "1")];
    let stack = Stack::new("away", &parameters).await.unwrap();
    let site = Site::on(stack, &[]).await;
    let (import, put) = site.announced(&customers(7)).await;
    let road = &site.host.stack.roads.database;
    road.refuse();
    road.cut();
    let functions = &site.host.functions;
    for (id, _) in site.host.stack.template.of_type("AWS::Lambda::Function") {
        functions.recycle(id);
    }
    let before = functions.invocations("ImportFunction");
    assert_eq!(put.send().await.unwrap().status(), StatusCode::OK);
    let order = json!({ "format": "csv", "table": "customers" });
    site.until("the console away", async |site| {
        site.try_post("exports", &order).await == StatusCode::SERVICE_UNAVAILABLE
    })
    .await;
    let began = std::time::Instant::now();
    while functions.invocations("ImportFunction") < before + IN_VAIN {
        assert!(began.elapsed() < super::site::PATIENCE, "nobody tried");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    road.calm();
    site.until("the console back", async |site| {
        site.try_post("exports", &order).await.is_success()
    })
    .await;
    site.when(&format!("imports/{import}"), "previewed").await;
    let ordered = site.post("exports", order).await;
    let id = ordered["id"].as_str().unwrap();
    site.when(&format!("exports/{id}"), "ready").await;
    site.mailed(id).await;
    for queue in ["ImportDeadLetters", "ExportDeadLetters", "MailDeadLetters"] {
        assert_eq!(site.waiting(queue).await, 0, "{queue}");
    }
}
