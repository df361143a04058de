use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Place, codes, companies_page, connected, details, place};
use crate::{
    control::{
        Actor, Purpose, Source, SourceState, SourceTable, VendorToken,
        testing::{beds, sqlite_bed},
    },
    journal::JournalFilter,
    yclients::{
        client::{
            COMPANY_CLOSED, VendorError,
            tests::{Scripted, fine, refusal},
        },
        connect::{Add, ConnectError, Entry, add, companies, open, refused, renew, whose_refusal},
        pull,
    },
};

#[tokio::test]
async fn one_call_for_what_is_the_users_own_tells_a_closed_company_from_a_refused_token() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let opened = open(&place.services, &source.id, Purpose::Pull).await;
    let opened = opened.unwrap();
    let answers: [(Scripted, &str, usize); 8] = [
        (fine(&companies_page()), COMPANY_CLOSED, 1),
        (fine(&json!([])), COMPANY_CLOSED, 1),
        (refusal(403, "Недостаточно прав"), COMPANY_CLOSED, 1),
        (refusal(404, "Не найдено"), COMPANY_CLOSED, 1),
        (refusal(401, "x"), "vendor.unauthorized", 1),
        (
            refusal(401, "Партнёр не найден"),
            "vendor.partner-refused",
            1,
        ),
        (refusal(422, "x"), "vendor.unavailable", 1),
        (refusal(503, "x"), "vendor.unavailable", 3),
    ];
    for (answer, code, calls) in answers {
        place.server.answers([answer]);
        assert_eq!(whose_refusal(&opened.caller).await.code(), code);
        let seen = place.server.seen();
        assert_eq!(seen.len(), calls, "{code}");
        assert_eq!(seen[0].uri.path(), "/api/v1/companies");
        assert!(seen[0].uri.query().unwrap().contains("my=1"));
    }
    place.bed.close().await;
}

/// Connects the company 1051 with the sign-in of another source.
async fn second(place: &Place, first: &Source) -> Source {
    let lists = [fine(&companies_page()), fine(&json!([]))];
    let probe = [fine(&details(1051)), fine(&json!([]))];
    place.server.answers(lists.into_iter().chain(probe));
    let order = Add {
        subscription: first.subscription_id.clone(),
        credential: first.credential_id.clone(),
        company: 1051,
        name: None,
        by: Actor::CommandLine,
    };
    add(&place.services, &order).await.unwrap().source
}

async fn tables(place: &Place, source: &Source) -> Vec<SourceTable> {
    let sources = place.services.control.sources(&source.subscription_id);
    sources.tables(&source.id).await.unwrap()
}

#[tokio::test]
async fn a_token_that_is_refused_to_whoever_lists_companies_stops_sources_that_the_journal_names() {
    for bed in beds().await {
        let place = place(bed).await;
        let first = connected(&place).await;
        let other = second(&place, &first).await;
        let (shop, credential) = (&first.subscription_id, &first.credential_id);
        place.server.answers([refusal(401, "x")]);
        // Once more, it is no news.
        for _ in 0..2 {
            let seen = companies(&place.services, shop, credential).await;
            let refused = matches!(seen, Err(ConnectError::Vendor(VendorError::Unauthorized)));
            assert!(refused, "{seen:?}");
        }
        let mut expected = Vec::new();
        for source in [&first, &other] {
            let kept = place.services.control.source(&source.id).await.unwrap();
            assert_eq!(kept.state, SourceState::NeedsCredential);
            expected.push(Some(source.id.to_string()));
        }
        let journal = place.services.control.journal(shop);
        let all = journal.list(&JournalFilter::default(), None, 100).await;
        let told = all.unwrap().items.into_iter();
        let told = told.filter(|entry| entry.code == "source.refused");
        let mut told: Vec<_> = told.map(|entry| entry.source_id).collect();
        told.sort();
        expected.sort();
        assert_eq!(told, expected);
        let readable = codes(&place).await.into_iter();
        assert_eq!(readable.filter(|code| code == "source.refused").count(), 2);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn whoever_lost_a_company_renews_the_others() {
    for bed in beds().await {
        let place = place(bed).await;
        let (services, by) = (&place.services, Actor::CommandLine);
        let lost = connected(&place).await;
        let kept = second(&place, &lost).await;
        let opened = open(services, &lost.id, Purpose::Pull).await.unwrap();
        refused(services, &opened).await.unwrap();
        let renewed = async |sees: Value| {
            place.server.answers([fine(&sees), fine(&json!([]))]);
            let entry = Entry::Token(VendorToken::new("nowy"));
            renew(services, &lost.id, entry, &by).await
        };
        let another = renewed(json!([{ "id": 77, "title": "x" }])).await;
        let error = another.unwrap_err();
        assert_eq!(error.code(), Some("source.no-such-company"));
        let state = async |source: &Source| {
            let source = services.control.source(&source.id).await;
            source.unwrap().state
        };
        assert_eq!(state(&kept).await, SourceState::NeedsCredential);
        let told = async |code: &str| {
            let told = codes(&place).await;
            told.iter().filter(|told| *told == code).count()
        };
        // Said again later, it is no news.
        for times in 1..=2 {
            let done = renewed(json!([{ "id": 1051, "title": "x" }])).await;
            let done = done.unwrap();
            assert_eq!(done.source.id, lost.id);
            let closed: Vec<_> = done.closed.iter().map(|source| &source.id).collect();
            assert_eq!(closed, [&lost.id]);
            assert_eq!(state(&lost).await, SourceState::Active);
            assert_eq!(state(&kept).await, SourceState::Active);
            assert!(pull::is_closed(&tables(&place, &lost).await));
            assert!(!pull::is_closed(&tables(&place, &kept).await));
            let due = services.control.housekeeping();
            let due = due.sources_due(place.bed.now(), 9).await.unwrap();
            assert_eq!(due, std::slice::from_ref(&kept.id));
            assert_eq!(told("load.company-closed").await, 1);
            assert_eq!(told("source.renewed").await, times);
            place.bed.clock.advance(TimeDelta::hours(1));
        }
        let done = renewed(companies_page()).await.unwrap();
        assert_eq!(done.closed, []);
        let after = tables(&place, &lost).await;
        assert!(!pull::is_closed(&after));
        let now = place.bed.now();
        assert!(
            after
                .iter()
                .all(|table| table.next_at.is_none_or(|at| at == now))
        );
        assert_eq!(told("load.company-open").await, 1);
        place.bed.close().await;
    }
}
