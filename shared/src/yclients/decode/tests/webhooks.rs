use serde_json::json;

use super::*;
use crate::yclients::streams::of_resource;

fn partial(resource: &str, body: Body, bodies: &[Json]) -> Vec<Decoded> {
    decode(of_resource(resource).unwrap().table, bodies, body)
}

#[test]
fn a_partial_body_brings_what_it_tells_and_no_more() {
    let body = json!({"id": 5, "name": "Jan", "client_tags": [], "custom_fields": {}});
    let decoded = partial("client", Body::Partial, &[body]);
    assert_eq!(
        decoded[0].columns,
        ["id", "name", "custom_fields", "_extra"]
    );
    check(
        &decoded[0],
        &[("name", "Jan"), ("_extra", r#"{"client_tags":[]}"#)],
    );
}

#[test]
fn partial_bodies_are_grouped_by_the_columns_they_bring() {
    let bodies = [
        json!({"id": 1, "comment": "a"}),
        json!({"id": 2, "comment": "b", "last_change_date": "2026-03-20T15:10:00+0300"}),
        json!({"id": 3, "comment": null}),
    ];
    let decoded = partial("record", Body::Partial, &bodies);
    let sets: Vec<_> = decoded
        .iter()
        .map(|group| (&group.columns[1..], group.rows.len()))
        .collect();
    let first = ["comment", "_extra"].map(str::to_owned);
    let second = [
        "comment",
        "last_change_date",
        "last_change_date_raw",
        "last_change_date_local",
        "_changed_at",
        "_extra",
    ]
    .map(str::to_owned);
    assert_eq!(sets, [(&first[..], 2), (&second[..], 1)]);
    assert_eq!(decoded[0].children[0].counts, [None, None]);
}

#[test]
fn a_deleted_row_is_a_tombstone_whatever_its_body_says() {
    let body =
        json!({"good_id": 701, "title": "Shampoo", "last_change_date": "2026-03-20T15:10:00+0300"});
    let decoded = partial("good", Body::Deleted, &[body]);
    check(
        &decoded[0],
        &[("id", "701"), ("_deleted_at", "2026-03-20T12:10:00Z")],
    );
    let decoded = partial("service", Body::Deleted, &[json!({"id": 3})]);
    check(&decoded[0], &[("_deleted_at", "2026-04-01T00:00:00Z")]);
}

#[test]
fn services_of_a_partial_record_bring_their_categories_and_lines() {
    let body = json!({"id": 501, "services": {"0": {"id": 201}, "10": {"id": 2}, "2": {"id": 1}}});
    let decoded = partial("record", Body::Partial, &[body]);
    assert_eq!(decoded[0].columns, ["id", "service_category_ids", "_extra"]);
    check(&decoded[0], &[("service_category_ids", "[10,20]")]);
    let services = &decoded[0].children[0];
    assert_eq!(services.counts, [Some(3)]);
    let ids: Vec<_> = services
        .rows
        .iter()
        .map(|row| told(&services.columns, row, "service_id"))
        .collect();
    assert_eq!(ids, ["201", "1", "2"]);
}

#[test]
fn every_resource_with_a_table_is_read() {
    for (resource, body, expected) in [
        (
            "staff",
            json!({"id": 101, "position": [], "rating": 4.8, "fired": 0}),
            ("rating", "4.8"),
        ),
        (
            "service",
            json!({"id": "7", "price_min": "30.00", "category_id": 10}),
            ("price_min", "30"),
        ),
        (
            "service_category",
            json!({"id": 301, "staff": [101, 102]}),
            ("staff", "[101,102]"),
        ),
        (
            "salon",
            json!({"id": 4564, "timezone_name": "Europe/Riga"}),
            ("timezone_name", "Europe/Riga"),
        ),
        (
            "company",
            json!({"id": 4564, "active": "1"}),
            ("active", "true"),
        ),
        (
            "good",
            json!({"good_id": 701, "category": {"id": 3, "title": "Hair"}}),
            ("category", "Hair"),
        ),
        (
            "goods_operations_move",
            json!({"id": 8, "type_id": 0, "type": "Move"}),
            ("type_id", "0"),
        ),
        (
            "finances_operation",
            json!({"id": 9, "expense": {"id": "5", "title": "Services"}}),
            ("expense_id", "5"),
        ),
    ] {
        let decoded = partial(resource, Body::Partial, &[body]);
        check(&decoded[0], &[expected]);
        assert_eq!(decoded[0].surprises, 0, "{resource}");
    }
}
