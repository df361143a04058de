use axum::{
    Json, Router,
    extract::{Path, Query},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};
use wynos::{
    control::{LaneLimits, Role, Scope, SourceState},
    yclients::client::{Access, Patience, VendorSettings},
};

use super::{Site, api::Program, source_work::hooks_settings};

pub(super) fn envelope(status: u16, data: &Value) -> Response {
    let body = json!({ "success": status < 400, "data": data, "meta": [] });
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

async fn auth(Json(body): Json<Value>) -> Response {
    match body["password"].as_str() {
        Some("right") => envelope(201, &json!({ "user_token": "token-of-the-user" })),
        Some("second") => envelope(200, &json!({ "uuid": "challenge" })),
        _ => envelope(401, &Value::Null),
    }
}

async fn companies(Query(params): Query<HashMap<String, String>>) -> Response {
    let page = json!([
        { "id": 1050, "title": "Ля <Визаж>", "city": "Москва", "timezone": "Europe/Moscow" },
        { "id": 1051, "title": "Ля Визаж 2", "city": "Москва", "timezone": "Europe/Moscow" },
    ]);
    match params["page"].as_str() {
        "1" => envelope(200, &page),
        _ => envelope(200, &json!([])),
    }
}

async fn company(Path(id): Path<i64>) -> Response {
    envelope(
        200,
        &json!({ "id": id, "title": "x", "timezone_name": "Europe/Moscow" }),
    )
}

async fn records(Path(id): Path<i64>) -> Response {
    match id {
        1051 => envelope(402, &Value::Null),
        _ => envelope(200, &json!([])),
    }
}

async fn services() -> Response {
    let service = |id: i64, title: &str, cost: i64| {
        let staff = [json!({ "id": 3, "seance_length": 3_600 })];
        json!({ "id": id, "title": title, "price_min": cost, "weight": 1, "staff": staff })
    };
    let all = json!([service(1, "<b>Cut</b>", 100), service(2, "Colouring", 250)]);
    envelope(200, &all)
}

/// A site with a vendor that has two companies, one of them without a licence.
pub(super) async fn site() -> Site {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let access = Access {
        base_url: format!("http://{}/api/v1", listener.local_addr().unwrap()),
        partner_token: Some("partner".to_owned()),
    };
    let router = Router::new()
        .route("/api/v1/auth", post(auth))
        .route("/api/v1/companies", get(companies))
        .route("/api/v1/company/{id}/", get(company))
        .route("/api/v1/services/{id}", get(services))
        .route("/api/v1/company/{id}/services", get(services))
        .route("/api/v1/records/{id}", get(records))
        .merge(hooks_settings());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Site::with_vendor(VendorSettings {
        yclients: access.clone(),
        altegio: access,
        limits: LaneLimits {
            per_minute: 6_000_000,
            per_second: 100_000,
            share: 100,
        },
        patience: Patience {
            first_wait: Duration::from_millis(1),
            ..Patience::default()
        },
        ..VendorSettings::default()
    })
    .await
}

#[tokio::test]
async fn a_person_connects_a_company_and_manages_it() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut browser = site.signed_in("anna@example.com").await;
    let base = format!("/s/{shop}/sources");
    for language in ["en", "pl", "ru"] {
        browser.get("/account").await;
        browser
            .post("/account/language", &[("locale", language)])
            .await;
        for path in [base.clone(), format!("{base}/new")] {
            let page = browser.get(&path).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(!page.body.contains("console-source"), "{}", page.body);
        }
    }
    let mut texts = std::collections::BTreeSet::new();
    for password in ["wrong", "second"] {
        let typed = [
            ("vendor", "yclients"),
            ("name", "Mój salon"),
            ("entry", "password"),
            ("login", "+7 916 123-45-67"),
            ("password", password),
        ];
        let page = browser.post(&base, &typed).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("+7 916 123-45-67") && !page.body.contains(password));
        let notice = page.body.split("role=\"status\"").nth(1).unwrap();
        assert!(texts.insert(notice.split("</p>").next().unwrap().to_owned()));
    }
    let typed = [
        ("name", "Mój salon"),
        ("login", "79161234567"),
        ("password", "right"),
    ];
    let to = browser.post(&base, &typed).await.location().to_owned();
    let page = browser.get(&to).await;
    assert!(page.body.contains("Ля &#60;Визаж&#62;") && page.body.contains("Mój salon"));
    let credential = to.rsplit('/').next().unwrap().split('?').next().unwrap();
    let connect = format!("{base}/connect");
    let choice = |company| {
        [
            ("credential", credential),
            ("company", company),
            ("name", ""),
        ]
    };
    let refused = browser.post(&connect, &choice("1051")).await;
    assert_eq!(refused.status, StatusCode::OK);
    assert!(
        refused.body.contains("notice bad"),
        "its licence has run out"
    );
    let to = browser
        .post(&connect, &choice("1050"))
        .await
        .location()
        .to_owned();
    let page = browser.get(&to).await;
    for shown in [
        "Ля &#60;Визаж&#62;",
        "79•••67",
        "yclients_records",
        "notice good",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("console-source") && !page.body.contains("token-of"));
    site.services.clock.advance(chrono::TimeDelta::hours(2));
    browser.get(&base).await;
    let looked_at = site.services.control.sources(&shop).list().await.unwrap();
    assert_eq!(looked_at[0].last_used_at, Some(site.services.clock.now()));
    let path = to.split('?').next().unwrap();
    let changes: [(&str, Vec<(&str, &str)>); 4] = [
        (
            "settings",
            vec![
                ("name", "Brackа"),
                ("time_zone", "Asia/Omsk"),
                ("hints", "yes"),
            ],
        ),
        ("tables", vec![("yclients_records", "yes")]),
        ("state", vec![("state", "paused")]),
        ("renew", vec![("entry", "token"), ("token", "another")]),
    ];
    for (what, fields) in changes {
        let answer = browser.post(&format!("{path}/{what}"), &fields).await;
        assert!(
            answer.location().ends_with("?done=saved"),
            "{what}: {}",
            answer.body
        );
    }
    let sources = site.services.control.sources(&shop);
    let source = sources.list().await.unwrap().remove(0);
    assert_eq!(
        (source.time_zone.as_str(), source.hints),
        ("Asia/Omsk", true)
    );
    assert_eq!(source.state, SourceState::Paused);
    let tables = sources.tables(&source.id).await.unwrap();
    let on: Vec<_> = tables.iter().filter(|table| table.enabled).collect();
    assert_eq!(
        (on.len(), on[0].table_name.as_str()),
        (1, "yclients_records")
    );
    let unsure = browser
        .post(&format!("{path}/remove"), &[("rows", "keep")])
        .await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sure = [("rows", "keep"), ("sure", "yes")];
    let answer = browser.post(&format!("{path}/remove"), &sure).await;
    assert_eq!(answer.location(), format!("{base}?done=removed"));
    assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND);
    let journal = browser.get(&format!("/s/{shop}/journal")).await;
    assert!(!journal.body.contains("journal-source"), "{}", journal.body);
}

