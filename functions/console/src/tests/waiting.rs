use axum::http::Method;
use serde_json::{Value, json};
use wynos::{
    SourceId,
    control::{Actor, JobKind, Scope},
    planner,
};

use super::{api::Program, source_work::connected, sources::site};

#[tokio::test]
async fn what_waits_for_its_turn_says_since_when() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    let (_, added) = program
        .ask(Method::POST, "/api/v1/sources", Some(new))
        .await;
    assert_eq!(added["due_since"], Value::Null, "{added}");
    let path = format!("/api/v1/sources/{}", added["id"].as_str().unwrap());
    site.services.clock.advance(chrono::TimeDelta::minutes(47));
    let (_, source) = program.ask(Method::GET, &path, None).await;
    assert_eq!(source["next_at"], "2026-11-21T12:47:00Z", "{source}");
    assert_eq!(source["due_since"], "2026-11-21T12:00:00Z", "{source}");
    let (_, tables) = program
        .ask(Method::GET, &format!("{path}/tables"), None)
        .await;
    let since = |name: &str| {
        let mut tables = tables["items"].as_array().unwrap().iter();
        tables.find(|table| table["name"] == name).unwrap()["due_since"].clone()
    };
    assert_eq!(since("yclients_records"), "2026-11-21T12:00:00Z");
    assert_eq!(since("yclients_documents"), Value::Null, "read by nobody");
    let mut anna = site.signed_in("anna@example.com").await;
    let base = format!("/s/{shop}/sources");
    let one = format!("{base}/{}", added["id"].as_str().unwrap());
    for (language, words) in [
        ("en", "waiting since 21 November 2026, 13:00 CET"),
        ("pl", "czeka od 21.11.2026, 13:00 CET"),
        ("ru", "ожидает с 21.11.2026, 13:00 CET"),
    ] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        for path in [&base, &one] {
            let page = anna.get(path).await.body;
            assert!(page.contains(words), "{path} {language}: {page}");
        }
    }
}

#[tokio::test]
async fn a_job_whose_source_another_run_works_on_is_shown_as_waiting() {
    let (site, shop, mut program, made) = connected().await;
    let (services, now) = (&site.services, site.services.clock.now());
    let jobs = services.control.planned_jobs(&shop);
    // Connecting a source makes comparisons.
    let all = jobs.list(None, 10).await.unwrap().items;
    let mut all = all.into_iter();
    let job = all.find(|job| job.kind == JobKind::Reconciliation).unwrap();
    let asked = planner::run_now(services, &shop, &job.id, None, &Actor::System).await;
    let run = asked.unwrap().id;
    let source: SourceId = made["id"].as_str().unwrap().parse().unwrap();
    let later = now + chrono::TimeDelta::hours(1);
    let mut tx = services.control.begin().await.unwrap();
    let mut writer = tx.planned_jobs(&shop);
    let taken = writer.take_run(&run, "us", later, now).await;
    taken.unwrap().unwrap();
    writer.release_run(&run, "us", true, later).await.unwrap();
    assert!(tx.lease_source(&source, "other", later, now).await.unwrap());
    tx.commit().await.unwrap();

    let mut anna = site.signed_in("anna@example.com").await;
    let one = format!("/s/{shop}/jobs/{}", job.id);
    let pages = [format!("/s/{shop}/jobs"), one];
    let words = "waits: another run works on its source";
    for waits in [true, false] {
        let path = format!("/api/v1/jobs/{}", job.id);
        let (_, shown) = program.ask(Method::GET, "/api/v1/jobs", None).await;
        let mut listed = shown["items"].as_array().unwrap().iter();
        let shown = listed.find(|shown| shown["id"] == job.id.as_str()).unwrap();
        assert_eq!(
            (&shown["running"], &shown["source_busy"]),
            (&json!(true), &json!(waits))
        );
        let (_, runs) = program
            .ask(Method::GET, &format!("{path}/runs"), None)
            .await;
        assert_eq!(runs["items"][0]["source_busy"], waits, "{runs}");
        for page in &pages {
            let shown = anna.get(page).await.body;
            assert_eq!(shown.contains(words), waits, "{page}: {shown}");
            assert_eq!(shown.contains(">running<"), !waits, "{page}: {shown}");
        }
        let mut tx = services.control.begin().await.unwrap();
        tx.release_source(&source, "other").await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_comparison_whose_source_another_run_works_on_is_shown_as_waiting() {
    let (site, shop, mut program, made) = connected().await;
    let (services, now) = (&site.services, site.services.clock.now());
    let source: SourceId = made["id"].as_str().unwrap().parse().unwrap();
    let later = now + chrono::TimeDelta::hours(1);
    let mut tx = services.control.begin().await.unwrap();
    assert!(tx.lease_source(&source, "other", later, now).await.unwrap());
    tx.commit().await.unwrap();
    let today = now.date_naive();
    let order = json!({ "source": source.as_str(), "from": today, "to": today });
    let path = "/api/v1/reconciliations";
    let (_, ordered) = program.ask(Method::POST, path, Some(order)).await;
    assert_eq!(ordered["source_busy"], false, "{ordered}");
    site.work().await;

    let id = ordered["id"].as_str().unwrap();
    let mut anna = site.signed_in("anna@example.com").await;
    let pages = [
        format!("/s/{shop}/sources/{source}/reconciliations"),
        format!("/s/{shop}/reconciliations/{id}"),
    ];
    for waits in [true, false] {
        let (_, shown) = program
            .ask(Method::GET, &format!("{path}/{id}"), None)
            .await;
        assert_eq!(shown["source_busy"], waits, "{shown}");
        assert_eq!(shown["state"] == "waiting", waits, "{shown}");
        if waits {
            assert_eq!(shown["failure"], Value::Null, "{shown}");
        }
        for page in &pages {
            let shown = anna.get(page).await.body;
            let words = "waits: another run works on its source";
            assert_eq!(shown.contains(words), waits, "{page}: {shown}");
        }
        let mut tx = services.control.begin().await.unwrap();
        tx.release_source(&source, "other").await.unwrap();
        tx.commit().await.unwrap();
        services.clock.advance(chrono::TimeDelta::seconds(21));
        site.work().await;
    }
}
