//! Raw bodies as JSON: whom they speak of, and what in them is personal.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value as Json;

use super::{
    People, Person, Value, ValueRef,
    cleaning::is_personal,
    erased::{Whose, whose},
    person::CLIENTS,
};
use crate::catalog::{self, Table, TableGroup};

/// Fields of the vendor that hold something personal, wherever they stand.
const FIELDS: [&str; 23] = [
    "address",
    "avatar",
    "birth_date",
    "birthday",
    "card",
    "client_name",
    "client_phone",
    "comer",
    "comer_person_info",
    "comment",
    "custom_fields",
    "display_name",
    "email",
    "fullname",
    "image_group",
    "login",
    "master_title",
    "patronymic",
    "phone",
    "sms_now_text",
    "staff_name",
    "surname",
    "user_name",
];

/// What a body says of a row of the shop's own: an import keeps it under `values`, beside the line of the file.
fn row_of<'b>(of: Option<&str>, body: &'b Json) -> Option<(&'static Arc<Table>, &'b Json)> {
    let table = catalog::table(of?).filter(|table| table.group == TableGroup::RepairShop)?;
    Some((table, body.get("values").unwrap_or(body)))
}

/// The row of the shop's own that a body is, by which it can be told whose it is: its table, its id, and what it says of
/// that itself.
pub(crate) fn about(of: Option<&str>, body: &Json) -> Option<(&'static Arc<Table>, Value, Value)> {
    let (table, row) = row_of(of, body)?;
    let (Whose::Own { column, .. } | Whose::Through { column, .. }) = whose(table)?;
    let text = |name: &str| match row.get(name) {
        Some(Json::String(text)) => Value::Text(text.clone()),
        _ => Value::Null,
    };
    Some((table, text("id"), text(column)))
}

/// Everybody of whom a body of the vendor's speaks. `of` is the table that it is a row of, where that is known; `clients`
/// among whom its source counts.
pub(crate) fn people(clients: People, of: Option<&str>, body: &Json) -> BTreeSet<Person> {
    let mut people = BTreeSet::new();
    if row_of(of, body).is_some() {
        return people;
    }
    let mut add = |id: Option<&Json>| match id {
        Some(Json::Number(id)) => {
            let id = id.as_i64().map_or(ValueRef::Null, ValueRef::Integer);
            people.extend(Person::new(clients, id));
        }
        Some(Json::String(id)) => people.extend(Person::new(clients, ValueRef::Text(id))),
        _ => {}
    };
    if of == Some(CLIENTS) {
        add(body.get("id"));
    }
    let of_event = |event: &Json| {
        let is_client = event.get("resource").and_then(Json::as_str) == Some("client");
        is_client
            .then(|| event.get("resource_id").cloned())
            .flatten()
    };
    let events = body.get("events").and_then(Json::as_array);
    let events = events.into_iter().flatten().chain([body]);
    let named: Vec<Json> = events.filter_map(of_event).collect();
    named.iter().for_each(|id| add(Some(id)));
    visit(body, &mut |name, value| match name {
        "client" | "comer" => add(value.get("id")),
        "client_id" => add(Some(value)),
        _ => {}
    });
    people
}

