use serde_json::{Value as Json, json};

use super::{LONGEST, Problem, TableNames, read};
use crate::yclients::reports::{Paths, Record, TableShape};

pub(crate) fn record() -> Json {
    json!({
        "id": 501, "company_id": 4564, "date": "2026-03-01 12:30:00", "deleted": false, "paid_full": 1,
        "client": { "id": 9, "name": "Ола" },
        "services": [{ "id": 1, "title": "Стрижка", "cost": "1500.00" }, { "id": 2, "title": "Укладка", "cost": 700 }],
        "goods_transactions": [
            { "id": 71, "amount": 1.5, "cost": 300, "storage_id": 1 },
            { "id": 72, "amount": "1.000000000", "cost": 0, "storage_id": 1 },
            { "id": 73, "amount": 1, "cost": 10, "storage_id": 5 },
        ],
        "record_labels": [{ "title": "VIP" }], "consumables": [],
    })
}

fn paths() -> Paths {
    let mut paths = Paths::default();
    paths.add(&record());
    paths
}

fn shapes(yaml: &str) -> Vec<TableShape> {
    read(yaml, &paths(), &TableNames::default(), &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn faults(yaml: &str) -> Vec<(u64, Problem)> {
    let names = TableNames(["taken".to_owned()].into());
    let error = read(yaml, &paths(), &names, &[]).expect_err(yaml);
    error
        .faults
        .into_iter()
        .map(|fault| (fault.line, fault.problem))
        .collect()
}

/// The YAML blocks of the documentation.
fn documented() -> Vec<String> {
    let text = include_str!("../../../../../docs/table-description.md");
    text.split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_documented_examples_do_what_the_documentation_says() {
    let examples = documented();
    assert_eq!(examples.len(), 2);
    let body = record();
    let rows = |shape: &TableShape| {
        let record = Record {
            key: "501",
            day: Some("2026-03-01".parse().unwrap()),
            body: &body,
            people: None,
        };
        let evaluated = shape.evaluate(&record, chrono_tz::Tz::Europe__Moscow);
        assert_eq!((evaluated.misfits.len(), evaluated.keyless), (0, 0));
        let table = shape.table();
        let names: Vec<_> = table
            .columns
            .iter()
            .map(|column| column.name.to_string())
            .collect();
        let rows: Vec<String> = evaluated
            .rows
            .iter()
            .map(|row| {
                let cells = names
                    .iter()
                    .zip(row)
                    .filter(|(name, _)| !name.starts_with('_'));
                cells
                    .map(|(name, value)| format!("{name}={value:?}"))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        (
            table
                .key
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(","),
            rows,
        )
    };
    let visits = shapes(&examples[0]);
    assert_eq!(
        rows(&visits[0]),
        (
            "id".to_owned(),
            vec![
                r#"id=Integer(501) starts_at=Timestamp(2026-03-01T09:30:00Z) client=Text("Ола") paid=Boolean(true)"#
                    .to_owned()
            ]
        )
    );
    assert_eq!(
        rows(&visits[1]),
        (
            "visits_id,line".to_owned(),
            vec![
                r#"visits_id=Integer(501) line=Integer(1) title=Text("Стрижка") cost=Decimal(1500) branch=Integer(4564)"#
                    .to_owned(),
                r#"visits_id=Integer(501) line=Integer(2) title=Text("Укладка") cost=Decimal(700) branch=Integer(4564)"#
                    .to_owned(),
            ]
        )
    );
    let sales = shapes(&examples[1]);
    assert_eq!(
        rows(&sales[0]).1,
        [r#"id=Integer(71) visit=Integer(501) amount=Decimal(1.5) tags=Json("[\"VIP\"]")"#]
    );
    let text = serde_json::to_string(&visits).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<TableShape>>(&text).unwrap(),
        visits,
        "shapes are kept as JSON"
    );
}

#[test]
fn every_fault_names_its_line_and_reason() {
    let yaml = "tables:\n\
                \x20 - name: taken\n\
                \x20   columns:\n\
                \x20     - { name: client, path: clent.name, type: text }\n\
                \x20     - { name: who, path: client.name, type: integer }\n\
                \x20     - { name: \"a; DROP TABLE x\", path: id, type: integer }\n\
                \x20     - { name: who, path: id, type: varchar }\n\
                \x20     - { name: all, path: \"services[].title\", type: text }\n\
                \x20     - { name: sum, path: \"id; --\", type: text }\n\
                \x20     - { name: day, path: date, type: timestamp, default: soon }\n\
                \x20   where:\n\
                \x20     - { path: id }\n\
                \x20     - { path: id, equals: [1] }\n";
    let found = faults(yaml);
    let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 4, 5, 6, 7, 7, 8, 9, 10, 12, 13], "{found:?}");
    assert_eq!(
        found[1].1.to_string(),
        "nothing stands at clent.name; did you mean client.name?"
    );
    assert_eq!(
        found[2].1.to_string(),
        "what stands at client.name does not fit integer; text would take it"
    );
    assert!(
        matches!(found[0].1, Problem::Taken { .. }) && matches!(found[3].1, Problem::Name { .. })
    );
}

#[test]
fn names_never_meet_those_of_the_system() {
    let table = |name: &str| {
        format!("tables: [{{ name: {name}, columns: [{{ name: id, path: id, type: integer }}] }}]")
    };
    for name in [
        "customers",
        "yclients_records",
        "yclients_anything",
        "bi_sales",
        "ix_yclients_records_client_id",
        "sqlite_master",
        "personal_data_log",
    ] {
        assert!(
            matches!(&faults(&table(name))[0].1, Problem::Reserved { .. }),
            "{name}"
        );
    }
    for name in [
        "_outbox",
        "Sales",
        "sales__text",
        "9lives",
        "\"drop table\"",
        "\"\"",
        "продажи",
        &"a".repeat(49),
    ] {
        assert!(
            matches!(&faults(&table(name))[0].1, Problem::Name { .. }),
            "{name}"
        );
    }
    assert_eq!(shapes(&table("sales"))[0].name, "sales");
}

#[test]
fn children_need_a_parent_above_them_that_can_be_named() {
    let yaml = |key: bool, parent: &str, rows: &str| {
        format!(
            "tables:\n  - name: lines\n    rows: services[]\n    columns:\n      - {{ name: id, path: id, type: integer, key: {key} }}\n\
             \x20 - name: below\n    parent: {parent}\n    rows: \"{rows}\"\n    columns:\n      - {{ name: title, path: title, type: text }}\n"
        )
    };
    assert!(matches!(
        &faults(&yaml(true, "others", "services[]"))[0],
        (7, Problem::NoParent { .. })
    ));
    assert!(matches!(
        &faults(&yaml(true, "lines", "record_labels[]"))[0],
        (7, Problem::OutsideParent { .. })
    ));
    assert!(matches!(
        &faults(&yaml(true, "lines", "services[]"))[0],
        (7, Problem::OutsideParent { .. })
    ));
    assert!(matches!(
        &faults(&yaml(true, "lines", "client"))[0],
        (8, Problem::RowsOfOne { .. })
    ));
    assert!(matches!(
        &faults(&yaml(true, "lines", "nothing[]"))[0],
        (8, Problem::UnknownPath { .. })
    ));
    let twice = yaml(true, "lines", "services[]").replace("below", "lines");
    assert!(
        faults(&twice)
            .iter()
            .any(|(_, problem)| matches!(problem, Problem::Twice { .. }))
    );
}

#[test]
fn what_is_not_of_the_shape_is_told_with_its_place() {
    let syntax = |yaml: &str, line: u64| {
        let found = faults(yaml);
        let of_shape = matches!(
            &found[0].1,
            Problem::Syntax { .. }
                | Problem::UnknownField { .. }
                | Problem::MissingField { .. }
                | Problem::FieldTwice { .. }
                | Problem::NoList
                | Problem::NoFields
        );
        assert!(of_shape, "{found:?}");
        assert_eq!(found[0].0, line, "{yaml}: {found:?}");
    };
    syntax("tables:\n  - name: a\n    colums: []\n", 3);
    syntax("tables:\n  - name: a\n   columns: [\n", 2);
    syntax("", 1);
    syntax("tables: 5", 1);
    syntax("tables:\n  - name: a\n    name: b\n    columns: []\n", 3);
    assert!(matches!(
        &faults("tables: []")[0].1,
        Problem::Nothing { .. }
    ));
    assert!(matches!(
        &faults(&" ".repeat(LONGEST + 1))[0].1,
        Problem::TooLong { .. }
    ));
    // A small document cannot be made large by repeating parts of it.
    let bomb = "a: &a [x, x]\ntables: [*a, *a]\n";
    assert!(matches!(
        &faults(bomb)[0].1,
        Problem::UnknownField { .. } | Problem::Repeats | Problem::Syntax { .. }
    ));
    let many = format!(
        "tables: [{{ name: a, columns: [{}] }}]",
        vec!["{ name: id, path: id, type: text }"; 301].join(",")
    );
    assert!(
        faults(&many)
            .iter()
            .any(|(_, problem)| matches!(problem, Problem::TooMany { .. }))
    );
}

#[test]
fn elements_of_an_array_that_was_always_empty_can_be_described() {
    let yaml = "tables:\n  - name: used\n    rows: consumables[]\n    columns:\n      - { name: good, path: good_id, type: integer }\n";
    assert_eq!(shapes(yaml)[0].columns.len(), 1);
}
