//! Long numbers and the last microsecond, on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use wynos::warehouse::{Filter, Operator, Outcome, Rule, Scan, Value};

use super::{admit, at, commit, hour, on_both, places::Place, read, tables::every_type};

const OPERATORS: [Operator; 6] = [
    Operator::Equal,
    Operator::NotEqual,
    Operator::Less,
    Operator::AtMost,
    Operator::Greater,
    Operator::AtLeast,
];

fn holds<T: PartialOrd>(a: &T, operator: Operator, b: &T) -> bool {
    match operator {
        Operator::Equal => a == b,
        Operator::NotEqual => a != b,
        Operator::Less => a < b,
        Operator::AtMost => a <= b,
        Operator::Greater => a > b,
        Operator::AtLeast => a >= b,
        Operator::Contains => false,
    }
}

on_both! {
    async fn numbers_of_any_length_are_compared_exactly(place: &Place) {
        let numbers: Vec<Decimal> = [
            "0", "0.01", "-0.01", "5", "-5", "9.99", "10", "100", "-100",
            "9999999999999.99", "-9999999999999.99", "9999999999999.98",
            // Sixteen digits and more, next to one another, to shorter ones, and of other lengths.
            "10000000000000.00", "10000000000000.01", "-10000000000000.01", "10000000000000.1",
            "12345678901234567890.12", "12345678901234567890.13", "-12345678901234567890.12",
            "-12345678901234567890.13", "2345678901234567890.12", "12345678901234567891",
            "99999999999999999999999999.99", "-99999999999999999999999999.99",
        ]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
        let warehouse = place.warehouse();
        let table = every_type();
        let rows: Vec<[Value; 2]> = numbers
            .iter()
            .map(|number| [Value::from(number.to_string()), (*number).into()])
            .collect();
        commit(&warehouse, hour(9), admit(&table, Rule::Change, ["id", "money"], &rows)).await;
        let snapshot = warehouse.snapshot().await.unwrap();
        for operator in OPERATORS {
            for number in &numbers {
                let filter = Filter::compare("money", operator, Value::from(*number));
                let expected = numbers.iter().filter(|one| holds(*one, operator, number)).count();
                let found = snapshot.count(&table, &filter).await.unwrap();
                assert_eq!(found, expected as u64, "{filter:?}");
            }
        }
        let some = Filter::In {
            column: "money".to_owned(),
            values: vec![numbers[16].into(), numbers[3].into(), Decimal::from(77).into()],
        };
        assert_eq!(snapshot.count(&table, &some).await.unwrap(), 2);
    }

    async fn instants_keep_their_last_microsecond(place: &Place) {
        let base = at("2026-03-01T10:20:30Z");
        let instants: Vec<DateTime<Utc>> = [0, 1, 10, 999, 1_000, 123_456, 999_999, 1_000_000]
            .iter()
            .map(|micros| base + TimeDelta::microseconds(*micros))
            .chain([at("1969-12-31T23:59:59.999999Z"), at("9999-12-31T23:59:59.999999Z")])
            .collect();
        let warehouse = place.warehouse();
        let table = every_type();
        let rows: Vec<[Value; 2]> = instants
            .iter()
            .map(|instant| [Value::from(instant.to_rfc3339()), (*instant).into()])
            .collect();
        let arriving = || admit(&table, Rule::Change, ["id", "instant"], &rows);
        commit(&warehouse, hour(9), arriving()).await;
        let again = commit(&warehouse, hour(10), arriving()).await;
        assert!(again.iter().all(|outcome| *outcome == Outcome::Unchanged), "{again:?}");
        let mut stored = read(&warehouse, Scan::of(&table).columns(["instant"])).await.concat();
        let mut written: Vec<Value> = instants.iter().map(|instant| (*instant).into()).collect();
        let by_time = |value: &Value| value.as_ref().as_timestamp();
        stored.sort_by_key(by_time);
        written.sort_by_key(by_time);
        assert_eq!(stored, written);
        let snapshot = warehouse.snapshot().await.unwrap();
        for operator in OPERATORS {
            for instant in &instants {
                let filter = Filter::compare("instant", operator, Value::from(*instant));
                let expected = instants.iter().filter(|one| holds(*one, operator, instant)).count();
                let found = snapshot.count(&table, &filter).await.unwrap();
                assert_eq!(found, expected as u64, "{filter:?}");
            }
        }
    }
}
