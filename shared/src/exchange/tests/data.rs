//! Data for tests: any that the catalog allows, and one small shop.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::{
    collection::{btree_set, vec},
    option,
    prelude::*,
};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::{
    super::{Profile, ProfileName, Section},
    Data,
};
use crate::{
    catalog::{Column, ColumnType},
    warehouse::Value,
};

/// Ids of the custom fields that arbitrary data has, none of them a password.
pub(super) const FIELDS: [&str; 3] = ["demoshop1:f1", "demoshop1:f2", "demoshop1:f_x0001_\u{1}"];

/// Characters that give XML trouble, escapes included, more often than chance would.
pub(super) fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => "[a-zA-Zążśźćłó0-9 ]{0,6}",
        1 => any::<char>().prop_filter("databases keep no NUL", |c| *c != '\0').prop_map(String::from),
        1 => prop::sample::select(vec![
            "_x0001_", "_x005F_", "_x005F", "_x", "_", "_x0041_", "_xFFFE_", "_x000D_", "<", ">", "&", "]]>", "\"", "'",
            "\r", "\n", "\r\n", "\t", " ", "\u{1}", "\u{1f}", "\u{b}", "\u{fffe}", "\u{ffff}", "\u{fffd}", "\u{feff}",
            "\u{85}", "\u{2028}", "&amp;", "<![CDATA[", "\\", "\u{7f}",
        ])
        .prop_map(str::to_owned),
    ];
    vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

/// An id as the warehouse keeps them: with an origin.
fn id() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("demoshop1:{text}"))
}

fn decimal(scale: u32) -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0..=scale).prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

fn date() -> impl Strategy<Value = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
    (0u64..3_652_058).prop_map(move |days| first + Days::new(days))
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    let whole = prop_oneof![Just(1_000_000i64), Just(1_000), Just(1)];
    (date(), 0i64..86_400_000_000, whole).prop_map(|(day, micros, unit)| {
        let midnight = day.and_hms_opt(0, 0, 0).unwrap().and_utc();
        midnight + TimeDelta::microseconds(micros / unit * unit)
    })
}

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn custom_values() -> BoxedStrategy<Json> {
    vec(option::of(text()), FIELDS.len())
        .prop_map(|values| {
            let present = FIELDS.iter().zip(values);
            let present = present.filter_map(|(field, value)| Some(((*field).to_owned(), value?)));
            json!(present.collect::<BTreeMap<_, _>>())
        })
        .boxed()
}

fn field(column: &Column) -> BoxedStrategy<Option<Json>> {
    let value = match &column.ty {
        ColumnType::Text if column.reference.is_some() => id().prop_map(|id| json!(id)).boxed(),
        ColumnType::Text => text().prop_map(|text| json!(text)).boxed(),
        ColumnType::Choice(choices) => {
            let values: Vec<String> = choices
                .iter()
                .map(|choice| choice.value.to_string())
                .collect();
            prop::sample::select(values)
                .prop_map(|text| json!(text))
                .boxed()
        }
        ColumnType::Integer => any::<i64>().prop_map(|number| json!(number)).boxed(),
        ColumnType::Decimal { scale } => decimal(*scale)
            .prop_map(|number| json!(number.to_string()))
            .boxed(),
        ColumnType::Boolean => any::<bool>().prop_map(|flag| json!(flag)).boxed(),
        ColumnType::Date => date().prop_map(|day| json!(day.to_string())).boxed(),
        ColumnType::Timestamp => instant().prop_map(|at| json!(iso(at))).boxed(),
        ColumnType::CustomValues => custom_values(),
        ColumnType::Json | ColumnType::List { .. } => unreachable!("fields are no lists"),
    };
    if column.required {
        value.prop_map(Some).boxed()
    } else {
        option::of(value).boxed()
    }
}

fn list(fields: &[Column]) -> BoxedStrategy<Json> {
    let names: Vec<String> = fields.iter().map(|field| field.name.to_string()).collect();
    let record = fields
        .iter()
        .map(field)
        .collect::<Vec<_>>()
        .prop_map(move |values| {
            let present = names.iter().cloned().zip(values);
            let present = present.filter_map(|(name, value)| Some((name, value?)));
            json!(present.collect::<BTreeMap<_, _>>())
        });
    vec(record, 0..3).prop_map(Json::Array).boxed()
}

