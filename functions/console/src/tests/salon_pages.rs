//! How the pages of a connected company look, in three languages.

use axum::http::StatusCode;

use super::{pages::settled, planned_pages::salon};

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
        ("sources", format!("{base}/sources")),
        ("source_new", format!("{base}/sources/new")),
        ("source", format!("{base}/sources/{source}")),
        (
            "filter",
            format!("{base}/sources/{source}/tables/yclients_records"),
        ),
        ("reconciliations", path),
        ("reconciliation", compared.clone()),
        ("jobs", format!("{base}/jobs")),
        ("job_new", format!("{base}/jobs/new")),
        ("job", format!("{base}/jobs/{job}")),
        ("report_new", format!("{base}/reports/new")),
        ("report", report.clone()),
        ("retention", format!("{base}/retention")),
        ("people", format!("{base}/people")),
        ("personal", format!("{base}/personal-data")),
    ];
    let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let (report_id, run) = (last(&report), last(&compared));
    for language in ["en", "pl", "ru"] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        for (name, path) in &pages {
            let page = anna.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
            let raw = page.body.contains("console-") || page.body.contains("problem-");
            assert!(!raw, "{path}: {}", page.body);
            let ids = [
                (source.as_str(), "SOURCE"),
                (shop.as_str(), "SHOP"),
                (job.as_str(), "JOB"),
                (report_id.as_str(), "REPORT"),
                (run.as_str(), "RUN"),
            ];
            insta::assert_snapshot!(
                format!("{name}_{language}"),
                settled(page.body, &anna.csrf, &ids)
            );
        }
    }
}
