use serde_json::json;

use super::*;
use crate::catalog::{TableGroup, tables_of};

/// A table, a body, and columns with the values they get.
type Fixture = (&'static str, Json, Vec<(&'static str, &'static str)>);

/// A body per table that is read as a whole, in the shapes the vendor has had, and what its row says.
fn fixtures() -> Vec<Fixture> {
    vec![
        (
            "yclients_companies",
            json!({"id": "1050", "title": "Salon", "active": "1", "timezone": 3, "coordinate_lat": "55.735662",
                   "next_slot": "2026-03-20 10:00:00", "main_group": {"id": 5, "title": "Chain"}, "social": [],
                   "phone_confirmation": true, "access": {}}),
            vec![
                ("id", "1050"),
                ("active", "true"),
                ("timezone", "3"),
                ("coordinate_lat", "55.735662"),
                ("next_slot", "2026-03-20T07:00:00Z"),
                ("main_group_id", "5"),
                ("main_group_title", "Chain"),
                ("social", "{}"),
            ],
        ),
        (
            "yclients_staff",
            json!({"id": "17969", "api_id": null, "name": "Jan", "position": {"id": 1, "title": "Admin", "services_binding_type": ""},
                   "rating": "4.76921", "hidden": "0", "fired": "1", "image_group": [], "user_id": 0,
                   "employee": {"passport_number": "1"}, "is_deleted": false, "dismissal_date": "2026-01-31"}),
            vec![
                ("position_id", "1"),
                ("position_title", "Admin"),
                ("rating", "4.76921"),
                ("hidden", "false"),
                ("fired", "true"),
                ("user_id", "-"),
                ("image_group", "-"),
                ("dismissal_date", "2026-01-31"),
                ("_deleted_at", "-"),
                ("_extra", "-"),
            ],
        ),
        (
            "yclients_service_categories",
            json!({"id": 345, "salon_service_id": "353", "title": "Cuts", "weight": 10, "staff": [5006]}),
            vec![("salon_service_id", "353"), ("staff", "[5006]")],
        ),
        (
            "yclients_services",
            json!({"id": "79067", "category_id": "4", "price_min": "1000.00", "active": "1", "duration": null,
                   "staff": [{"id": "5905", "seance_length": "2700"}], "image_group": {"id": 1}}),
            vec![
                ("category_id", "4"),
                ("price_min", "1000"),
                ("active", "1"),
                ("duration", "-"),
                ("staff", r#"[{"id":"5905","seance_length":"2700"}]"#),
                ("image_group", r#"{"id":1}"#),
            ],
        ),
        (
            "yclients_clients",
            json!({"id": 66, "name": "Ewa", "middle_name": "Maria", "phone": 48600700800_i64, "sms_check": 1,
                   "birth_date": "1970-01-01", "gender_id": 2, "spent": 71842, "discount": "10", "custom_fields": [],
                   "categories": [], "last_visit_date": "", "last_change_date": "2026-02-01T12:00:00+0400"}),
            vec![
                ("patronymic", "Maria"),
                ("phone", "+48600700800"),
                ("birth_date", "-"),
                ("sex_id", "2"),
                ("spent", "71842"),
                ("sms_check", "true"),
                ("custom_fields", "{}"),
                ("categories", "[]"),
                ("last_visit_date", "-"),
                ("last_change_date", "2026-02-01T08:00:00Z"),
                ("last_change_date_raw", "2026-02-01T12:00:00+0400"),
                ("_changed_at", "2026-02-01T08:00:00Z"),
            ],
        ),
        (
            "yclients_labels",
            json!({"id": "4815", "salon_id": "123456", "title": "One", "entity": "2", "deleted": "1", "not_editable": "0"}),
            vec![
                ("salon_id", "123456"),
                ("deleted", "true"),
                ("not_editable", "false"),
                ("_deleted_at", "2026-04-01T00:00:00Z"),
            ],
        ),
        (
            "yclients_goods_categories",
            json!({"id": "1", "title": "Shampoos", "parent_id": 0}),
            vec![("id", "1"), ("parent_id", "-")],
        ),
        (
            "yclients_storages",
            json!({"id": 1, "title": "Shop", "for_service": 0, "for_sale": 1}),
            vec![("for_services", "false"), ("for_sale", "true")],
        ),
        (
            "yclients_goods",
            json!({"good_id": "123456", "title": "Shampoo", "cost": "100500", "unit_equals": "10", "category": null,
                   "category_id": 3, "actual_amounts": [{"storage_id": "987", "amount": "10"}],
                   "loyalty_allow_empty_code": 1, "last_change_date": "2026-01-01T12:00:00+0400"}),
            vec![
                ("id", "123456"),
                ("cost", "100500"),
                ("category_id", "3"),
                ("category", "-"),
                ("loyalty_allow_empty_code", "true"),
                ("actual_amounts", r#"[{"amount":"10","storage_id":"987"}]"#),
            ],
        ),
        (
            "yclients_accounts",
            json!({"id": 13881, "title": "Cash", "type": 0, "comment": ""}),
            vec![("type", "0"), ("comment", "")],
        ),
        (
            "yclients_documents",
            json!({"id": 22, "type_id": 1, "type": {"id": 1, "title": "Sale"}, "storage": {"id": 36, "title": "Shop"},
                   "user": {"id": "99", "name": "Olga", "phone": "7000"}, "company": {"id": 4564, "title": "Salon"},
                   "number": 1251, "create_date": "2026-03-20 20:00:00"}),
            vec![
                ("type_title", "Sale"),
                ("storage_id", "36"),
                ("storage_title", "Shop"),
                ("user_name", "Olga"),
                ("company_id", "4564"),
                ("create_date", "2026-03-20T17:00:00Z"),
                ("create_date_raw", "2026-03-20 20:00:00"),
                ("_extra", "-"),
            ],
        ),
        (
            "yclients_goods_transactions",
            json!({"id": 123, "document_id": 2225, "type_id": "3", "type": {"id": 3, "title": "Receipt"},
                   "good": {"id": "111", "title": "Oil"}, "storage": {"id": "9"}, "unit": {"id": 1, "short_title": "pc"},
                   "amount": "-1.000000000", "cost_per_unit": "1.07", "cost": "0.00", "master": [], "supplier": [],
                   "service": [], "clients": {"id": "43", "name": "Ewa", "phone": "+79"}, "record_id": 0,
                   "create_date": "2026-03-20T19:08:00+0400", "last_change_date": "2026-03-21T12:00:00+0400"}),
            vec![
                ("type_id", "3"),
                ("type", "Receipt"),
                ("good_id", "111"),
                ("amount", "-1"),
                ("cost_per_unit", "1.07"),
                ("master_id", "-"),
                ("client_id", "43"),
                ("client_name", "Ewa"),
                ("record_id", "-"),
                ("create_date", "2026-03-20T15:08:00Z"),
                ("create_date_raw", "2026-03-20T19:08:00+0400"),
                ("create_date_local", "2026-03-20 18:08:00"),
                ("_extra", "-"),
            ],
        ),
        (
            "yclients_finance_transactions",
            json!({"id": "4815162342", "document_id": 2225, "expense": {"id": "5", "title": "Services"},
                   "date": "2026-03-20T15:34:31+0400", "amount": "1000.00", "master": {"id": "1926", "title": "Jan"},
                   "supplier": [], "account": {"id": "23182", "title": "Cards"}, "client": [], "client_id": 0,
                   "sold_item_id": 0, "sold_item_type": "", "deleted": true}),
            vec![
                ("id", "4815162342"),
                ("expense_title", "Services"),
                ("amount", "1000"),
                ("master_title", "Jan"),
                ("account_id", "23182"),
                ("client_id", "-"),
                ("sold_item_id", "0"),
                ("_deleted_at", "2026-04-01T00:00:00Z"),
            ],
        ),
    ]
}

#[test]
fn every_table_is_read_as_its_fixture_says() {
    let fixtures = fixtures();
    for (table, body, expected) in &fixtures {
        let decoded = whole(table, body.clone());
        check(&decoded[0], expected);
        assert_eq!(decoded[0].surprises, 0, "{table}");
    }
    for table in tables_of(TableGroup::Yclients).filter(|table| table.parent.is_none()) {
        let has_one = fixtures.iter().any(|(name, ..)| *name == table.name);
        assert!(
            has_one || table.name == "yclients_records",
            "{}",
            table.name
        );
    }
}

#[test]
fn movements_name_their_documents() {
    let bodies = [
        json!({"id": 1, "document_id": 7}),
        json!({"id": 2, "document_id": "8"}),
        json!({"id": 3, "document_id": 7}),
        json!({"id": 4, "document_id": 0}),
    ];
    let decoded = decode("yclients_goods_transactions", &bodies, Body::Full);
    assert_eq!(decoded[1].table.name, "yclients_documents");
    assert_eq!(decoded[1].columns, ["id"]);
    assert_eq!(
        values(&decoded[1].rows),
        [[Value::Integer(7)], [Value::Integer(8)]]
    );
}

#[test]
fn whole_bodies_bring_every_column() {
    for table in tables_of(TableGroup::Yclients).filter(|table| table.parent.is_none()) {
        let decoded = whole(&table.name, json!({"id": 1}));
        let declared: Vec<_> = table
            .columns
            .iter()
            .filter(|column| !column.told_elsewhere)
            .map(|column| column.name.as_ref())
            .collect();
        assert_eq!(decoded[0].columns[..declared.len()], declared[..]);
        let more = ["_changed_at", "_deleted_at", "_extra"];
        let rest = &decoded[0].columns[declared.len()..];
        assert!(
            rest.iter().all(|name| more.contains(&name.as_str())),
            "{rest:?}"
        );
        // A bit tells whether a body brings a column.
        assert!(table.columns.len() <= 128, "{}", table.name);
    }
}

#[test]
fn a_whole_body_that_differs_from_itself_keeps_both() {
    let body = json!({"id": 1, "type_id": 3, "type": {"id": 4, "title": "Sale"}});
    let decoded = whole("yclients_goods_transactions", body);
    check(
        &decoded[0],
        &[("type_id", "3"), ("_extra", r#"{"type.id":4}"#)],
    );
    assert_eq!(decoded[0].surprises, 1);
}
