//! What holds of every page of a connected company, in three languages.

use axum::http::StatusCode;

use super::planned_pages::salon;

#[tokio::test]
async fn the_pages_of_a_salon_in_three_languages() {
    let (site, shop, mut anna, source) = salon().await;
    site.work().await;
    let base = format!("/s/{shop}");
    anna.get(&format!("{base}/reports/new")).await;
    let report = [
        ("name", "Wares"),
        ("source", source.as_str()),
        ("kind", "services"),
        ("form", "json"),
        ("rule", "days"),
        ("count", "7"),
        ("every", "daily"),
        ("at", "04:00"),
        ("step", "make"),
    ];
    let made = anna.post(&format!("{base}/reports"), &report).await;
    let report = made.location().split('?').next().unwrap().to_owned();
    let days = [("from", "2026-11-15"), ("to", "2026-11-21")];
    let path = format!("{base}/sources/{source}/reconciliations");
    let compared = anna.post(&path, &days).await.location().to_owned();
    site.work().await;
    let job = site.services.control.planned_jobs(&shop);
    let job = job.list(None, 50).await.unwrap().items;
    let job = job.iter().find(|job| job.kind.as_str() == "reconciliation");
    let job = job.unwrap().id.to_string();
    let pages = [
        format!("{base}/sources"),
        format!("{base}/sources/new"),
        format!("{base}/sources/{source}"),
        format!("{base}/sources/{source}/tables/yclients_records"),
        format!("{base}/sources/{source}/documents"),
        format!("{base}/sources/{source}/documents?from=2026-11-15&to=2026-11-01"),
        path,
        compared,
        format!("{base}/jobs"),
        format!("{base}/jobs/new"),
        format!("{base}/jobs/{job}"),
        format!("{base}/reports/new"),
        report,
        format!("{base}/retention"),
        format!("{base}/people"),
        format!("{base}/personal-data"),
    ];
    for language in ["en", "pl", "ru"] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        for path in &pages {
            let page = anna.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
            let raw = page.body.contains("console-") || page.body.contains("problem-");
            assert!(!raw, "{path}: {}", page.body);
            sound(path, language, &page.body);
        }
    }
}

/// What readers of screens stand on: the language, one heading, tables that say what they are of, and headings that say
/// what they head.
fn sound(path: &str, language: &str, body: &str) {
    let count = |what: &str| body.matches(what).count();
    assert!(
        body.contains(&format!("<html lang=\"{language}\">")),
        "{path}"
    );
    assert_eq!(count("<h1>"), 1, "{path}: {body}");
    assert_eq!(count("<table"), count("<caption"), "{path}: {body}");
    let heads = count("<th ") + count("<th>");
    assert_eq!(heads, count("<th scope="), "{path}: {body}");
}
