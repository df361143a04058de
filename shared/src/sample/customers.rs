use rand::{RngExt, rngs::StdRng};
use rust_decimal::Decimal;
use serde_json::{Map, json};

use super::{
    Shop,
    draft::{Draft, chance, json, pick},
    settings::{FIELD_BIRTHDAY, FIELD_CARD, dictionary_id},
    words::{CITIES, COMPANIES, FIRST_NAMES, LAST_NAMES, STREETS},
};

pub(super) fn customer(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    let created_at = shop.moment(dice, 1_500);
    let name = format!("{} {}", pick(dice, FIRST_NAMES), pick(dice, LAST_NAMES));
    row.set("id", customer_id(shop, index))
        .set("person", name)
        .set("created_at", created_at);
    let company = chance(dice, 15);
    row.set("type", if company { "BUSINESS" } else { "PERSONAL" });
    if company {
        row.set(
            "company_name",
            format!("{} {}", pick(dice, COMPANIES), pick(dice, LAST_NAMES)),
        );
        row.set("tax_prefix", "PL").set("tax_id", tax_id(dice));
    }
    if chance(dice, 93) {
        row.set(
            "phone",
            format!(
                "+48 5{:02} {:03} {:03}",
                index / 1_000_000 % 100,
                index / 1_000 % 1_000,
                index % 1_000
            ),
        );
    }
    if chance(dice, 70) {
        row.set("email", format!("klient{}@poczta.example", index + 1));
    }
    if chance(dice, 5) {
        let number = format!(
            "+48 22 {:03} {:02} {:02}",
            dice.random_range(100..999),
            index % 100,
            dice.random_range(0..100)
        );
        row.set(
            "other_phones",
            json(&json!([{ "number": number, "remarks": "praca" }])),
        );
    }
    row.set("internet_access", chance(dice, 40))
        .set("is_anonymous", false)
        .set("time_zone", "Europe/Warsaw");
    if chance(dice, 20) {
        row.set(
            "group_id",
            dictionary_id(shop, "CUSTOMER_GROUP", dice.random_range(0..3)),
        );
    }
    if chance(dice, 10) {
        row.set("remarks", "Prosi o kontakt po 16:00;\t\"pilne\"");
    }
    let accepted_at = created_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    row.set(
        "consents",
        json(&json!([
            { "type": "DATA_PROCESSING", "title": "Przetwarzanie danych", "accepted": true, "accepted_at": accepted_at },
            { "type": "MARKETING_DATA_PROCESSING", "title": "Marketing", "accepted": chance(dice, 30) },
        ])),
    );
    let mut values = Map::new();
    if chance(dice, 10) {
        values.insert(
            shop.id('f', FIELD_BIRTHDAY),
            json!(format!(
                "19{}-0{}-1{}",
                dice.random_range(50..99),
                1 + index % 9,
                index % 9
            )),
        );
    }
    if chance(dice, 30) {
        values.insert(
            shop.id('f', FIELD_CARD),
            json!(format!("{:016}", 4_000_000_000_000_000_u64 + index)),
        );
    }
    if !values.is_empty() {
        row.set("custom_values", json(&values.into()));
    }
}

/// The id of a customer; indices past the last one wrap round.
pub(super) fn customer_id(shop: &Shop, index: u64) -> String {
    shop.id('c', index % shop.customers.max(1))
}

/// Ten digits whose last one is the checksum of a Polish tax id (weights 6 5 7 2 3 4 5 6 7, modulo 11).
fn tax_id(dice: &mut StdRng) -> String {
    const WEIGHTS: [u32; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];
    loop {
        let digits: [u32; 9] =
            std::array::from_fn(|place| dice.random_range(u32::from(place == 0)..10));
        let check = digits
            .iter()
            .zip(WEIGHTS)
            .map(|(digit, weight)| digit * weight)
            .sum::<u32>()
            % 11;
        if check < 10 {
            return digits.iter().chain([&check]).map(u32::to_string).collect();
        }
    }
}

pub(super) fn address(shop: &Shop, index: u64, dice: &mut StdRng, row: &mut Draft<'_>) {
    let (city, prefix) = CITIES
        .get(dice.random_range(0..CITIES.len()))
        .copied()
        .unwrap_or_default();
    row.set("id", address_id(shop, index))
        .set("customer_id", customer_id(shop, index));
    row.set(
        "type",
        if index < shop.customers {
            "HOME"
        } else {
            "BILLING"
        },
    );
    row.set("street", pick(dice, STREETS))
        .set("city", city)
        .set("country", "PL");
    row.set(
        "building",
        format!("{}/{}", dice.random_range(1..150), dice.random_range(1..60)),
    );
    row.set(
        "postal_code",
        format!("{prefix}-{:03}", dice.random_range(1..999)),
    );
    if chance(dice, 10) {
        row.set(
            "latitude",
            Decimal::new(dice.random_range(490_000_000..540_000_000), 7),
        );
        row.set(
            "longitude",
            Decimal::new(dice.random_range(150_000_000..230_000_000), 7),
        );
    }
}

/// The id of an address; the one of this index belongs to the customer of this index.
pub(super) fn address_id(shop: &Shop, index: u64) -> String {
    shop.id('a', index)
}
