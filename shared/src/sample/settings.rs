use serde_json::json;

use super::{
    Shop,
    draft::{Draft, json},
    words::{CUSTOMER_GROUPS, EMPLOYEES, ITEM_TYPES, PART_TYPES, TICKET_CATEGORIES},
};

/// The dictionaries, in the order of their ids.
const DICTIONARIES: [(&str, &[&str]); 4] = [
    ("REPAIR_SUBJECT_TYPE", ITEM_TYPES),
    ("COMPONENT_TYPE", PART_TYPES),
    ("TICKET_CATEGORY", TICKET_CATEGORIES),
    ("CUSTOMER_GROUP", CUSTOMER_GROUPS),
];

/// Form, type, name and whether it is required; a list's options are the shop's own.
const CUSTOM_FIELDS: [(&str, &str, &str, bool); 8] = [
    ("REPAIR", "TEXT", "Numer półki", false),
    ("REPAIR", "SELECT", "Kolor", false),
    ("REPAIR", "CHECKBOX", "Kopia danych wykonana", true),
    ("REPAIR", "PASSWORD", "Hasło do urządzenia", false),
    ("CUSTOMER", "DATE", "Data urodzin", false),
    ("CUSTOMER", "TEXT", "Numer karty", true),
    ("TICKET", "TEXTAREA", "Wskazówki dojazdu", false),
    ("DEVICE", "TEXT", "Piętro", false),
];

/// Positions of custom fields that other tables give values to.
pub(super) const FIELD_SHELF: u64 = 0;
pub(super) const FIELD_COLOUR: u64 = 1;
pub(super) const FIELD_COPIED: u64 = 2;
pub(super) const FIELD_BIRTHDAY: u64 = 4;
pub(super) const FIELD_CARD: u64 = 5;
pub(super) const FIELD_DIRECTIONS: u64 = 6;
pub(super) const FIELD_FLOOR: u64 = 7;

/// What an item may be coloured.
pub(super) const COLOURS: &[&str] = &["czarny", "biały", "srebrny", "różowy"];

pub(super) fn dictionary_count() -> u64 {
    DICTIONARIES
        .iter()
        .map(|(_, names)| names.len() as u64)
        .sum()
}

pub(super) const fn custom_field_count() -> u64 {
    CUSTOM_FIELDS.len() as u64
}

pub(super) const fn employee_count() -> u64 {
    EMPLOYEES.len() as u64
}

pub(super) fn dictionary(shop: &Shop, index: u64, row: &mut Draft<'_>) {
    let entries = DICTIONARIES
        .iter()
        .flat_map(|(kind, names)| names.iter().map(move |name| (*kind, *name)));
    let Some((kind, name)) = usize::try_from(index)
        .ok()
        .and_then(|index| entries.into_iter().nth(index))
    else {
        return;
    };
    row.set("id", shop.id('d', index))
        .set("type", kind)
        .set("name", name);
}

/// The id of an entry of a dictionary, by its kind and its number within the kind.
pub(super) fn dictionary_id(shop: &Shop, kind: &str, number: usize) -> String {
    let before: usize = DICTIONARIES
        .iter()
        .take_while(|(other, _)| *other != kind)
        .map(|(_, names)| names.len())
        .sum();
    let size = DICTIONARIES
        .iter()
        .find(|(other, _)| *other == kind)
        .map_or(1, |(_, names)| names.len());
    shop.id('d', (before + number % size) as u64)
}

pub(super) fn custom_field(shop: &Shop, index: u64, row: &mut Draft<'_>) {
    let Some((form, kind, name, required)) = usize::try_from(index)
        .ok()
        .and_then(|index| CUSTOM_FIELDS.get(index))
    else {
        return;
    };
    row.set("id", shop.id('f', index))
        .set("form", *form)
        .set("type", *kind)
        .set("name", *name);
    row.set("required", *required)
        .set("position", i64::try_from(index).unwrap_or_default());
    if *kind == "SELECT" {
        let options: Vec<_> = COLOURS
            .iter()
            .map(|colour| json!({ "value": colour }))
            .collect();
        row.set("select_options", json(&json!(options)));
    }
}

pub(super) fn employee(shop: &Shop, index: u64, row: &mut Draft<'_>) {
    let Some(name) = usize::try_from(index)
        .ok()
        .and_then(|index| EMPLOYEES.get(index))
    else {
        return;
    };
    row.set("id", shop.id('e', index))
        .set("display_name", *name);
    row.set("email", format!("pracownik{}@serwis.example", index + 1))
        .set("active", true);
}

/// The id of one of the shop's employees.
pub(super) fn employee_id(shop: &Shop, number: u64) -> String {
    shop.id('e', number % employee_count())
}
