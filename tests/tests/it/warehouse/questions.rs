//! Types, conditions, pages and counts.

use std::sync::Arc;

use chrono::NaiveDate;
use wynos::{
    catalog::{self, Table},
    warehouse::{
        Filter, Operator, Outcome, Rule, Scan, Value,
        Value::{Json, Null, Text},
        Warehouse,
    },
};

use super::{
    admit, at, commit, everything, hour, on_both, places::Place, read, read_from,
    tables::every_type,
};

const COLUMNS: [&str; 9] = [
    "id", "text", "whole", "money", "quantity", "flag", "day", "instant", "json",
];

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn day(text: &str) -> Value {
    text.parse::<NaiveDate>().unwrap().into()
}

fn edge_rows() -> Vec<[Value; 9]> {
    let null = || Null;
    let json = |text: &str| Json(text.to_owned());
    vec![
        [
            "".into(),
            "".into(),
            i64::MIN.into(),
            decimal("-0.01"),
            decimal("0.000001"),
            false.into(),
            day("0000-01-01"),
            at("0000-01-01T00:00:00Z").into(),
            json("{}"),
        ],
        [
            "A".into(),
            null(),
            null(),
            null(),
            null(),
            null(),
            null(),
            null(),
            null(),
        ],
        [
            "a".into(),
            "a\tb\nc\\N\r\"';--%_".into(),
            i64::MAX.into(),
            decimal("9999999999999.99"),
            decimal("-999999999.999999"),
            true.into(),
            day("9999-12-31"),
            at("9999-12-31T23:59:59.999999Z").into(),
            json(r#"{"a":[1,null,"ż\n"],"b":{"c":true}}"#),
        ],
        [
            "zażółć".into(),
            "\u{1F600} Щука ﷽".into(),
            0.into(),
            decimal("12345678901234567890.12"),
            decimal("0"),
            true.into(),
            day("1969-12-31"),
            at("1969-12-31T23:59:59.5Z").into(),
            json("[]"),
        ],
        [
            "\u{10FFFF}".into(),
            " ".into(),
            (-1).into(),
            decimal("0.10"),
            decimal("1.5"),
            false.into(),
            day("2024-02-29"),
            at("2026-10-25T00:30:00Z").into(),
            json("\"x\""),
        ],
    ]
}

async fn filled(place: &Place) -> (Warehouse, Arc<Table>) {
    let warehouse = place.warehouse();
    let table = every_type();
    let batch = admit(&table, Rule::Change, COLUMNS, &edge_rows());
    commit(&warehouse, hour(9), batch).await;
    (warehouse, table)
}

on_both! {
    async fn values_of_every_type_come_back(place: &Place) {
        let (warehouse, table) = filled(place).await;
        let read_back = read(&warehouse, Scan::of(&table)).await;
        let written: Vec<Vec<Value>> = edge_rows().into_iter().map(Vec::from).collect();
        assert_eq!(read_back, written);
        let digits: Vec<String> = read_back
            .iter()
            .filter_map(|row| match row[3] {
                Value::Decimal(number) => Some(number.to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(digits, ["-0.01", "9999999999999.99", "12345678901234567890.12", "0.10"]);
        // What was read back is what is there.
        let again = admit(&table, Rule::Change, COLUMNS, &edge_rows());
        assert_eq!(commit(&warehouse, hour(10), again).await, [Outcome::Unchanged; 5]);
        // The same values survive the way of changed rows, which is another one.
        let mut other = edge_rows();
        for row in &mut other {
            row[2] = Value::from(7);
        }
        let changed = admit(&table, Rule::Change, COLUMNS, &other);
        assert_eq!(commit(&warehouse, hour(11), changed).await, [Outcome::Changed; 5]);
        let written: Vec<Vec<Value>> = other.into_iter().map(Vec::from).collect();
        assert_eq!(read(&warehouse, Scan::of(&table)).await, written);
    }

    async fn values_are_kept_to_the_scale_and_the_microsecond(place: &Place) {
        let warehouse = place.warehouse();
        let table = every_type();
        let row = |money: &str| {
            let instant = at("2026-01-01T00:00:00.123456789Z");
            [Value::from("x"), decimal(money), Value::from(instant)]
        };
        let columns = ["id", "money", "instant"];
        let arriving = admit(&table, Rule::Change, columns, &[row("-1.000000000")]);
        assert_eq!(commit(&warehouse, hour(9), arriving).await, [Outcome::New]);
        let stored = read(&warehouse, Scan::of(&table).columns(["money", "instant"])).await;
        assert_eq!(stored, [[decimal("-1.00"), at("2026-01-01T00:00:00.123456Z").into()]]);
        let again = admit(&table, Rule::Change, columns, &[row("-1.0000")]);
        assert_eq!(commit(&warehouse, hour(9), again).await, [Outcome::Unchanged]);
        let nul = [Value::from("x"), Json(r#"{"a":"\u0000b"}"#.to_owned())];
        let arriving = admit(&table, Rule::Change, ["id", "json"], &[nul]);
        commit(&warehouse, hour(9), arriving).await;
        let stored = read(&warehouse, Scan::of(&table).columns(["json"])).await;
        assert_eq!(stored, [[Json(r#"{"a":"b"}"#.to_owned())]]);
    }

    async fn conditions_choose_rows(place: &Place) {
        let (warehouse, table) = filled(place).await;
        let snapshot = warehouse.snapshot().await.unwrap();
        let is = Filter::compare;
        let cases = [
            (Filter::All, 5),
            (Filter::equal("text", ""), 1),
            (Filter::IsNull("text".to_owned()), 1),
            (Filter::IsNotNull("text".to_owned()), 4),
            (is("whole", Operator::NotEqual, Value::from(0)), 3),
            (is("whole", Operator::Less, Value::from(0)), 2),
            (is("money", Operator::AtLeast, decimal("0.1")), 3),
            (Filter::equal("money", decimal("9999999999999.99")), 1),
            (Filter::equal("quantity", decimal("1.50")), 1),
            (is("day", Operator::Greater, day("1969-12-31")), 2),
            (is("instant", Operator::AtMost, Value::from(at("1969-12-31T23:59:59.5Z"))), 2),
            (Filter::equal("flag", true), 2),
            (Filter::In { column: "id".to_owned(), values: vec!["a".into(), "A".into(), "q".into()] }, 2),
            (Filter::In { column: "id".to_owned(), values: Vec::new() }, 0),
            (is("id", Operator::Greater, Value::from("a")), 2),
            (is("text", Operator::Contains, Value::from("B\nC\\n")), 1),
            (is("text", Operator::Contains, Value::from("%_")), 1),
            (is("text", Operator::Contains, Value::from("щ")), 0),
            (is("text", Operator::Contains, Value::from("Щ")), 1),
            (Filter::Or(Vec::new()), 0),
            (Filter::And(Vec::new()), 5),
            (
                Filter::Or(vec![Filter::equal("flag", true), Filter::equal("id", "A")])
                    .and(Filter::IsNull("text".to_owned())),
                1,
            ),
        ];
        for (filter, expected) in cases {
            assert_eq!(snapshot.count(&table, &filter).await.unwrap(), expected, "{filter:?}");
            let found = read_from(&snapshot, Scan::of(&table).filter(filter.clone())).await;
            assert_eq!(found.len() as u64, expected, "{filter:?}");
        }
        for wrong in [
            Filter::equal("text", 1),
            Filter::equal("text", Null),
            Filter::equal("tekst", "a"),
            Filter::equal("id\" --", "a"),
            is("whole", Operator::Contains, Value::from(1)),
            is("json", Operator::Contains, Json("1".to_owned())),
        ] {
            assert!(snapshot.count(&table, &wrong).await.is_err(), "{wrong:?}");
        }
        // A refused question leaves the snapshot usable.
        assert_eq!(snapshot.count(&table, &Filter::All).await.unwrap(), 5);
    }

    async fn pages_follow_each_other_by_key(place: &Place) {
        let (warehouse, table) = filled(place).await;
        let mut after = None;
        let mut ids = Vec::new();
        loop {
            let mut scan = Scan::of(&table).columns(["id"]).limit(2);
            scan.after = after;
            let page = read(&warehouse, scan).await;
            let Some(last) = page.last() else { break };
            after = Some(vec!["local".into(), last[0].clone()]);
            ids.extend(page.concat());
        }
        let expected: Vec<Value> = edge_rows().into_iter().map(|[id, ..]| id).collect();
        assert_eq!(ids, expected);
        let snapshot = warehouse.snapshot().await.unwrap();
        let short = Scan::of(&table).after(vec!["local".into()]);
        assert!(snapshot.scan(short).await.is_err());
    }

    async fn a_path_follows_a_reference(place: &Place) {
        let warehouse = place.warehouse();
        let customers = catalog::table("customers").unwrap();
        let addresses = catalog::table("customer_addresses").unwrap();
        let home = admit(
            addresses,
            Rule::Change,
            ["id", "customer_id", "type"],
            &[
                ["a1".into(), "c1".into(), "HOME".into()],
                ["a2".into(), "c2".into(), "HOME".into()],
                ["a3".into(), "none".into(), "HOME".into()],
            ],
        );
        commit(&warehouse, hour(9), home).await;
        let scan = || Scan::of(addresses).columns(["id", "customer_id.person"]);
        // The referred table does not exist yet.
        assert_eq!(read(&warehouse, scan()).await.concat()[1], Null);
        let people = admit(
            customers,
            Rule::Change,
            ["id", "type", "person"],
            &[
                ["c1".into(), "PERSONAL".into(), "Ewa".into()],
                ["c2".into(), "PERSONAL".into(), "Jan".into()],
            ],
        );
        commit(&warehouse, hour(9), people).await;
        let expected = [
            ["a1".into(), "Ewa".into()],
            ["a2".into(), "Jan".into()],
            ["a3".into(), Null],
        ];
        assert_eq!(read(&warehouse, scan()).await, expected);
        let jan = scan().filter(Filter::equal("customer_id.person", "Jan"));
        assert_eq!(read(&warehouse, jan).await, [["a2".into(), Text("Jan".to_owned())]]);
    }

    async fn many_rows_come_in_order_and_whole(place: &Place) {
        let warehouse = place.warehouse();
        let table = every_type();
        let id = |number: usize| format!("{:05}", number * 7_919 % 10_000);
        for batch in 0..4 {
            let rows: Vec<_> = (0..2_500)
                .map(|row| [Value::from(id(batch * 2_500 + row)), Value::from(row as i64)])
                .collect();
            let outcomes =
                commit(&warehouse, hour(9), admit(&table, Rule::Change, ["id", "whole"], &rows)).await;
            assert!(outcomes.iter().all(|outcome| *outcome == Outcome::New));
        }
        let ids = read(&warehouse, Scan::of(&table).columns(["id"])).await.concat();
        let expected: Vec<Value> = (0..10_000).map(|row| Value::from(format!("{row:05}"))).collect();
        assert_eq!(ids, expected);
    }

    async fn a_warehouse_nothing_was_written_to_is_empty(place: &Place) {
        let warehouse = place.warehouse();
        assert!(everything(&warehouse, &every_type()).await.is_empty());
        let snapshot = warehouse.snapshot().await.unwrap();
        assert!(snapshot.tables().await.unwrap().is_empty());
        assert_eq!(snapshot.count(&every_type(), &Filter::All).await.unwrap(), 0);
        assert_eq!(warehouse.state("cursor").await.unwrap(), None);
        assert_eq!(warehouse.outbox(0, 10).await.unwrap(), []);
        warehouse.forget_outbox(10).await.unwrap();
        warehouse.erase().await.unwrap();
        if let Some(file) = place.file() {
            assert!(!file.exists(), "reading made a file");
        }
    }
}