fn canonical(json: &Json) -> Value {
    let mut out = String::new();
    super::super::json::push_canonical(&json.to_string(), &mut out).unwrap();
    Value::Json(out)
}

fn cell(column: &Column) -> BoxedStrategy<Value> {
    let value = match &column.ty {
        ColumnType::Text if column.reference.is_some() => id().prop_map(Value::Text).boxed(),
        ColumnType::Text => text().prop_map(Value::Text).boxed(),
        ColumnType::Choice(choices) => {
            let values: Vec<String> = choices
                .iter()
                .map(|choice| choice.value.to_string())
                .collect();
            prop::sample::select(values).prop_map(Value::Text).boxed()
        }
        ColumnType::Integer => any::<i64>().prop_map(Value::Integer).boxed(),
        ColumnType::Decimal { scale } => decimal(*scale).prop_map(Value::Decimal).boxed(),
        ColumnType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        ColumnType::Date => date().prop_map(Value::Date).boxed(),
        ColumnType::Timestamp => instant().prop_map(Value::Timestamp).boxed(),
        ColumnType::Json => any::<i32>()
            .prop_map(|number| canonical(&json!({"b": number, "a": []})))
            .boxed(),
        ColumnType::List { fields, .. } => list(fields).prop_map(|json| canonical(&json)).boxed(),
        ColumnType::CustomValues => custom_values().prop_map(|json| canonical(&json)).boxed(),
    };
    if column.required {
        value
    } else {
        option::weighted(0.6, value)
            .prop_map(|value| value.unwrap_or(Value::Null))
            .boxed()
    }
}

fn rows(section: &Section) -> BoxedStrategy<Vec<Vec<Value>>> {
    let cells: Vec<_> = section
        .columns
        .iter()
        .skip(1)
        .map(|column| cell(&column.column))
        .collect();
    btree_set(id(), 0..4)
        .prop_flat_map(move |ids| {
            let cells = vec(cells.clone(), ids.len());
            (Just(ids), cells).prop_map(|(ids, cells)| {
                let rows = ids.into_iter().zip(cells);
                rows.map(|(id, cells)| [vec![Value::Text(id)], cells].concat())
                    .collect()
            })
        })
        .boxed()
}

/// The custom fields that [`FIELDS`] names.
fn custom_fields(section: &Section) -> Vec<Vec<Value>> {
    let mut ids = FIELDS.to_vec();
    ids.sort_unstable();
    ids.into_iter()
        .map(|id| {
            section
                .columns
                .iter()
                .map(|column| match column.column.name.as_ref() {
                    "id" | "name" => Value::from(id),
                    "form" => Value::from("REPAIR"),
                    "type" => Value::from("TEXT"),
                    "required" => Value::from(true),
                    _ => Value::Null,
                })
                .collect()
        })
        .collect()
}

/// Any rows that a profile's sections can carry.
pub(super) fn any_data(profile: ProfileName) -> impl Strategy<Value = Data> {
    let sections: Vec<_> = Profile::of(profile)
        .sections
        .iter()
        .map(|section| {
            let name = section.table.name.to_string();
            let rows = if name == "custom_fields" {
                Just(custom_fields(section)).boxed()
            } else {
                rows(section)
            };
            rows.prop_map(move |rows| (name.clone(), rows))
        })
        .collect();
    sections.prop_map(|sections| sections.into_iter().collect())
}

/// One row, by the names of its columns.
pub(super) fn row(profile: ProfileName, table: &str, cells: &[(&str, Value)]) -> Vec<Value> {
    let section = Profile::of(profile).section(table).unwrap();
    for (name, _) in cells {
        let known = section.table.column(name).is_some();
        assert!(known, "{table} has no column {name}");
    }
    section
        .columns
        .iter()
        .map(|column| {
            cells
                .iter()
                .find(|(name, _)| *name == column.column.name)
                .map_or(Value::Null, |(_, value)| value.clone())
        })
        .collect()
}

