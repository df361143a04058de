//! Services that move to another category, and the records that name them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde_json::json;
use wynos::{
    control::{Actor, RunState},
    warehouse::Value,
    yclients::{pull, selection},
};

use super::{Bed, instant, on_both, options, small, truth::differences};

const RECORDS: &str = "yclients_records";
const LINES: &str = "yclients_record_services";
const SERVICES: &str = "yclients_services";

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

/// The category of each service that is on the price list.
async fn categories(bed: &Bed) -> BTreeMap<i64, i64> {
    let rows = bed.rows(SERVICES, &["id", "category_id"]).await;
    rows.iter()
        .filter_map(|row| number(&row[0]).zip(number(&row[1])))
        .collect()
}

/// The services of every record from these days on, each with the category that its line has.
async fn named(bed: &Bed, since: TimeDelta) -> BTreeMap<i64, BTreeMap<i64, Option<i64>>> {
    let since = bed.stack.clock.now() - since;
    let days = bed.rows(RECORDS, &["id", "datetime"]).await;
    let recent = days.iter().filter(|row| instant(&row[1]) > since);
    let mut named: BTreeMap<i64, BTreeMap<i64, Option<i64>>> = recent
        .map(|row| (number(&row[0]).unwrap(), BTreeMap::new()))
        .collect();
    let columns = ["record_id", "service_id", "category_id"];
    for row in bed.rows(LINES, &columns).await {
        let services = number(&row[0]).and_then(|record| named.get_mut(&record));
        if let (Some(services), Some(service)) = (services, number(&row[1])) {
            services.insert(service, number(&row[2]));
        }
    }
    named
}

/// Longer than anything is ago.
const EVER: TimeDelta = TimeDelta::days(2_000);
/// Records of these days are read again where a filter changes.
const LATELY: TimeDelta = TimeDelta::days(20);

/// The service on the price list that most records name, its category, and another one.
async fn much_booked(bed: &Bed, since: TimeDelta) -> (i64, i64, i64) {
    let (categories, named) = (categories(bed).await, named(bed, since).await);
    let booked = |service: &i64| {
        let of = named
            .values()
            .filter(|services| services.contains_key(service));
        of.count()
    };
    let most = categories.iter().max_by_key(|(id, _)| booked(id));
    let (&service, &from) = most.unwrap();
    assert!(booked(&service) > 0);
    let other = categories.values().find(|category| **category != from);
    (service, from, *other.unwrap())
}

async fn only_of(bed: &Bed, category: i64) {
    let services = bed.services();
    let filter = json!({ "column": "service_category_ids", "has": category });
    selection::set_filter(
        &services,
        &bed.source,
        RECORDS,
        Some(&filter),
        Actor::System,
    )
    .await
    .unwrap();
    bed.live(0, TimeDelta::minutes(1));
    bed.pull_through().await;
}

/// A day passes, so that the list of services is read again.
async fn next_day(bed: &Bed) {
    bed.live(0, TimeDelta::days(1));
    bed.pull_through().await;
}

/// The ids of these records that are held.
async fn held(bed: &Bed, of: &BTreeSet<i64>) -> BTreeSet<i64> {
    let rows = bed.rows(RECORDS, &["id"]).await;
    let held = rows.iter().filter_map(|row| number(&row[0]));
    held.filter(|id| of.contains(id)).collect()
}

/// Lines that have another category than their service, and records that have others than their lines.
async fn behind(bed: &Bed) -> usize {
    let categories = categories(bed).await;
    let mut of_lines: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    let columns = ["record_id", "service_id", "category_id"];
    let mut behind = 0;
    for row in bed.rows(LINES, &columns).await {
        let service = number(&row[1]).and_then(|id| categories.get(&id).copied());
        let given = number(&row[2]);
        behind += usize::from(service.is_some() && service != given);
        let of = of_lines.entry(number(&row[0]).unwrap()).or_default();
        of.extend(given);
    }
    for row in bed.rows(RECORDS, &["id", "service_category_ids"]).await {
        let Value::Json(given) = &row[1] else {
            continue;
        };
        let of = of_lines.remove(&number(&row[0]).unwrap());
        let given: Vec<i64> = serde_json::from_str(given).unwrap();
        behind += usize::from(!of.unwrap_or_default().iter().eq(&given));
    }
    behind
}

