//! Whatever a body is, reading it never fails, loses nothing, and keeps no passport data.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::{
    catalog::{Storage, Table},
    yclients::{decode::scrub, streams::streams},
};

/// Names that mean something somewhere, and some that never do.
fn name() -> impl Strategy<Value = String> {
    let known: Vec<String> = streams()
        .iter()
        .flat_map(|stream| {
            let table = stream.declaration().unwrap();
            let columns = table.columns.iter().map(|column| column.name.to_string());
            let paths = stream.fields.iter().flat_map(|field| field.paths);
            let paths = paths.chain(stream.copies).flat_map(|path| path.split('.'));
            columns.chain(paths.map(str::to_owned)).collect::<Vec<_>>()
        })
        .collect();
    let marked = [
        "employee",
        "PassportNumber",
        "паспорт",
        "services",
        "consumables",
        "documents",
    ];
    let others = [
        "record_labels",
        "unknown",
        "0",
        "1",
        "staff.mood",
        "",
        "ключ",
    ];
    prop_oneof![
        6 => prop::sample::select(known),
        2 => prop::sample::select(marked.map(str::to_owned).to_vec()),
        1 => prop::sample::select(others.map(str::to_owned).to_vec()),
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Json::from),
        Just(json!("")),
        Just(json!("text")),
        Just(json!(1)),
        Just(json!("2026-03-20 14:00:00")),
        Just(json!("0000-00-00")),
        any::<f64>().prop_map(|number| json!(number)),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((name(), inner), 0..8)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

/// Bodies that mostly have an id and many known fields.
pub(super) fn any_body() -> impl Strategy<Value = Json> {
    let fields = prop::collection::vec((name(), any_json()), 0..24);
    let body = (fields, any::<bool>()).prop_map(|(fields, with_id)| {
        let mut fields: Map<String, Json> = fields.into_iter().collect();
        if with_id {
            fields.insert("id".to_owned(), 7.into());
            fields.remove("good_id");
            fields.remove("category_id");
        }
        Json::Object(fields)
    });
    prop_oneof![8 => body, 1 => any_json()]
}

/// Puts a mark of its own in the place of every text and number, and tells which of them must be kept.
fn mark(
    value: &mut Json,
    path: &str,
    stream: &Stream,
    secret: bool,
    marks: &mut Vec<(String, bool)>,
) {
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                let secret = secret || wynos_base::hooks::is_secret(name);
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                mark(value, &path, stream, secret, marks);
            }
        }
        Json::Array(items) => {
            for item in items {
                mark(item, path, stream, secret, marks);
            }
        }
        Json::String(_) | Json::Number(_) if path != "id" => {
            let copied = stream.copies.iter().any(|copy| {
                path.strip_prefix(copy)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }) || stream.children.iter().any(|lines| {
                // Lines may be a list, or an object of positions.
                let inside = path.strip_prefix(lines.path).unwrap_or_default();
                inside
                    .split('.')
                    .skip(1)
                    .any(|part| lines.copies.contains(&part))
            });
            let text = match (secret, value.is_number()) {
                (true, _) => format!("secret{}", marks.len()),
                (false, true) => (7_000_000 + marks.len()).to_string(),
                (false, false) => format!("mark{}_", marks.len()),
            };
            *value = match text.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) => text.clone().into(),
            };
            marks.push((text, !secret && !copied));
        }
        _ => {}
    }
}

/// Everything that reading kept, as one text.
fn kept(decoded: &[Decoded]) -> String {
    let mut all = String::new();
    for group in decoded {
        let lines = group.children.iter().map(|lines| &lines.rows);
        for rows in [&group.rows].into_iter().chain(lines) {
            all.push_str(&format!("{:?}\n", values(rows)));
        }
        for aside in &group.unreadable {
            all.push_str(&aside.body.to_string());
        }
    }
    all
}

/// Every value is of its column's type, and keys are told.
fn check_types(table: &Table, columns: &[String], rows: &Rows) {
    assert_eq!(rows.width(), columns.len());
    for row in rows.iter() {
        for (name, value) in columns.iter().zip(row.values()) {
            let stored = table.stored_columns().find(|column| column.name == *name);
            let storage = stored.unwrap().ty.storage();
            let fits = match value {
                ValueRef::Null => !table.key.iter().any(|part| part == name),
                ValueRef::Boolean(_) => storage == Storage::Boolean,
                ValueRef::Integer(_) => storage == Storage::Integer,
                ValueRef::Decimal(number) => {
                    matches!(storage, Storage::Decimal(scale) if number.scale() <= scale)
                }
                ValueRef::Text(_) => storage == Storage::Text,
                ValueRef::Date(_) => storage == Storage::Date,
                ValueRef::Timestamp(_) => storage == Storage::Timestamp,
                ValueRef::Json(text) => {
                    let canonical = serde_json::from_str::<Json>(text).unwrap().to_string();
                    storage == Storage::Json && canonical == text
                }
            };
            assert!(fits, "{}.{name}: {value:?}", table.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_lost_and_no_passport_data_kept(
        body in any_body(),
        index in 0..streams().len(),
        how in prop::sample::select(vec![Body::Full, Body::Partial, Body::Deleted]),
    ) {
        let stream = &streams()[index];
        let mut body = body;
        let mut marks = Vec::new();
        mark(&mut body, "", stream, false, &mut marks);
        let kept = kept(&decode(stream.table, &[body.clone()], how));
        for (text, must_stay) in &marks {
            prop_assert!(!must_stay || kept.contains(text), "{text} of {body} is not in {kept}");
        }
        prop_assert!(!kept.contains("secret"), "{kept}");
        scrub(&mut body);
        prop_assert!(!body.to_string().contains("secret"));
    }

    #[test]
    fn any_json_is_read_without_failing(bodies in prop::collection::vec(any_json(), 0..4)) {
        for stream in streams() {
            for how in [Body::Full, Body::Partial, Body::Deleted] {
                let decoded = decode(stream.table, &bodies, how);
                let read: usize = decoded
                    .iter()
                    .filter(|group| !group.in_passing)
                    .map(|group| group.rows.len() + group.unreadable.len())
                    .sum();
                prop_assert_eq!(read, bodies.len());
                for group in decoded {
                    check_types(&group.table, &group.columns, &group.rows);
                    for lines in group.children {
                        prop_assert_eq!(lines.counts.len(), group.rows.len());
                        let counted: u32 = lines.counts.iter().flatten().sum();
                        prop_assert_eq!(counted as usize, lines.rows.len());
                        check_types(&lines.table, &lines.columns, &lines.rows);
                    }
                }
            }
        }
    }
}
