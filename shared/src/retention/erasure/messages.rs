use std::sync::Arc;

use serde_json::Value as Json;

use super::{Erasure, RetentionError};
use crate::{
    ports::{Change, QueueName},
    warehouse::{People, clean_body},
};

impl Erasure<'_> {
    /// Empties events of webhooks that wait in the queue or were put aside there, where the queue can change its messages.
    /// Elsewhere they are let in without what is personal, and end with their own time.
    pub(super) async fn messages(&mut self) -> Result<(), RetentionError> {
        if !self.person.people.are_clients() {
            return Ok(());
        }
        let elsewhere = self.warehouse.snapshot().await?.elsewhere().await?;
        let person = self.person.clone();
        let change: Change = Arc::new(move |body: &mut Json| {
            let source = body.get("source").and_then(Json::as_str);
            let clients = match source {
                Some(source) if elsewhere.contains(source) => People::Altegio,
                _ => People::Yclients,
            };
            let before = body.clone();
            clean_body(clients, None, body, &|named| *named == person);
            *body != before
        });
        let queue = &self.services.queue;
        let changed = queue
            .rewrite(QueueName::Ingest, self.subscription, change)
            .await?;
        self.count("messages", changed);
        match changed {
            0 => Ok(()),
            _ => self.note_found().await,
        }
    }
}
