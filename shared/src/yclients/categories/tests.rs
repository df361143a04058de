use chrono_tz::Tz;
use serde_json::json;

use super::*;
use crate::yclients::{
    decode::{Body, Branch, Context},
    selection,
};

const RECORDS: &str = "yclients_records";

fn at(hours: i64) -> DateTime<Utc> {
    let begin: DateTime<Utc> = "2026-05-10T00:00:00Z".parse().unwrap();
    begin + TimeDelta::hours(hours)
}

fn known(categories: &[(i64, i64)]) -> Known {
    Known {
        by_service: Some(Arc::new(categories.iter().copied().collect())),
        ..Known::default()
    }
}

/// The services that records of these bodies name, decoded by what is known.
fn named_by(known: &Known, bodies: &[Json]) -> BTreeMap<i64, Option<i64>> {
    let branch = Branch {
        source_id: "sampleshop-a1b2c3d4".parse().unwrap(),
        company_id: 4564,
        time_zone: Tz::Europe__Moscow,
    };
    let context = Context {
        branch: &branch,
        observed_at: at(0),
        categories: known.by_service.as_deref(),
    };
    let stream = streams::stream(RECORDS).unwrap();
    named(&stream.decode(&context, bodies, Body::Full))
}

#[test]
fn services_that_records_name_are_told_with_the_categories_they_were_given() {
    let bodies = [
        json!({"id": 1, "services": [{"id": 7, "cost": 5}, {"id": "8"}]}),
        json!({"id": 2, "services": [{"id": 9}, {"id": 0}]}),
        json!({"id": 3, "services": []}),
        json!({"id": 4}),
    ];
    let mut known = known(&[(7, 70)]);
    let named = named_by(&known, &bodies);
    assert_eq!(named, BTreeMap::from([(7, Some(70)), (8, None), (9, None)]));
    assert_eq!(known.unknown(&named), BTreeSet::from([8, 9]));
    assert!(!known.tells_more(&named));
    // The list has one of the two.
    let listed = HashMap::from([(7, Some(70)), (8, Some(80))]);
    assert!(known.learn(&listed, &BTreeSet::from([8, 9]), false, at(1)));
    assert!(known.tells_more(&named));
    let again = named_by(&known, &bodies);
    assert_eq!(again.get(&8), Some(&Some(80)));
    assert!(!known.tells_more(&again) && known.unknown(&again).is_empty());
}

#[test]
fn a_service_that_the_vendor_does_not_have_is_asked_about_again_after_a_day() {
    let mut asked = known(&[(7, 70)]);
    let listed = HashMap::from([(7, Some(70)), (8, None)]);
    assert!(asked.learn(&listed, &BTreeSet::from([8, 9]), false, at(0)));
    let source = "sampleshop-a1b2c3d4".parse().unwrap();
    let (name, memory) = asked.memory(&source).unwrap();
    assert_eq!(name, "categories/sampleshop-a1b2c3d4");
    let memory: Vec<Remembered> = serde_json::from_value(memory.unwrap()).unwrap();
    let named = BTreeMap::from([(7, Some(70)), (8, None), (9, None)]);
    let later = |hours: i64| {
        let mut later = known(&[(7, 70)]);
        later.remember(memory.clone(), at(hours));
        later.unknown(&named)
    };
    assert_eq!(later(22), BTreeSet::new());
    assert_eq!(later(23), BTreeSet::from([8, 9]));
}

#[test]
fn a_service_that_the_filter_of_its_table_keeps_out_gives_its_category_all_the_same() {
    let mut asked = Known::default();
    let listed = HashMap::from([(8, Some(80))]);
    assert!(asked.learn(&listed, &BTreeSet::from([8]), true, at(0)));
    let mut later = known(&[(7, 70)]);
    later.remember(asked.remembered.clone(), at(1));
    assert!(later.tells_more(&BTreeMap::from([(8, None)])));
    // Without a filter the table has it, and nothing is to be remembered.
    assert!(!Known::default().learn(&listed, &BTreeSet::from([8]), false, at(0)));
}

#[test]
fn what_is_remembered_has_an_end() {
    let mut known = Known::default();
    let many: BTreeSet<i64> = (1..=3_000).collect();
    assert!(known.learn(&HashMap::new(), &many, false, at(0)));
    assert_eq!(known.remembered.len(), MOST_REMEMBERED);
    assert_eq!(known.remembered.last().map(|one| one.service), Some(3_000));
    // Asked about again, one is remembered once.
    assert!(known.learn(&HashMap::new(), &BTreeSet::from([2_000]), false, at(1)));
    assert_eq!(known.remembered.len(), MOST_REMEMBERED);
}

#[test]
fn filters_by_category_are_told_from_others() {
    let stream = streams::stream(RECORDS).unwrap();
    let needs = |written: Json| {
        let filter = selection::from_json(stream.declaration().unwrap(), &written).unwrap();
        decide(stream, Some(&filter))
    };
    let category = json!({"column": "service_category_ids", "has": 12});
    let staff = json!({"column": "staff_id", "is": "equal", "value": 5});
    assert!(needs(category.clone()));
    assert!(needs(json!({"and": [staff, {"not": {"or": [category]}}]})));
    assert!(needs(json!({"not_null": "service_category_ids"})));
    assert!(!needs(staff) && !needs(json!("all")) && !decide(stream, None));
    let clients = streams::stream("yclients_clients").unwrap();
    assert!(are_needed_by(stream) && !are_needed_by(clients));
}

#[test]
fn services_are_not_asked_for_where_their_table_is_off_or_denied() {
    let table = |enabled: bool, forbidden: bool| SourceTable {
        source_id: "sampleshop-a1b2c3d4".parse().unwrap(),
        table_name: SERVICES.to_owned(),
        enabled,
        filter: None,
        next_at: None,
        last_at: None,
        last_rows: None,
        forbidden_since: forbidden.then(|| at(0)),
        outcome: None,
        changed_at: at(0),
    };
    assert!(may_be_asked_for(None) && may_be_asked_for(Some(&table(true, false))));
    assert!(!may_be_asked_for(Some(&table(false, false))));
    assert!(!may_be_asked_for(Some(&table(true, true))));
}
