use serde_json::json;

use super::*;

fn haircut() -> Json {
    json!({
        "id": 501, "company_id": 4564, "staff_id": 9,
        "services": [
            {"id": 1, "title": "Haircut", "cost": 90, "first_cost": 100, "cost_per_unit": "100.0000",
             "discount": 10, "amount": 1, "staff_service_link": {"length": 3600}},
            {"id": "7", "title": "Wash", "cost": "0.03"}
        ],
        "staff": {"id": 9, "name": "Olga", "specialization": "hair", "position": [], "mood": "good"},
        "client": {"id": 77, "name": "Ewa", "phone": "+48600700800", "success_visits_count": 3, "card": ""},
        "comer": null, "clients_count": 1,
        "date": "2026-03-20 14:00:00", "datetime": "2026-03-20T14:00:00+09:00",
        "create_date": "2026-03-19T10:30:00+0300", "comment": "", "online": true,
        "attendance": 1, "visit_attendance": 1, "confirmed": 1, "seance_length": 3600, "length": "3600",
        "visit_id": "8262996", "activity_id": 0, "deleted": false, "paid_full": 0, "prepaid": 0,
        "custom_fields": [], "last_change_date": "2026-03-20T15:10:00+0300",
        "record_labels": [{"id": "67345", "title": "VIP", "color": "#009800"}],
        "documents": [{"id": 8001, "type_id": 7, "type_title": "Visit", "date_created": "2026-03-20 11:00:00",
                       "storage_id": 0, "record_id": 501, "number": 4163}],
        "consumables": [{"id": 2173068, "record_id": 501, "document_id": 8174153, "good_id": 4853087, "amount": -1.5,
                         "cost_per_unit": 0.03, "supplier_id": 0, "create_date": "2026-03-20 14:30:00"}],
        "finance_transactions": [], "goods_transactions": []
    })
}

