mod changed;
mod closed;
mod documents;
mod gone;
mod many_turns;
mod periods;
mod plan_end;
mod poorer;
mod turns;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Options, Ordered, PullError, messages::PullMessage, on_message, order, order_details,
    order_now, queue_due, run,
};
use crate::{
    catalog,
    control::{
        Actor, NewRun, RunKind, RunState, Source,
        testing::{beds, sqlite_bed},
    },
    ports::{Envelope, Receipt, Received},
    services::Services,
    warehouse::{Filter, internal},
    yclients::{
        client::{Access, Vendor, tests::fine},
        connect::{
            self, Change, change,
            tests::{Place, connected, place},
        },
        hooks, selection,
    },
};

fn options(tables: &[&str]) -> Options {
    Options {
        deadline: None,
        tables: tables.iter().map(ToString::to_string).collect(),
        run: None,
        actor: Actor::System,
        watch: None,
    }
}

/// The paths and queries that a pull asks for, of a vendor that has nothing.
async fn asked(place: &Place, source: &Source, tables: &[&str]) -> Vec<String> {
    place.server.answers([fine(&json!([]))]);
    let done = run(&place.services, &source.id, options(tables)).await;
    assert_eq!(done.unwrap().state, RunState::Done);
    let seen = place.server.seen();
    seen.iter().map(|seen| seen.uri.to_string()).collect()
}

#[tokio::test]
async fn what_was_read_is_not_due_and_makes_no_run() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        asked(&place, &source, &[]).await;
        place.bed.clock.advance(TimeDelta::minutes(10));
        let housekeeping = place.services.control.housekeeping();
        let due = housekeeping.sources_due(place.bed.now(), 9).await.unwrap();
        assert_eq!(due, [], "not even by what has no list");
        assert_eq!(queue_due(&place.services.dispatcher()).await.unwrap(), 0);
        assert_eq!(asked(&place, &source, &[]).await, [""; 0]);
        let runs = place.services.control.runs(&source.subscription_id);
        let listed = runs.list(Some(&source.id), None, None, 9).await.unwrap();
        assert_eq!(listed.items.len(), 1);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn the_first_days_come_before_the_long_lists() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let first = asked(&place, &source, &[]).await;
    let at = |path: &str| first.iter().position(|uri| uri.contains(path)).unwrap();
    let early = [
        "/company/1050/services",
        "/records/1050",
        "/transactions/1050",
    ];
    let late = ["/clients/1050", "/goods_categories/1050", "/goods/1050"];
    let last_of_early = early.iter().map(|path| at(path)).max().unwrap();
    assert!(
        late.iter().all(|path| at(path) > last_of_early),
        "{first:#?}"
    );
    assert!(
        at(early[0]) < at(early[1]),
        "services before what refers to them"
    );
    // From then on it is the order in which they need each other.
    place.bed.clock.advance(TimeDelta::hours(30));
    let later = asked(&place, &source, &[]).await;
    let at = |path: &str| later.iter().position(|uri| uri.contains(path)).unwrap();
    assert!(at("/clients/1050") < at("/records/1050"), "{later:#?}");
}

#[tokio::test]
async fn the_vendor_applies_what_it_can_of_a_filter_but_to_changes() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let filter = json!({ "column": "staff_id", "is": "equal", "value": 5 });
    let table = "yclients_records";
    selection::set_filter(
        &place.services,
        &source.id,
        table,
        Some(&filter),
        Actor::System,
    )
    .await
    .unwrap();
    let window = asked(&place, &source, &[table]).await;
    assert!(
        window
            .iter()
            .all(|uri| uri.contains("start_date=") && uri.contains("staff_id=5")),
        "{window:#?}"
    );
    let changes = asked(&place, &source, &[table]).await;
    assert!(
        changes
            .iter()
            .all(|uri| uri.contains("changed_after=") && !uri.contains("staff_id")),
        "a record that left the filter is among them: {changes:#?}"
    );
}

