use serde_json::{Map, Value as Json};

use super::claims;
use crate::yclients::streams::of_resource;

/// What the vendor says happened to an entity (vendor's integration notes, 2026-09; facts, section 3.2).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// The company it happened in.
    pub company_id: i64,
    /// What the vendor calls entities of this kind.
    pub resource: String,
    /// Which entity.
    pub resource_id: Option<i64>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The entity as it is now, or parts of it; nothing where the vendor sends an empty list.
    pub records: Vec<Json>,
}

/// Why something is no event; the word is the reason under which it is kept aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAnEvent(pub &'static str);

impl Event {
    /// Reads an envelope `{company_id, resource, resource_id, status, data}`. Numbers may come as text, `data` as an object,
    /// a list of them, or an empty list; a status that is not known is a change.
    pub fn read(envelope: &Json) -> Result<Self, NotAnEvent> {
        let Json::Object(fields) = envelope else {
            return Err(NotAnEvent("not_an_event"));
        };
        let company_id = number(fields, "company_id").ok_or(NotAnEvent("no_company"))?;
        let resource = fields.get("resource").and_then(Json::as_str);
        let resource = resource.ok_or(NotAnEvent("no_resource"))?.to_owned();
        let resource_id = number(fields, "resource_id");
        let deleted = fields.get("status").and_then(Json::as_str) == Some("delete");
        let mut records = match fields.get("data") {
            Some(Json::Array(records)) => records.clone(),
            Some(Json::Object(record)) if !record.is_empty() => vec![Json::Object(record.clone())],
            _ => Vec::new(),
        };
        records.retain(Json::is_object);
        if records.is_empty() && deleted && resource_id.is_some() {
            records.push(Json::Object(Map::new()));
        }
        if let (Some(stream), [record]) = (of_resource(&resource), records.as_mut_slice()) {
            claims::complete(record, stream, resource_id);
        }
        Ok(Self {
            company_id,
            resource,
            resource_id,
            deleted,
            records,
        })
    }
}

fn number(fields: &Map<String, Json>, name: &str) -> Option<i64> {
    match fields.get(name)? {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn envelopes_are_read_leniently() {
        let event = Event::read(
            &json!({"company_id": "7", "resource": "record", "resource_id": "5", "status": "update",
            "data": [{"id": 5}, "x"]}),
        )
        .unwrap();
        assert_eq!((event.company_id, event.resource_id), (7, Some(5)));
        assert_eq!(event.records, [json!({"id": 5})]);
        let nothing = json!({"company_id": 7, "resource": "schedule", "resource_id": 5, "status": "update", "data": []});
        assert!(Event::read(&nothing).unwrap().records.is_empty());
    }

    #[test]
    fn the_envelope_names_the_entity_where_its_body_does_not() {
        let delete = |resource: &str, data: Json| {
            let event = json!({"company_id": 7, "resource": resource, "resource_id": 5, "status": "delete", "data": data});
            Event::read(&event).unwrap().records
        };
        assert_eq!(delete("client", json!([])), [json!({"id": 5})]);
        assert_eq!(delete("good", json!(null)), [json!({"good_id": 5})]);
        assert_eq!(
            delete("good", json!({"good_id": 6})),
            [json!({"good_id": 6})]
        );
        assert_eq!(
            delete("client", json!({"name": "A"})),
            [json!({"id": 5, "name": "A"})]
        );
    }

    #[test]
    fn what_is_no_event_says_why() {
        for (body, reason) in [
            (json!(3), "not_an_event"),
            (json!({}), "no_company"),
            (
                json!({"company_id": 1.5, "resource": "record"}),
                "no_company",
            ),
            (json!({"company_id": 1, "resource": 3}), "no_resource"),
            (json!({"salon_id": 123, "event": "uninstall"}), "no_company"),
        ] {
            assert_eq!(Event::read(&body), Err(NotAnEvent(reason)), "{body}");
        }
    }
}
