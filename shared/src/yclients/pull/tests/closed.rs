use chrono::TimeDelta;
use serde_json::json;

use super::{
    held, options,
    periods::{self, asked, ordered, turn},
};
use crate::{
    control::{
        ReportKind, RunState, Source, SourceState, SourceTable,
        testing::{beds, sqlite_bed},
    },
    journal::JournalFilter,
    yclients::{
        client::{
            COMPANY_CLOSED, LICENCE_EXPIRED,
            tests::{Scripted, fine, refusal},
        },
        connect::tests::{Place, connected, place},
        pull::{found_closed, is_closed, problem, queue_due, run},
        reports::{Definition, ReportOrder, Target, preview},
    },
};

async fn tables(place: &Place, source: &Source) -> Vec<SourceTable> {
    let sources = place.services.control.sources(&source.subscription_id);
    sources.tables(&source.id).await.unwrap()
}

async fn is_found_closed(place: &Place, source: &Source) -> bool {
    is_closed(&tables(place, source).await)
}

/// How often the journal tells that the company is closed, and that it is open.
async fn told(place: &Place) -> [usize; 2] {
    let journal = place.services.control.journal(&place.bed.subscription.id);
    let all = journal.list(&JournalFilter::default(), None, 200).await;
    let all = all.unwrap().items;
    let times = |code: &str| all.iter().filter(|entry| entry.code == code).count();
    ["load.company-closed", "load.company-open"].map(times)
}

/// A company is refused, and the companies of the account are shown.
fn closed() -> [Scripted; 2] {
    let others = json!([{ "id": 8, "title": "x" }]);
    [refusal(401, "x"), fine(&others)]
}

