use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{HookAddress, HookMessage, Unreadable, scrub};
use crate::exact;

/// The most messages that one request becomes. A body of 700 KiB could hold two hundred thousand empty events; where there
/// are more than this, several share a message.
pub const MAX_MESSAGES: usize = 500;

/// Takes the body of a request apart: one message for each event, and for what is no JSON a message that says so. An empty
/// array is no message. Passport data is left out of every one.
///
/// Anything that is JSON is taken, an event or not: whether it is one is judged where a refusal can be kept with its reason.
/// The vendor sends each event once, so a refusal here would lose it.
pub fn split(address: &HookAddress, received_at: DateTime<Utc>, body: &[u8]) -> Vec<HookMessage> {
    let events = match parse(body) {
        Ok(body) => match without_passports(body) {
            Value::Array(events) => events,
            event => vec![event],
        },
        Err(unreadable) => {
            return vec![HookMessage {
                unreadable: Some(unreadable),
                ..HookMessage::new(address, received_at)
            }];
        }
    };
    let share = events.len().div_ceil(MAX_MESSAGES).max(1);
    let mut messages: Vec<HookMessage> = Vec::with_capacity(events.len().div_ceil(share));
    for (position, event) in events.into_iter().enumerate() {
        if position % share == 0 {
            let later = TimeDelta::microseconds(i64::try_from(position).unwrap_or(0));
            messages.push(HookMessage::new(address, received_at + later));
        }
        if let Some(message) = messages.last_mut() {
            message.events.push(event);
        }
    }
    messages
}

fn without_passports(mut body: Value) -> Value {
    scrub(&mut body);
    body
}

/// A byte order mark is passed over, and what no text can hold becomes replacement characters: one damaged letter in a name is
/// no reason to lose a payment.
fn parse(body: &[u8]) -> Result<Value, Unreadable> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let parsed =
        exact::from_slice(text).or_else(|_| exact::from_slice(&exact::mend(text.to_vec())));
    parsed.map_err(|error| Unreadable {
        bytes: body.len(),
        line: error.line(),
        column: error.column(),
        sha256: HEXLOWER.encode(&Sha256::digest(body)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(body: &[u8]) -> Vec<HookMessage> {
        let address = HookAddress {
            source: "sampleshop-a1b2c3d4".parse().unwrap(),
            version: 2,
        };
        split(&address, "2026-03-01T10:00:00Z".parse().unwrap(), body)
    }

    fn events(body: &[u8]) -> Vec<Vec<Value>> {
        let messages = messages(body);
        assert!(messages.iter().all(|message| message.unreadable.is_none()));
        messages.into_iter().map(|message| message.events).collect()
    }

    #[test]
    fn an_envelope_or_an_array_of_them_becomes_a_message_for_each() {
        assert_eq!(events(br#"{"a":1}"#), [[json!({"a": 1})]]);
        assert_eq!(
            events(br#"[{"a":1},{"a":2}]"#),
            [[json!({"a": 1})], [json!({"a": 2})]]
        );
        assert_eq!(events(b" [] "), Vec::<Vec<Value>>::new());
    }

    #[test]
    fn whatever_is_json_is_taken() {
        for body in ["null", "3", "\"text\"", "{}"] {
            assert_eq!(events(body.as_bytes()).len(), 1, "{body}");
        }
        assert_eq!(events("\u{FEFF}{\"a\":1}".as_bytes()), [[json!({"a": 1})]]);
        assert_eq!(
            events(b"{\"name\":\"\xCF\xF0\"}"),
            [[json!({"name": "\u{FFFD}\u{FFFD}"})]]
        );
        assert_eq!(
            events(br#"{"name":"Ola \ud83d","amount":5}"#),
            [[json!({"name": "Ola \u{FFFD}", "amount": 5})]]
        );
    }

    #[test]
    fn passport_data_gets_into_no_message() {
        let body = br#"[{"resource":"master","data":{"id":1,"employee":{"number":"4509 1"}}},{"passport":"4509 2","id":2}]"#;
        let expected = json!([[{"resource": "master", "data": {"id": 1}}], [{"id": 2}]]);
        assert_eq!(json!(events(body)), expected);
    }

    #[test]
    fn what_is_no_json_is_told_without_being_kept() {
        let deep = "[".repeat(100_000);
        for body in [
            "",
            "passport=4509",
            "{\"passport\":\"4509\"",
            "{} {}",
            &deep,
        ] {
            let messages = messages(body.as_bytes());
            assert_eq!(messages.len(), 1);
            let unreadable = messages[0].unreadable.clone().unwrap();
            assert_eq!(unreadable.bytes, body.len());
            let kept =
                serde_json::to_string(&messages[0].clone().into_envelope().unwrap()).unwrap();
            assert!(!kept.contains("4509") && kept.len() < 500, "{kept}");
        }
    }

    #[test]
    fn events_of_one_request_keep_their_order() {
        let body = serde_json::to_vec(&(0..100).collect::<Vec<_>>()).unwrap();
        let messages = messages(&body);
        assert!(messages.is_sorted_by_key(|message| message.received_at));
        assert_ne!(messages[0].received_at, messages[1].received_at);
    }

    #[test]
    fn a_flood_of_small_events_shares_messages_and_loses_none() {
        let body = serde_json::to_vec(&(0..100_000).collect::<Vec<_>>()).unwrap();
        let messages = messages(&body);
        assert!(messages.len() <= MAX_MESSAGES);
        let events: Vec<Value> = messages
            .into_iter()
            .flat_map(|message| message.events)
            .collect();
        assert_eq!(events.len(), 100_000);
        assert!(
            events
                .iter()
                .enumerate()
                .all(|(number, event)| *event == json!(number))
        );
    }

    #[test]
    fn a_message_survives_the_queue() {
        let message = messages(br#"{"company_id":1,"data":{"amount":"-1.000000000"}}"#).remove(0);
        let envelope = message.clone().into_envelope().unwrap();
        assert_eq!(envelope.subscription.as_str(), "sampleshop");
        let back: HookMessage = serde_json::from_value(envelope.body).unwrap();
        assert_eq!(back, message);
    }
}
