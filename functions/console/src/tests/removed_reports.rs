//! Reports that are removed with their rows kept, which somebody gives up later.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wynos::control::Role;

use super::{api::Program, source_work::connected};

const REPORTS: &str = "/api/v1/reports";

/// The removed reports that a program is shown.
async fn removed(program: &mut Program) -> Vec<Value> {
    let path = format!("{REPORTS}?removed=true");
    let (status, list) = program.ask(Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::OK, "{list}");
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_person_sees_rows_that_a_removed_report_kept_and_gives_them_up() {
    let (site, shop, mut program, made) = connected().await;
    site.join(&shop, "jan@example.com", Role::Viewer).await;
    site.shop("Inny", "ola@example.com").await;
    let new = json!({ "name": "Wares <1>", "source": made["id"], "kind": "services" });
    let (status, report) = program.ask(Method::POST, REPORTS, Some(new)).await;
    assert_eq!(status, StatusCode::CREATED, "{report}");
    let id = report["report"]["id"].as_str().unwrap();
    let jobs = format!("/s/{shop}/jobs");
    let remove = format!("/s/{shop}/reports/{id}/remove");
    let sure = [("rows", "delete"), ("sure", "yes")];

    let mut anna = site.signed_in("anna@example.com").await;
    let page = anna.get(&jobs).await;
    assert!(!page.body.contains(&remove), "{}", page.body);
    let kept = [("rows", "keep"), ("sure", "yes")];
    let gone = anna.post(&remove, &kept).await;
    assert_eq!(gone.location(), format!("{jobs}?done=report"));
    assert_eq!(removed(&mut program).await[0]["rows"], "kept");
    let again = anna.post(&remove, &kept).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "it is removed already");

    let mut jan = site.signed_in("jan@example.com").await;
    let page = jan.get(&jobs).await;
    assert!(page.body.contains("Wares &#60;1&#62;"), "{}", page.body);
    assert!(!page.body.contains(&remove), "{}", page.body);
    let refused = jan.post(&remove, &sure).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut ola = site.signed_in("ola@example.com").await;
    ola.get("/account").await;
    let foreign = ola.post(&remove, &sure).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let csrf = std::mem::replace(&mut anna.csrf, "AAAA".to_owned());
    let forged = anna.post(&remove, &sure).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    anna.csrf = csrf;

    for (language, words) in [
        ("pl", "Jego wiersze są zachowane."),
        ("ru", "Его строки сохранены."),
        ("en", "Its rows are kept."),
    ] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        let page = anna.get(&jobs).await.body;
        for shown in [
            remove.as_str(),
            words,
            "yclients_reports",
            "Wares &#60;1&#62;",
        ] {
            assert!(page.contains(shown), "{language} {shown}: {page}");
        }
        assert!(!page.contains("console-"), "{page}");
    }
    let unsure = anna.post(&remove, &[("rows", "delete")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let cleared = anna.post(&remove, &sure).await;
    assert_eq!(cleared.location(), format!("{jobs}?done=cleared"));
    let page = anna.get(cleared.location()).await.body;
    assert!(page.contains("notice good"), "{page}");
    assert!(!page.contains(&remove), "{page}");
    let left = removed(&mut program).await;
    assert!(
        left.iter().all(|report| report["rows"] == "going"),
        "{left:?}"
    );
}