/// What a company costs that is closed and, where it `is_shown`, shown itself all the same.
async fn is_tried_every_day(is_shown: bool) {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let pulled = async |script: [Scripted; 2]| {
            let itself = fine(&json!({ "id": 1050, "title": "x" }));
            let shown = is_shown.then_some(itself);
            place.server.answers(shown.into_iter().chain(script));
            let done = run(&place.services, &source.id, options(&[])).await;
            let why = done.unwrap().failures.into_values().next();
            let seen = place.server.seen();
            let asked: Vec<String> = seen.iter().map(|seen| seen.uri.path().to_owned()).collect();
            (why, asked)
        };
        let mut trial = vec!["/api/v1/company/1050/", "/api/v1/companies"];
        if is_shown {
            trial.insert(1, "/api/v1/company/1050/staff");
        }
        for _ in 0..2 {
            let (why, asked) = pulled(closed()).await;
            assert_eq!(why.as_deref(), Some(COMPANY_CLOSED));
            assert_eq!(asked, trial);
            assert!(is_found_closed(&place, &source).await);
            place.bed.clock.advance(TimeDelta::hours(23));
            assert_eq!(pulled(closed()).await, (None, Vec::new()), "nothing is due");
            place.bed.clock.advance(TimeDelta::hours(2));
            assert_eq!(told(&place).await, [1, 0]);
        }
        let kept = place.services.control.source(&source.id).await;
        assert_eq!(kept.unwrap().state, SourceState::Active);
        // A trial that the vendor did not answer says nothing of the company.
        let away = || refusal(503, "x");
        let (why, _) = pulled([away(), away()]).await;
        assert_eq!(why.as_deref(), Some("vendor.unavailable"));
        assert!(is_found_closed(&place, &source).await);
        place.bed.clock.advance(TimeDelta::hours(1));
        place.server.answers([fine(&json!([]))]);
        let done = run(&place.services, &source.id, options(&[])).await;
        assert_eq!(done.unwrap().failures.len(), 0);
        assert!(!is_found_closed(&place, &source).await);
        assert_eq!(told(&place).await, [1, 1]);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_closed_company_costs_two_calls_a_day_until_it_is_open() {
    is_tried_every_day(false).await;
}

#[tokio::test]
async fn a_closed_company_is_not_taken_for_open_because_it_is_shown_itself() {
    is_tried_every_day(true).await;
}

#[tokio::test]
async fn where_nothing_but_the_company_itself_is_read_its_answer_says_that_it_is_open() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let mut tx = place.services.control.begin().await.unwrap();
        for table in tables(&place, &source).await {
            let name = table.table_name.as_str();
            let is_itself = name == "yclients_companies";
            let mut sources = tx.sources(&source.subscription_id);
            let set = sources.enable_table(&source.id, name, is_itself, place.bed.now());
            set.await.unwrap();
        }
        tx.commit().await.unwrap();
        place.server.answers(closed());
        for expected in [true, false] {
            let done = run(&place.services, &source.id, options(&[])).await;
            done.unwrap();
            assert_eq!(is_found_closed(&place, &source).await, expected);
            place.bed.clock.advance(TimeDelta::hours(25));
            let itself = json!({ "id": 1050, "title": "x" });
            place.server.answers([fine(&itself)]);
        }
        assert_eq!(told(&place).await, [1, 1]);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_period_under_way_stands_still_with_its_company_and_goes_on_when_it_is_open() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let order = ordered(&place, &source).await;
        let turned = async |script: Vec<Scripted>| {
            place.server.answers(script);
            let done = turn(&place, &source, &order).await;
            assert_eq!(done.left_out.len(), 0, "{done:?}");
            let calls = place.server.seen().len();
            (done.state, done.failures.into_values().next(), calls)
        };
        let waits = |calls: usize| (RunState::Paused, Some(COMPANY_CLOSED.to_owned()), calls);
        let runs = place.services.control.runs(&source.subscription_id);
        let movement = json!([{ "id": 1, "create_date": "2026-03-10 10:00:00", "amount": 1 }]);
        let march = [fine(&movement), fine(&json!([]))];
        let first = march.into_iter().chain(closed()).collect();
        assert_eq!(turned(first).await, waits(4));
        assert_eq!(held(&place, periods::TABLE).await, 1);
        let kept = runs.get(&order).await.unwrap();
        assert_eq!((kept.windows_done, kept.windows_total), (1, 3));
        assert_eq!(kept.failure_code.as_deref(), Some(COMPANY_CLOSED));
        assert!(is_found_closed(&place, &source).await);
        // Whoever looks for what stands still has it gone on with, which costs no call before the company's trial.
        place.bed.clock.advance(TimeDelta::minutes(16));
        let dispatcher = place.services.dispatcher();
        assert_eq!(queue_due(&dispatcher).await.unwrap(), 1);
        assert_eq!(turned(Vec::new()).await, waits(0));
        place.bed.clock.advance(TimeDelta::hours(25));
        assert_eq!(turned(closed().to_vec()).await, waits(2));
        assert_eq!(told(&place).await, [1, 0]);
        place.bed.clock.advance(TimeDelta::hours(25));
        let (state, why, _) = turned(vec![fine(&json!([]))]).await;
        assert_eq!((state, why), (RunState::Done, None));
        assert_eq!(asked(&place), ["2026-02-01", "2026-01-01"]);
        assert_eq!(runs.get(&order).await.unwrap().windows_done, 3);
        assert_eq!(told(&place).await, [1, 1]);
        assert_eq!(periods::told(&place).await, [""; 0], "nothing is left out");
        let (after, now) = (tables(&place, &source).await, place.bed.now());
        let is_due = |table: &SourceTable| table.next_at.is_none_or(|at| at == now);
        assert!(!is_closed(&after) && after.iter().all(is_due));
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_period_under_way_stands_still_without_a_licence_and_goes_on_when_it_is_good() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let order = ordered(&place, &source).await;
        let turned = async |script: Vec<Scripted>| {
            place.server.answers(script);
            let done = turn(&place, &source, &order).await;
            assert_eq!(done.left_out.len(), 0, "{done:?}");
            let calls = place.server.seen().len();
            (done.state, done.failures.into_values().next(), calls)
        };
        let expired = || refusal(402, "Необходимо продлить лицензию в филиале с id: 1050");
        let waits = |calls: usize| (RunState::Paused, Some(LICENCE_EXPIRED.to_owned()), calls);
        let runs = place.services.control.runs(&source.subscription_id);
        let movement = json!([{ "id": 1, "create_date": "2026-03-10 10:00:00", "amount": 1 }]);
        let march = vec![fine(&movement), fine(&json!([])), expired()];
        assert_eq!(turned(march).await, waits(3));
        let kept = runs.get(&order).await.unwrap();
        assert_eq!((kept.windows_done, kept.windows_total), (1, 3));
        assert_eq!(kept.failure_code.as_deref(), Some(LICENCE_EXPIRED));
        let says = problem(&tables(&place, &source).await);
        assert_eq!(says, Some(LICENCE_EXPIRED));
        // No call is made before the company's trial, and that costs one.
        place.bed.clock.advance(TimeDelta::minutes(16));
        let dispatcher = place.services.dispatcher();
        assert_eq!(queue_due(&dispatcher).await.unwrap(), 1);
        assert_eq!(turned(Vec::new()).await, waits(0));
        place.bed.clock.advance(TimeDelta::hours(25));
        assert_eq!(turned(vec![expired()]).await, waits(1));
        place.bed.clock.advance(TimeDelta::hours(25));
        let (state, why, _) = turned(vec![fine(&json!([]))]).await;
        assert_eq!((state, why), (RunState::Done, None));
        assert_eq!(asked(&place), ["2026-02-01", "2026-01-01"]);
        assert_eq!(runs.get(&order).await.unwrap().windows_done, 3);
        assert_eq!(periods::told(&place).await, [""; 0], "nothing is left out");
        assert_eq!(problem(&tables(&place, &source).await), None);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_period_that_is_ordered_while_the_company_is_closed_tries_it_at_once() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    place.server.answers(closed());
    let done = run(&place.services, &source.id, options(&[])).await;
    done.unwrap();
    assert!(is_found_closed(&place, &source).await);
    let order = ordered(&place, &source).await;
    place.server.answers([fine(&json!([]))]);
    let done = turn(&place, &source, &order).await;
    assert_eq!(done.state, RunState::Done, "{done:?}");
    assert!(!is_found_closed(&place, &source).await);
    assert_eq!(told(&place).await, [1, 1]);
    place.bed.close().await;
}

#[tokio::test]
async fn a_report_that_meets_a_closed_company_has_its_source_say_so() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let subscription = &source.subscription_id;
        let credentials = place.services.control.credentials(subscription);
        let credential = credentials.get(&source.credential_id).await.unwrap();
        let before = found_closed(&place.services, &source, credential.version - 1);
        assert!(!before.await.unwrap(), "somebody signed in anew since");
        assert!(!is_found_closed(&place, &source).await);
        let order = ReportOrder {
            name: "Usługi".to_owned(),
            source: source.id.clone(),
            kind: ReportKind::Services,
            definition: Definition {
                fields: Vec::new(),
                target: Target::Json,
            },
            period: "last 7 days".parse().unwrap(),
            schedule: None,
        };
        for _ in 0..2 {
            place.server.answers(closed());
            let refused = preview(&place.services, subscription, &order).await;
            assert_eq!(refused.unwrap_err().code(), COMPANY_CLOSED);
            assert_eq!(place.server.seen().len(), 2);
            assert!(is_found_closed(&place, &source).await);
            assert_eq!(told(&place).await, [1, 0], "once");
        }
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
