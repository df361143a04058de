//! The page that removes old rows: nothing is saved that was not seen.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::TimeDelta;
use wynos::{
    SubscriptionId, catalog,
    control::JobKind,
    warehouse::{Admit, Load, Rows, Rule, Value, Write},
};

use super::{
    Site,
    browser::{Answer, Browser},
    planned_pages::salon,
};

/// Puts movements of money into the warehouse, as if they came from the source now.
async fn movements(site: &Site, shop: &SubscriptionId, source: &str, ids: &[i64]) {
    let mut rows = Rows::new(2);
    for id in ids {
        rows.push_values(&[Value::Integer(*id), Value::Decimal((*id).into())]);
    }
    let admit = Admit {
        table: Arc::clone(catalog::table("yclients_finance_transactions").unwrap()),
        source_id: source.to_owned(),
        columns: ["id", "amount"].map(ToOwned::to_owned).to_vec(),
        rows,
        rule: Rule::Newest,
        undo: None,
        personal_data_event: None,
        children: Vec::new(),
        filter: None,
    };
    let load = Load {
        origin: "test",
        run: format!("{ids:?}"),
        observed_at: site.services.clock.now(),
        writes: vec![Write::Admit(admit)],
        quota: None,
    };
    let warehouse = site.services.warehouses.open(shop);
    warehouse.commit(load).await.unwrap();
}

fn mark(page: &Answer) -> String {
    let seen = page.body.split("name=\"seen\" value=\"").nth(1).unwrap();
    seen.split('"').next().unwrap().to_owned()
}

async fn post(browser: &mut Browser, path: &str, days: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("name", "Old <rows>"),
        ("older_than_days", days),
        ("every", "weekly"),
        ("day", "sun"),
        ("at", "02:00"),
    ];
    form.extend_from_slice(more);
    browser.post(path, &form).await
}

#[tokio::test]
async fn a_person_sees_what_would_go_before_it_is_saved_or_removed() {
    let (site, shop, mut anna, source) = salon().await;
    movements(&site, &shop, &source, &[1, 2, 3]).await;
    site.services.clock.advance(TimeDelta::days(100));
    movements(&site, &shop, &source, &[4]).await;
    // Sessions do not last that long.
    anna = match anna.get("/account").await.status {
        StatusCode::OK => anna,
        _ => site.signed_in("anna@example.com").await,
    };
    let path = format!("/s/{shop}/retention");
    for language in ["pl", "ru", "en"] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        let page = anna.get(&path).await;
        assert!(!page.body.contains("console-"), "{}", page.body);
    }
    let jobs = site.services.control.planned_jobs(&shop);
    let before = jobs.list(None, 50).await.unwrap().items.len();
    for (days, more, told) in [
        ("0", [("table", "yclients_records")], "from 1 to 36500"),
        ("x", [("table", "yclients_records")], "from 1 to 36500"),
        ("90", [("table", "customers")], "cannot be chosen"),
        (
            "90",
            [("source", "nobodys-source")],
            "Choose one of your sources",
        ),
    ] {
        let page = post(&mut anna, &path, days, &more).await;
        assert!(page.body.contains(told), "{days} {more:?}: {}", page.body);
    }
    // Saved at once, it is shown first.
    let shown = post(&mut anna, &path, "90", &[("step", "save")]).await;
    assert_eq!(shown.status, StatusCode::OK);
    for text in [
        "Look at it below",
        "<td class=\"number\">3</td>",
        "21 November 2026",
        "Old &#60;rows&#62;",
    ] {
        assert!(shown.body.contains(text), "{text}: {}", shown.body);
    }
    let seen = mark(&shown);
    let other = post(&mut anna, &path, "30", &[("step", "save"), ("seen", &seen)]).await;
    assert!(
        other.body.contains("Look at it below"),
        "other days were not seen"
    );
    let unsure = post(&mut anna, &path, "90", &[("step", "run"), ("seen", &seen)]).await;
    assert!(unsure.body.contains("Tick the box"), "{}", unsure.body);
    let after = jobs.list(None, 50).await.unwrap().items.len();
    assert_eq!(before, after, "nothing was saved");
    let run = [("step", "run"), ("seen", seen.as_str()), ("sure", "yes")];
    let asked = post(&mut anna, &path, "90", &run).await;
    assert!(asked.location().ends_with("done=asked"), "{}", asked.body);
    site.work().await;
    let page = anna.get(asked.location()).await;
    assert!(page.body.contains("Sun at 02:00") && page.body.contains("pill good"));
    let rows = format!("/s/{shop}/tables/yclients_finance_transactions");
    let left = anna.get(&rows).await.body;
    assert!(
        left.contains(">4.00<") && !left.contains(">3.00<"),
        "{left}"
    );
    let own = jobs.list(None, 50).await.unwrap().items;
    let own = own.into_iter().find(|job| job.kind == JobKind::Retention);
    let job = own.unwrap();
    let again = anna.get(&format!("{path}?job={}", job.id)).await;
    for text in [
        "Old &#60;rows&#62;",
        "value=\"90\"",
        "value=\"sun\" checked",
    ] {
        assert!(again.body.contains(text), "{text}: {}", again.body);
    }
    let more = [("job", job.id.as_str()), ("step", "preview")];
    let shown = post(&mut anna, &path, "3650", &more).await;
    assert!(
        shown.body.contains("Nothing here is that old"),
        "{}",
        shown.body
    );
    let seen = mark(&shown);
    let more = [
        ("job", job.id.as_str()),
        ("step", "save"),
        ("seen", seen.as_str()),
    ];
    let saved = post(&mut anna, &path, "3650", &more).await;
    assert!(
        saved
            .location()
            .ends_with(&format!("{}?done=saved", job.id))
    );
    let kept = jobs.get(&job.id).await.unwrap();
    assert_eq!(kept.settings["older_than_days"], 3_650);
}
