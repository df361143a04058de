//! The copy of YCLIENTS (and of Altegio, which is the same service): what its API tells about a company.
//!
//! Columns have the vendor's names, flattened (`expense.title` is `expense_title`); the vendor's `good_id` is the `id` of
//! goods. Money is in major units of the company's currency, durations are in seconds. Instants are in UTC; beside each
//! one that came with an offset stands the text as it was sent (`…_raw`), because the vendor's offsets have been seen
//! wrong. An id of 0 in a column that refers to another table means that there is none, and is kept as null.

mod company;
mod fields;
mod goods;
mod lines;
mod money;
mod people;
mod records;
mod reports;
mod services;
#[cfg(test)]
mod tests;

use super::Table;
pub(super) use reports::reports;

/// Every table of the copy, parents before the rows that refer to them.
pub fn tables() -> Vec<Table> {
    vec![
        company::companies(),
        people::staff(),
        services::service_categories(),
        services::services(),
        people::clients(),
        company::labels(),
        goods::goods_categories(),
        goods::storages(),
        goods::goods(),
        money::accounts(),
        records::records(),
        lines::record_services(),
        lines::record_consumables(),
        lines::record_labels(),
        money::documents(),
        goods::goods_transactions(),
        money::finance_transactions(),
    ]
}
