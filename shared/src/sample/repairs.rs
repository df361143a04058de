use chrono::Duration;
use rand::{RngExt, rngs::StdRng};
use rust_decimal::Decimal;
use serde_json::{Map, json};

use super::{
    Shop,
    customers::{address_id, customer_id},
    draft::{Draft, amount, chance, json, pick},
    parts::part_id,
    settings::{COLOURS, FIELD_COLOUR, FIELD_COPIED, FIELD_SHELF, dictionary_id, employee_id},
    words::{ACTIONS, DIAGNOSES, FAULTS, ITEM_TYPES, SUMMARIES, VENDORS},
};

/// States of repairs that are still open; most of a shop's repairs are closed.
const OPEN: &[&str] = &[
    "WAITING_FOR_DIAGNOSIS",
    "DIAGNOSIS",
    "REQ_CUSTOMER_ACCEPT",
    "CONFIRMED",
    "IN_PROGRESS",
    "WAITING_FOR_PARTS",
    "UNDER_TESTING",
    "WAITING_FOR_COLLECTION",
];

pub(super) fn repair(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    let customer = dice.random_range(0..shop.customers.max(1));
    let (vendor, models) = VENDORS
        .get(dice.random_range(0..VENDORS.len()))
        .copied()
        .unwrap_or(("", &[]));
    let created_at = shop.moment(dice, 900);
    let price = amount(dice, 50, 1_500);
    row.set("id", repair_id(shop, index)).set(
        "rma",
        format!("N/{}/{:06}", created_at.format("%Y"), index + 1),
    );
    row.set("customer_id", customer_id(shop, customer))
        .set("employee_id", employee_id(shop, dice.random_range(0..4)));
    row.set(
        "type_id",
        dictionary_id(
            shop,
            "REPAIR_SUBJECT_TYPE",
            dice.random_range(0..ITEM_TYPES.len()),
        ),
    );
    row.set("vendor", vendor)
        .set("model", pick(dice, models))
        .set("serial", format!("{:015}", 350_000_000_000_000_u64 + index));
    row.set("issue", pick(dice, FAULTS))
        .set("warranty", chance(dice, 20))
        .set("created_at", created_at);
    row.set("delivery", "PERSONAL").set(
        "collection",
        if chance(dice, 10) {
            "PARCEL"
        } else {
            "PERSONAL"
        },
    );
    row.set("price_estimated", price)
        .set("price_estimated_vat", Decimal::from(23))
        .set("updated_at", created_at);
    if chance(dice, 10) {
        row.set("return_address_id", address_id(shop, customer));
    }
    if chance(dice, 8) {
        row.set(
            "additional_items",
            json(&json!([{ "name": "Ładowarka" }, { "name": "Etui", "remarks": "zarysowane" }])),
        );
    }
    if chance(dice, 12) {
        row.set("status", pick(dice, OPEN));
    } else {
        closed(shop, dice, row, price, created_at);
    }
    custom_values(shop, index, dice, row);
}

fn closed(
    shop: &Shop,
    dice: &mut StdRng,
    row: &mut Draft<'_>,
    price: Decimal,
    created_at: chrono::DateTime<chrono::Utc>,
) {
    let finished_at = created_at + Duration::hours(dice.random_range(2..24 * 20));
    row.set(
        "status",
        if chance(dice, 6) {
            "NOT_PROCESSABLE"
        } else {
            "CLOSED"
        },
    );
    row.set("started_at", created_at + Duration::minutes(30))
        .set("finished_at", finished_at)
        .set("updated_at", finished_at);
    row.set("diagnosis", pick(dice, DIAGNOSES))
        .set("summary", pick(dice, SUMMARIES));
    row.set("price_net", price)
        .set("vat", Decimal::from(23))
        .set("warranty_period", 12_i64);
    let text = price.to_string();
    row.set(
        "offers",
        json(&json!([{ "title": "Naprawa", "price_net": text, "vat": "23.00", "accepted": true }])),
    );
    if chance(dice, 40) {
        let part = part_id(shop, dice.random_range(0..shop.parts()));
        row.set("stock_links", json(&json!([{ "part_id": part, "quantity": "1.000000", "price_net": "49.9900", "vat": "23.00" }])));
    }
}

fn custom_values(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    let mut values = Map::new();
    if chance(dice, 60) {
        values.insert(
            shop.id('f', FIELD_SHELF),
            json!(format!("{}{:02}", pick(dice, &["A", "B", "C"]), index % 40)),
        );
    }
    if chance(dice, 30) {
        values.insert(shop.id('f', FIELD_COLOUR), json!(pick(dice, COLOURS)));
    }
    values.insert(
        shop.id('f', FIELD_COPIED),
        json!(if chance(dice, 50) { "1" } else { "0" }),
    );
    row.set("custom_values", json(&values.into()));
}

/// The id of a repair; indices past the last one wrap round.
pub(super) fn repair_id(shop: &Shop, index: u64) -> String {
    shop.id('r', index % shop.repairs().max(1))
}

pub(super) fn action(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    row.set("id", shop.id('w', index))
        .set("repair_id", repair_id(shop, index / 2));
    row.set("employee_id", employee_id(shop, dice.random_range(0..4)))
        .set("name", pick(dice, ACTIONS));
    row.set("performed_at", shop.moment(dice, 900))
        .set("quantity", Decimal::ONE);
    row.set(
        "hours_spent",
        Decimal::new(dice.random_range(1..16) * 25, 2),
    );
    row.set("price_net", amount(dice, 0, 300))
        .set("vat", Decimal::from(23));
}