#[tokio::test]
async fn invariant_08_sources_are_nobody_elses_and_viewers_change_none() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let (other, _) = site.shop("Inny", "ola@example.com").await;
    let mut writer = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    let (status, made) = writer.ask(Method::POST, "/api/v1/sources", Some(new)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let id = made["id"].as_str().unwrap();
    let mut stranger = Program::new(&site, &other, Scope::Write).await;
    for (method, path) in [
        (Method::GET, format!("/api/v1/sources/{id}")),
        (Method::PATCH, format!("/api/v1/sources/{id}")),
        (Method::DELETE, format!("/api/v1/sources/{id}?rows=delete")),
        (Method::GET, format!("/api/v1/sources/{id}/tables")),
        (Method::GET, format!("/api/v1/sources/{id}/companies")),
        (Method::GET, format!("/api/v1/sources/{id}/webhook")),
        (Method::PUT, format!("/api/v1/sources/{id}/webhook")),
        (Method::POST, format!("/api/v1/sources/{id}/webhook")),
        (Method::DELETE, format!("/api/v1/sources/{id}/webhook")),
        (Method::GET, format!("/api/v1/sources/{id}/history")),
        (Method::GET, format!("/api/v1/sources/{id}/documents")),
        (Method::POST, format!("/api/v1/sources/{id}/documents")),
        (
            Method::PATCH,
            format!("/api/v1/sources/{id}/tables/yclients_staff"),
        ),
    ] {
        let (status, _) = stranger.ask(method.clone(), &path, Some(json!({}))).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}");
    }
    let foreign = json!({ "credential": made["credential"], "company": 1050 });
    let (status, _) = stranger
        .ask(Method::POST, "/api/v1/sources", Some(foreign))
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, list) = stranger.ask(Method::GET, "/api/v1/sources", None).await;
    assert_eq!(list["items"], json!([]));
    let mut ola = site.signed_in("ola@example.com").await;
    let page = ola.get(&format!("/s/{other}/sources/{id}")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    site.join(&shop, "jan@example.com", Role::Viewer).await;
    let mut jan = site.signed_in("jan@example.com").await;
    let path = format!("/s/{shop}/sources/{id}");
    let page = jan.get(&path).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("/remove"));
    let refused = jan
        .post(&format!("{path}/state"), &[("state", "paused")])
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut reader = Program::new(&site, &shop, Scope::Read).await;
    let path = format!("/api/v1/sources/{id}");
    let (status, _) = reader.ask(Method::PATCH, &path, Some(json!({}))).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_program_connects_changes_and_removes_sources() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    for (password, code) in [
        ("wrong", "vendor.wrong-password"),
        ("second", "vendor.two-factor"),
    ] {
        let new = json!({ "login": "a@example.com", "password": password });
        let (status, problem) = program
            .ask(Method::POST, "/api/v1/sources", Some(new))
            .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["code"], code);
        assert!(problem["detail"].as_str().unwrap().len() > 40, "{problem}");
    }
    let new = json!({ "login": "a@example.com", "password": "right" });
    let (status, choice) = program
        .ask(Method::POST, "/api/v1/sources", Some(new))
        .await;
    assert_eq!(
        (status, choice["companies"][1]["id"].as_i64()),
        (StatusCode::OK, Some(1051))
    );
    let named = |company: i64| json!({ "credential": choice["credential"], "company": company });
    for (company, code) in [
        (1051, "vendor.licence-expired"),
        (7, "source.no-such-company"),
    ] {
        let (_, problem) = program
            .ask(Method::POST, "/api/v1/sources", Some(named(company)))
            .await;
        assert_eq!(problem["code"], code, "{problem}");
    }
    let (status, made) = program
        .ask(Method::POST, "/api/v1/sources", Some(named(1050)))
        .await;
    assert_eq!(
        (status, &made["name"]),
        (StatusCode::CREATED, &json!("Ля <Визаж>"))
    );
    let path = format!("/api/v1/sources/{}", made["id"].as_str().unwrap());
    let (_, problem) = program
        .ask(Method::POST, "/api/v1/sources", Some(named(1050)))
        .await;
    assert_eq!(problem["code"], "source.connected");
    assert!(
        problem["detail"].as_str().unwrap().contains("1050"),
        "{problem}"
    );
    let inner = json!({ "base_url": "http://169.254.169.254/" });
    let (_, problem) = program.ask(Method::PATCH, &path, Some(inner)).await;
    assert_eq!(problem["code"], "source.address");
    let change = json!({ "name": "Brackа", "state": "paused", "hints": true });
    let (_, changed) = program.ask(Method::PATCH, &path, Some(change)).await;
    assert_eq!(
        (&changed["name"], &changed["state"], &changed["hints"]),
        (&json!("Brackа"), &json!("paused"), &json!(true))
    );
    let filter = json!({
        "filter": { "column": "staff_id", "is": "equal", "value": 7 },
        "enabled": false
    });
    let table = format!("{path}/tables/yclients_records");
    let (_, changed) = program.ask(Method::PATCH, &table, Some(filter)).await;
    assert_eq!(
        (&changed["enabled"], &changed["filter"]["value"]),
        (&json!(false), &json!(7))
    );
    let none = json!({ "filter": null });
    let (_, changed) = program.ask(Method::PATCH, &table, Some(none)).await;
    assert_eq!(
        (&changed["enabled"], &changed["filter"]),
        (&json!(false), &Value::Null)
    );
    let (_, tables) = program
        .ask(Method::GET, &format!("{path}/tables"), None)
        .await;
    assert!(tables["items"].as_array().unwrap().len() > 10, "{tables}");
    let entry = json!({ "login": "a@example.com", "password": "wrong" });
    let credential = format!("{path}/credential");
    let (_, problem) = program.ask(Method::PUT, &credential, Some(entry)).await;
    assert_eq!(problem["code"], "vendor.wrong-password");
    let entry = json!({ "login": "a@example.com", "password": "right" });
    let (status, _) = program.ask(Method::PUT, &credential, Some(entry)).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = program.ask(Method::DELETE, &path, None).await;
    assert!(
        status.is_client_error(),
        "what becomes of the rows has to be said"
    );
    let (status, _) = program
        .ask(Method::DELETE, &format!("{path}?rows=delete"), None)
        .await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (status, _) = program.ask(Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let credentials = site
        .services
        .control
        .credentials(&shop)
        .list()
        .await
        .unwrap();
    assert_eq!(
        credentials,
        [],
        "the token is forgotten with the last source"
    );
}
