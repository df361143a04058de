use super::{BY_CHANGE, list};
use crate::yclients::streams::{
    Cadence, Deletion, Endpoint, Field, Meaning, Reach, Stop, Stream, Window,
};

pub(super) const ACCOUNTS: Stream = Stream {
    fields: &[Field::at("type", &["type", "type_id"])],
    ..list("yclients_accounts", Endpoint::list("/accounts/{company}"))
};

/// There is no list of documents: their ids come with records and movements, and each one's details cost a call.
pub(super) const DOCUMENTS: Stream = Stream {
    one: Some("/storage_operations/documents/{company}/{id}"),
    deletion: Deletion::None,
    cadence: Cadence::OnDemand,
    fields: &[
        Field::at("type_id", &["type_id", "type.id"]),
        Field::at("type_title", &["type_title", "type.title"]),
        Field::at("storage_id", &["storage_id", "storage.id"]),
        Field::at("storage_title", &["storage.title"]),
        Field::at("company_id", &["company_id", "company.id"]),
        Field::at("user_id", &["user_id", "user.id"]).as_a(Meaning::IdOrZero),
        Field::at("user_name", &["user.name"]),
        Field::at("create_date", &["create_date", "date_created"]),
    ],
    copies: &[
        "company.title",
        "company.country_id",
        "company.city_id",
        "company.timezone",
        "company.address",
        "company.coordinate_lat",
        "company.coordinate_lon",
        "company.logo",
        "company.zip",
        "company.phones",
        "company.site",
        "user.phone",
    ],
    ..list(
        super::DOCUMENTS,
        Endpoint::list("/storage_operations/documents/{company}/{id}").reaching(Reach::Each),
    )
};

/// The largest page is not documented, so only an empty one is the end.
pub(super) const TRANSACTIONS: Stream = Stream {
    one: Some("/finance_transactions/{company}/{id}"),
    one_is_whole: false,
    cursor: Some(BY_CHANGE),
    window: Some(Window {
        from: "start_date",
        to: "end_date",
        column: "date",
    }),
    deletion: Deletion::PassOrWindow {
        column: "deleted",
        params: &[("deleted", "1")],
    },
    cadence: Cadence::Changing,
    resources: &["finances_operation"],
    pushed: &[
        ("account_id", "account_id"),
        ("client_id", "client_id"),
        ("supplier_id", "supplier_id"),
        ("master_id", "master_id"),
        ("document_id", "document_id"),
    ],
    fields: &[
        Field::at("expense_id", &["expense_id", "expense.id"]).as_a(Meaning::IdOrZero),
        Field::at("expense_title", &["expense.title"]),
        Field::at("account_id", &["account_id", "account.id"]),
        Field::at("account_title", &["account.title"]),
        Field::at("client_id", &["client_id", "client.id"]),
        Field::at("client_name", &["client.name"]),
        Field::at("client_phone", &["client.phone"]).as_a(Meaning::Phone),
        Field::at("master_id", &["master_id", "master.id"]),
        Field::at("master_title", &["master.title", "master.name"]),
        Field::at("supplier_id", &["supplier_id", "supplier.id"]).as_a(Meaning::IdOrZero),
        Field::at("supplier_title", &["supplier.title", "supplier.name"]),
    ],
    document_ids: &["document_id"],
    copies: &[
        "account.type_id",
        "account.type",
        "account.comment",
        "account.company_id",
    ],
    ..list(
        "yclients_finance_transactions",
        Endpoint::pages("/transactions/{company}", 200, Stop::EmptyPage),
    )
};