fn visit<'j>(body: &'j Json, look: &mut impl FnMut(&str, &'j Json)) {
    match body {
        Json::Object(fields) => {
            for (name, value) in fields {
                look(name, value);
                visit(value, look);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| visit(item, look)),
        _ => {}
    }
}

/// Empties what is personal about these people in a body of the vendor's, event by event where it holds several; whether it
/// spoke of any.
pub(crate) fn clean(
    clients: People,
    of: Option<&str>,
    body: &mut Json,
    is_erased: &impl Fn(&Person) -> bool,
) -> bool {
    if let Some(Json::Array(events)) = body.get_mut("events") {
        let mut any = false;
        for event in events {
            any |= clean(clients, None, event, is_erased);
        }
        return any;
    }
    let speaks = people(clients, of, body).iter().any(is_erased);
    if speaks {
        remove(of, body);
    }
    speaks
}

/// Empties what is personal in a row of the shop's own.
pub(crate) fn clean_row(of: Option<&str>, body: &mut Json) {
    let Some((table, _)) = row_of(of, body) else {
        return;
    };
    let row = match body.get("values") {
        Some(_) => body.get_mut("values"),
        None => Some(body),
    };
    for (name, value) in row.and_then(Json::as_object_mut).into_iter().flatten() {
        if table.column(name).is_none() || is_personal(table, name) {
            *value = Json::Null;
        }
    }
}

/// Empties what is personal in a body of the vendor's: of a person's own body and of what tells of a client, everything but
/// ids.
fn remove(of: Option<&str>, body: &mut Json) {
    let is_person = of == Some(CLIENTS);
    let is_event = body.get("resource").and_then(Json::as_str) == Some("client");
    if is_person {
        only_ids(body);
    }
    if let Some(data) = body.get_mut("data").filter(|_| is_event) {
        only_ids(data);
    }
    empty(body);
}

fn empty(body: &mut Json) {
    match body {
        Json::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match name.as_str() {
                    "client" => only_ids(value),
                    name if FIELDS.contains(&name) => *value = Json::Null,
                    _ => empty(value),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(empty),
        _ => {}
    }
}

fn only_ids(body: &mut Json) {
    if let Json::Object(fields) = body {
        fields.retain(|name, _| matches!(name.as_str(), "id" | "last_change_date" | "company_id"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OF: People = People::Altegio;

    fn person(id: &str) -> Person {
        Person {
            people: OF,
            id: id.to_owned(),
        }
    }

    #[test]
    fn people_are_found_wherever_they_stand() {
        let record =
            json!({ "id": 5, "client": { "id": 7, "name": "A" }, "lines": [{ "client_id": 8 }] });
        let found = people(OF, Some("yclients_records"), &record);
        assert_eq!(found, [person("7"), person("8")].into());
        let event = json!({ "resource": "client", "resource_id": 9, "data": { "name": "B" } });
        assert_eq!(people(OF, None, &event), [person("9")].into());
        let own = json!({ "id": 10, "name": "C" });
        assert_eq!(people(OF, Some(CLIENTS), &own), [person("10")].into());
    }

    #[test]
    fn rows_of_the_shop_say_whose_they_are() {
        let says = |of: &str, body: &Json| {
            let (table, id, owner) = about(Some(of), body)?;
            Some((table.name.to_string(), id, owner))
        };
        let body =
            json!({ "line": 3, "values": { "id": "a1", "customer_id": "c1", "street": "Long 1" } });
        let expected = ("customer_addresses".to_owned(), "a1".into(), "c1".into());
        assert_eq!(says("customer_addresses", &body), Some(expected));
        let body = json!({ "id": "c1", "person": "C" });
        let expected = ("customers".to_owned(), "c1".into(), "c1".into());
        assert_eq!(says("customers", &body), Some(expected));
        let body = json!({ "values": { "id": "a1", "repair_id": "r1", "remarks": "x" } });
        let expected = ("repair_actions".to_owned(), "a1".into(), "r1".into());
        assert_eq!(says("repair_actions", &body), Some(expected));
        assert_eq!(says("dictionaries", &body), None);
        assert_eq!(says("yclients_records", &body), None);
    }

    #[test]
    fn a_row_of_the_shop_loses_what_its_table_says_is_personal() {
        let mut body = json!({ "line": 3, "values": { "id": "a1", "customer_id": "c1", "street": "Long 1", "city": "X",
            "country": "PL", "shoe_size": "42" } });
        clean_row(Some("customer_addresses"), &mut body);
        let left = json!({ "line": 3, "values": { "id": "a1", "customer_id": "c1", "street": null, "city": null,
            "country": "PL", "shoe_size": null } });
        assert_eq!(body, left);
    }

    #[test]
    fn one_of_several_events_is_cleaned() {
        let event = |id: i64| json!({ "resource": "client", "resource_id": id, "data": { "id": id, "name": "N" } });
        let mut body = json!({ "events": [event(1), event(2)] });
        assert_eq!(people(OF, None, &body).len(), 2);
        assert!(clean(OF, None, &mut body, &|person| person.id == "2"));
        assert_eq!(body["events"][0], event(1));
        assert_eq!(body["events"][1]["data"], json!({ "id": 2 }));
    }

    #[test]
    fn nothing_personal_is_left() {
        let mut record = json!({ "id": 5, "comment": "x", "client": { "id": 7, "name": "A", "phone": "1" },
            "services": [{ "id": 1, "title": "Cut" }], "custom_fields": { "a": 1 } });
        remove(Some("yclients_records"), &mut record);
        let left = json!({ "id": 5, "comment": null, "client": { "id": 7 },
            "services": [{ "id": 1, "title": "Cut" }], "custom_fields": null });
        assert_eq!(record, left);
        let mut event =
            json!({ "resource": "client", "resource_id": 9, "data": { "id": 9, "name": "B" } });
        remove(None, &mut event);
        assert_eq!(
            event,
            json!({ "resource": "client", "resource_id": 9, "data": { "id": 9 } })
        );
    }
}
