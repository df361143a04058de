use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{HookAddress, HookMessage, MAX_EVENT, Unreadable, scrub};
use crate::exact;

/// The most messages that small events of one request become. A body could hold a million empty events; where there are more
/// than this, several share a message.
pub const MAX_MESSAGES: usize = 500;

/// What came of a request's body.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// What is to be queued.
    pub messages: Vec<HookMessage>,
    /// How many events were left out because they are larger than [`MAX_EVENT`].
    pub too_large: usize,
}

/// Takes the body of a request apart: one message for each event, and for what is no JSON a message that says so. An empty
/// array is no message. Passport data is left out of every one. Each event is measured by itself: one that is too large takes
/// none of its neighbours with it.
///
/// Anything that is JSON is taken, an event or not: whether it is one is judged where a refusal can be kept with its reason.
/// The vendor sends each event once, so a refusal here would lose it.
pub fn split(address: &HookAddress, received_at: DateTime<Utc>, body: &[u8]) -> Split {
    let mut split = Split {
        messages: Vec::new(),
        too_large: 0,
    };
    let large = body.len() > MAX_EVENT;
    let events = match parse(body).map(without_passports) {
        Ok(Value::Array(events)) => events,
        Ok(_) | Err(_) if large => {
            split.too_large = 1;
            return split;
        }
        Ok(event) => vec![event],
        Err(unreadable) => {
            split.messages.push(HookMessage {
                unreadable: Some(unreadable),
                ..HookMessage::new(address, received_at)
            });
            return split;
        }
    };
    let share = events.len().div_ceil(MAX_MESSAGES).max(1);
    let mut room = 0;
    for (position, event) in events.into_iter().enumerate() {
        // Events of a body that is small enough for one need not be measured.
        let bytes = if large { encoded_len(&event) } else { 0 };
        if bytes > MAX_EVENT {
            split.too_large += 1;
            continue;
        }
        let full = |message: &HookMessage| message.events.len() == share || bytes > room;
        if split.messages.last().is_none_or(full) {
            let later = TimeDelta::microseconds(i64::try_from(position).unwrap_or(0));
            let message = HookMessage::new(address, received_at + later);
            split.messages.push(message);
            room = MAX_EVENT;
        }
        if let Some(message) = split.messages.last_mut() {
            message.events.push(event);
            room -= bytes;
        }
    }
    split
}

/// The bytes that an event takes in its message.
fn encoded_len(event: &Value) -> usize {
    event.to_string().len()
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
        let split = split(&address, "2026-03-01T10:00:00Z".parse().unwrap(), body);
        assert_eq!(split.too_large, 0);
        split.messages
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
    fn events_are_measured_one_by_one() {
        let address = HookAddress {
            source: "sampleshop-a1b2c3d4".parse().unwrap(),
            version: 2,
        };
        let of = |body: &Value| split(&address, DateTime::UNIX_EPOCH, body.to_string().as_bytes());
        let (full, over) = ("x".repeat(MAX_EVENT - 2), "x".repeat(MAX_EVENT - 1));
        let split = of(&json!([1, full, over, full, 2]));
        assert_eq!(split.too_large, 1);
        let events = split.messages.iter().flat_map(|message| &message.events);
        assert_eq!(json!(events.collect::<Vec<_>>()), json!([1, full, full, 2]));
        for (body, messages, too_large) in [(json!(full), 1, 0), (json!(over), 0, 1)] {
            let split = of(&body);
            assert_eq!(
                (split.messages.len(), split.too_large),
                (messages, too_large)
            );
        }
    }

    #[test]
    fn no_message_of_many_events_outgrows_the_queue() {
        let large = "x".repeat(MAX_EVENT / 2);
        let mut events = vec![json!(0); 2 * MAX_MESSAGES];
        events.extend([json!(large), json!(large), json!(large)]);
        let messages = messages(json!(events).to_string().as_bytes());
        let sizes = messages
            .iter()
            .map(|message| json!(message.events).to_string().len());
        assert!(sizes.max().unwrap() <= MAX_EVENT + 2 * MAX_MESSAGES);
        let kept = messages.into_iter().flat_map(|message| message.events);
        assert!(kept.eq(events));
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
