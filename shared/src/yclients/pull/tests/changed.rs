//! Filters and time zones that change while somebody reads by those of before.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    super::{
        Account,
        cursor::{Pass, Reading, TableCursor},
        run::{Next, Wanted},
        work::{self, Beginning, HISTORY, Work},
    },
    client, held, options,
    periods::{self, asked, ordered, turn},
};
use crate::{
    catalog,
    control::{Actor, Purpose, RunId, RunState, Source, SourceTable, testing::beds},
    warehouse::Filter,
    yclients::{
        client::tests::{answer, fine},
        connect::{
            Change, change,
            tests::{Place, connected, place},
        },
        pull::run,
        selection,
        streams::stream,
    },
};

/// Somebody who has the source, and has looked up what is to be read by what.
async fn begun<'p>(
    place: &'p Place,
    source: &Source,
    run: RunId,
    origin: &'static str,
) -> Work<'p> {
    let terms = work::terms(&place.services, source).await.unwrap();
    let beginning = Beginning {
        source: source.clone(),
        terms,
        run,
        purpose: Purpose::Pull,
        origin,
        deadline: None,
        watch: None,
    };
    Work::begin(&place.services, beginning).await.unwrap()
}

/// Reads one table to its end, by what was looked up before.
async fn read_on(work: &mut Work<'_>, table: &str) {
    let (wanted, mut account) = ([table.to_owned()], Account::default());
    let next = work.tables(Wanted::Named(&wanted), &mut account).await;
    assert!(matches!(next.unwrap(), Next::Ended));
    assert!(account.read.contains(table), "{account:?}");
    work.end().await.unwrap();
}

async fn state(place: &Place, source: &Source, table: &str) -> SourceTable {
    let sources = place.services.control.sources(&source.subscription_id);
    let tables = sources.tables(&source.id).await.unwrap();
    let mut tables = tables.into_iter();
    tables.find(|each| each.table_name == table).unwrap()
}

async fn filter(place: &Place, source: &Source, table: &str, filter: &Value) {
    let (services, by) = (&place.services, Actor::System);
    let set = selection::set_filter(services, &source.id, table, Some(filter), by);
    set.await.unwrap();
}

async fn move_to_moscow(place: &Place, source: &Source) {
    let moved = Change {
        time_zone: Some("Europe/Moscow".to_owned()),
        ..Change::default()
    };
    let changed = change(&place.services, &source.id, &moved, &Actor::CommandLine);
    changed.await.unwrap();
}

#[tokio::test]
async fn a_filter_that_is_saved_while_its_table_is_read_is_applied_by_the_next_reading() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let table = "yclients_clients";
        let both = fine(&json!([client(1), client(2)]));
        let mut reader = begun(&place, &source, RunId::random(), "pull").await;
        place.bed.clock.advance(TimeDelta::minutes(1));
        let saved_at = place.bed.now();
        let second = json!({ "column": "name", "is": "equal", "value": "Klient 2" });
        filter(&place, &source, table, &second).await;
        place.bed.clock.advance(TimeDelta::minutes(1));
        place.server.answers([both.clone()]);
        read_on(&mut reader, table).await;
        assert_eq!(held(&place, table).await, 2, "by the filter of before");
        let after = state(&place, &source, table).await;
        assert_eq!(
            (after.outcome.as_deref(), after.next_at),
            (Some("done"), Some(saved_at))
        );
        // Whoever reads what is due finds it.
        place.server.answers([both]);
        let done = run(&place.services, &source.id, options(&[table])).await;
        assert_eq!(done.unwrap().state, RunState::Done);
        assert_eq!(held(&place, table).await, 1);
        let after = state(&place, &source, table).await;
        assert!(after.next_at.unwrap() > place.bed.now(), "{after:?}");
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_failure_of_a_reading_puts_off_no_filter_that_was_saved_meanwhile() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let table = "yclients_clients";
        let mut reader = begun(&place, &source, RunId::random(), "pull").await;
        place.bed.clock.advance(TimeDelta::minutes(1));
        let saved_at = place.bed.now();
        let second = json!({ "column": "name", "is": "equal", "value": "Klient 2" });
        filter(&place, &source, table, &second).await;
        place.bed.clock.advance(TimeDelta::minutes(1));
        place.server.answers([answer(500, &json!({}))]);
        let (wanted, mut account) = ([table.to_owned()], Account::default());
        let next = reader.tables(Wanted::Named(&wanted), &mut account).await;
        assert!(matches!(next.unwrap(), Next::Ended));
        reader.end().await.unwrap();
        let after = state(&place, &source, table).await;
        assert_eq!(after.outcome.as_deref(), Some("vendor.unavailable"));
        assert_eq!(after.next_at, Some(saved_at));
        place.bed.close().await;
    }
}

