use std::time::Duration;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use backon::{BackoffBuilder, ExponentialBuilder};
use wynos_base::ports::{Envelope, QueueError, QueueName};

use super::{AT_ONCE, MAX_MESSAGE, SqsQueue, failed, seconds};

/// The longest delay that SQS takes with a message. What is to wait longer comes earlier than asked, finds that it still has
/// to wait, and asks again.
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// The most bytes of one batch.
const MAX_BATCH: usize = MAX_MESSAGE;

/// How often entries that were not accepted are sent again.
const RETRIES: usize = 4;

const ACTION: &str = "accept a message";

impl SqsQueue {
    pub(super) async fn send_one(
        &self,
        queue: QueueName,
        envelope: Envelope,
        delay: Duration,
    ) -> Result<(), QueueError> {
        self.client
            .send_message()
            .queue_url(self.url(queue, ACTION)?)
            .message_body(encode(&envelope)?)
            .delay_seconds(seconds(delay.min(LONGEST_DELAY)))
            .send()
            .await
            .map_err(|error| failed(ACTION, error))?;
        Ok(())
    }

    /// Sends ten at a time, and again those that SQS says it did not accept.
    pub(super) async fn send_batches(
        &self,
        queue: QueueName,
        envelopes: Vec<Envelope>,
    ) -> Result<(), QueueError> {
        let url = self.url(queue, ACTION)?;
        let bodies = envelopes
            .iter()
            .map(encode)
            .collect::<Result<Vec<_>, _>>()?;
        for batch in batches(bodies) {
            self.send_batch(url, batch).await?;
        }
        Ok(())
    }

    async fn send_batch(&self, url: &str, mut bodies: Vec<String>) -> Result<(), QueueError> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_times(RETRIES)
            .with_jitter()
            .build();
        loop {
            let refused = self.refused_of(url, &bodies).await?;
            let Some(first) = refused.first() else {
                return Ok(());
            };
            let Some(pause) = pauses.next() else {
                return Err(QueueError::Unavailable {
                    action: ACTION,
                    source: first.1.clone().into(),
                });
            };
            tokio::time::sleep(pause).await;
            bodies = refused
                .into_iter()
                .filter_map(|(index, _)| bodies.get(index).cloned())
                .collect();
        }
    }

    /// Which of the bodies were not accepted, and why.
    async fn refused_of(
        &self,
        url: &str,
        bodies: &[String],
    ) -> Result<Vec<(usize, String)>, QueueError> {
        let entries = bodies
            .iter()
            .enumerate()
            .map(|(index, body)| {
                SendMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .message_body(body)
                    .build()
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| failed(ACTION, error))?;
        let answer = self
            .client
            .send_message_batch()
            .queue_url(url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| failed(ACTION, error))?;
        let refused = answer.failed.into_iter().filter_map(|entry| {
            let index = entry.id.parse().ok()?;
            Some((index, entry.message.unwrap_or(entry.code)))
        });
        Ok(refused.collect())
    }
}

fn encode(envelope: &Envelope) -> Result<String, QueueError> {
    let body = serde_json::to_string(envelope).map_err(|source| QueueError::Corrupt {
        id: "not yet sent".to_owned(),
        source: source.into(),
    })?;
    let body = without_noncharacters(body);
    if body.len() > MAX_MESSAGE {
        return Err(QueueError::TooLarge {
            size: body.len(),
            limit: MAX_MESSAGE,
        });
    }
    Ok(body)
}

/// The same JSON with U+FFFE and U+FFFF escaped, which SQS refuses as they are (`SendMessage`: "characters not included in the list
/// will be rejected"). In JSON they can stand in strings only.
fn without_noncharacters(json: String) -> String {
    if !json.contains(['\u{FFFE}', '\u{FFFF}']) {
        return json;
    }
    json.replace('\u{FFFE}', "\\ufffe")
        .replace('\u{FFFF}', "\\uffff")
}

/// Batches of ten at most that together are no larger than SQS takes.
fn batches(bodies: Vec<String>) -> Vec<Vec<String>> {
    let mut batches: Vec<Vec<String>> = Vec::new();
    let mut room = 0;
    for body in bodies {
        match batches.last_mut() {
            Some(last) if last.len() < AT_ONCE && body.len() <= room => {
                room -= body.len();
                last.push(body);
            }
            _ => {
                room = MAX_BATCH.saturating_sub(body.len());
                batches.push(vec![body]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqs_refuses_as_a_letter_is_sent_as_an_escape() {
        let name = "Anna \u{FFFE}\u{FFFF}";
        let sent = without_noncharacters(serde_json::json!({ "name": name }).to_string());
        assert!(sent.is_ascii(), "{sent}");
        let read: serde_json::Value = serde_json::from_str(&sent).unwrap();
        assert_eq!(read["name"], name);
    }

    #[test]
    fn a_batch_has_ten_messages_at_most_and_is_not_too_large() {
        let sizes = |lengths: Vec<usize>| -> Vec<usize> {
            let bodies = lengths.into_iter().map(|length| "x".repeat(length));
            batches(bodies.collect()).iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(vec![]), Vec::<usize>::new());
        assert_eq!(sizes(vec![100; 25]), [10, 10, 5]);
        assert_eq!(sizes(vec![MAX_BATCH / 2; 3]), [2, 1]);
        assert_eq!(sizes(vec![MAX_BATCH, 1, 1]), [1, 2]);
    }
}
