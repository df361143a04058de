use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};
use utoipa::OpenApi;
use wynos::{
    SubscriptionId,
    control::Scope,
    warehouse::{Filter, internal},
};

use super::{
    Site,
    browser::{Answer, Browser},
};

/// A program with a token.
pub(super) struct Program {
    browser: Browser,
    token: String,
}

impl Program {
    pub(super) async fn new(site: &Site, shop: &SubscriptionId, scope: Scope) -> Self {
        Self {
            browser: site.browser(),
            token: format!("Bearer {}", site.token(shop, scope).await),
        }
    }

    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let answer = self.raw(method, path, body, "").await;
        (
            answer.status,
            serde_json::from_str(&answer.body).unwrap_or(Value::Null),
        )
    }

    async fn raw(&mut self, method: Method, path: &str, body: Option<Value>, key: &str) -> Answer {
        let body = body.map_or_else(Body::empty, |json| Body::from(json.to_string()));
        let mut headers = vec![("authorization", self.token.as_str())];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        self.browser.request(method, path, body, &headers).await
    }
}

#[tokio::test]
async fn without_a_token_of_the_right_scope_nothing_is_done() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut browser = site.browser();
    browser.language = "pl";
    let answer = browser.get("/api/v1/customers").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (&problem["code"], &problem["status"]),
        (&json!("unauthorized"), &json!(401))
    );
    assert!(
        problem["detail"].as_str().unwrap().contains("Wyślij"),
        "{problem}"
    );
    let mut reader = Program::new(&site, &shop, Scope::Read).await;
    let (status, problem) = reader
        .ask(
            Method::PUT,
            "/api/v1/customers/c1",
            Some(json!({"type": "PERSONAL"})),
        )
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::FORBIDDEN, &json!("insufficient-scope"))
    );
}

#[tokio::test]
async fn tokens_cannot_be_tried_out_quickly() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let mut last = StatusCode::OK;
    for _ in 0..31 {
        last = browser.get("/api/v1/customers").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Read).await;
    let (status, _) = program.ask(Method::GET, "/api/v1/customers", None).await;
    assert_eq!(status, StatusCode::OK, "a good token is let through");
}

#[tokio::test]
async fn a_change_under_a_key_is_made_once() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let path = "/api/v1/customers/c1";
    let named = |name: &str| Some(json!({"type": "PERSONAL", "person": name}));
    let put = program.raw(Method::PUT, path, named("Jan"), "k1").await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    site.services.clock.advance(chrono::TimeDelta::seconds(5));
    program.ask(Method::PUT, path, named("Ewa")).await;
    site.services.clock.advance(chrono::TimeDelta::seconds(5));
    let again = program.raw(Method::PUT, path, named("Jan"), "k1").await;
    assert!(
        again.status == StatusCode::OK && again.body.contains("Ewa"),
        "{}",
        again.body
    );
    let other = program.raw(Method::PUT, path, named("Zoe"), "k1").await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.body);
    let deleted = program.raw(Method::DELETE, path, None, "k2").await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{}", deleted.body);
    let again = program.raw(Method::DELETE, path, None, "k2").await;
    assert_eq!(again.status, StatusCode::NO_CONTENT, "{}", again.body);
}

#[tokio::test]
async fn texts_that_a_database_cannot_keep_are_refused_with_their_field() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    for (method, path, body, field) in [
        (
            Method::PUT,
            "/api/v1/customers/c1",
            json!({"type": "PERSONAL", "person": "J\0n"}),
            "person",
        ),
        (
            Method::POST,
            "/api/v1/imports",
            json!({"file_name": "a\0.xml", "format": "exchange"}),
            "file_name",
        ),
        (
            Method::POST,
            "/api/v1/exports",
            json!({"format": "xml", "purpose": "a\0"}),
            "",
        ),
    ] {
        let (status, problem) = program.ask(method, path, Some(body)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert!(field.is_empty() || problem["field"] == field, "{problem}");
    }
    let (status, problem) = program
        .ask(Method::GET, "/api/v1/customers?person=a%00", None)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
}

#[tokio::test]
async fn a_record_is_put_read_changed_deleted_and_logged() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let jan = json!({"type": "PERSONAL", "person": "Jan", "phone": "501 234 567"});
    let (status, stored) = program
        .ask(Method::PUT, "/api/v1/customers/c1", Some(jan))
        .await;
    assert_eq!(
        (status, &stored["person"], &stored["id"]),
        (StatusCode::OK, &json!("Jan"), &json!(format!("{shop}:c1"))),
        "{stored}"
    );
    site.services.clock.advance(chrono::TimeDelta::seconds(5));
    let changed = json!({"type": "PERSONAL", "person": "Jan Nowak"});
    let (_, stored) = program
        .ask(Method::PUT, "/api/v1/customers/c1", Some(changed))
        .await;
    assert_eq!(
        (&stored["person"], &stored["phone"]),
        (&json!("Jan Nowak"), &Value::Null)
    );
    let (status, _) = program
        .ask(Method::DELETE, "/api/v1/customers/c1", None)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(
        program
            .ask(Method::GET, "/api/v1/customers/c1", None)
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        program
            .ask(Method::DELETE, "/api/v1/customers/c1", None)
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    let snapshot = site
        .services
        .warehouses
        .open(&shop)
        .snapshot()
        .await
        .unwrap();
    let of_jan = Filter::equal("customer_id", format!("{shop}:c1"));
    let lines = snapshot
        .count(internal::personal_data_subjects(), &of_jan)
        .await
        .unwrap();
    assert_eq!(lines, 3, "made, changed and deleted");
}

