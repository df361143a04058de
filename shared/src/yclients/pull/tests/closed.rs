use chrono::TimeDelta;
use serde_json::json;

use super::options;
use crate::{
    control::{SourceState, testing::beds},
    journal::JournalFilter,
    yclients::{
        client::{
            COMPANY_CLOSED,
            tests::{Scripted, fine, refusal},
        },
        connect::tests::{connected, place},
        pull::{is_closed, run},
    },
};

#[tokio::test]
async fn a_closed_company_costs_two_calls_a_day_until_it_is_open() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let control = &place.services.control;
        let pulled = async |script: Vec<Scripted>| {
            place.server.answers(script);
            let done = run(&place.services, &source.id, options(&[]))
                .await
                .unwrap();
            let seen = place.server.seen();
            let asked: Vec<String> = seen.iter().map(|seen| seen.uri.path().to_owned()).collect();
            (done.failures.into_values().next(), asked)
        };
        let closed = || vec![refusal(401, "x"), fine(&json!([{ "id": 8, "title": "x" }]))];
        let is_found_closed = async || {
            let sources = control.sources(&source.subscription_id);
            is_closed(&sources.tables(&source.id).await.unwrap())
        };
        let state = async || control.source(&source.id).await.unwrap().state;
        let told = async |code: &str| {
            let journal = control.journal(&source.subscription_id);
            let all = journal.list(&JournalFilter::default(), None, 200).await;
            let all = all.unwrap().items;
            all.iter().filter(|entry| entry.code == code).count()
        };
        for _ in 0..2 {
            let (why, asked) = pulled(closed()).await;
            assert_eq!(why.as_deref(), Some(COMPANY_CLOSED));
            assert_eq!((asked.len(), asked[1].as_str()), (2, "/api/v1/companies"));
            assert!(is_found_closed().await);
            place.bed.clock.advance(TimeDelta::hours(23));
            assert_eq!(pulled(closed()).await, (None, Vec::new()), "nothing is due");
            place.bed.clock.advance(TimeDelta::hours(2));
        }
        assert_eq!(
            (state().await, told("load.company-closed").await),
            (SourceState::Active, 1)
        );
        // A trial that the vendor did not answer says nothing of the company.
        let (why, _) = pulled(vec![refusal(503, "x")]).await;
        assert_eq!(why.as_deref(), Some("vendor.unavailable"));
        assert!(is_found_closed().await);
        place.bed.clock.advance(TimeDelta::hours(1));
        assert_eq!(pulled(vec![fine(&json!([]))]).await.0, None);
        assert!(!is_found_closed().await);
        assert_eq!(told("load.company-open").await, 1);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_refusal_of_which_nobody_can_tell_whose_it_is_stops_no_other_source() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let pulled = async |script: Vec<Scripted>| {
            place.server.answers(script);
            let done = run(&place.services, &source.id, options(&[]))
                .await
                .unwrap();
            let why = done.failures.into_values().next();
            let state = place
                .services
                .control
                .source(&source.id)
                .await
                .unwrap()
                .state;
            (why.unwrap(), place.server.seen().len(), state)
        };
        // Asked three times, as whatever may pass is.
        let (why, calls, state) = pulled(vec![refusal(401, "x"), refusal(503, "x")]).await;
        assert_eq!(
            (why.as_str(), calls, state),
            ("vendor.unavailable", 4, SourceState::Active)
        );
        place.bed.clock.advance(TimeDelta::minutes(16));
        let (why, calls, state) = pulled(vec![refusal(401, "x")]).await;
        let expected = ("vendor.unauthorized", 2, SourceState::NeedsCredential);
        assert_eq!((why.as_str(), calls, state), expected);
        place.bed.close().await;
    }
}
