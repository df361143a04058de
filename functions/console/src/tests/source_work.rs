use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::State,
    http::{Method, StatusCode},
    response::Response,
    routing::get,
};
use serde_json::{Value, json};
use wynos::{SubscriptionId, control::Scope};

use super::{
    Site,
    api::Program,
    sources::{envelope, site},
};

/// The companies' settings of webhooks; the first has one of somebody else.
#[derive(Clone, Default)]
struct Settings(Arc<Mutex<Option<Value>>>);

async fn settings_of(State(settings): State<Settings>) -> Response {
    let others =
        json!({ "urls": ["https://crm.example/hook"], "active": 1, "record": 1, "novelty": 1 });
    let kept = settings.0.lock().unwrap().clone();
    envelope(200, &kept.unwrap_or(others))
}

async fn set_hooks_settings(State(settings): State<Settings>, Json(body): Json<Value>) -> Response {
    *settings.0.lock().unwrap() = Some(body.clone());
    envelope(201, &body)
}

/// The vendor's endpoint of these settings.
pub(super) fn hooks_settings() -> Router {
    Router::new()
        .route(
            "/api/v1/hooks_settings/{id}",
            get(settings_of).post(set_hooks_settings),
        )
        .with_state(Settings::default())
}

/// A salon with a connected company, a program of its owner Anna, and the source as the program was told of it.
pub(super) async fn connected() -> (Site, SubscriptionId, Program, Value) {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    let (_, made) = program
        .ask(Method::POST, "/api/v1/sources", Some(new))
        .await;
    (site, shop, program, made)
}

