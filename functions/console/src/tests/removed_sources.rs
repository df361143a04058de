use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use wynos::{
    control::{Role, Scope},
    yclients::connect,
};

use super::{api::Program, sources::site};

const SOURCES: &str = "/api/v1/sources";

/// The removed sources that a program is shown.
async fn removed(program: &mut Program) -> Vec<Value> {
    let path = format!("{SOURCES}?removed=true");
    let (status, list) = program.ask(Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::OK, "{list}");
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_program_sees_rows_that_were_kept_goes_on_with_them_and_erases_them() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let (other, _) = site.shop("Inny", "ola@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let mut stranger = Program::new(&site, &other, Scope::Write).await;
    let new = || Some(json!({ "token": "application", "company": 1050 }));
    let (status, made) = program.ask(Method::POST, SOURCES, new()).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(made["taken_up"], json!(false));
    assert!(made.get("removed_at").is_none(), "{made}");
    let path = format!("{SOURCES}/{}", made["id"].as_str().unwrap());
    let (keep, delete) = (format!("{path}?rows=keep"), format!("{path}?rows=delete"));
    let (status, gone) = program.ask(Method::DELETE, &keep, None).await;
    assert_eq!(
        (status, &gone["rows"]),
        (StatusCode::ACCEPTED, &json!("kept"))
    );
    let (_, connected) = program.ask(Method::GET, SOURCES, None).await;
    assert_eq!(connected["items"], json!([]));
    let shown = removed(&mut program).await;
    assert_eq!(
        (&shown[0]["id"], &shown[0]["rows"], shown.len()),
        (&made["id"], &json!("kept"), 1)
    );
    assert!(shown[0]["removed_at"].is_string(), "{shown:?}");
    assert_eq!(removed(&mut stranger).await, [] as [Value; 0]);
    let (status, _) = stranger.ask(Method::DELETE, &delete, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = program.ask(Method::DELETE, &keep, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "it is removed already");
    site.services.clock.advance(TimeDelta::hours(1));
    let (status, again) = program.ask(Method::POST, SOURCES, new()).await;
    assert_eq!(status, StatusCode::CREATED, "{again}");
    assert_eq!(
        (&again["id"], &again["taken_up"], &again["state"]),
        (&made["id"], &json!(true), &json!("active"))
    );
    assert_eq!(removed(&mut program).await, [] as [Value; 0]);
    site.services.clock.advance(TimeDelta::hours(1));
    program.ask(Method::DELETE, &keep, None).await;
    for _ in 0..2 {
        let (status, gone) = program.ask(Method::DELETE, &delete, None).await;
        assert_eq!(
            (status, &gone["rows"]),
            (StatusCode::ACCEPTED, &json!("going"))
        );
    }
    assert_eq!(removed(&mut program).await[0]["rows"], json!("going"));
    site.services.clock.advance(TimeDelta::hours(1));
    connect::clear_removed(&site.services).await.unwrap();
    assert_eq!(removed(&mut program).await, [] as [Value; 0]);
    let (status, _) = program.ask(Method::DELETE, &delete, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "nothing is left");
    let (_, another) = program.ask(Method::POST, SOURCES, new()).await;
    assert_eq!(another["taken_up"], json!(false));
    assert_ne!(another["id"], made["id"]);
}

#[tokio::test]
async fn a_person_sees_rows_that_were_kept_and_erases_them() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    site.join(&shop, "jan@example.com", Role::Viewer).await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    let (_, made) = program.ask(Method::POST, SOURCES, Some(new)).await;
    let id = made["id"].as_str().unwrap();
    let keep = format!("{SOURCES}/{id}?rows=keep");
    program.ask(Method::DELETE, &keep, None).await;
    let base = format!("/s/{shop}/sources");
    let remove = format!("{base}/{id}/remove");
    let sure = [("rows", "delete"), ("sure", "yes")];
    let mut jan = site.signed_in("jan@example.com").await;
    let page = jan.get(&base).await;
    assert!(page.body.contains("Ля &#60;Визаж&#62;"), "{}", page.body);
    assert!(!page.body.contains("/remove"), "{}", page.body);
    let refused = jan.post(&remove, &sure).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut anna = site.signed_in("anna@example.com").await;
    for language in ["pl", "ru", "en"] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        let page = anna.get(&base).await;
        assert!(page.body.contains(&remove), "{}", page.body);
        assert!(!page.body.contains("console-source"), "{}", page.body);
    }
    anna.get(&format!("{base}/new")).await;
    let typed = [("login", "79161234567"), ("password", "right")];
    let to = anna.post(&base, &typed).await.location().to_owned();
    let page = anna.get(&to).await;
    assert!(
        page.body.contains("goes on with them") && !page.body.contains("connected already"),
        "{}",
        page.body
    );
    anna.get(&base).await;
    let unsure = anna.post(&remove, &[("rows", "delete")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let cleared = anna.post(&remove, &sure).await;
    assert_eq!(cleared.location(), format!("{base}?done=cleared"));
    let page = anna.get(cleared.location()).await;
    assert!(
        page.body.contains("notice good") && !page.body.contains(&remove),
        "{}",
        page.body
    );
    let journal = anna.get(&format!("/s/{shop}/journal")).await;
    assert!(!journal.body.contains("journal-source"), "{}", journal.body);
}

#[tokio::test]
async fn a_person_who_connects_a_company_again_is_told_that_its_source_goes_on() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    let (_, made) = program.ask(Method::POST, SOURCES, Some(new)).await;
    let id = made["id"].as_str().unwrap();
    let keep = format!("{SOURCES}/{id}?rows=keep");
    program.ask(Method::DELETE, &keep, None).await;
    let base = format!("/s/{shop}/sources");
    let mut anna = site.signed_in("anna@example.com").await;
    anna.get(&format!("{base}/new")).await;
    let typed = [("login", "79161234567"), ("password", "right")];
    let to = anna.post(&base, &typed).await.location().to_owned();
    let credential = to.rsplit('/').next().unwrap().split('?').next().unwrap();
    anna.get(&to).await;
    let choice = [
        ("credential", credential),
        ("company", "1050"),
        ("name", ""),
    ];
    let again = anna.post(&format!("{base}/connect"), &choice).await;
    assert_eq!(again.location(), format!("{base}/{id}?done=taken-up"));
    let page = anna.get(again.location()).await;
    assert!(
        page.body.contains("goes on with the rows that were kept"),
        "{}",
        page.body
    );
}
