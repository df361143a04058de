//! Whatever a row holds, its list read back gives the same row.

use chrono::{DateTime, NaiveDate};
use proptest::{prelude::*, strategy::BoxedStrategy};
use rust_decimal::Decimal;

use super::*;
use crate::catalog::{self, Column, ColumnType};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-ZąęłżЖя ]{1,12}",
        "['=+@\\-\t\r\n;,\"|0-9eE.]{1,10}",
        "\\+?[0-9]{1,16}",
        "(48|7) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2} ?[0-9]{2}",
        "_x00[0-9A-F]{2}_",
        "\\[_overflow [0-9]\\] a",
        any::<String>(),
    ]
    .prop_map(|text| text.replace('\0', ""))
    .prop_filter("an empty text reads as nothing", |text| !text.is_empty())
}

fn value(column: &Column) -> BoxedStrategy<Value> {
    let some: BoxedStrategy<Value> = match &column.ty {
        ColumnType::Text if column.reference.is_some() || column.name == "id" => {
            "[a-z=+]{1,4}:[a-z0-9]{1,8}".prop_map(Value::from).boxed()
        }
        ColumnType::Text => text().prop_map(Value::from).boxed(),
        ColumnType::Integer => any::<i64>().prop_map(Value::from).boxed(),
        ColumnType::Decimal { scale } => {
            let scale = *scale;
            prop_oneof![any::<i64>(), -100_000i64..100_000]
                .prop_map(move |number| Decimal::new(number, scale).into())
                .boxed()
        }
        ColumnType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        ColumnType::Date => (1i32..3_652_059)
            .prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days).unwrap().into())
            .boxed(),
        ColumnType::Timestamp => prop_oneof![
            -60_000_000_000_000_000i64..250_000_000_000_000_000,
            // The hour that Warsaw's clocks showed twice, and those around it.
            1_761_433_200_000_000i64..1_761_444_000_000_000,
            (0i64..4_000_000_000).prop_map(|seconds| seconds * 1_000_000),
        ]
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap().into())
        .boxed(),
        ColumnType::Choice(choices) => {
            let values: Vec<Value> = choices
                .iter()
                .map(|choice| choice.value.as_ref().into())
                .collect();
            prop::sample::select(values).boxed()
        }
        ColumnType::List { fields, .. } => {
            let name = fields
                .iter()
                .find(|field| field.ty == ColumnType::Text)
                .map(|field| field.name.to_string())
                .unwrap();
            prop::collection::vec(text(), 0..3)
                .prop_map(move |texts| {
                    let records: Vec<_> = texts
                        .into_iter()
                        .map(|text| serde_json::json!({ name.as_str(): text }))
                        .collect();
                    Value::Json(serde_json::to_string(&records).unwrap())
                })
                .boxed()
        }
        ColumnType::Json => Just(Value::Json("{\"a\":1}".to_owned())).boxed(),
        ColumnType::CustomValues => (text(), text(), text())
            .prop_map(|(a, b, c)| {
                let json = serde_json::json!({"shop:f1": a, "shop:f2": b, "shop:f4": c});
                Value::Json(json.to_string())
            })
            .boxed(),
    };
    if column.required {
        some
    } else {
        prop_oneof![1 => Just(Value::Null), 4 => some].boxed()
    }
}

/// A table and some of its rows, in the order of its columns.
fn any_rows() -> impl Strategy<Value = (usize, Vec<Vec<Value>>)> {
    (0..catalog::repair_shop::tables().len()).prop_flat_map(|index| {
        let columns: Vec<_> = catalog::tables()[index].columns.iter().map(value).collect();
        (Just(index), prop::collection::vec(columns, 1..4))
    })
}

fn check(table: &Arc<Table>, rows: &[Vec<Value>], file: &[u8], what: &str) {
    let all = read(file, table).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(all.problems, [], "{what} of {}", table.name);
    assert_eq!(all.rows.len(), rows.len(), "{what}");
    for (index, row) in rows.iter().enumerate() {
        for (column, expected) in table.columns.iter().zip(row) {
            assert_eq!(
                all.value(index, &column.name),
                expected,
                "{what}: {}.{}",
                table.name,
                column.name
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_row_comes_back((index, rows) in any_rows(), limit in prop_oneof![Just(2u32), Just(1_048_576)]) {
        let table = &catalog::tables()[index];
        let list = List::of(table, [], fields()).unwrap();
        // The scan's order: declared columns, and the customer, who is one of them.
        let scan = list.scan();
        let mut batch = Rows::new(scan.columns.len());
        for row in &rows {
            batch.push_row(scan.columns.iter().map(|name| {
                let index = table.columns.iter().position(|column| column.name == *name);
                index.map_or(crate::warehouse::ValueRef::Null, |index| row[index].as_ref())
            }));
        }
        for convention in conventions() {
            let csv = csv_of(&list, convention, &batch);
            check(table, &rows, &csv, &format!("CSV {convention:?}"));
            let limits = XlsxLimits { rows: limit, text: 100 };
            let xlsx = xlsx_of(&list, convention, limits, &batch);
            check(table, &rows, &xlsx, &format!("XLSX {convention:?}"));
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _outcome = read(&bytes, table("customers"));
    }

    #[test]
    fn no_damage_to_a_workbook_makes_the_reader_panic(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let list = List::named("dictionaries", Vec::new()).unwrap();
        let mut rows = Rows::new(4);
        rows.push_row(["a:1", "COMPONENT_TYPE", "Ekran", "7"].map(crate::warehouse::ValueRef::Text));
        let mut bytes = xlsx_of(&list, Convention::plain(), XlsxLimits::default(), &rows);
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _outcome = read(&bytes, table("dictionaries"));
        bytes.truncate(cut.index(bytes.len()));
        let _outcome = read(&bytes, table("dictionaries"));
    }
}
