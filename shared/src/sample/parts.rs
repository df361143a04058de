use chrono::Duration;
use rand::{RngExt, rngs::StdRng};
use rust_decimal::Decimal;

use super::{
    Shop,
    draft::{Draft, amount, chance, pick},
    settings::dictionary_id,
    words::{PARTS, SUPPLIERS, VENDORS},
};

pub(super) fn part(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    let (vendor, models) = VENDORS
        .get(dice.random_range(0..VENDORS.len()))
        .copied()
        .unwrap_or(("", &[]));
    row.set("id", part_id(shop, index));
    row.set(
        "type_id",
        dictionary_id(shop, "COMPONENT_TYPE", dice.random_range(0..4)),
    );
    row.set(
        "name",
        format!("{} {vendor} {}", pick(dice, PARTS), pick(dice, models)),
    );
    row.set(
        "part_number",
        format!("{:06}-{:02}", 1_000 + index, dice.random_range(0..100)),
    );
    row.set("min_quantity", Decimal::from(dice.random_range(0..5)))
        .set("srp", amount(dice, 20, 900));
    row.set("vat", Decimal::from(23))
        .set("warranty_period", dice.random_range(3_i64..25));
}

/// The id of a part; indices past the last one wrap round.
pub(super) fn part_id(shop: &Shop, index: u64) -> String {
    shop.id('p', index % shop.parts())
}

pub(super) fn delivery(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    let received = dice.random_range(1..30);
    let left = if chance(dice, 35) {
        0
    } else {
        dice.random_range(0..=received)
    };
    row.set("id", shop.id('v', index))
        .set("part_id", part_id(shop, index));
    row.set("supplier", pick(dice, SUPPLIERS)).set(
        "price_net",
        Decimal::new(dice.random_range(50_000..6_000_000), 4),
    );
    row.set("vat", Decimal::from(23))
        .set("quantity", Decimal::from(received))
        .set("quantity_left", Decimal::from(left));
    row.set(
        "purchased_at",
        (shop.today - Duration::days(dice.random_range(1..700))).date_naive(),
    );
    row.set(
        "invoice_signature",
        format!("FV/{}/{:04}", dice.random_range(2022..2026), index + 1),
    );
    row.set("warehouse", "Główny");
}
