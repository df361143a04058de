use std::{collections::HashSet, time::Duration};

use anyhow::{Context, Result};
use aws_sdk_sqs::{
    Client,
    types::{Message, MessageSystemAttributeName},
};
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::{Functions, Invoked, taking::Taking};

/// The most messages that one call gives; larger batches are smaller here.
const AT_ONCE: i32 = 10;

/// A pause between looks at an empty queue.
const IDLE: Duration = Duration::from_millis(150);

/// A queue that feeds a function, as the template maps them.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    pub(super) function: String,
    /// Its logical id.
    pub(super) queue: String,
    pub(super) queue_url: String,
    pub(super) queue_arn: String,
    pub(super) batch: i32,
    pub(super) at_once: usize,
    pub(super) taking: Taking,
}

impl Mapping {
    /// Feeds the function until it is told to stop.
    pub(super) async fn feed(self, client: Client, functions: Functions, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.once(&client, &functions).await {
                Ok(true) => {}
                Ok(false) => {
                    let _ = tokio::time::timeout(IDLE, stop.cancelled()).await;
                }
                Err(error) => {
                    #[expect(clippy::print_stderr, reason = "a test's output is its log")]
                    {
                        eprintln!("feeding {}: {error:#}", self.function);
                    }
                    let _ = tokio::time::timeout(IDLE, stop.cancelled()).await;
                }
            }
        }
    }

    /// Takes one batch to the function; whether there was one. Messages that it does not name as failed are deleted; when
    /// it fails as a whole, or its process dies, none are.
    async fn once(&self, client: &Client, functions: &Functions) -> Result<bool> {
        let messages = self.take(client).await?;
        if messages.is_empty() {
            return Ok(false);
        }
        self.taking.note(&self.queue, &messages);
        let records: Vec<Json> = messages
            .iter()
            .map(|message| self.record(message))
            .collect();
        let event = json!({ "Records": records }).to_string();
        match functions.invoke(&self.function, event).await? {
            Invoked::Answer(answer) => {
                let answer: Json = serde_json::from_str(&answer)?;
                let failures = answer["batchItemFailures"].as_array();
                let failed: HashSet<&str> = failures
                    .context("the answer names no failures")?
                    .iter()
                    .filter_map(|failure| failure["itemIdentifier"].as_str())
                    .collect();
                for message in &messages {
                    if !failed.contains(message.message_id().unwrap_or_default()) {
                        let delete = client.delete_message().queue_url(&self.queue_url);
                        delete
                            .set_receipt_handle(message.receipt_handle.clone())
                            .send()
                            .await?;
                    }
                }
            }
            Invoked::Error(_) | Invoked::TimedOut | Invoked::Died => {
                for message in &messages {
                    let show = client
                        .change_message_visibility()
                        .queue_url(&self.queue_url);
                    let show = show.visibility_timeout(0);
                    show.set_receipt_handle(message.receipt_handle.clone())
                        .send()
                        .await?;
                }
            }
        }
        Ok(true)
    }

    /// A batch; none while the queue is held back.
    async fn take(&self, client: &Client) -> Result<Vec<Message>> {
        let Some(_may) = self.taking.may(&self.queue).await else {
            return Ok(Vec::new());
        };
        let taken = client
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(self.batch.min(AT_ONCE))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await?;
        Ok(taken.messages.unwrap_or_default())
    }

    fn record(&self, message: &Message) -> Json {
        let attributes: serde_json::Map<String, Json> = message
            .attributes()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_str().into()))
            .collect();
        let noted: serde_json::Map<String, Json> = message
            .message_attributes()
            .into_iter()
            .flatten()
            .map(|(name, noted)| {
                let value = json!({
                    "stringValue": noted.string_value(),
                    "stringListValues": [],
                    "binaryListValues": [],
                    "dataType": noted.data_type(),
                });
                (name.clone(), value)
            })
            .collect();
        json!({
            "messageId": message.message_id(),
            "receiptHandle": message.receipt_handle(),
            "body": message.body(),
            "attributes": attributes,
            "messageAttributes": noted,
            "md5OfBody": message.md5_of_body(),
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue_arn,
            "awsRegion": crate::aws::REGION,
        })
    }
}
