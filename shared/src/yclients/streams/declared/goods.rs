use super::{BY_CHANGE, list};
use crate::yclients::streams::{
    Cadence, Deletion, Endpoint, Field, Meaning, Reach, Stop, Stream, Window,
};

/// The list of the roots, then one list for every category: the vendor's answer has one level.
pub(super) const CATEGORIES: Stream = Stream {
    fallbacks: &[Endpoint::list("/goods/search/{company}").with(&[("count", "100")])],
    fields: &[Field::at("id", &["id", "category_id"])],
    copies: &["item_id", "is_category", "is_item"],
    ..list(
        "yclients_goods_categories",
        Endpoint::list("/goods_categories/{company}/{parent}").reaching(Reach::Tree {
            root: 0,
            parent_field: "parent_id",
        }),
    )
};

pub(super) const STORAGES: Stream = Stream {
    fields: &[Field::at("for_services", &["for_services", "for_service"])],
    ..list("yclients_storages", Endpoint::list("/storages/{company}"))
};

/// More than 100 rows a page silently become 25, and a short page is not the last one.
pub(super) const GOODS: Stream = Stream {
    one: Some("/goods/{company}/{id}"),
    cursor: Some(BY_CHANGE),
    cadence: Cadence::Changing,
    resources: &["good"],
    pushed: &[("category_id", "category_id")],
    fields: &[
        Field::at("id", &["good_id", "id"]),
        Field::at("category_id", &["category_id", "category.id"]),
        Field::at("category", &["category", "category.title"]),
    ],
    ..list(
        "yclients_goods",
        Endpoint::pages("/goods/{company}", 100, Stop::EmptyPage),
    )
};

/// The largest page is not documented, so only an empty one is the end.
pub(super) const TRANSACTIONS: Stream = Stream {
    one: Some("/storage_operations/goods_transactions/{company}/{id}"),
    one_is_whole: false,
    cursor: Some(BY_CHANGE),
    window: Some(Window {
        from: "start_date",
        to: "end_date",
        column: "create_date",
    }),
    deletion: Deletion::Window,
    cadence: Cadence::Changing,
    resources: &[
        "goods_operations_sale",
        "goods_operations_receipt",
        "goods_operations_consumable",
        "goods_operations_stolen",
        "goods_operations_move",
    ],
    pushed: &[("document_id", "document_id")],
    fields: &[
        Field::at("type_id", &["type_id", "type.id"]),
        Field::at("type", &["type", "type.title"]),
        Field::at("good_id", &["good_id", "good.id"]),
        Field::at("good_title", &["good.title"]),
        Field::at("storage_id", &["storage_id", "storage.id"]),
        Field::at("storage_title", &["storage.title"]),
        Field::at("unit_id", &["unit_id", "unit.id"]).as_a(Meaning::IdOrZero),
        Field::at("unit_title", &["unit.title"]),
        Field::at("unit_short_title", &["unit.short_title"]),
        Field::at("master_id", &["master_id", "master.id"]),
        Field::at("master_title", &["master.title", "master.name"]),
        Field::at("supplier_id", &["supplier_id", "supplier.id"]).as_a(Meaning::IdOrZero),
        Field::at("supplier_title", &["supplier.title", "supplier.name"]),
        Field::at("service_id", &["service_id", "service.id"]),
        Field::at("service_title", &["service.title"]),
        // The reference prints the relation under both names.
        Field::at("client_id", &["client_id", "client.id", "clients.id"]),
        Field::at("client_name", &["client.name", "clients.name"]),
        Field::at("client_phone", &["client.phone", "clients.phone"]).as_a(Meaning::Phone),
    ],
    document_ids: &["document_id"],
    ..list(
        "yclients_goods_transactions",
        Endpoint::pages("/storages/transactions/{company}", 200, Stop::EmptyPage),
    )
};
