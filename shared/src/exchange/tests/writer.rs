//! What the writer refuses, and how it treats its output.

use std::io::{self, Write};

use super::{
    super::{Limits, Passwords, ProfileName, WriteError, Writer},
    data, header,
};
use crate::warehouse::{Rows, Value};

fn writer<W: Write>(inner: W) -> Writer<'static, W> {
    Writer::new(inner, &header(ProfileName::Full), Passwords::LeaveOut).unwrap()
}

/// What becomes of one employee with these cells.
fn refused(cells: &[(&str, Value)]) -> WriteError {
    let row = data::row(ProfileName::Full, "employees", cells);
    let mut rows = Rows::new(row.len());
    rows.push_values(&row);
    let mut writer = writer(Vec::new());
    writer.section("employees").unwrap();
    writer.rows(&rows).unwrap_err()
}

#[test]
fn sections_come_once_and_in_order() {
    let mut writer = writer(Vec::new());
    writer.section("customers").unwrap();
    assert!(matches!(
        writer.section("customers"),
        Err(WriteError::Section { .. })
    ));
    assert!(matches!(
        writer.section("employees"),
        Err(WriteError::Section { .. })
    ));
    assert!(matches!(
        writer.section("robots"),
        Err(WriteError::Section { .. })
    ));
    let (_, totals) = writer.finish().unwrap();
    assert_eq!(totals.sections.len(), 11);
}

#[test]
fn rows_need_a_section_and_its_columns() {
    let mut rows = Rows::new(1);
    rows.push_values([&Value::from("a")]);
    let mut writer = writer(Vec::new());
    assert!(matches!(
        writer.rows(&rows),
        Err(WriteError::Width {
            expected: 0,
            found: 1
        })
    ));
    writer.section("employees").unwrap();
    assert!(matches!(
        writer.rows(&rows),
        Err(WriteError::Width {
            expected: 6,
            found: 1
        })
    ));
}

#[test]
fn rows_out_of_order_and_doubled_ones_are_refused() {
    for ids in [["b", "a"], ["a", "a"]] {
        let mut rows = Rows::new(6);
        for id in ids {
            rows.push_values(&data::row(
                ProfileName::Full,
                "employees",
                &[("id", Value::from(id))],
            ));
        }
        let mut writer = writer(Vec::new());
        writer.section("employees").unwrap();
        assert!(matches!(writer.rows(&rows), Err(WriteError::Order { id, .. }) if id == "a"));
    }
}

#[test]
fn values_that_no_reader_would_take_are_refused_with_their_place() {
    let id = || ("id", Value::from("e1"));
    for (column, value) in [
        ("display_name", Value::from(7)),
        ("active", Value::from("true")),
        ("display_name", Value::from("x".repeat(Limits::TEXT + 1))),
    ] {
        let error = refused(&[id(), (column, value)]);
        assert!(
            matches!(&error, WriteError::Value { id, column: place, .. } if id == "e1" && place == column),
            "{error}"
        );
    }
    assert!(matches!(refused(&[]), WriteError::Value { .. }));
}

#[test]
fn lists_that_are_none_are_refused() {
    for json in ["{}", "[1]", r#"[{"robot":1}]"#, r#"[{"number":1}]"#, "["] {
        let cells = [
            ("id", Value::from("c1")),
            ("other_phones", Value::Json(json.to_owned())),
        ];
        let row = data::row(ProfileName::Full, "customers", &cells);
        let mut rows = Rows::new(row.len());
        rows.push_values(&row);
        let mut writer = writer(Vec::new());
        writer.section("customers").unwrap();
        let error = writer.rows(&rows).unwrap_err();
        assert!(
            matches!(&error, WriteError::Value { column, .. } if column == "other_phones"),
            "{json}: {error}"
        );
    }
}

#[test]
fn a_full_disk_ends_the_writing() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            panic!("nobody asked for a flush")
        }
    }
    let error = writer(Full(10)).finish().map(|_| ()).unwrap_err();
    assert!(matches!(error, WriteError::Io(error) if error.kind() == io::ErrorKind::StorageFull));
    let (_, totals) = writer(Full(10_000)).finish().unwrap();
    let (file, same) = writer(Vec::new()).finish().unwrap();
    assert_eq!(totals, same);
    assert_eq!(totals.bytes, file.len() as u64);
}
