//! The declarations. Endpoints, parameters and shapes: the vendor's reference of 2024 and 2026, and production clients
//! (facts, sections 1.6, 1.7, 2 and 3.2).

mod goods;
mod lists;
mod money;
mod records;

use super::{Cadence, Cursor, Deletion, Endpoint, Field, Meaning, Stream};

/// The table that has no list: its rows are known from others.
pub(super) const DOCUMENTS: &str = "yclients_documents";

/// A column that is filled from another table.
pub(super) struct Given {
    pub table: &'static str,
    pub column: &'static str,
    pub from: &'static str,
}

/// Columns of the categories that a record's services have: the body names the services only.
pub(super) const GIVEN: &[Given] = &[
    Given {
        table: "yclients_records",
        column: "service_category_ids",
        from: "yclients_services",
    },
    Given {
        table: "yclients_record_services",
        column: "category_id",
        from: "yclients_services",
    },
];

/// Every stream, lists that others refer to first.
pub(super) const STREAMS: &[Stream] = &[
    lists::COMPANIES,
    lists::STAFF,
    lists::SERVICE_CATEGORIES,
    lists::SERVICES,
    lists::CLIENTS,
    lists::LABELS,
    goods::CATEGORIES,
    goods::STORAGES,
    goods::GOODS,
    money::ACCOUNTS,
    records::RECORDS,
    money::DOCUMENTS,
    goods::TRANSACTIONS,
    money::TRANSACTIONS,
];

/// By the time of the last change, with an hour of overlap: the zone of the parameter is not documented.
const BY_CHANGE: Cursor = Cursor {
    after: "changed_after",
    before: "changed_before",
    overlap_minutes: 65,
};

/// A list of things that is read whole, where what is missing is gone.
const fn list(table: &'static str, endpoint: Endpoint) -> Stream {
    Stream {
        table,
        endpoint,
        fallbacks: &[],
        one: None,
        one_is_whole: true,
        cursor: None,
        window: None,
        deletion: Deletion::Absence,
        cadence: Cadence::Lists,
        resources: &[],
        pushed: &[],
        fields: &[],
        children: &[],
        told: &[],
        document_ids: &[],
        copies: &[],
    }
}

const fn map(column: &'static str) -> Field {
    Field::meaning(column, Meaning::Map)
}

const fn relation(column: &'static str) -> Field {
    Field::meaning(column, Meaning::Relation)
}
