use super::{BY_CHANGE, list, map, relation};
use crate::yclients::streams::{
    Cadence, Deletion, Endpoint, Field, Meaning, Method, Paging, Reach, Stop, Stream,
};

pub(super) const COMPANIES: Stream = Stream {
    one: Some("/company/{company}/"),
    deletion: Deletion::None,
    resources: &["company", "salon"],
    fields: &[
        Field::at("main_group_id", &["main_group_id", "main_group.id"]).as_a(Meaning::IdOrZero),
        Field::at("main_group_title", &["main_group.title"]),
        map("social"),
        map("access"),
    ],
    ..list("yclients_companies", Endpoint::list("/company/{company}/"))
};

pub(super) const STAFF: Stream = Stream {
    // The newer endpoint wants a right that tokens of the older one may lack.
    fallbacks: &[Endpoint::list("/staff/{company}")],
    one: Some("/company/{company}/staff/{id}"),
    deletion: Deletion::FlagOrAbsence {
        column: "is_deleted",
    },
    resources: &["staff"],
    fields: &[
        Field::at("position_id", &["position_id", "position.id"]).as_a(Meaning::IdOrZero),
        Field::at("position_title", &["position_title", "position.title"]),
        Field::at("user_id", &["user_id"]).as_a(Meaning::IdOrZero),
        relation("user"),
        relation("image_group"),
        relation("chain"),
        map("grid_settings"),
    ],
    copies: &["position.services_binding_type"],
    ..list("yclients_staff", Endpoint::list("/company/{company}/staff"))
};

pub(super) const SERVICE_CATEGORIES: Stream = Stream {
    fallbacks: &[Endpoint::list("/service_categories/{company}")],
    one: Some("/service_category/{company}/{id}"),
    resources: &["service_category"],
    ..list(
        "yclients_service_categories",
        Endpoint::list("/company/{company}/service_categories"),
    )
};

pub(super) const SERVICES: Stream = Stream {
    fallbacks: &[Endpoint::list("/services/{company}")],
    one: Some("/company/{company}/services/{id}"),
    resources: &["service"],
    pushed: &[("category_id", "category_id")],
    fields: &[relation("image_group")],
    ..list(
        "yclients_services",
        Endpoint::list("/company/{company}/services"),
    )
};

/// The list that is called deprecated is the only one with whole rows and changes; the search is left for accounts that are
/// refused it.
pub(super) const CLIENTS: Stream = Stream {
    fallbacks: &[Endpoint {
        method: Method::Post,
        body: Some(
            r#"{"fields":["id","name","phone","email","discount","first_visit_date","last_visit_date","sold_amount","visits_count","passteam_card_id"]}"#,
        ),
        paging: Paging::Pages {
            size_param: "page_size",
            size: 200,
            stop: Stop::ShortPage,
        },
        reach: Reach::Once,
        ..Endpoint::list("/company/{company}/clients/search")
    }],
    one: Some("/client/{company}/{id}"),
    cursor: Some(BY_CHANGE),
    cadence: Cadence::Changing,
    resources: &["client"],
    fields: &[
        Field::at("patronymic", &["patronymic", "middle_name"]),
        Field::meaning("phone", Meaning::Phone),
        Field::at("birth_date", &["birth_date", "birthday"]).as_a(Meaning::Birthday),
        Field::at("sex_id", &["sex_id", "gender_id"]),
        Field::at("sex", &["sex", "gender"]),
        Field::at("visits", &["visits", "visits_count"]),
        map("custom_fields"),
    ],
    ..list(
        "yclients_clients",
        Endpoint::pages("/clients/{company}", 200, Stop::ShortPage),
    )
};

pub(super) const LABELS: Stream = Stream {
    deletion: Deletion::FlagOrAbsence { column: "deleted" },
    // 2 asks for the categories of records.
    ..list("yclients_labels", Endpoint::list("/labels/{company}/2"))
};
