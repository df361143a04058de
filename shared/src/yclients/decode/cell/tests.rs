use chrono_tz::Europe::Moscow;
use serde_json::json;

use super::*;

fn decimal_of(text: &str) -> Cell<'_> {
    Cell::Decimal(text.parse().unwrap())
}

#[test]
fn numbers_come_as_text_and_flags_as_numbers() {
    let read = |kind: Kind, value: Json| kind.read(&value, Moscow).map(|cell| format!("{cell:?}"));
    let same = |kind, value, cell: Cell<'_>| {
        assert_eq!(read(kind, value), Some(format!("{cell:?}")));
    };
    same(Kind::Integer, json!("79067"), Cell::Integer(79067));
    same(Kind::Integer, json!("-1.000000000"), Cell::Integer(-1));
    same(Kind::Integer, json!(1.0), Cell::Integer(1));
    same(Kind::Integer, json!(true), Cell::Integer(1));
    same(Kind::Integer, json!(" "), Cell::Null);
    same(Kind::Id, json!("0"), Cell::Null);
    same(Kind::Decimal(2), json!("1000.00"), decimal_of("1000"));
    same(Kind::Decimal(2), json!(0.03), decimal_of("0.03"));
    same(Kind::Decimal(2), json!("1.005"), decimal_of("1.01"));
    same(
        Kind::Decimal(2),
        json!(1e20),
        decimal_of("100000000000000000000"),
    );
    same(Kind::Boolean, json!("1"), Cell::Boolean(true));
    same(Kind::Boolean, json!(0), Cell::Boolean(false));
    same(
        Kind::Text,
        json!(79996373955_i64),
        Cell::Written("79996373955".to_owned()),
    );
}

#[test]
fn empty_relations_are_nothing_in_every_shape() {
    for nothing in [json!([]), json!({}), json!(null)] {
        for kind in [
            Kind::Text,
            Kind::Id,
            Kind::Boolean,
            Kind::Instant,
            Kind::Json(Empty::Nothing),
        ] {
            assert_eq!(kind.read(&nothing, Moscow), Some(Cell::Null));
        }
    }
    let empty = json!([]);
    assert_eq!(
        Kind::Json(Empty::Map).read(&empty, Moscow),
        Some(Cell::Empty(Empty::Map))
    );
}

#[test]
fn surprises_are_not_guessed() {
    for (kind, value) in [
        (Kind::Integer, json!("1.5")),
        (Kind::Integer, json!("about 3")),
        (Kind::Integer, json!(u64::MAX)),
        (Kind::Decimal(2), json!("1 000,00")),
        (Kind::Decimal(2), json!(1e300)),
        (Kind::Boolean, json!(2)),
        (Kind::Text, json!({"title": "x"})),
        (Kind::Date, json!(20200101)),
    ] {
        assert_eq!(kind.read(&value, Moscow), None, "{value}");
    }
}

#[test]
fn an_unknown_birthday_is_none() {
    let unknown = json!("1970-01-01");
    assert_eq!(Kind::Birthday.read(&unknown, Moscow), Some(Cell::Null));
    assert!(matches!(
        Kind::Date.read(&unknown, Moscow),
        Some(Cell::Date(_))
    ));
}

#[test]
fn a_phone_is_the_same_in_every_form() {
    for same in [
        json!("+79996373955"),
        json!("79996373955"),
        json!(79996373955_i64),
    ] {
        let told = match Kind::Phone.read(&same, Moscow).unwrap() {
            Cell::Text(text) => text.to_owned(),
            Cell::Written(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(told, "+79996373955");
    }
    for other in ["89996373955", "112", "+7 999 637-39-55", ""] {
        let value = json!(other);
        assert_eq!(Kind::Phone.read(&value, Moscow), Some(Cell::Text(other)));
    }
}

#[test]
fn the_clock_of_the_branch_at_an_instant() {
    let sent = json!("2019-07-21T12:00:00+0400");
    let shown = Cell::Written("2019-07-21 11:00:00".to_owned());
    assert_eq!(Kind::Local.read(&sent, Moscow), Some(shown));
}

#[test]
fn the_wall_clock_passes_over_offsets() {
    let sent = json!("2019-07-21T12:00:00+09:00");
    let written = Kind::WallText.read(&sent, Moscow);
    assert_eq!(
        written,
        Some(Cell::Written("2019-07-21 12:00:00".to_owned()))
    );
    let at = "2019-07-21T09:00:00Z".parse().unwrap();
    assert_eq!(Kind::Wall.read(&sent, Moscow), Some(Cell::Instant(at)));
}
