use std::{fmt, ops::Range, time::Duration};

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use wynos_base::exact;

use super::{Unreachable, VendorError};

/// The most names of fields that an error keeps.
const MAX_FIELDS: usize = 20;

/// What the vendor answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The content of the envelope; the whole body where there was no envelope.
    pub data: Value,
    /// What the envelope says beside it; null where there was none.
    pub meta: Value,
    /// When the request that was answered began: what it tells was true then at the earliest.
    pub began_at: DateTime<Utc>,
}

/// What the vendor answered, its content still the text it came as: a tenth of what it takes up once it is read.
#[derive(Debug)]
pub struct Unread {
    /// The body as it came, which is not copied: it is most of what a page takes up.
    body: Vec<u8>,
    /// Where the content is in it.
    data: Range<usize>,
    meta: Value,
    began_at: DateTime<Utc>,
}

impl Unread {
    /// Makes out what an answer means: data and meta, or the error behind it. The envelope and its exceptions are as told by
    /// YCLIENTS' blueprint and by clients in production: errors come under 200, as pages of HTML, without a body, and in a
    /// second shape.
    pub(super) fn new(answer: Answer, began_at: DateTime<Utc>) -> Result<Self, VendorError> {
        if let Some((data, meta)) = enveloped(&answer) {
            return Ok(Self {
                body: answer.body,
                data,
                meta,
                began_at,
            });
        }
        let good = (200..300).contains(&answer.status);
        let (data, meta) = read_whole(&answer, good)?;
        Ok(Self {
            meta,
            ..Self::of(&exact::to_string(&data), began_at)
        })
    }

    fn of(data: &str, began_at: DateTime<Utc>) -> Self {
        Self {
            body: data.as_bytes().to_vec(),
            data: 0..data.len(),
            meta: Value::Null,
            began_at,
        }
    }

    /// Nothing, as of a request that began then.
    pub fn nothing(began_at: DateTime<Utc>) -> Self {
        Self::of("null", began_at)
    }

    /// Whether there was no content, not even an empty list.
    pub fn is_nothing(&self) -> bool {
        self.body.get(self.data.clone()) == Some(b"null")
    }

    /// When the request that was answered began.
    pub const fn began_at(&self) -> DateTime<Utc> {
        self.began_at
    }

    /// What the envelope says beside the content; null where there was none.
    pub const fn meta(&self) -> &Value {
        &self.meta
    }

    /// Whether the content is a list.
    pub fn is_list(&self) -> bool {
        let data = self.body.get(self.data.clone()).unwrap_or_default();
        data.trim_ascii_start().starts_with(b"[")
    }

    fn text(&self) -> Result<&str, VendorError> {
        let data = self.body.get(self.data.clone()).unwrap_or_default();
        std::str::from_utf8(data).map_err(|_| VendorError::Malformed { status: 200 })
    }

    /// Reads the content, which is a list, and hands out its items as they are read, so many at a time: what they take up is
    /// given back before the next ones are read. [`VendorError::Malformed`] where one cannot be read; items before it were
    /// handed out.
    pub fn items(&self, at_a_time: usize, take: impl FnMut(Vec<Value>)) -> Result<(), VendorError> {
        let malformed = |_| VendorError::Malformed { status: 200 };
        let text = exact::marked(self.text()?);
        let mut text = serde_json::Deserializer::from_str(&text);
        text.deserialize_seq(Items { at_a_time, take })
            .map_err(malformed)
    }

    /// Reads the content; [`VendorError::Malformed`] where it is no JSON.
    pub fn read(&self) -> Result<Reply, VendorError> {
        let malformed = |_| VendorError::Malformed { status: 200 };
        Ok(Reply {
            data: exact::from_str(self.text()?).map_err(malformed)?,
            meta: self.meta.clone(),
            began_at: self.began_at,
        })
    }
}

/// Hands out the items of a list.
struct Items<T> {
    at_a_time: usize,
    take: T,
}

impl<'de, T: FnMut(Vec<Value>)> Visitor<'de> for Items<T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut some = Vec::with_capacity(self.at_a_time);
        while let Some(item) = items.next_element()? {
            some.push(item);
            if some.len() >= self.at_a_time {
                (self.take)(std::mem::take(&mut some));
            }
        }
        if !some.is_empty() {
            (self.take)(some);
        }
        Ok(())
    }
}

/// The envelope of an answer that is none of its exceptions.
#[derive(Deserialize)]
struct Envelope<'a> {
    success: Value,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default)]
    meta: Value,
}

/// An answer as it came.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The wait that it asks for, whatever its status.
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

/// Where the content of an answer in the usual envelope is in its body, and what stands beside it; `None` for all others.
fn enveloped(answer: &Answer) -> Option<(Range<usize>, Value)> {
    let good = (200..300).contains(&answer.status);
    let body = std::str::from_utf8(&answer.body).ok().filter(|_| good)?;
    let envelope = serde_json::from_str::<Envelope<'_>>(body).ok()?;
    let data = envelope.data.get();
    // A borrowed value is a part of what it was read from.
    let start = (data.as_ptr() as usize).checked_sub(body.as_ptr() as usize)?;
    truth(&envelope.success).then_some((start..start + data.len(), envelope.meta))
}