#[test]
fn a_record_becomes_a_row_with_its_lines() {
    let decoded = whole("yclients_records", haircut());
    check(
        &decoded[0],
        &[
            ("id", "501"),
            ("staff_name", "Olga"),
            ("client_id", "77"),
            ("client_phone", "+48600700800"),
            ("client_success_visits_count", "3"),
            ("date", "2026-03-20 14:00:00"),
            // By the clock and zone of the branch, whatever the offset says.
            ("datetime", "2026-03-20T11:00:00Z"),
            ("datetime_raw", "2026-03-20T14:00:00+09:00"),
            ("create_date", "2026-03-19T07:30:00Z"),
            ("create_date_local", "2026-03-19 10:30:00"),
            ("length", "3600"),
            ("visit_id", "8262996"),
            ("activity_id", "0"),
            ("prepaid", "false"),
            ("custom_fields", "{}"),
            ("finance_transactions", "[]"),
            ("service_category_ids", "[10]"),
            ("_changed_at", "2026-03-20T12:10:00Z"),
            ("_deleted_at", "-"),
            ("_extra", r#"{"staff.mood":"good"}"#),
        ],
    );
    assert_eq!(decoded[0].surprises, 0);
    let [services, consumables, labels] = &decoded[0].children[..] else {
        panic!("{} child tables", decoded[0].children.len());
    };
    assert_eq!(services.counts, [Some(2)]);
    let line =
        |index, expected: &[_]| check_row(&services.columns, &services.rows, index, expected);
    line(
        0,
        &[
            ("record_id", "501"),
            ("line", "1"),
            ("service_id", "1"),
            ("category_id", "10"),
            ("cost", "90"),
            ("cost_per_unit", "100"),
            ("staff_service_link", r#"{"length":3600}"#),
        ],
    );
    line(
        1,
        &[
            ("line", "2"),
            ("service_id", "7"),
            ("category_id", "-"),
            ("cost", "0.03"),
        ],
    );
    assert_eq!(consumables.counts, [Some(1)]);
    check_row(
        &consumables.columns,
        &consumables.rows,
        0,
        &[
            ("goods_transaction_id", "2173068"),
            ("amount", "-1.5"),
            ("record_id", "501"),
            ("supplier_id", "-"),
            ("create_date", "2026-03-20T11:30:00Z"),
            ("create_date_local", "2026-03-20 14:30:00"),
            ("_extra", "-"),
        ],
    );
    check_row(
        &labels.columns,
        &labels.rows,
        0,
        &[("label_id", "67345"), ("title", "VIP")],
    );
}

#[test]
fn documents_are_told_of_in_passing() {
    let decoded = whole("yclients_records", haircut());
    assert_eq!(decoded[1].table.name, "yclients_documents");
    assert!(decoded[1].in_passing);
    check(
        &decoded[1],
        &[
            ("id", "8001"),
            ("type_title", "Visit"),
            ("storage_id", "-"),
            ("record_id", "501"),
            ("create_date", "2026-03-20T08:00:00Z"),
        ],
    );
    assert!(!decoded[1].columns.contains(&"user_name".to_owned()));
}

#[test]
fn a_deleted_record_says_since_when() {
    let mut body = haircut();
    body["deleted"] = 1.into();
    let decoded = whole("yclients_records", body.clone());
    check(&decoded[0], &[("_deleted_at", "2026-03-20T12:10:00Z")]);
    body["last_change_date"] = "".into();
    let decoded = whole("yclients_records", body);
    check(
        &decoded[0],
        &[
            ("_deleted_at", "2026-04-01T00:00:00Z"),
            ("_changed_at", "-"),
        ],
    );
}

#[test]
fn surprises_are_kept_and_counted_and_neighbours_stay() {
    let mut body = haircut();
    body["length"] = json!("an hour");
    body["staff"] = json!("Olga");
    body["services"] = json!(["cut", {"id": 1, "cost": {"value": 5}}]);
    body["comment"] = json!({"text": "hi"});
    body["brand_new"] = json!([1]);
    let decoded = whole("yclients_records", body);
    check(
        &decoded[0],
        &[
            ("length", "-"),
            ("comment", "-"),
            ("staff_id", "9"),
            ("seance_length", "3600"),
            (
                "_extra",
                r#"{"brand_new":[1],"comment":{"text":"hi"},"length":"an hour","services.0":"cut","staff":"Olga"}"#,
            ),
        ],
    );
    let services = &decoded[0].children[0];
    check_row(
        &services.columns,
        &services.rows,
        0,
        &[
            ("line", "1"),
            ("cost", "-"),
            ("_extra", r#"{"cost":{"value":5}}"#),
        ],
    );
    assert_eq!(decoded[0].surprises, 5);
}

#[test]
fn empty_relations_are_nothing_in_every_shape() {
    for nothing in [json!([]), json!({}), json!(null)] {
        let mut body = haircut();
        for relation in [
            "client",
            "staff",
            "comer",
            "services",
            "record_labels",
            "documents",
        ] {
            body[relation] = nothing.clone();
        }
        let decoded = whole("yclients_records", body);
        check(
            &decoded[0],
            &[
                ("client_id", "-"),
                ("comer", "-"),
                ("service_category_ids", "[]"),
                ("_extra", "-"),
            ],
        );
        assert_eq!(decoded[0].children[0].counts, [Some(0)]);
        assert_eq!(decoded[0].surprises, 0);
        assert_eq!(decoded.len(), 1);
    }
}

#[test]
fn what_a_body_does_not_speak_of_is_not_counted() {
    let decoded = whole("yclients_records", json!({"id": 1}));
    let counts: Vec<_> = decoded[0]
        .children
        .iter()
        .map(|lines| &lines.counts[..])
        .collect();
    assert_eq!(counts, [[None], [None], [None]]);
}

#[test]
fn a_record_of_an_older_shape_without_the_wall_clock_has_its_time_all_the_same() {
    let body = json!({"id": 1, "datetime": "2026-03-20T14:00:00+0900"});
    let decoded = whole("yclients_records", body);
    check(
        &decoded[0],
        &[
            ("date", "2026-03-20 14:00:00"),
            ("datetime", "2026-03-20T11:00:00Z"),
        ],
    );
}

#[test]
fn one_bad_body_never_blocks_its_neighbours() {
    let secret = json!({"title": "no id", "employee": {"passport": "1"}});
    let bodies = [
        json!({"id": 1}),
        json!("?"),
        secret,
        json!({"id": "x7"}),
        json!({"id": 2}),
    ];
    let decoded = decode("yclients_records", &bodies, Body::Full);
    assert_eq!(decoded[0].rows.len(), 2);
    let aside: Vec<_> = decoded[0]
        .unreadable
        .iter()
        .map(|body| (body.id.as_deref(), body.reason, body.body.to_string()))
        .collect();
    assert_eq!(
        aside,
        [
            (None, "not_an_object", r#""?""#.to_owned()),
            (None, "no_id", r#"{"title":"no id"}"#.to_owned()),
            (Some("x7"), "no_id", r#"{"id":"x7"}"#.to_owned()),
        ]
    );
}