/// One small shop with something of everything.
pub(super) fn small_shop(profile: ProfileName) -> Data {
    let text = |text: &str| Value::from(text);
    let json = |json: &str| Value::Json(json.to_owned());
    let number = |digits: i64, scale: u32| Value::Decimal(Decimal::new(digits, scale));
    let at = |text: &str| Value::Timestamp(text.parse().unwrap());
    let mut data = Data::new();
    let mut add = |table: &str, cells: &[(&str, Value)]| {
        if Profile::of(profile).section(table).is_some() {
            let rows: &mut Vec<_> = data.entry(table.to_owned()).or_default();
            rows.push(row(profile, table, cells));
        }
    };
    add(
        "dictionaries",
        &[
            ("id", text("demoshop1:d1")),
            ("type", text("REPAIR_SUBJECT_TYPE")),
            ("name", text("Telefon")),
        ],
    );
    add(
        "custom_fields",
        &[
            ("id", text("demoshop1:f1")),
            ("form", text("CUSTOMER")),
            ("type", text("SELECT")),
            ("name", text("Skąd o nas wie")),
            ("required", Value::from(true)),
            (
                "select_options",
                json(r#"[{"value":"ulotka"},{"value":"internet"}]"#),
            ),
        ],
    );
    add(
        "custom_fields",
        &[
            ("id", text("demoshop1:f2")),
            ("form", text("REPAIR")),
            ("type", text("PASSWORD")),
            ("name", text("Hasło ekranu")),
            ("required", Value::from(false)),
            ("position", Value::from(2)),
        ],
    );
    add(
        "employees",
        &[
            ("id", text("demoshop1:e1")),
            ("display_name", text("Żaneta Łuk")),
            ("active", Value::from(true)),
        ],
    );
    add(
        "customers",
        &[
            ("id", text("demoshop1:c1")),
            ("type", text("BUSINESS")),
            ("company_name", text("Nowak & Syn <serwis>")),
            ("tax_prefix", text("PL")),
            ("tax_id", text("8567346215")),
            ("phone", text("+48 501 234 567")),
            (
                "other_phones",
                json(r#"[{"number":"22 123 45 67","remarks":""}]"#),
            ),
            ("remarks", text("")),
            (
                "consents",
                json(r#"[{"accepted":true,"accepted_at":"2026-01-02T03:04:05Z","type":"RULES"}]"#),
            ),
            (
                "custom_values",
                json(r#"{"demoshop1:f1":"ulotka","demoshop1:gone":"x"}"#),
            ),
            ("created_at", at("2026-01-02T03:04:05.5Z")),
        ],
    );
    add(
        "customers",
        &[
            ("id", text("demoshop1:c2")),
            ("type", text("PERSONAL")),
            ("person", text("Jan\r\nBezTelefonu ")),
        ],
    );
    add(
        "customer_addresses",
        &[
            ("id", text("demoshop1:a1")),
            ("customer_id", text("demoshop1:c1")),
            ("type", text("HOME")),
            ("postal_code", text("00-950")),
            ("latitude", number(522_297_000, 7)),
        ],
    );
    add(
        "parts",
        &[
            ("id", text("demoshop1:p1")),
            ("name", text("Ekran")),
            ("srp", number(12_050, 2)),
        ],
    );
    add(
        "part_deliveries",
        &[
            ("id", text("demoshop1:pd1")),
            ("part_id", text("demoshop1:p1")),
            ("quantity", number(2_000_000, 6)),
            ("quantity_left", number(1, 0)),
            (
                "purchased_at",
                Value::Date(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap()),
            ),
        ],
    );
    add(
        "repairs",
        &[
            ("id", text("demoshop1:r1")),
            ("rma", text("1/2026")),
            ("customer_id", text("demoshop1:c1")),
            ("type_id", text("demoshop1:d1")),
            ("status", text("DIAGNOSIS")),
            ("diagnosis", text("zalany")),
            ("price_net", number(-10, 2)),
            ("offers", json("[]")),
            ("custom_values", json(r#"{"demoshop1:f2":"sealed:1234"}"#)),
        ],
    );
    add(
        "repair_actions",
        &[
            ("id", text("demoshop1:ra1")),
            ("repair_id", text("demoshop1:r1")),
            ("name", text("Czyszczenie")),
        ],
    );
    add(
        "tickets",
        &[
            ("id", text("demoshop1:t1")),
            ("number", text("Z1")),
            ("status", text("NEW")),
            (
                "devices",
                json(r#"[{"custom_values":{"demoshop1:f1":"internet"},"number":"7"}]"#),
            ),
        ],
    );
    data
}
