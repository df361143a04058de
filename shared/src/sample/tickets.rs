use chrono::Duration;
use rand::{RngExt, rngs::StdRng};
use rust_decimal::Decimal;
use serde_json::json;

use super::{
    Shop,
    customers::{address_id, customer_id},
    draft::{Draft, amount, chance, json, pick},
    settings::{FIELD_DIRECTIONS, FIELD_FLOOR, dictionary_id, employee_id},
    words::{FAULTS, TICKET_CATEGORIES, VENDORS},
};

pub(super) fn ticket(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    let customer = dice.random_range(0..shop.customers.max(1));
    let (vendor, models) = VENDORS
        .get(dice.random_range(0..VENDORS.len()))
        .copied()
        .unwrap_or(("", &[]));
    let created_at = shop.moment(dice, 700);
    row.set("id", ticket_id(shop, index))
        .set("number", format!("Z/{:06}", index + 1));
    row.set("customer_id", customer_id(shop, customer))
        .set("address_id", address_id(shop, customer));
    row.set("employee_id", employee_id(shop, dice.random_range(0..4)))
        .set("created_at", created_at);
    row.set(
        "type_id",
        dictionary_id(
            shop,
            "TICKET_CATEGORY",
            dice.random_range(0..TICKET_CATEGORIES.len()),
        ),
    );
    row.set("issue", pick(dice, FAULTS))
        .set("priority", pick(dice, &["normalny", "pilny"]));
    let scheduled_on = created_at + Duration::hours(dice.random_range(12..96));
    row.set("scheduled_on", scheduled_on)
        .set("scheduled_to", scheduled_on + Duration::hours(2));
    let device = json!({
        "number": format!("U{:05}", index + 1), "vendor": vendor, "model": pick(dice, models),
        "custom_values": { shop.id('f', FIELD_FLOOR): format!("{}", dice.random_range(0..10)) },
    });
    row.set("devices", json(&json!([device])));
    if chance(dice, 30) {
        row.set(
            "custom_values",
            json(&json!({ shop.id('f', FIELD_DIRECTIONS): "Wejście od podwórza,\ndomofon 12" })),
        );
    }
    if chance(dice, 20) {
        row.set(
            "status",
            pick(dice, &["NEW", "ASSIGNED", "ON_THE_WAY", "IN_PROGRESS"]),
        );
        return;
    }
    row.set(
        "status",
        if chance(dice, 8) {
            "CANCELED"
        } else {
            "RESOLVED"
        },
    );
    row.set("started_on", scheduled_on).set(
        "finished_at",
        scheduled_on + Duration::minutes(dice.random_range(20..180)),
    );
    row.set("amount_net", amount(dice, 80, 600))
        .set("vat", Decimal::from(23))
        .set("paid", chance(dice, 90));
    row.set(
        "hours_spent",
        Decimal::new(dice.random_range(1..12) * 25, 2),
    )
    .set("payment_type", "gotówka");
    if chance(dice, 40) {
        row.set("rating", dice.random_range(3_i64..6));
    }
}

/// The id of a ticket; indices past the last one wrap round.
fn ticket_id(shop: &Shop, index: u64) -> String {
    shop.id('t', index % shop.tickets().max(1))
}

pub(super) fn action(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    row.set("id", shop.id('x', index))
        .set("ticket_id", ticket_id(shop, index / 2));
    row.set("employee_id", employee_id(shop, dice.random_range(0..4)))
        .set("performed_at", shop.moment(dice, 700));
    row.set(
        "remarks",
        pick(
            dice,
            &["Dojazd", "Wymiana i test", "Umówiono kolejną wizytę"],
        ),
    );
    row.set("hours_spent", Decimal::new(dice.random_range(1..8) * 25, 2));
}
