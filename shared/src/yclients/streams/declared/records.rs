use super::{BY_CHANGE, DOCUMENTS, list, map, relation};
use crate::yclients::streams::{
    Cadence, Deletion, Endpoint, Field, Lines, Meaning, Stop, Stream, Window,
};

pub(super) const RECORDS: Stream = Stream {
    one: Some("/record/{company}/{id}"),
    cursor: Some(BY_CHANGE),
    window: Some(Window {
        from: "start_date",
        to: "end_date",
        column: "datetime",
    }),
    deletion: Deletion::Flag { column: "deleted" },
    cadence: Cadence::Changing,
    resources: &["record"],
    pushed: &[
        ("staff_id", "staff_id"),
        ("client_id", "client_id"),
        ("created_user_id", "created_user_id"),
    ],
    fields: &[
        Field::at("staff_id", &["staff_id", "staff.id"]),
        Field::at("staff_name", &["staff.name"]),
        Field::at("client_id", &["client.id", "client_id"]),
        Field::at("client_name", &["client.name"]),
        Field::at("client_phone", &["client.phone"]).as_a(Meaning::Phone),
        Field::at(
            "client_success_visits_count",
            &["client.success_visits_count"],
        ),
        Field::at("client_fail_visits_count", &["client.fail_visits_count"]),
        Field::at("client_is_new", &["client.is_new"]),
        relation("comer"),
        relation("comer_person_info"),
        // What the branch's clock shows; `datetime` has an offset that may be wrong.
        Field::at("date", &["date", "datetime"]).as_a(Meaning::WallClock),
        Field::at("datetime", &["date", "datetime"]).as_a(Meaning::WallClock),
        Field::at("datetime_raw", &["datetime"]),
        map("custom_fields"),
        relation("composite"),
        Field::meaning("service_category_ids", Meaning::Given),
    ],
    children: &[
        Lines {
            table: "yclients_record_services",
            path: "services",
            fields: &[
                Field::at("service_id", &["id", "service_id"]),
                Field::meaning("category_id", Meaning::Given),
                relation("staff_service_link"),
                relation("company_service_link"),
            ],
            copies: &[],
        },
        Lines {
            table: "yclients_record_consumables",
            path: "consumables",
            fields: &[
                Field::at("goods_transaction_id", &["id", "goods_transaction_id"]),
                Field::meaning("supplier_id", Meaning::IdOrZero),
            ],
            copies: &["record_id"],
        },
        Lines {
            table: "yclients_record_labels",
            path: "record_labels",
            fields: &[Field::at("label_id", &["id", "label_id"])],
            copies: &[],
        },
    ],
    told: &[Lines {
        table: DOCUMENTS,
        path: "documents",
        fields: &[],
        copies: &[],
    }],
    copies: &[
        "staff.api_id",
        "staff.specialization",
        "staff.position",
        "staff.avatar",
        "staff.avatar_big",
        "staff.rating",
        "staff.votes_count",
        "client.surname",
        "client.patronymic",
        "client.display_name",
        "client.comment",
        "client.card",
        "client.email",
        "client.discount",
        "client.custom_fields",
        "client.sex",
        "client.birthday",
        "client.client_tags",
        "client.phone_country_id",
    ],
    ..list(
        "yclients_records",
        Endpoint::pages("/records/{company}", 200, Stop::ShortPage).with(&[
            ("with_deleted", "1"),
            ("include_consumables", "1"),
            ("include_finance_transactions", "1"),
        ]),
    )
};
