use axum::http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use wynos::{
    SubscriptionId,
    control::Scope,
    warehouse::{Load, Rows, Value, Write, internal},
};

use super::{Site, api::Program, browser::Browser, imports::customers, mapping::sent, sources};

const LIST: &str =
    "id;type;person;phone\nc1;PERSONAL;Jan Żółć;501 234 567\nc3;ALIEN;=Zed;+48601234567\n";

/// Uploads a list of customers and writes it.
async fn written(site: &Site, browser: &mut Browser, shop: &SubscriptionId, list: &str) -> String {
    let page = sent(site, browser, shop, "customers", list.to_owned()).await;
    browser.get(&page).await;
    browser.post(&format!("{page}/apply"), &[]).await;
    site.work().await;
    page
}

#[tokio::test]
async fn rows_that_were_put_aside_are_shown_taken_away_and_tried_again() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut anna = site.signed_in("anna@example.com").await;
    let aside = format!("/s/{shop}/parked");
    assert!(anna.get(&aside).await.body.contains("Nothing is put aside"));
    let import = written(&site, &mut anna, &shop, LIST).await;
    assert_eq!(customers(&site, &shop).await, 1);
    let import = anna.get(&import).await.body;
    let (_, here) = import.split_once(&format!("href=\"{aside}")).unwrap();
    let here = format!("{aside}{}", here.split('"').next().unwrap());
    let shown = anna.get(&here).await.body;
    for told in ["ALIEN", "=Zed", "name=\"value-type\"", "line 3"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let (_, id) = shown.split_once("name=\"id\" value=\"").unwrap();
    let id = id.split('"').next().unwrap().to_owned();

    let file = format!("{aside}.csv?table=customers&import=");
    let list = anna.get(&file).await;
    assert!(list.header("content-type").starts_with("text/csv"));
    assert!(list.body.contains("'=Zed"), "{}", list.body);

    let tried = |kind| [("id", id.as_str()), ("value-type", kind)];
    let still = anna.post(&aside, &tried("ALIEN")).await;
    assert_eq!(still.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(still.body.contains("stays aside"), "{}", still.body);
    let done = anna.post(&aside, &tried("PERSONAL")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let after = anna.get(done.location()).await.body;
    assert!(after.contains("The row came in"), "{after}");
    assert!(after.contains("Nothing is put aside"), "{after}");
    assert_eq!(customers(&site, &shop).await, 2);

    // The same row, mended in the list that was taken away, is the same row.
    let mended = list.body.replace("ALIEN", "PERSONAL");
    let page = sent(&site, &mut anna, &shop, "customers", mended).await;
    let preview = anna.get(&page).await.body;
    assert!(preview.contains("kept_problems"), "{preview}");
    anna.post(&format!("{page}/apply"), &[]).await;
    site.work().await;
    assert_eq!(customers(&site, &shop).await, 2);
    assert!(anna.get(&aside).await.body.contains("Nothing is put aside"));
}

/// Keeps clients of a source aside, as a pull does.
async fn keep_aside(site: &Site, shop: &SubscriptionId, source: &str, clients: &[(&str, Json)]) {
    let table = internal::parked();
    let at = site.services.clock.now();
    let mut rows = Rows::new(table.columns.len());
    for (id, body) in clients {
        rows.push_values(&[
            (*id).into(),
            "yclients_clients".into(),
            source.into(),
            "no_id".into(),
            Value::Json(body.to_string()),
            at.into(),
        ]);
    }
    let load = Load {
        origin: "pull",
        run: "test".to_owned(),
        observed_at: at,
        writes: vec![Write::Insert {
            table: table.clone(),
            rows,
        }],
        quota: None,
    };
    let warehouse = site.services.warehouses.open(shop);
    warehouse.commit(load).await.unwrap();
}

#[tokio::test]
async fn what_a_vendor_sent_is_shown_as_it_came_and_tried_again() {
    let site = sources::site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    let (_, made) = program
        .ask(Method::POST, "/api/v1/sources", Some(new))
        .await;
    let clients = [
        ("broken", json!({ "name": "Zofia", "line": 7 })),
        ("sound", json!({ "id": 5, "name": "Ola" })),
    ];
    keep_aside(&site, &shop, made["id"].as_str().unwrap(), &clients).await;

    let mut anna = site.signed_in("anna@example.com").await;
    let aside = format!("/s/{shop}/parked");
    let shown = anna.get(&aside).await.body;
    for told in ["It has no id", "Zofia", "Ola", "· 5", "Try again"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    for never in ["parked.csv", "line 7", "comes again"] {
        assert!(!shown.contains(never), "{never}: {shown}");
    }
    let still = anna.post(&aside, &[("id", "broken")]).await;
    assert_eq!(still.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(still.body.contains("stays aside. It has no id"));
    let valued = [("id", "sound"), ("value-name", "x")];
    let valued = anna.post(&aside, &valued).await;
    assert_eq!(valued.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = anna.post(&aside, &[("id", "sound")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let after = anna.get(done.location()).await.body;
    assert!(after.contains("came in") && !after.contains("Ola"));

    let path = "/api/v1/parked/broken/replay";
    let (status, answer) = program.ask(Method::POST, path, None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    assert_eq!(answer["problems"][0]["code"], "no_id");
    assert_eq!(answer["problems"][0]["message"], "It has no id.");
}