fn read_whole(answer: &Answer, good: bool) -> Result<(Value, Value), VendorError> {
    let status = answer.status;
    if status == 429 {
        return Err(throttled(answer));
    }
    if good && answer.body.iter().all(u8::is_ascii_whitespace) {
        // Deletions are answered so; a list that should be there is not.
        return match status {
            202 | 204 => Ok((Value::Null, Value::Null)),
            _ => Err(VendorError::Malformed { status }),
        };
    }
    let Ok(mut body) = exact::from_slice(&answer.body) else {
        return Err(match status {
            200..300 => VendorError::Malformed { status },
            404 => VendorError::Unrouted,
            _ => refused(status, &Value::Null),
        });
    };
    if is_throttling(&body) {
        return Err(throttled(answer));
    }
    if !good {
        return Err(refused(status, &body));
    }
    match body.get("success") {
        Some(success) if truth(success) => {
            let take = |body: &mut Value, name| body.get_mut(name).map(Value::take);
            let data = take(&mut body, "data").unwrap_or_default();
            let meta = take(&mut body, "meta").unwrap_or_default();
            Ok((data, meta))
        }
        Some(_) => Err(refused(inner_status(&body).unwrap_or(status), &body)),
        None => match inner_status(&body) {
            Some(inner) => Err(refused(inner, &body)),
            None => Ok((body, Value::Null)),
        },
    }
}

fn throttled(answer: &Answer) -> VendorError {
    VendorError::Throttled {
        retry_after: answer.retry_after,
    }
}

/// The error that a status stands for, with the few texts that tell apart what statuses do not.
fn refused(status: u16, body: &Value) -> VendorError {
    let message = message(body).to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match status {
        _ if says(&[
            "продлить лицензию",
            "renew the license",
            "license expired",
            "licence",
        ]) =>
        {
            VendorError::LicenceExpired
        }
        401 if says(&["партн", "partner"]) => VendorError::PartnerRefused,
        401 => VendorError::Unauthorized,
        402 => VendorError::LicenceExpired,
        403 => VendorError::Forbidden,
        404 if says(&["не найдено", "nothing found"]) || message.trim() == "not found" => {
            VendorError::NothingFound
        }
        404 => VendorError::NotFound,
        408 | 425 | 500.. => VendorError::Unavailable {
            reason: Unreachable::Status(status),
        },
        _ => VendorError::Invalid {
            status,
            fields: fields(body),
        },
    }
}

/// The status that a body of the shape `{errors: {code, message}, meta}` names.
fn inner_status(body: &Value) -> Option<u16> {
    let code = body.get("errors")?.get("code")?;
    let number = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
    u16::try_from(number)
        .ok()
        .filter(|code| (400..600).contains(code))
}

fn message(body: &Value) -> &str {
    let at = |name: &str| body.get(name)?.get("message")?.as_str();
    let plain = || body.get("message")?.as_str();
    at("meta")
        .or_else(|| at("errors"))
        .or_else(plain)
        .unwrap_or_default()
}

/// Throttling comes under 200 and `success: false` too, told by its text alone. Taken for data, it would make rows that were
/// not read look deleted.
fn is_throttling(body: &Value) -> bool {
    let refused = body.get("success").is_some_and(|success| !truth(success))
        || (body.get("success").is_none() && body.get("errors").is_some());
    if !refused {
        return false;
    }
    let message = message(body).to_lowercase();
    inner_status(body) == Some(429)
        || [
            "лимит запрос",
            "слишком много запрос",
            "too many requests",
            "rate limit",
            "request limit",
            "requests limit",
        ]
        .iter()
        .any(|text| message.contains(text))
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => text == "1" || text == "true",
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Names of the fields that an error is about. Their texts may quote what a person entered, so they are left out.
fn fields(body: &Value) -> Vec<String> {
    let errors = body.get("meta").and_then(|meta| meta.get("errors"));
    let Some(errors) = errors.and_then(Value::as_object) else {
        return Vec::new();
    };
    let plain = |name: &&String| {
        name.len() <= 60
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'[' | b']'))
    };
    errors
        .keys()
        .filter(plain)
        .take(MAX_FIELDS)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(data: &str) -> Unread {
        Unread::of(data, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_list_is_handed_out_some_items_at_a_time() {
        let handed_out = |data: &str| {
            let mut sizes = Vec::new();
            let read = unread(data).items(2, |items| sizes.push(items.len()));
            (read.map_err(|error| error.code()), sizes)
        };
        assert_eq!(handed_out("[1, [2], {}, null, 5]"), (Ok(()), vec![2, 2, 1]));
        assert_eq!(handed_out("[]"), (Ok(()), vec![]));
        assert_eq!(handed_out("[1, 2, 1e999]"), (Ok(()), vec![2, 1]));
        let malformed = (Err("vendor.malformed"), vec![2]);
        assert_eq!(handed_out(r#"[1, 2, 3, "\ud800"]"#), malformed);
        assert!(unread(" [1]").is_list() && !unread("{\"0\": []}").is_list());
    }
}