#[tokio::test]
async fn a_wrong_value_is_refused_with_its_field() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let cases = [
        (json!({}), "invalid-field", "type"),
        (json!({"type": "ALIEN"}), "invalid-field", "type"),
        (
            json!({"type": "PERSONAL", "colour": 1}),
            "unknown-column",
            "colour",
        ),
        (
            json!({"type": "PERSONAL", "id": "c2"}),
            "invalid-field",
            "id",
        ),
        (
            json!({"type": "PERSONAL", "group_id": "nowhere"}),
            "invalid-field",
            "group_id",
        ),
        (
            json!({"type": "PERSONAL", "created_at": "yesterday"}),
            "invalid-field",
            "created_at",
        ),
    ];
    for (record, code, field) in cases {
        let (status, problem) = program
            .ask(Method::PUT, "/api/v1/customers/c1", Some(record))
            .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert_eq!(
            (&problem["code"], &problem["field"]),
            (&json!(code), &json!(field))
        );
    }
    assert_eq!(
        program
            .ask(Method::GET, "/api/v1/customers/c1", None)
            .await
            .0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_list_goes_on_at_its_cursor_until_its_end() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let names: Vec<(String, String)> = (0..7)
        .map(|n| (format!("c{n}"), format!("Name {}", n % 2)))
        .collect();
    let names: Vec<(&str, &str)> = names
        .iter()
        .map(|(id, name)| (id.as_str(), name.as_str()))
        .collect();
    site.customers(&shop, &names).await;
    let mut program = Program::new(&site, &shop, Scope::Read).await;
    let (mut seen, mut path) = (
        Vec::new(),
        "/api/v1/tables/customers/rows?limit=3&fields=id,person".to_owned(),
    );
    loop {
        let (status, page) = program.ask(Method::GET, &path, None).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => {
                path =
                    format!("/api/v1/tables/customers/rows?limit=3&fields=id,person&cursor={next}");
            }
            None => break,
        }
    }
    assert_eq!(seen, ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
    let (_, filtered) = program
        .ask(
            Method::GET,
            "/api/v1/customers?person=Name+1&fields=id",
            None,
        )
        .await;
    assert_eq!(
        filtered["items"],
        json!([{"id": "c1"}, {"id": "c3"}, {"id": "c5"}])
    );
    for (query, code) in [
        ("limit=0", "invalid-field"),
        ("cursor=x", "invalid-cursor"),
        ("colour=red", "unknown-column"),
    ] {
        let (_, problem) = program
            .ask(Method::GET, &format!("/api/v1/customers?{query}"), None)
            .await;
        assert_eq!(problem["code"], json!(code), "{query}");
    }
}

#[tokio::test]
async fn an_export_is_ordered_once_under_one_key() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    site.customers(&shop, &[("c1", "Jan")]).await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let order = json!({"format": "csv", "table": "customers"});
    let first = program
        .raw(Method::POST, "/api/v1/exports", Some(order.clone()), "k1")
        .await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.body);
    let again = program
        .raw(Method::POST, "/api/v1/exports", Some(order), "k1")
        .await;
    assert_eq!(first.body, again.body);
    let other = program
        .raw(
            Method::POST,
            "/api/v1/exports",
            Some(json!({"format": "xml"})),
            "k1",
        )
        .await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.body.contains("idempotency-mismatch"));
    let (_, list) = program.ask(Method::GET, "/api/v1/exports", None).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let (_, journal) = program
        .ask(Method::GET, "/api/v1/journal?category=export", None)
        .await;
    assert_eq!(journal["items"][0]["code"], json!("export.ordered"));
    let message = journal["items"][0]["message"].as_str();
    assert!(
        message.is_some_and(|message| message.contains(char::is_whitespace)),
        "{journal}"
    );
    // Once one was made, the next one's time is known.
    site.work().await;
    let order = json!({"format": "csv", "table": "customers"});
    let next = program.raw(Method::POST, "/api/v1/exports", Some(order), "k2");
    let next: Value = serde_json::from_str(&next.await.body).unwrap();
    let path = format!("/api/v1/exports/{}", next["id"].as_str().unwrap());
    let (_, next) = program.ask(Method::GET, &path, None).await;
    assert!(next["expected_at"].is_string(), "{next}");
}

#[tokio::test]
async fn an_address_that_is_not_there_is_a_problem_too() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Read).await;
    for path in [
        "/api/v1/accounts",
        "/api/v1/tables/_outbox/rows",
        "/api/v2",
        "/api/v1/exports/zzzzzzzzzz",
    ] {
        let (status, problem) = program.ask(Method::GET, path, None).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::NOT_FOUND, &json!("not-found")),
            "{path}"
        );
    }
}

#[test]
fn the_description_of_the_api_stays_as_it_is() {
    let description = crate::api::Description::openapi().to_pretty_json().unwrap();
    insta::assert_snapshot!(description);
}