/// How new each record is said to be, and which load wrote it.
async fn versions(bed: &Bed) -> BTreeMap<i64, (Value, Value)> {
    let rows = bed.rows(RECORDS, &["id", "_changed_at", "_load_id"]).await;
    rows.iter()
        .map(|row| (number(&row[0]).unwrap(), (row[1].clone(), row[2].clone())))
        .collect()
}

on_both! {
    async fn a_service_that_moves_takes_all_its_records_along(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.history().await;
        next_day(&bed).await;
        let (service, _, to) = much_booked(&bed, EVER).await;
        let (named, before) = (named(&bed, EVER).await, versions(&bed).await);
        bed.sandbox.move_service(bed.company, service, to);
        next_day(&bed).await;
        assert_eq!(categories(&bed).await.get(&service), Some(&to));
        assert_eq!(behind(&bed).await, 0);
        let found = differences(&bed, &[RECORDS, LINES]).await;
        assert!(found.is_empty(), "{found:#?}");
        // None is newer by that than it was, and those of other services are not written.
        let after = versions(&bed).await;
        assert_eq!(after.len(), before.len());
        for (id, (changed_at, load)) in &before {
            assert_eq!(&after[id].0, changed_at);
            if !named.get(id).is_some_and(|services| services.contains_key(&service)) {
                assert_eq!(&after[id].1, load);
            }
        }
        // Done, and looked at once more, it changes nothing.
        next_day(&bed).await;
        assert_eq!(versions(&bed).await, after);
        bed.end().await;
    }

    async fn records_leave_and_enter_a_filter_with_their_service(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.live(120, TimeDelta::hours(1));
        next_day(&bed).await;
        let (service, from, to) = much_booked(&bed, LATELY).await;
        only_of(&bed, from).await;
        let named = named(&bed, LATELY).await;
        let passing: BTreeSet<i64> = named.keys().copied().collect();
        let stays = |services: &BTreeMap<i64, Option<i64>>| {
            let mut others = services.iter().filter(|(other, _)| **other != service);
            others.any(|(_, category)| *category == Some(from))
        };
        let staying = named.iter().filter(|(_, services)| stays(services));
        let staying: BTreeSet<i64> = staying.map(|(id, _)| *id).collect();
        assert!(staying.len() < passing.len());
        bed.sandbox.move_service(bed.company, service, to);
        next_day(&bed).await;
        assert_eq!(held(&bed, &passing).await, staying);
        bed.sandbox.move_service(bed.company, service, from);
        next_day(&bed).await;
        assert_eq!(held(&bed, &passing).await, passing);
        assert_eq!(behind(&bed).await, 0);
        bed.end().await;
    }

    async fn invariant_02_moves_that_are_handed_over_again_and_again_end_alike(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.history().await;
        let (service, from, to) = much_booked(&bed, EVER).await;
        only_of(&bed, from).await;
        bed.sandbox.move_service(bed.company, service, to);
        bed.live(0, TimeDelta::days(1));
        // Each turn has time for one step only.
        let (services, mut run) = (bed.services(), None);
        for turn in 0.. {
            assert!(turn < 400);
            let at = bed.stack.clock.now() + TimeDelta::seconds(1);
            let clock = bed.stack.clock.clone();
            let watch: pull::Watch = std::sync::Arc::new(move |_, _| clock.advance(TimeDelta::seconds(1)));
            let short = pull::Options { deadline: Some(at), run: run.take(), watch: Some(watch), ..options() };
            let finished = pull::run(&services, &bed.source, short).await.unwrap();
            if finished.state == RunState::Done {
                break;
            }
            run = Some(finished.run);
        }
        assert_eq!(behind(&bed).await, 0);
        let rows = bed.rows(RECORDS, &["service_category_ids"]).await;
        for row in rows {
            let Value::Json(ids) = &row[0] else { panic!("{row:?}") };
            let ids: Vec<i64> = serde_json::from_str(ids).unwrap();
            assert!(ids.contains(&from), "{ids:?}");
        }
        bed.end().await;
    }
}
