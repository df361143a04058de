//! Periods of which the vendor does not give everything.

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::{
    super::{Finished, history},
    held,
};
use crate::{
    catalog::Locale,
    control::{Actor, NewRun, RunId, RunKind, RunState, Source, testing::beds},
    journal::{self, JournalFilter},
    yclients::{
        client::tests::{answer, fine},
        connect::tests::{Place, connected, place},
    },
};

pub(super) const TABLE: &str = "yclients_goods_transactions";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Three months of one table that somebody ordered.
pub(super) async fn ordered(place: &Place, source: &Source) -> RunId {
    let new = NewRun {
        kind: RunKind::History,
        tables: vec![TABLE.to_owned()],
        period: Some((day("2026-01-01"), day("2026-03-31"))),
        windows_total: 3,
        created_by: Actor::System,
    };
    let mut tx = place.services.control.begin().await.unwrap();
    let mut runs = tx.runs(&source.subscription_id);
    let run = runs.create(&source.id, &new, place.bed.now()).await;
    tx.commit().await.unwrap();
    run.unwrap().id
}

pub(super) async fn turn(place: &Place, source: &Source, run: &RunId) -> Finished {
    let done = history(&place.services, &source.id, run, None, None).await;
    done.unwrap()
}

/// The first days that were asked for since the last time, each once.
pub(super) fn asked(place: &Place) -> Vec<String> {
    let seen = place.server.seen();
    let mut asked: Vec<String> = Vec::new();
    for seen in &seen {
        let uri = seen.uri.to_string();
        let from = uri.split("start_date=").nth(1).unwrap();
        asked.push(from.chars().take(10).collect());
    }
    asked.dedup();
    asked
}

pub(super) async fn told(place: &Place) -> Vec<String> {
    let subscription = &place.bed.subscription.id;
    journal::relay(&place.services, subscription).await.unwrap();
    let journal = place.services.control.journal(subscription);
    let all = JournalFilter::default();
    let page = journal.list(&all, None, 100);
    let entries = page.await.unwrap().items.into_iter();
    let entries = entries.filter(|entry| entry.code == "load.history-left-out");
    entries
        .map(|entry| {
            for locale in Locale::ALL {
                let text = journal::message(locale, &entry);
                let is_whole = !text.contains(['{', '$']) && !text.contains("problem-");
                assert!(is_whole && !text.starts_with("journal-"), "{text}");
            }
            journal::message(Locale::En, &entry)
        })
        .collect()
}

#[tokio::test]
async fn a_month_that_is_not_answered_waits_for_a_day_while_the_others_are_read() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let run = ordered(&place, &source).await;
        let away = answer(500, &json!({}));
        place.server.answers([away.clone()]);
        let begun = place.bed.now();
        for minutes in [5, 10] {
            let done = turn(&place, &source, &run).await;
            assert_eq!((done.state, done.failures.len()), (RunState::Running, 0));
            assert_eq!(asked(&place), ["2026-03-01"]);
            // Asked to go on too early, it does not ask the vendor.
            place.server.answers([away.clone()]);
            turn(&place, &source, &run).await;
            assert_eq!(asked(&place), [""; 0]);
            place.bed.clock.advance(TimeDelta::minutes(minutes));
        }
        let movement = json!([{ "id": 1, "create_date": "2026-02-10 10:00:00", "amount": 1 }]);
        let nothing = || fine(&json!([]));
        place
            .server
            .answers([fine(&movement), nothing(), nothing(), away.clone()]);
        let done = turn(&place, &source, &run).await;
        assert_eq!(done.state, RunState::Running, "{done:?}");
        assert_eq!(asked(&place), ["2026-02-01", "2026-01-01", "2026-03-01"]);
        assert_eq!(held(&place, TABLE).await, 1);
        let runs = place.services.control.runs(&source.subscription_id);
        assert_eq!(runs.get(&run).await.unwrap().windows_done, 2);
        let ended = loop {
            place.bed.clock.advance(TimeDelta::minutes(30));
            let done = turn(&place, &source, &run).await;
            if done.state != RunState::Running {
                break done;
            }
            assert!(place.bed.now() - begun < TimeDelta::hours(30));
        };
        assert!(place.bed.now() - begun >= TimeDelta::days(1));
        assert_eq!(ended.state, RunState::Partial);
        let march = [(day("2026-03-01"), day("2026-03-31"))];
        assert_eq!(ended.left_out[TABLE], march);
        assert_eq!(ended.failures[TABLE], "vendor.unavailable");
        let kept = runs.get(&run).await.unwrap();
        assert_eq!((kept.windows_done, kept.windows_total), (2, 3));
        let told = told(&place).await;
        assert!(
            told.len() == 1 && told[0].contains("2026-03-01 – 2026-03-31"),
            "{told:?}"
        );
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_month_that_cannot_be_had_is_left_out_at_once_and_the_others_are_read() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let run = ordered(&place, &source).await;
        // More than these settings let in.
        let large = fine(&json!(["x".repeat(20_000)]));
        place.server.answers([large, fine(&json!([]))]);
        let ended = turn(&place, &source, &run).await;
        assert_eq!(ended.state, RunState::Partial, "{ended:?}");
        assert_eq!(asked(&place), ["2026-03-01", "2026-02-01", "2026-01-01"]);
        assert_eq!(ended.failures[TABLE], "vendor.too-large");
        let march = [(day("2026-03-01"), day("2026-03-31"))];
        assert_eq!(ended.left_out[TABLE], march);
        assert_eq!(told(&place).await.len(), 1);
        place.bed.close().await;
    }
}