#[tokio::test]
async fn without_access_a_source_waits_free_and_says_why() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let mut settings = place.services.vendor.settings().clone();
        settings.yclients = Access {
            partner_token: None,
            ..settings.yclients
        };
        let services = Services {
            vendor: Vendor::new(settings),
            ..place.services.clone()
        };
        for _ in 0..2 {
            let refused = run(&services, &source.id, options(&[])).await;
            assert!(matches!(refused, Err(PullError::Vendor(_))), "{refused:?}");
            let kept = services.control.source(&source.id).await.unwrap();
            assert_eq!(kept.lease_holder, None, "whoever comes next may have it");
        }
        let sources = services.control.sources(&source.subscription_id);
        for table in sources.tables(&source.id).await.unwrap() {
            if table.table_name == "yclients_documents" {
                continue;
            }
            assert_eq!(table.outcome.as_deref(), Some("vendor.not-configured"));
            assert!(table.next_at.unwrap() > place.bed.now());
        }
        let runs = services.control.runs(&source.subscription_id);
        let listed = runs.list(Some(&source.id), None, None, 9).await.unwrap();
        assert_eq!(listed.items.len(), 0, "nothing was begun");
        place.bed.close().await;
    }
}

fn client(id: i64) -> Value {
    json!({ "id": id, "name": format!("Klient {id}") })
}

/// An event as the queue hands it over.
fn received(
    place: &Place,
    source: &Source,
    id: &str,
    at: DateTime<Utc>,
    event: &Value,
) -> Received {
    let message =
        json!({ "source": source.id, "key_version": 1, "received_at": at, "events": [event] });
    Received {
        id: id.to_owned(),
        receipt: Receipt(id.to_owned()),
        envelope: Envelope {
            version: wynos_base::hooks::VERSION,
            kind: wynos_base::hooks::KIND.to_owned(),
            subscription: place.bed.subscription.id.clone(),
            body: message,
        },
        attempt: 1,
    }
}

fn event(resource: &str, data: &Value) -> Value {
    json!({ "company_id": 1050, "resource": resource, "resource_id": data["id"], "status": "update", "data": data })
}

async fn held(place: &Place, table: &str) -> u64 {
    let warehouse = place.services.warehouses.open(&place.bed.subscription.id);
    let snapshot = warehouse.snapshot().await.unwrap();
    let table = catalog::table(table).unwrap();
    snapshot.count(table, &Filter::All).await.unwrap()
}

#[tokio::test]
async fn invariant_04_a_record_of_a_pull_or_an_event_that_is_no_row_never_blocks_its_neighbours() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let table = "yclients_clients";
    let broken = |of: i64| json!({ "id": format!("#{of}"), "name": "Klient" });
    let page = [client(1), client(2), broken(3), client(4)];
    place.server.answers([fine(&json!(page))]);
    let done = run(&place.services, &source.id, options(&[table]))
        .await
        .unwrap();
    assert_eq!((done.state, done.loaded.parked), (RunState::Done, 1));
    assert_eq!((held(&place, table).await, done.loaded.rows[table]), (3, 3));
    let later = asked(&place, &source, &[table]).await;
    assert!(
        later[0].contains("changed_after="),
        "it is not read for ever: {later:?}"
    );

    let events = [client(11), broken(12), client(13)].map(|body| event("client", &body));
    let now = place.bed.now();
    let one_by_one = events.iter().enumerate();
    let all = one_by_one.map(|(n, event)| received(&place, &source, &n.to_string(), now, event));
    for (id, outcome) in hooks::ingest(&place.services, all.collect()).await {
        assert!(outcome.is_ok(), "{id}: {outcome:?}");
    }
    assert_eq!(held(&place, table).await, 5);
    let warehouse = place.services.warehouses.open(&place.bed.subscription.id);
    let snapshot = warehouse.snapshot().await.unwrap();
    let aside = snapshot.count(internal::parked(), &Filter::All).await;
    assert_eq!(
        aside.unwrap(),
        2,
        "with the reason, to be looked at and tried again"
    );
}

#[tokio::test]
async fn lines_of_a_body_that_came_late_are_read_again() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let table = "yclients_records";
    let now = place.bed.now();
    let visit = |services: &[i64]| {
        let lines: Vec<_> = services
            .iter()
            .map(|id| json!({ "id": id, "title": "x" }))
            .collect();
        event(
            "record",
            &json!({ "id": 7, "comment": "y", "services": lines }),
        )
    };
    for (at, services, soon) in [
        (now, [1, 2].as_slice(), false),
        (now - TimeDelta::minutes(1), &[1, 2, 3], true),
    ] {
        let mut tx = place.services.control.begin().await.unwrap();
        tx.sources(&source.subscription_id)
            .set_due(&source.id, &[table], Some(now + TimeDelta::hours(1)))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let one = received(&place, &source, "1", at, &visit(services));
        for (_, outcome) in hooks::ingest(&place.services, vec![one]).await {
            outcome.unwrap();
        }
        assert_eq!(held(&place, "yclients_record_services").await, 2);
        let sources = place.services.control.sources(&source.subscription_id);
        let tables = sources.tables(&source.id).await.unwrap();
        let due = tables.iter().find(|each| each.table_name == table).unwrap();
        assert_eq!(due.next_at.unwrap() < now + TimeDelta::minutes(5), soon);
    }
}