#[tokio::test]
async fn by_a_time_zone_that_is_set_while_records_are_read_they_are_read_again() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let table = "yclients_records";
        let visit = json!([{ "id": 7, "date": "2026-05-10 10:00:00", "last_change_date": "2026-05-09T10:00:00+0500" }]);
        let answers = || [fine(&visit), fine(&json!([]))];
        let times = async || {
            let warehouse = place.services.warehouses.open(&place.bed.subscription.id);
            let snapshot = warehouse.snapshot().await.unwrap();
            let table = catalog::table(table).unwrap();
            let mut counts = Vec::new();
            for at in ["2026-05-10T05:00:00Z", "2026-05-10T07:00:00Z"] {
                let at = at.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
                let at = Filter::equal("datetime", at);
                counts.push(snapshot.count(table, &at).await.unwrap());
            }
            counts
        };
        let mut reader = begun(&place, &source, RunId::random(), "pull").await;
        place.bed.clock.advance(TimeDelta::minutes(1));
        let changed_at = place.bed.now();
        move_to_moscow(&place, &source).await;
        place.bed.clock.advance(TimeDelta::minutes(1));
        place.server.answers(answers());
        read_on(&mut reader, table).await;
        assert_eq!(times().await, [1, 0], "by the zone of before");
        let after = state(&place, &source, table).await;
        assert_eq!(after.next_at, Some(changed_at));
        place.server.answers(answers());
        let done = run(&place.services, &source.id, options(&[table])).await;
        assert_eq!(done.unwrap().state, RunState::Done);
        assert_eq!(times().await, [0, 1]);
        let after = state(&place, &source, table).await;
        assert!(after.next_at.unwrap() > place.bed.now(), "{after:?}");
        place.bed.close().await;
    }
}

#[tokio::test]
async fn whoever_looked_the_source_up_earlier_reads_by_the_zone_that_its_tables_are_due_for() {
    for bed in beds().await {
        let place = place(bed).await;
        let before = connected(&place).await;
        move_to_moscow(&place, &before).await;
        let reader = begun(&place, &before, RunId::random(), "pull").await;
        assert_eq!(reader.branch.time_zone.name(), "Europe/Moscow");
        assert_eq!(reader.source.time_zone, "Europe/Moscow");
        reader.end().await.unwrap();
        place.bed.close().await;
    }
}

#[test]
fn by_another_time_zone_what_was_read_in_part_is_begun_anew() {
    let stream = stream("yclients_records").unwrap();
    let (first, last) = ("2026-05-09".parse().unwrap(), "2027-05-10".parse().unwrap());
    let reading = Reading::Window {
        from: first,
        to: last,
    };
    let fresh = Pass::new(reading, &stream.endpoint);
    let mut under_way = fresh.clone();
    under_way.place.page += 1;
    under_way.place.rows = 300;
    let today = "2026-05-10".parse().unwrap();
    // Nothing was read to its end yet: no other pass reads what this one has read.
    let before = TableCursor {
        zone: Some("Asia/Yekaterinburg".to_owned()),
        pass: Some(under_way.clone()),
        ..TableCursor::default()
    };
    let moved = |zone: &str| {
        let mut cursor = before.clone();
        cursor.moved_to(zone, stream, today);
        cursor
    };
    assert_eq!(moved("Asia/Yekaterinburg"), before);
    let after = moved("Europe/Moscow");
    assert_eq!((after.pass, after.then), (Some(fresh), Vec::new()));
    assert_eq!(after.zone.as_deref(), Some("Europe/Moscow"));
}

#[tokio::test]
async fn a_period_that_is_read_while_its_filter_or_zone_changes_is_read_again_by_the_new_one() {
    for by_zone in [false, true] {
        for bed in beds().await {
            let place = place(bed).await;
            let source = connected(&place).await;
            let order = ordered(&place, &source).await;
            let runs = place.services.control.runs(&source.subscription_id);
            let all = ["2026-03-01", "2026-02-01", "2026-01-01"];
            let mut reader = begun(&place, &source, order.clone(), HISTORY).await;
            if by_zone {
                move_to_moscow(&place, &source).await;
            } else {
                let some = json!({ "not_null": "id" });
                filter(&place, &source, periods::TABLE, &some).await;
            }
            place.server.answers([fine(&json!([]))]);
            let asked_for = runs.get(&order).await.unwrap();
            let outcome = reader.period(&asked_for).await.unwrap();
            reader.end().await.unwrap();
            assert_eq!(asked(&place), all, "by what was known before");
            assert_eq!(outcome.windows_done, 3);
            assert!(matches!(outcome.next, Next::Continues(_)), "not over");
            place.server.answers([fine(&json!([]))]);
            let done = turn(&place, &source, &order).await;
            assert_eq!(done.state, RunState::Done, "{done:?}");
            assert_eq!(asked(&place), all);
            place.bed.close().await;
        }
    }
}