#[tokio::test]
async fn a_program_orders_history_and_registers_the_webhook_beside_those_of_others() {
    let (site, _, mut program, made) = connected().await;
    let path = format!("/api/v1/sources/{}", made["id"].as_str().unwrap());

    let webhook = format!("{path}/webhook");
    let (status, before) = program.ask(Method::GET, &webhook, None).await;
    assert_eq!(status, StatusCode::OK, "{before}");
    assert_eq!(
        (&before["registered"], &before["others"]),
        (&json!(false), &json!(1))
    );
    let address = before["address"].as_str().unwrap();
    for _ in 0..2 {
        let (_, now) = program.ask(Method::PUT, &webhook, None).await;
        assert_eq!(
            (&now["registered"], &now["others"]),
            (&json!(true), &json!(1))
        );
        assert_eq!(now["address"], address);
        assert!(
            now["missing"]
                .as_array()
                .unwrap()
                .contains(&json!("client")),
            "{now}"
        );
        assert!(now["advice"].as_str().unwrap().contains("add"), "{now}");
    }
    let none = Some(json!({ "kinds": "none" }));
    let (status, problem) = program.ask(Method::PUT, &webhook, none).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let all = Some(json!({ "kinds": "add" }));
    let (_, added) = program.ask(Method::PUT, &webhook, all).await;
    assert_eq!(
        (&added["registered"], &added["others"], &added["missing"]),
        (&json!(true), &json!(1), &json!([]))
    );
    assert_eq!(added["advice"], Value::Null);
    let (_, rotated) = program.ask(Method::POST, &webhook, None).await;
    assert!(
        rotated["registered"] == true && rotated["address"] != address,
        "{rotated}"
    );
    let (_, gone) = program.ask(Method::DELETE, &webhook, None).await;
    assert_eq!(
        (&gone["registered"], &gone["others"]),
        (&json!(false), &json!(1))
    );

    let history = format!("{path}/history");
    let today = site.services.clock.now().date_naive();
    let period = |days: i64, tables: &[&str]| {
        let from = today - chrono::TimeDelta::days(days);
        json!({ "from": from, "to": today, "tables": tables })
    };
    for (order, code) in [
        (period(10, &["yclients_staff"]), "history.table"),
        (period(-1, &[]), "history.period"),
    ] {
        let (status, problem) = program.ask(Method::POST, &history, Some(order)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["code"], code, "{problem}");
    }
    let order = period(10, &["yclients_records"]);
    let (status, run) = program.ask(Method::POST, &history, Some(order)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{run}");
    assert!(
        run["windows_total"].as_i64().unwrap() >= 1 && run["state"] == "waiting",
        "{run}"
    );
    let (_, listed) = program.ask(Method::GET, &history, None).await;
    assert_eq!(listed["items"], json!([run]));
}

#[tokio::test]
async fn a_comparison_that_cannot_be_made_names_the_field_at_fault_in_the_callers_language() {
    let (site, shop, _, made) = connected().await;
    let today = site.services.clock.now().date_naive();
    let day = |days: i64| today + chrono::TimeDelta::days(days);
    let order = |from: i64, to: i64, tables: &[&str]| json!({ "source": made["id"], "from": day(from), "to": day(to), "tables": tables });
    let token = format!("Bearer {}", site.token(&shop, Scope::Write).await);
    let mut browser = site.browser();
    for (body, field, polish, english) in [
        (order(-1, -3, &[]), "to", "kończy się", "ends before"),
        (order(3, 5, &[]), "from", "przyszłości", "future"),
        (order(-1, 900, &[]), "to", "przyszłości", "future"),
        (
            order(-1, 0, &["yclients_staff"]),
            "tables",
            "nie jest porównywana",
            "is not compared",
        ),
        (
            order(-1, 0, &["nope"]),
            "tables",
            "Nie ma tabeli nope",
            "no table nope",
        ),
    ] {
        for (language, words) in [("pl", polish), ("en", english)] {
            browser.language = language;
            let headers = [("authorization", token.as_str())];
            let answer = browser
                .request(
                    Method::POST,
                    "/api/v1/reconciliations",
                    axum::body::Body::from(body.to_string()),
                    &headers,
                )
                .await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            let problem: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(problem["field"], field, "{problem}");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{problem}");
        }
    }
}

#[tokio::test]
async fn a_person_reads_now_and_loads_a_period_and_sees_how_far_it_has_come() {
    let (site, shop, _, made) = connected().await;
    let id = made["id"].as_str().unwrap();
    let mut anna = site.signed_in("anna@example.com").await;
    let source = format!("/s/{shop}/sources/{id}");
    let page = anna.get(&source).await;
    assert!(page.body.contains("Load a period"), "{}", page.body);

    for _ in 0..2 {
        let asked = anna.post(&format!("{source}/pull"), &[]).await;
        assert!(asked.location().contains("done=asked"), "{}", asked.body);
    }
    let history = format!("{source}/history");
    let days = |from, to| [("from", from), ("to", to), ("table", "yclients_records")];
    let refused = anna.post(&history, &days("2026-11-20", "2026-11-01")).await;
    assert!(
        refused.body.contains("class=\"notice bad\""),
        "{}",
        refused.body
    );
    let asked = anna.post(&history, &days("2026-10-01", "2026-11-20")).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    let page = anna.get(&source).await.body;
    assert_eq!(page.matches("Everything, by hand").count(), 1, "{page}");
    assert!(
        page.contains("0 / 2") && page.contains("data-busy"),
        "{page}"
    );

    site.work().await;
    let page = anna.get(&source).await.body;
    assert!(
        page.contains("2 / 2") && !page.contains("waiting"),
        "{page}"
    );
}

#[tokio::test]
async fn a_person_copies_registers_changes_and_takes_away_the_address_for_events() {
    let (site, shop, mut program, made) = connected().await;
    let mut anna = site.signed_in("anna@example.com").await;
    let source = format!("/s/{shop}/sources/{}", made["id"].as_str().unwrap());
    let page = format!("{source}/webhook");
    assert!(anna.get(&source).await.body.contains(&page));

    let address = |body: &str| {
        let value = body.split("id=\"address\"").nth(1).unwrap();
        value.split('"').nth(5).unwrap().to_owned()
    };
    let before = anna.get(&page).await;
    assert!(
        before.body.contains("value=\"register\""),
        "{}",
        before.body
    );
    let first = address(&before.body);
    assert!(first.contains("/hooks/"), "{first}");
    let steps = [
        ("register", true, true),
        ("rotate", true, false),
        ("unregister", false, false),
    ];
    for (step, registered, same) in steps {
        let done = anna.post(&page, &[("step", step)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{step}: {}", done.body);
        let after = anna.get(done.location()).await;
        assert_eq!(
            after.body.contains("value=\"unregister\""),
            registered,
            "{step}"
        );
        assert_eq!(address(&after.body) == first, same, "{step}");
        assert!(
            after.body.contains("of other programs at the vendor"),
            "{}",
            after.body
        );
    }
    anna.post(&page, &[("step", "register")]).await;
    // What others have switched off comes when somebody ticks the box that says what it means for them.
    let offered = anna.get(&page).await.body;
    assert!(
        offered.contains("name=\"all_kinds\"") && offered.contains("client"),
        "{offered}"
    );
    let all = [("step", "register"), ("all_kinds", "yes")];
    let done = anna.post(&page, &all).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let added = anna.get(&page).await.body;
    assert!(
        added.contains("value=\"unregister\"") && !added.contains("name=\"all_kinds\""),
        "{added}"
    );
    let (status, _) = program
        .ask(
            Method::DELETE,
            &format!("/api/v1/sources/{}?rows=keep", made["id"].as_str().unwrap()),
            None,
        )
        .await;
    assert!(status.is_success(), "{status}");
    let journal = program
        .ask(Method::GET, "/api/v1/journal?limit=50", None)
        .await
        .1
        .to_string();
    assert!(
        journal.contains("webhook.unregistered") && !journal.contains("webhook.left"),
        "{journal}"
    );
}

#[tokio::test]
async fn a_login_for_bi_tools_is_refused_where_the_data_is_a_file() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    for method in [Method::POST, Method::DELETE] {
        let (status, problem) = program.ask(method, "/api/v1/bi-login", None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["code"], "bi.file");
        assert!(
            problem["detail"].as_str().unwrap().contains("SQLite"),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn a_program_looks_at_a_filter_before_it_saves_it_and_is_told_what_is_wrong_with_one() {
    let (_site, _, mut program, made) = connected().await;
    let id = made["id"].as_str().unwrap();
    let table = format!("/api/v1/sources/{id}/tables/yclients_records");
    let preview = format!("{table}/preview");
    let filter = |column: &str, value: Value| json!({ "filter": { "column": column, "is": "equal", "value": value } });
    let right = filter("staff_id", json!(5));
    let (status, seen) = program.ask(Method::POST, &preview, Some(right)).await;
    assert_eq!(status, StatusCode::OK, "{seen}");
    let expected = json!({ "held": 0, "kept": 0, "gone": 0, "comes_back": "last_month" });
    assert_eq!(seen, expected);
    let wrong = [
        (filter("staf_id", json!(5)), "staf_id"),
        (
            filter("staff_id", json!("Ola")),
            "\"Ola\" is no value of staff_id",
        ),
    ];
    for (filter, named) in wrong {
        for (method, path) in [(Method::POST, &preview), (Method::PATCH, &table)] {
            let (status, problem) = program.ask(method, path, Some(filter.clone())).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
            assert_eq!(problem["field"], "filter", "{problem}");
            assert!(
                problem["detail"].as_str().unwrap().contains(named),
                "{problem}"
            );
        }
    }
    let unknown = json!({ "filters": null });
    let (_, problem) = program.ask(Method::PATCH, &table, Some(unknown)).await;
    assert!(
        problem["detail"].as_str().unwrap().contains("filters"),
        "{problem}"
    );
    let (_, problem) = program
        .ask(Method::GET, "/api/v1/jobs?limit=many", None)
        .await;
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("invalid digit"),
        "{problem}"
    );
    let job = json!({ "kind": "base_pull", "name": "x", "source": id, "schedule": "hourly" });
    let (_, problem) = program.ask(Method::POST, "/api/v1/jobs", Some(job)).await;
    assert_eq!(problem["field"], "schedule", "{problem}");
    assert!(
        problem["detail"].as_str().unwrap().contains("hourly"),
        "{problem}"
    );
    let lines = format!("/api/v1/sources/{id}/tables/yclients_record_services/preview");
    let (_, problem) = program
        .ask(Method::POST, &lines, Some(json!({ "filter": null })))
        .await;
    assert_eq!(problem["field"], "filter", "{problem}");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("yclients_records;"),
        "{problem}"
    );
}
