//! The console's pages of jobs, reports and filters, as browsers use them.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use wynos::{
    SubscriptionId,
    control::{Actor, Scope},
    planner,
};

use super::{Site, api::Program, browser::Browser, sources};

/// A salon with a connected company, its owner's browser, and the source.
pub(super) async fn salon() -> (Site, SubscriptionId, Browser, String) {
    let site = sources::site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    let (_, made) = program
        .ask(Method::POST, "/api/v1/sources", Some(new))
        .await;
    let source = made["id"].as_str().unwrap().to_owned();
    let anna = site.signed_in("anna@example.com").await;
    (site, shop, anna, source)
}

/// A form, with these fields in the place of its own.
fn with<'a>(
    form: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = form
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    kept.chain(changes).copied().collect()
}

#[tokio::test]
async fn a_person_makes_changes_runs_and_removes_a_job() {
    let (site, shop, mut anna, source) = salon().await;
    let base = format!("/s/{shop}/jobs");
    anna.get(&format!("{base}/new")).await;
    let planned = site.services.control.planned_jobs(&shop);
    // Connecting a source makes jobs of its own.
    let before = planned.list(None, 10).await.unwrap().items.len();
    let good = [
        ("kind", "reconciliation"),
        ("name", "Nightly <check>"),
        ("source", source.as_str()),
        ("rule", "days"),
        ("count", "7"),
        ("every", "weekly"),
        ("day", "mon"),
        ("day", "thu"),
        ("at", "03:30"),
    ];
    let refusals: [(&[(&str, &str)], &str); 6] = [
        (&[("name", "")], "A name has 1 to 64 characters"),
        (&[("day", "")], "never fire"),
        (&[("every", "minutes"), ("interval", "0")], "never fire"),
        (&[("at", "25:00")], "no time of day"),
        (
            &[("rule", "since"), ("since", "2099-01-01")],
            "lies in the future",
        ),
        (&[("source", "")], "Choose one of your sources"),
    ];
    for (wrong, text) in refusals {
        let page = anna.post(&base, &with(&good, wrong)).await;
        assert_eq!(page.status, StatusCode::OK, "{wrong:?}");
        let told = page.body.matches(text).count();
        assert!(
            told >= 2,
            "{wrong:?}: above and beside the field: {}",
            page.body
        );
        assert!(wrong[0].0 == "name" || page.body.contains("Nightly &#60;check&#62;"));
    }
    let after = planned.list(None, 10).await.unwrap().items.len();
    assert_eq!(after, before, "nothing was made");
    let made = anna.post(&base, &good).await;
    let job = made.location().split('?').next().unwrap().to_owned();
    let page = anna.get(made.location()).await;
    for shown in ["The job is made", "Mon, Thu at 03:30", "the last 7 days"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let reversed = [
        ("action", "run"),
        ("from", "2026-11-20"),
        ("to", "2026-11-01"),
    ];
    let page = anna.post(&job, &reversed).await;
    assert!(page.body.contains("ends before it begins"), "{}", page.body);
    let period = [
        ("action", "run"),
        ("from", "2026-11-01"),
        ("to", "2026-11-20"),
    ];
    let asked = anna.post(&job, &period).await;
    assert!(asked.location().ends_with("done=asked"), "{}", asked.body);
    let page = anna.get(&job).await;
    assert!(
        page.body.contains("1 November 2026 – 20 November 2026") && page.body.contains("data-busy")
    );
    let change = with(&good, &[("name", "Daily"), ("every", "daily")]);
    let saved = anna.post(&format!("{job}/edit"), &change).await;
    assert!(saved.location().ends_with("done=saved"), "{}", saved.body);
    for language in ["en", "pl", "ru"] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        for path in [base.clone(), format!("{base}/new"), job.clone()] {
            let page = anna.get(&path).await;
            let sound = !page.body.contains("console-") && !page.body.contains("problem-");
            assert!(
                page.status == StatusCode::OK && sound,
                "{path}: {}",
                page.body
            );
        }
    }
    let unsure = anna.post(&job, &[("action", "remove")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let removed = anna
        .post(&job, &[("action", "remove"), ("sure", "yes")])
        .await;
    assert!(removed.location().ends_with("done=job"), "{}", removed.body);
    assert_eq!(anna.get(&job).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_run_that_left_something_out_is_not_shown_as_done() {
    let (site, shop, mut anna, _) = salon().await;
    let jobs = site.services.control.planned_jobs(&shop);
    // Connecting a source makes comparisons.
    let job = jobs.list(None, 10).await.unwrap().items.remove(0);
    let asked = planner::run_now(&site.services, &shop, &job.id, None, &Actor::System).await;
    let run = asked.unwrap().id;
    let now = site.services.clock.now();
    let counts = [("checked".to_owned(), 4), ("not_checked".to_owned(), 3)];
    let counts = BTreeMap::from(counts);
    let mut tx = site.services.control.begin().await.unwrap();
    let mut writer = tx.planned_jobs(&shop);
    let taken = writer.take_run(&run, "us", now + TimeDelta::minutes(5), now);
    taken.await.unwrap().unwrap();
    let ended = writer.end_run(&run, "us", Ok((0, &counts)), now).await;
    let ended = ended.unwrap().unwrap();
    writer
        .note_end(&ended, 0, job.next_at, false)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for path in [
        format!("/s/{shop}/jobs"),
        format!("/s/{shop}/jobs/{}", job.id),
    ] {
        let page = anna.get(&path).await;
        for shown in ["done in part</span>", "3 days were not checked"] {
            assert!(page.body.contains(shown), "{path}: {shown}: {}", page.body);
        }
        assert!(!page.body.contains("pill good"), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn a_person_makes_a_report_from_a_sample_and_approves_its_columns() {
    let (site, shop, mut anna, source) = salon().await;
    let base = format!("/s/{shop}/reports");
    anna.get(&format!("{base}/new")).await;
    let form = [
        ("name", "Wares"),
        ("source", source.as_str()),
        ("kind", "services"),
        ("form", "json"),
        ("rule", "days"),
        ("count", "7"),
        ("every", "daily"),
        ("at", "04:00"),
        ("step", "sample"),
    ];
    let sample = anna.post(&base, &form).await;
    for shown in [
        "2 records were looked at",
        "value=\"price_min\"",
        "staff[].id",
    ] {
        assert!(sample.body.contains(shown), "{shown}: {}", sample.body);
    }
    let faulty =
        "tables:\n  wares:\n    rows: nothing_here[]\n    key: [id]\n    columns:\n      id: id\n";
    let refusals: [(&[(&str, &str)], &str); 5] = [
        (&[("form", "description"), ("description", faulty)], "line "),
        (
            &[("form", "table"), ("table", "yclients_services")],
            "cannot be used",
        ),
        (
            &[("form", "table"), ("table", "a\"; DROP TABLE x")],
            "cannot be used",
        ),
        (&[("field", "no_such_field")], "no_such_field"),
        (
            &[("rule", "since"), ("since", "2099-01-01")],
            "lies in the future",
        ),
    ];
    for (wrong, text) in refusals {
        let wrong = with(&with(&form, wrong), &[("step", "make")]);
        let page = anna.post(&base, &wrong).await;
        assert_eq!(page.status, StatusCode::OK, "{wrong:?}");
        assert!(
            page.body.contains(text) && page.body.contains("notice bad"),
            "{}",
            page.body
        );
        assert!(
            !page.body.contains("has no records of this kind"),
            "there were some: {}",
            page.body
        );
    }
    // What the sample showed is shown again, with what was chosen of it.
    let sampled = format!("{source} services 2");
    let carried = [
        ("step", "preview"),
        ("form", "description"),
        ("description", faulty),
        ("sampled", sampled.as_str()),
        ("shown", "decimal(2) price_min"),
        ("shown", "integer id"),
        ("field", "id"),
    ];
    let page = anna.post(&base, &with(&form, &carried)).await;
    for shown in [
        "2 records were looked at",
        "value=\"price_min\">",
        "value=\"id\" checked>",
        "line ",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let own = [
        ("form", "table"),
        ("table", "wares"),
        ("field", "id"),
        ("field", "title"),
    ];
    let table = with(&with(&form, &own), &[("step", "make")]);
    let page = anna.post(&base, &table).await;
    assert!(page.body.contains("These are the columns") && page.body.contains("&#60;b&#62;Cut"));
    let kept = site.services.control.reports(&shop);
    assert!(
        kept.list(None, 10).await.unwrap().items.is_empty(),
        "nothing was made"
    );
    let mark = "name=\"approved\" value=\"";
    let approved = page.body.split(mark).nth(1).unwrap();
    let approved = approved.split('"').next().unwrap().to_owned();
    let made = anna
        .post(&base, &with(&table, &[("approved", &approved)]))
        .await;
    assert!(made.location().ends_with("done=made"), "{}", made.body);
    let report = made.location().split('?').next().unwrap().to_owned();
    for language in ["en", "pl", "ru"] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        for path in [format!("{base}/new"), report.clone()] {
            let page = anna.get(&path).await;
            let sound = !page.body.contains("console-") && !page.body.contains("problem-");
            assert!(
                page.status == StatusCode::OK && sound,
                "{path}: {}",
                page.body
            );
        }
    }
    let other = with(&table, &[("name", "Others"), ("approved", &approved)]);
    let taken = anna.post(&base, &other).await;
    assert!(
        taken.body.contains("notice bad"),
        "its name is taken: {}",
        taken.body
    );
    let job = kept
        .list(None, 10)
        .await
        .unwrap()
        .items
        .remove(0)
        .job_id
        .unwrap();
    anna.post(&format!("/s/{shop}/jobs/{job}"), &[("action", "run")])
        .await;
    site.work().await;
    site.services.clock.advance(chrono::TimeDelta::seconds(5));
    let page = anna.get(&report).await;
    assert!(page.body.contains("pill good"), "{}", page.body);
    let mut program = Program::new(&site, &shop, Scope::Read).await;
    let rows = "/api/v1/tables/wares/rows?title=Colouring";
    let (status, found) = program.ask(Method::GET, rows, None).await;
    assert_eq!(
        (status, found["items"].as_array().unwrap().len()),
        (StatusCode::OK, 1)
    );
    let gone = [("rows", "delete"), ("sure", "yes")];
    let removed = anna.post(&format!("{report}/remove"), &gone).await;
    assert!(
        removed.location().ends_with("done=report"),
        "{}",
        removed.body
    );
    let (status, _) = program.ask(Method::GET, rows, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let again = anna
        .post(&base, &with(&table, &[("approved", &approved)]))
        .await;
    assert!(
        again.location().ends_with("done=made"),
        "the name is free: {}",
        again.body
    );
}

#[tokio::test]
async fn a_person_sees_what_a_filter_would_do_before_it_is_saved() {
    let (site, shop, mut anna, source) = salon().await;
    let path = format!("/s/{shop}/sources/{source}/tables/yclients_records");
    let page = anna.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let one = [
        ("column-0", "staff_id"),
        ("is-0", "equal"),
        ("value-0", "7"),
    ];
    let seen = anna.post(&path, &with(&one, &[("step", "preview")])).await;
    assert!(seen.body.contains("When this is saved") && seen.body.contains("value=\"7\""));
    let tables = site.services.control.sources(&shop);
    let filter = async || {
        let all = tables.tables(&source.parse().unwrap()).await.unwrap();
        let own = all
            .into_iter()
            .find(|table| table.table_name == "yclients_records");
        own.unwrap().filter
    };
    assert_eq!(filter().await, None, "looking changes nothing");
    for (wrong, text) in [
        (
            [
                ("column-0", "staff_id"),
                ("is-0", "equal"),
                ("value-0", "x"),
            ],
            "staff_id",
        ),
        (
            [("column-0", "nothing"), ("is-0", "equal"), ("value-0", "1")],
            "nothing",
        ),
    ] {
        let page = anna.post(&path, &with(&wrong, &[("step", "save")])).await;
        assert!(
            page.body.contains("cannot be used") && page.body.contains(text),
            "{}",
            page.body
        );
    }
    let two = with(
        &one,
        &[
            ("column-1", "service_category_ids"),
            ("is-1", "has"),
            ("value-1", "12"),
        ],
    );
    let saved = anna
        .post(&path, &with(&two, &[("step", "save"), ("join", "or")]))
        .await;
    assert!(saved.location().ends_with("done=saved"), "{}", saved.body);
    let kept = json!({"or": [
        {"column": "staff_id", "is": "equal", "value": 7}, {"column": "service_category_ids", "has": 12},
    ]});
    assert_eq!(filter().await, Some(kept));
    let page = anna.get(&path).await;
    assert!(
        page.body.contains("<option value=\"has\" selected>"),
        "{}",
        page.body
    );
    let cleared = anna.post(&path, &[("step", "clear")]).await;
    assert!(
        cleared.location().ends_with("done=saved"),
        "{}",
        cleared.body
    );
    assert_eq!(filter().await, None);
}
