//! Bodies printed in the vendor's documentation or sent by the service, where they lie beside the project.

use std::path::PathBuf;

use super::*;
use crate::yclients::streams::of_resource;

fn folder() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = root
        .ancestors()
        .skip(2)
        .map(|above| above.join("shared/examples/yclients"))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: there are no example bodies beside the project");
    }
    found
}

fn example(folder: &std::path::Path, name: &str) -> Json {
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_else(|_| panic!("no {name}"));
    serde_json::from_str(&text).unwrap()
}

type Expected = &'static [(&'static str, &'static str)];

mod elsewhere;
mod shown;

use elsewhere::{ELSEWHERE, READ_OTHERWISE};
use shown::{ANSWERS, EVENTS, PARTS};

fn shows(decoded: &Decoded, expected: &str) {
    let pairs: Vec<_> = expected
        .split(" | ")
        .map(|pair| pair.split_once('=').unwrap())
        .collect();
    check(decoded, &pairs);
}

#[test]
fn answers_of_the_vendor_are_read_with_the_values_they_show() {
    let Some(folder) = folder() else { return };
    for (table, file, expected) in ANSWERS {
        let mut answer = example(&folder, file);
        let bodies = of(table).endpoint.records(answer["data"].take());
        let decoded = decode(table, &bodies, Body::Full);
        assert_eq!(decoded[0].rows.len(), bodies.len(), "{file}");
        assert_eq!(decoded[0].surprises, 0, "{file}");
        shows(&decoded[0], expected);
        let extra = told(
            &decoded[0].columns,
            decoded[0].rows.get(0).unwrap(),
            "_extra",
        );
        assert_eq!(extra, "-", "{file}");
    }
}

#[test]
fn rows_inside_other_answers_are_read_with_the_values_they_show() {
    let Some(folder) = folder() else { return };
    for (table, file, place, expected) in PARTS {
        let mut answer = example(&folder, file);
        let part = answer.pointer_mut(place);
        let part = part.unwrap_or_else(|| panic!("no {place} in {file}"));
        let bodies = of(table).endpoint.records(part.take());
        let decoded = decode(table, &bodies, Body::Full);
        assert_eq!(decoded[0].rows.len(), bodies.len(), "{file}");
        assert_eq!(decoded[0].surprises, 0, "{file}");
        shows(&decoded[0], expected);
    }
}

/// Every body that there is has a test that reads it, or a reason why none does.
#[test]
fn no_body_is_forgotten() {
    let Some(folder) = folder() else { return };
    let mut named: Vec<&str> = ANSWERS.iter().map(|(_, file, _)| *file).collect();
    named.extend(EVENTS.iter().map(|(file, _)| *file));
    named.extend(PARTS.iter().map(|(_, file, ..)| *file));
    named.extend(READ_OTHERWISE.iter().map(|(file, _)| *file));
    named.extend(ELSEWHERE.iter().map(|(file, _)| *file));
    let files = std::fs::read_dir(&folder).unwrap();
    let mut there: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|file| file.ends_with(".json"))
        .collect();
    there.sort_unstable();
    let forgotten: Vec<_> = there
        .iter()
        .filter(|file| !named.contains(&file.as_str()))
        .collect();
    assert!(forgotten.is_empty(), "in no list: {forgotten:?}");
    for name in &named {
        assert!(there.iter().any(|file| file == name), "{name} is not there");
    }
    for (name, why) in ELSEWHERE.iter().chain(READ_OTHERWISE) {
        assert!(!why.is_empty(), "{name}");
        let twice = named.iter().filter(|other| *other == name).count();
        assert_eq!(twice, 1, "{name} is in two lists");
    }
}

/// What the vendor tells of things that have no table is kept as an event, and named as what it is.
#[test]
fn events_without_a_table_are_named() {
    let Some(folder) = folder() else { return };
    for (file, resource) in [
        ("webhook.doc.loyalty_card.json", "loyalty_card"),
        ("webhook.doc.schedule.json", "schedule"),
    ] {
        let event = example(&folder, file);
        assert_eq!(event["resource"], resource);
        assert!(
            of_resource(resource).is_none(),
            "{resource} has a table now"
        );
    }
    let lifecycle = example(&folder, "webhook.marketplace_lifecycle.json");
    assert_eq!(lifecycle.get("resource"), None);
    assert_eq!(lifecycle["event"], "uninstall");
}

#[test]
fn events_of_the_vendor_are_read_with_the_values_they_show() {
    let Some(folder) = folder() else { return };
    for (file, expected) in EVENTS {
        let mut event = example(&folder, file);
        let stream = of_resource(event["resource"].as_str().unwrap()).unwrap();
        let decoded = decode(stream.table, &[event["data"].take()], Body::Partial);
        assert_eq!(decoded[0].surprises, 0, "{file}");
        shows(&decoded[0], expected);
        let extra = told(
            &decoded[0].columns,
            decoded[0].rows.get(0).unwrap(),
            "_extra",
        );
        assert_eq!(extra, "-", "{file}");
    }
}

#[test]
fn lines_of_example_records_are_read() {
    let Some(folder) = folder() else { return };
    let file = "record.get.with_consumables_and_finance_transactions.json";
    let mut answer = example(&folder, file);
    let decoded = whole("yclients_records", answer["data"].take());
    let [services, consumables, labels] = &decoded[0].children[..] else {
        panic!("{} child tables", decoded[0].children.len());
    };
    let expected: Expected = &[("service_id", "1"), ("category_id", "10"), ("cost", "100")];
    check_row(&services.columns, &services.rows, 0, expected);
    let expected: Expected = &[
        ("goods_transaction_id", "2173068"),
        ("cost_per_unit", "0.03"),
        ("create_date", "2019-01-17T05:30:00Z"),
        ("client_id", "-"),
    ];
    check_row(&consumables.columns, &consumables.rows, 0, expected);
    assert_eq!(labels.counts, [Some(2)]);
    check_row(&labels.columns, &labels.rows, 1, &[("label_id", "104474")]);
    check(
        &decoded[1],
        &[
            ("id", "8172893"),
            ("number", "4163"),
            ("type_title", "Визит"),
        ],
    );
}
