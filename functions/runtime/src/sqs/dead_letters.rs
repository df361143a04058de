use std::{collections::BTreeMap, time::Duration};

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use chrono::{DateTime, Utc};
use wynos_base::{
    SubscriptionId,
    ports::{Envelope, Parked, ParkedPage, QueueError, QueueName, Receipt},
};

use super::{AT_ONCE, SqsQueue, attribute, count, failed, seconds};

/// The longest reason that goes with a message, in characters.
const MAX_REASON: usize = 2_000;

/// The most messages put aside that are looked through: SQS lets nobody search.
const MAX_LOOK: usize = 1_000;

/// How long messages are hidden from others who look, while we do.
const LOOK: Duration = Duration::from_secs(30);

/// What we note on a message that we put aside. Those that SQS moved by itself have none of it.
const ID: &str = "wynos-id";
const REASON: &str = "wynos-reason";
const ATTEMPT: &str = "wynos-attempt";

/// A message in the dead-letter queue, in our hands for a moment.
struct Letter {
    receipt: String,
    id: String,
    body: String,
    reason: String,
    parked_at: DateTime<Utc>,
    attempt: u32,
}

impl SqsQueue {
    /// Moves a message to the dead-letter queue with its reason. It is there before it is gone here: a crash between the
    /// two leaves it in both, and doing it again changes nothing.
    pub(super) async fn put_aside(
        &self,
        queue: QueueName,
        receipt: &Receipt,
        reason: String,
    ) -> Result<(), QueueError> {
        const ACTION: &str = "park a message";
        let held = self.held.get(receipt).filter(|held| held.queue == queue);
        let held = held.ok_or(QueueError::ReceiptExpired)?;
        // Whoever lost the delivery must not put aside what somebody else is working on.
        self.hide(ACTION, queue, receipt, LOOK).await?;
        let reason: String = reason
            .chars()
            .filter(in_attribute)
            .take(MAX_REASON)
            .collect();
        let mut letter = self
            .client
            .send_message()
            .queue_url(self.dead_letters(queue, ACTION)?)
            .message_body(&held.body);
        for (name, value) in [
            (ID, held.id),
            (
                REASON,
                if reason.is_empty() {
                    "unknown".to_owned()
                } else {
                    reason
                },
            ),
            (ATTEMPT, held.attempt.to_string()),
        ] {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(|error| failed(ACTION, error))?;
            letter = letter.message_attributes(name, value);
        }
        letter.send().await.map_err(|error| failed(ACTION, error))?;
        self.delete(ACTION, queue, receipt).await
    }

    /// Looks through the dead-letter queue, at no more than a thousand of its messages. Whoever looks at the same time may
    /// miss what is in the other's hands for a moment.
    pub(super) async fn list_parked(
        &self,
        queue: QueueName,
        page: ParkedPage,
    ) -> Result<Vec<Parked>, QueueError> {
        let letters = self.look_through(queue).await?;
        self.put_back(queue, &letters).await?;
        let mut parked = Vec::new();
        for letter in letters {
            // What no function could read is for the operator's eyes on the queue itself.
            let Ok(envelope) = serde_json::from_str::<Envelope>(&letter.body) else {
                continue;
            };
            if page
                .subscription
                .as_ref()
                .is_none_or(|wanted| *wanted == envelope.subscription)
            {
                parked.push(Parked {
                    id: letter.id,
                    reason: letter.reason,
                    parked_at: letter.parked_at,
                    attempt: letter.attempt,
                    envelope,
                });
            }
        }
        parked.sort_by(|one, other| (one.parked_at, &one.id).cmp(&(other.parked_at, &other.id)));
        let seen = match &page.after {
            Some(after) => parked
                .iter()
                .position(|parked| parked.id == *after)
                .map_or(0, |at| at + 1),
            None => 0,
        };
        Ok(parked.into_iter().skip(seen).take(page.limit).collect())
    }