#[tokio::test]
async fn by_another_time_zone_the_last_month_is_read_again() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let visit = json!([{ "id": 7, "date": "2026-05-10 10:00:00", "last_change_date": "2026-05-09T10:00:00+0500" }]);
    let read = async || {
        place.server.answers([fine(&visit), fine(&json!([]))]);
        let done = run(&place.services, &source.id, options(&["yclients_records"])).await;
        assert_eq!(done.unwrap().state, RunState::Done);
        let warehouse = place.services.warehouses.open(&place.bed.subscription.id);
        let snapshot = warehouse.snapshot().await.unwrap();
        let table = catalog::table("yclients_records").unwrap();
        let at = |at: &str| Filter::equal("datetime", at.parse::<DateTime<Utc>>().unwrap());
        (
            snapshot
                .count(table, &at("2026-05-10T05:00:00Z"))
                .await
                .unwrap(),
            snapshot
                .count(table, &at("2026-05-10T07:00:00Z"))
                .await
                .unwrap(),
        )
    };
    assert_eq!(read().await, (1, 0), "Asia/Yekaterinburg");
    place.bed.clock.advance(TimeDelta::minutes(5));
    let moved = Change {
        time_zone: Some("Europe/Moscow".to_owned()),
        ..Change::default()
    };
    let changed = change(&place.services, &source.id, &moved, &Actor::CommandLine).await;
    assert_eq!(changed.unwrap().time_zone, "Europe/Moscow");
    assert_eq!(read().await, (0, 1));
    let seen = place.server.seen();
    let window = seen
        .iter()
        .find(|seen| seen.uri.to_string().contains("start_date"));
    assert!(window.is_some(), "not only what changed");
    place.bed.clock.advance(TimeDelta::minutes(5));
    read().await;
    let seen = place.server.seen();
    assert!(
        seen.iter()
            .all(|seen| !seen.uri.to_string().contains("start_date")),
        "once"
    );
}

#[tokio::test]
async fn a_pull_that_meets_another_leaves_no_run_and_what_is_left_of_one_waits() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let (id, now) = (&source.subscription_id, place.bed.now());
    let mut tx = place.services.control.begin().await.unwrap();
    let new = NewRun {
        kind: RunKind::Pull,
        tables: vec!["yclients_staff".to_owned()],
        period: None,
        windows_total: 0,
        created_by: Actor::System,
    };
    let begun = tx.runs(id).create(&source.id, &new, now).await.unwrap();
    let until = now + TimeDelta::minutes(5);
    tx.lease_source(&source.id, "history", until, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for run in [None, Some(begun.id.clone())] {
        let message = PullMessage {
            run,
            ..PullMessage::due(source.id.clone())
        };
        on_message(&place.services, message).await.unwrap();
    }
    let runs = place.services.control.runs(id);
    let listed = runs.list(Some(&source.id), None, None, 9).await.unwrap();
    let states: Vec<_> = listed.items.iter().map(|run| run.state).collect();
    assert_eq!(states, [RunState::Running], "it goes on, later");
}

#[tokio::test]
async fn no_order_is_taken_in_for_a_source_that_is_paused() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let (services, id, by) = (&place.services, &source.id, Actor::CommandLine);
        connect::pause(services, id, &by).await.unwrap();
        let today = place.bed.now().date_naive();
        let days = Ordered {
            from: today,
            to: today,
            tables: Vec::new(),
            actor: by.clone(),
        };
        let of_history = order(services, id, days.clone()).await;
        let of_now = order_now(services, id, by.clone()).await;
        let of_details = order_details(services, id, None, by.clone()).await;
        for refused in [of_history, of_now, of_details] {
            assert!(matches!(refused, Err(PullError::NotActive)), "{refused:?}");
        }
        let runs = services.control.runs(&source.subscription_id);
        let listed = runs.list(Some(id), None, None, 9).await.unwrap();
        assert_eq!(listed.items, [], "nothing waits for it to go on");
        connect::resume(services, id, &by).await.unwrap();
        order(services, id, days).await.unwrap();
        place.bed.close().await;
    }
}
