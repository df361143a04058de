//! The lists that come prepared: the columns people expect, with names in place of the ids they refer to.

use crate::catalog::{Label, label};

const REPAIRS: &[&str] = &[
    "id",
    "rma",
    "status",
    "customer_id",
    "customer_id.person",
    "customer_id.company_name",
    "customer_id.phone",
    "type_id.name",
    "vendor",
    "model",
    "serial",
    "issue",
    "employee_id.display_name",
    "created_at",
    "started_at",
    "finish_date_estimated",
    "finished_at",
    "updated_at",
    "price_estimated",
    "price_estimated_vat",
    "advance_amount",
    "price_net",
    "vat",
    "diagnosis",
    "summary",
    "internal_remarks",
    "warranty",
    "warranty_purchase_date",
    "warranty_purchase_document",
    "warranty_period",
    "delivery",
    "collection",
    "pick_up_address_id",
    "return_address_id",
    "additional_items",
    "offers",
    "stock_links",
    "custom_values",
];

const TICKETS: &[&str] = &[
    "id",
    "number",
    "status",
    "customer_id",
    "customer_id.person",
    "customer_id.company_name",
    "customer_id.phone",
    "type_id.name",
    "issue",
    "priority",
    "employee_id.display_name",
    "address_id",
    "address_remarks",
    "created_at",
    "scheduled_on",
    "scheduled_to",
    "started_on",
    "finished_at",
    "payment_type",
    "amount_net",
    "vat",
    "hours_spent",
    "paid",
    "rating",
    "devices",
    "custom_values",
];

const DELIVERIES: &[&str] = &[
    "id",
    "part_id",
    "part_id.name",
    "part_id.type_id.name",
    "part_id.part_number",
    "part_id.description",
    "part_id.min_quantity",
    "part_id.srp",
    "part_id.vat",
    "supplier",
    "serial",
    "purchased_at",
    "invoice_signature",
    "price_net",
    "vat",
    "quantity",
    "quantity_left",
    "reserved_quantity",
    "warehouse",
];

const CUSTOMERS: &[&str] = &[
    "id",
    "type",
    "person",
    "company_name",
    "tax_prefix",
    "tax_id",
    "email",
    "phone",
    "group_id.name",
    "remarks",
    "created_at",
    "login",
    "internet_access",
    "is_anonymous",
    "time_zone",
    "other_phones",
    "consents",
    "custom_values",
];

static WAREHOUSE_TITLE: Label = label("Warehouse", "Magazyn", "Склад");

/// The list of stock cards and their deliveries.
pub(super) const WAREHOUSE: &str = "warehouse";

/// The lists that come prepared.
const LISTS: [&str; 4] = ["repairs", "tickets", WAREHOUSE, "customers"];

/// The table and columns of a prepared list.
pub(super) fn list(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    match name {
        "repairs" => Some(("repairs", REPAIRS)),
        "tickets" => Some(("tickets", TICKETS)),
        WAREHOUSE => Some(("part_deliveries", DELIVERIES)),
        "customers" => Some(("customers", CUSTOMERS)),
        _ => None,
    }
}

/// Columns of a table's prepared list that go through more than one reference.
pub(super) fn far_columns(table: &str) -> impl Iterator<Item = &'static str> {
    let lists = LISTS.into_iter().filter_map(list);
    let own = lists.filter(move |(of, _)| *of == table);
    own.flat_map(|(_, columns)| columns.iter().copied())
        .filter(|path| path.matches('.').count() > 1)
}

/// What people call a prepared list whose name is not its table's.
pub fn title(name: &str) -> Option<&'static Label> {
    (name == WAREHOUSE).then_some(&WAREHOUSE_TITLE)
}
