use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{
    Ancestor, ColumnShape, Declared, FieldType, Path, Paths, Record, Source, TableShape, chosen,
    infer,
};
use crate::warehouse::Value;

const ZONE: chrono_tz::Tz = chrono_tz::Tz::Europe__Moscow;

fn record(body: &Json) -> Record<'_> {
    Record {
        key: "1",
        day: None,
        body,
        people: None,
    }
}

fn table(columns: &[(&str, &str)]) -> TableShape {
    let mut shape = infer("t", &Paths::default(), &[], &Declared::default());
    shape.columns = columns
        .iter()
        .map(|(path, ty)| ColumnShape {
            name: path.replace('.', "_"),
            source: Source::Row(path.parse().unwrap()),
            ty: ty.parse().unwrap(),
            key: false,
            default: None,
            variants: Vec::new(),
        })
        .collect();
    shape
}

#[test]
fn what_does_not_fit_goes_to_a_variant_and_nothing_is_cast() {
    let mut shape = table(&[("cost", "decimal(2)"), ("staff", "text")]);
    let body = json!({ "cost": "free", "staff": { "id": 5 } });
    let before = shape.evaluate(&record(&body), ZONE);
    assert_eq!(before.rows[0][3..], [Value::Null, Value::Null]);
    assert_eq!(before.misfits.len(), 2);
    for misfit in &before.misfits {
        assert!(shape.add_variant(&misfit.column, misfit.variant));
        assert!(!shape.add_variant(&misfit.column, misfit.variant));
    }
    let after = shape.evaluate(&record(&body), ZONE);
    assert!(after.misfits.is_empty());
    assert_eq!(
        after.rows[0][3..],
        [
            Value::Null,
            Value::Text("free".into()),
            Value::Null,
            Value::Json(r#"{"id":5}"#.into())
        ]
    );
    let names: Vec<_> = shape
        .table()
        .columns
        .iter()
        .skip(3)
        .map(|column| column.name.to_string())
        .collect();
    assert_eq!(names, ["cost", "cost__text", "staff", "staff__json"]);
    // What fits again goes where it belongs; what vanished reads null.
    let fitting = shape.evaluate(&record(&json!({ "cost": 7 })), ZONE);
    assert_eq!(
        fitting.rows[0][3..],
        [
            Value::Decimal(7.into()),
            Value::Null,
            Value::Null,
            Value::Null
        ]
    );
}

#[test]
fn rows_without_a_whole_key_are_counted_and_defaults_stand_in() {
    let mut shape = table(&[("id", "integer"), ("name", "text")]);
    shape.columns[0].key = true;
    shape.columns[1].default = Some(json!("-"));
    let none = shape.evaluate(&record(&json!({ "name": "x" })), ZONE);
    assert_eq!((none.rows.len(), none.keyless), (0, 1));
    let row = shape.evaluate(&record(&json!({ "id": 1, "name": null })), ZONE);
    assert_eq!(
        row.rows[0][3..],
        [Value::Integer(1), Value::Text("-".into())]
    );
    let nothing = shape.evaluate(&record(&json!({ "id": 1, "name": [] })), ZONE);
    assert_eq!(
        nothing.rows[0][4],
        Value::Text("-".into()),
        "an empty array is no object"
    );
}

#[test]
fn a_key_behind_another_shape_makes_the_record_unread() {
    let mut shape = table(&[("good.id", "integer"), ("title", "text")]);
    shape.columns[0].key = true;
    shape.rows = "sold[]".parse().unwrap();
    let read = |shape: &TableShape, good: Json| {
        let body = json!({ "sold": [{ "good": { "id": 1 } }, { "good": good, "title": "x" }] });
        shape.evaluate(&record(&body), ZONE)
    };
    let missing = read(&shape, json!({}));
    assert_eq!((missing.rows.len(), missing.keyless), (1, 1));
    assert_eq!(missing.unread, None);
    let unread = |shape: &TableShape, at: &str| {
        let other = read(shape, json!("soap"));
        assert_eq!((other.rows.len(), other.keyless), (0, 0));
        assert_eq!(other.unread, Some(at.parse().unwrap()));
    };
    unread(&shape, "sold[].good.id");
    // What belongs to that row is not known either.
    let Source::Row(id) = shape.columns[0].source.clone() else {
        panic!("{shape:?}");
    };
    let mut below = table(&[("title", "text")]);
    below.lineage = vec![Ancestor {
        rows: shape.rows.clone(),
        conditions: Vec::new(),
    }];
    let mut link = shape.columns[0].clone();
    link.key = false;
    link.source = Source::Parent(Box::new(Source::Row(id)));
    below.columns.insert(0, link);
    unread(&below, "sold[].good.id");
    // A column that is no key goes to a variant.
    shape.columns[0].key = false;
    let variant = read(&shape, json!("soap"));
    assert_eq!((variant.rows.len(), variant.unread), (2, None));
}

#[test]
fn only_chosen_fields_are_kept() {
    let body = json!({ "id": 1, "client": { "id": 2, "phone": "3" }, "services": [{ "id": 4, "cost": 5 }, { "id": 6 }], "staff": [] });
    let of = |fields: &[&str]| {
        let fields: Vec<Path> = fields.iter().map(|field| field.parse().unwrap()).collect();
        chosen(&body, &fields)
    };
    assert_eq!(of(&[]), body);
    assert_eq!(
        of(&["id", "client.id"]),
        json!({ "id": 1, "client": { "id": 2 } })
    );
    assert_eq!(
        of(&["services[].id"]),
        json!({ "services": [{ "id": 4 }, { "id": 6 }] })
    );
    assert_eq!(
        of(&["services", "nothing"]),
        json!({ "services": body["services"] })
    );
    assert_eq!(of(&["staff.id"]), json!({ "staff": [] }));
}

#[test]
fn a_fixed_table_has_a_column_for_each_plain_value() {
    let mut paths = Paths::default();
    paths.add(&json!({ "id": 1, "client": { "id": 2, "Phone": "3" }, "services": [{ "cost": 5 }], "staff": [], "client_id": 9 }));
    let of = |fields: &[&str]| {
        let fields: Vec<Path> = fields.iter().map(|field| field.parse().unwrap()).collect();
        let shape = infer("t", &paths, &fields, &Declared::default());
        shape
            .columns
            .iter()
            .map(|column| format!("{} {}", column.name, column.ty))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(&[]),
        [
            "client_phone text",
            "client_id integer",
            "client_id_2 integer",
            "id integer",
            "services json",
            "staff json"
        ]
    );
    assert_eq!(
        of(&["client", "services[].cost"]),
        [
            "client_phone text",
            "client_id integer",
            "services_all_cost json"
        ]
    );
    assert_eq!(
        of(&["id", "tip"]),
        ["id integer", "tip text"],
        "what is not there yet reads null"
    );
}

#[test]
fn what_stands_in_the_way_goes_to_a_variant_and_what_is_chosen_of_it_is_kept() {
    let mut shape = table(&[("good.title", "text"), ("tags[].title", "json")]);
    let read = |shape: &TableShape, body: &Json| shape.evaluate(&record(body), ZONE);
    for nothing in [
        json!({}),
        json!({ "good": null }),
        json!({ "good": [] }),
        json!({ "good": "" }),
    ] {
        let row = read(&shape, &nothing);
        assert_eq!(
            (&row.rows[0][3], row.misfits.len()),
            (&Value::Null, 0),
            "{nothing}"
        );
    }
    let body = json!({ "good": "soap", "tags": [{ "title": "a" }, "b"] });
    for misfit in read(&shape, &body).misfits {
        shape.add_variant(&misfit.column, misfit.variant);
    }
    assert_eq!(
        read(&shape, &body).rows[0][3..],
        [
            Value::Null,
            Value::Text("soap".into()),
            Value::Json(r#"["a"]"#.into()),
            Value::Text("b".into())
        ]
    );
    let fields: Vec<Path> = vec!["a[].id".parse().unwrap(), "b.id".parse().unwrap()];
    let more = json!({ "a": { "id": 1, "x": 2 }, "b": [{ "id": 3, "x": 4 }] });
    let kept = json!({ "a": { "id": 1 }, "b": [{ "id": 3 }] });
    assert_eq!(chosen(&more, &fields), kept);
    let gaps = json!({ "a": { "0": { "id": 1, "x": 2 }, "2": { "x": 2 } } });
    assert_eq!(
        chosen(&gaps, &fields),
        json!({ "a": { "0": { "id": 1 }, "2": {} } })
    );
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "[ -~а-я]{0,12}".prop_map(Json::from),
        Just(json!("2026-03-29 02:30:00")),
        Just(json!("-1.000000000")),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            proptest::collection::btree_map("[a-z ]{1,4}", inner, 0..5)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_comes_fits_a_column_or_a_variant(sample in any_json(), later in any_json()) {
        let mut paths = Paths::default();
        paths.add(&sample);
        let mut shape = infer("t", &paths, &[], &Declared::default());
        for body in [&sample, &later] {
            for misfit in shape.evaluate(&record(body), ZONE).misfits {
                shape.add_variant(&misfit.column, misfit.variant);
            }
            let evaluated = shape.evaluate(&record(body), ZONE);
            prop_assert!(evaluated.misfits.is_empty());
            prop_assert_eq!(evaluated.rows.len(), 1);
            let table = shape.table();
            prop_assert_eq!(evaluated.rows[0].len(), table.columns.len());
            for (column, value) in table.columns.iter().zip(&evaluated.rows[0]) {
                let storage = column.ty.storage();
                let fits = matches!(
                    (value, storage),
                    (Value::Null, _)
                        | (Value::Text(_), crate::catalog::Storage::Text)
                        | (Value::Integer(_), crate::catalog::Storage::Integer)
                        | (Value::Decimal(_), crate::catalog::Storage::Decimal(_))
                        | (Value::Boolean(_), crate::catalog::Storage::Boolean)
                        | (Value::Date(_), crate::catalog::Storage::Date)
                        | (Value::Timestamp(_), crate::catalog::Storage::Timestamp)
                        | (Value::Json(_), crate::catalog::Storage::Json)
                );
                prop_assert!(fits, "{} {:?}", column.name, value);
            }
        }
        let _ = FieldType::Text;
    }
}