    /// Sends a message that was put aside to its queue again. It is there before it is gone here.
    pub(super) async fn bring_back(
        &self,
        queue: QueueName,
        subscription: &SubscriptionId,
        id: &str,
    ) -> Result<bool, QueueError> {
        const ACTION: &str = "replay a message";
        let letters = self.look_through(queue).await?;
        let (wanted, others): (Vec<Letter>, Vec<Letter>) =
            letters.into_iter().partition(|letter| letter.id == id);
        self.put_back(queue, &others).await?;
        let mut replayed = false;
        for letter in wanted {
            let envelope = serde_json::from_str::<Envelope>(&letter.body).ok();
            let Some(envelope) = envelope.filter(|found| found.subscription == *subscription)
            else {
                self.put_back(queue, std::slice::from_ref(&letter)).await?;
                continue;
            };
            if !replayed {
                self.send_one(queue, envelope, Duration::ZERO).await?;
                replayed = true;
            }
            self.client
                .delete_message()
                .queue_url(self.dead_letters(queue, ACTION)?)
                .receipt_handle(letter.receipt)
                .send()
                .await
                .map_err(|error| failed(ACTION, error))?;
        }
        Ok(replayed)
    }

    /// Takes every message of the dead-letter queue into our hands, once each.
    async fn look_through(&self, queue: QueueName) -> Result<Vec<Letter>, QueueError> {
        const ACTION: &str = "list parked messages";
        let url = self.dead_letters(queue, ACTION)?;
        let mut letters: BTreeMap<String, Letter> = BTreeMap::new();
        while letters.len() < MAX_LOOK {
            let taken = self
                .client
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(count(AT_ONCE))
                .visibility_timeout(seconds(LOOK))
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
                .send()
                .await
                .map_err(|error| failed(ACTION, error))?;
            let messages = taken.messages.unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                if let Some((id, letter)) = read(message) {
                    letters.insert(id, letter);
                }
            }
        }
        Ok(letters.into_values().collect())
    }

    async fn put_back(&self, queue: QueueName, letters: &[Letter]) -> Result<(), QueueError> {
        const ACTION: &str = "list parked messages";
        for letter in letters {
            self.client
                .change_message_visibility()
                .queue_url(self.dead_letters(queue, ACTION)?)
                .receipt_handle(&letter.receipt)
                .visibility_timeout(0)
                .send()
                .await
                .map_err(|error| failed(ACTION, error))?;
        }
        Ok(())
    }

    fn dead_letters(&self, queue: QueueName, action: &'static str) -> Result<&str, QueueError> {
        let urls = self.urls(queue, action)?;
        urls.dead_letters
            .as_deref()
            .ok_or_else(|| QueueError::Unavailable {
                action,
                source: format!("this process was not told where the dead letters of {queue} are")
                    .into(),
            })
    }
}

/// The letter, by the id that SQS gave it.
fn read(message: Message) -> Option<(String, Letter)> {
    let noted = |name: &str| {
        let value = message.message_attributes.as_ref()?.get(name)?;
        value.string_value.clone()
    };
    let sent: Option<i64> = attribute(&message, &MessageSystemAttributeName::SentTimestamp);
    let (id, reason, attempt) = (noted(ID), noted(REASON), noted(ATTEMPT));
    let own_id = message.message_id?;
    let letter = Letter {
        receipt: message.receipt_handle?,
        id: id.unwrap_or_else(|| own_id.clone()),
        body: message.body?,
        reason: reason.unwrap_or_else(|| "delivered too often without an end".to_owned()),
        parked_at: sent
            .and_then(DateTime::from_timestamp_millis)
            .unwrap_or(DateTime::UNIX_EPOCH),
        attempt: attempt.and_then(|text| text.parse().ok()).unwrap_or(0),
    };
    Some((own_id, letter))
}

/// What SQS takes in texts: the characters of XML 1.0.
fn in_attribute(letter: &char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
