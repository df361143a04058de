use chrono::TimeDelta;
use proptest::prelude::*;

use super::{super::ProfileName, body, data, header, read, write};
use crate::warehouse::Value;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_data_comes_back_as_it_went(data in data::any_data(ProfileName::Full)) {
        let header = header(ProfileName::Full);
        let file = write(&header, &data);
        let read = read(&file).unwrap();
        prop_assert_eq!(read.header.as_ref(), Some(&header));
        prop_assert_eq!(&read.problems, &[]);
        prop_assert_eq!(&read.notices, &[]);
        prop_assert_eq!(&read.data, &data);
        prop_assert_eq!(write(&header, &read.data), file);
    }

    #[test]
    fn basic_loses_only_what_it_states(data in data::any_data(ProfileName::Basic)) {
        let header = header(ProfileName::Basic);
        let read = read(&write(&header, &data)).unwrap();
        prop_assert_eq!(&read.problems, &[]);
        for (table, rows) in &data {
            let section = super::super::Profile::of(ProfileName::Basic).section(table).unwrap();
            for (written, read) in rows.iter().zip(&read.data[table]) {
                let mut written = written.iter();
                for (column, read) in section.columns.iter().zip(read) {
                    match column.column.name.as_ref() {
                        "phone" if table == "customers" => {
                            let phone = written.next().unwrap();
                            let blank = matches!(phone, Value::Text(text) if text.trim().is_empty());
                            prop_assert_eq!(read, if blank { &Value::Null } else { phone });
                        }
                        _ => prop_assert_eq!(Some(read), written.next()),
                    }
                }
            }
        }
    }
}

#[test]
fn equal_data_gives_an_equal_file_but_for_its_header() {
    let data = data::small_shop(ProfileName::Full);
    let one = header(ProfileName::Full);
    let mut other = one.clone();
    other.origin = "othershop".parse().unwrap();
    other.created_at += TimeDelta::days(1);
    let (one, other) = (write(&one, &data), write(&other, &data));
    assert_ne!(one, other);
    assert_eq!(body(&one), body(&other));
}

#[test]
fn a_customer_without_a_phone_gets_the_placeholder_and_loses_it_again() {
    let data = data::small_shop(ProfileName::Basic);
    let file = write(&header(ProfileName::Basic), &data);
    let text = String::from_utf8(file.clone()).unwrap();
    assert!(text.contains("<phone>22 000 00 00</phone>"));
    let section = super::super::Profile::of(ProfileName::Basic)
        .section("customers")
        .unwrap();
    let phone = section
        .read_columns()
        .iter()
        .position(|name| name == "phone")
        .unwrap();
    let spaced = text.replace(
        "<phone>22 000 00 00</phone>",
        "<phone>+48 220000000</phone>",
    );
    for file in [text, strip_digests(&spaced)] {
        let read = read(file.as_bytes()).unwrap();
        assert_eq!(read.data["customers"][1][phone], Value::Null);
        assert_eq!(
            read.data["customers"][0][phone],
            Value::from("+48 501 234 567")
        );
    }
}

/// The file as one written by a program that takes no digests.
fn strip_digests(file: &str) -> String {
    file.split(" sha256=\"")
        .enumerate()
        .map(|(index, part)| if index == 0 { part } else { &part[65..] })
        .collect()
}

#[test]
fn many_batches_come_back_in_order() {
    let rows = (0..2_500)
        .map(|number| {
            let id = Value::from(format!("demoshop1:{number:06}"));
            data::row(
                ProfileName::Full,
                "employees",
                &[("id", id), ("display_name", Value::from("x"))],
            )
        })
        .collect();
    let data = super::Data::from([("employees".to_owned(), rows)]);
    let read = read(&write(&header(ProfileName::Full), &data)).unwrap();
    assert_eq!(read.data["employees"], data["employees"]);
}
