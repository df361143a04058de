use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::HookAddress;
use crate::{SourceId, ports::Envelope};

/// The kind of message that holds events of a webhook.
pub const KIND: &str = "webhook.event";

/// The version of [`HookMessage`] that is written.
pub const VERSION: u16 = 1;

/// What is queued of a webhook's request. It holds what the vendor sent, people's names and telephones included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookMessage {
    /// Whose webhook it came to.
    pub source: SourceId,
    /// Which of the source's addresses was used; a revoked one is refused by whoever works the message off.
    pub key_version: u32,
    /// When the request came, in UTC; events of one request are a microsecond apart, in their order.
    pub received_at: DateTime<Utc>,
    /// The vendor's envelopes, one as a rule, as they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Value>,
    /// Set when the body was no JSON, and no events could be taken from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
}

/// What is known of a body that is no JSON. The body is not kept: what cannot be read cannot be cleared of what must never be
/// stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// How long it was.
    pub bytes: usize,
    /// The line, from 1, where it stops being JSON.
    pub line: usize,
    /// The column there, from 1, in bytes.
    pub column: usize,
    /// Its SHA-256 in hexadecimal digits, to tell one from another.
    pub sha256: String,
}

impl HookMessage {
    /// A message of nothing yet, for events that came to this address.
    pub(super) fn new(address: &HookAddress, received_at: DateTime<Utc>) -> Self {
        Self {
            source: address.source.clone(),
            key_version: address.version,
            received_at,
            events: Vec::new(),
            unreadable: None,
        }
    }

    /// The message as the queue takes it.
    pub fn into_envelope(self) -> Result<Envelope, serde_json::Error> {
        Ok(Envelope {
            version: VERSION,
            kind: KIND.to_owned(),
            subscription: self.source.subscription().clone(),
            body: serde_json::to_value(self)?,
        })
    }
}
