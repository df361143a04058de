//! Raw bodies as JSON: whom they speak of, and what in them is personal.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Person, ValueRef};

/// Fields of the vendor and of the shop that hold something personal, wherever they stand.
const FIELDS: [&str; 33] = [
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
    "company_name",
    "consents",
    "custom_fields",
    "custom_values",
    "diagnosis",
    "display_name",
    "email",
    "fullname",
    "image_group",
    "issue",
    "login",
    "master_title",
    "other_phones",
    "patronymic",
    "person",
    "phone",
    "remarks",
    "sms_now_text",
    "staff_name",
    "summary",
    "surname",
    "tax_id",
    "user_name",
];

/// Everybody of whom a body speaks. `of` is the table that it is a row of, where that is known.
pub(crate) fn people(of: Option<&str>, body: &Json) -> BTreeSet<Person> {
    let mut people = BTreeSet::new();
    let mut add = |table: &str, id: Option<&Json>| match id {
        Some(Json::Number(id)) => {
            let id = id.as_i64().map_or(ValueRef::Null, ValueRef::Integer);
            people.extend(Person::new(table, id));
        }
        Some(Json::String(id)) => people.extend(Person::new(table, ValueRef::Text(id))),
        _ => {}
    };
    if let Some(table) = of {
        add(table, body.get("id"));
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
    named
        .iter()
        .for_each(|id| add("yclients_clients", Some(id)));
    visit(body, &mut |name, value| match name {
        "client" | "comer" => add("yclients_clients", value.get("id")),
        "client_id" => add("yclients_clients", Some(value)),
        "customer_id" => add("customers", Some(value)),
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

/// Empties what is personal about these people, event by event where a body holds several; whether it spoke of any.
pub(crate) fn clean(
    of: Option<&str>,
    body: &mut Json,
    is_erased: &impl Fn(&Person) -> bool,
) -> bool {
    if let Some(Json::Array(events)) = body.get_mut("events") {
        let mut any = false;
        for event in events {
            any |= clean(None, event, is_erased);
        }
        return any;
    }
    let speaks = people(of, body).iter().any(is_erased);
    if speaks {
        remove(of, body);
    }
    speaks
}

/// Empties what is personal in a body: of a person's own body and of what tells of a client, everything but ids.
fn remove(of: Option<&str>, body: &mut Json) {
    let is_person = of.is_some_and(|table| super::erased::PEOPLE.contains(&table));
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

    fn person(table: &'static str, id: &str) -> Person {
        Person {
            table,
            id: id.to_owned(),
        }
    }

    #[test]
    fn people_are_found_wherever_they_stand() {
        let record =
            json!({ "id": 5, "client": { "id": 7, "name": "A" }, "lines": [{ "client_id": 8 }] });
        let found = people(Some("yclients_records"), &record);
        let expected = [
            person("yclients_clients", "7"),
            person("yclients_clients", "8"),
        ];
        assert_eq!(found, expected.into());
        let event = json!({ "resource": "client", "resource_id": 9, "data": { "name": "B" } });
        assert_eq!(
            people(None, &event),
            [person("yclients_clients", "9")].into()
        );
        let own = json!({ "id": "c1", "person": "C" });
        assert_eq!(
            people(Some("customers"), &own),
            [person("customers", "c1")].into()
        );
    }

    #[test]
    fn one_of_several_events_is_cleaned() {
        let event = |id: i64| json!({ "resource": "client", "resource_id": id, "data": { "id": id, "name": "N" } });
        let mut body = json!({ "events": [event(1), event(2)] });
        assert_eq!(people(None, &body).len(), 2);
        assert!(clean(None, &mut body, &|person| person.id == "2"));
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
