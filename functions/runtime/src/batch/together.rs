use std::collections::{HashMap, HashSet};

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use wynos::{
    jobs,
    ports::{Envelope, QueueName, Receipt, Received},
    services::Services,
};

use super::{
    Failure, attempt_of, sent_at_of,
    settle::{Outcome, Settling},
    source_of,
};
use crate::{Function, metrics};

/// The kind that figures of many messages are told under: they are of one kind each queue.
const KIND: &str = "batch";

/// Messages of one queue whose work is cheaper done together.
#[derive(Debug, Default)]
pub(super) struct Together {
    queue: Option<QueueName>,
    messages: Vec<(SqsMessage, Envelope)>,
}

impl Together {
    /// Takes the message if its queue's work is done together and it can be read; else gives it back.
    pub(super) fn take(&mut self, function: &Function, message: SqsMessage) -> Option<SqsMessage> {
        let queue = source_of(&message).and_then(|name| function.config.queue_named(name));
        let queue = queue.filter(|queue| jobs::batch_size(*queue) > 1);
        let body = message.body.as_deref().unwrap_or_default();
        match (queue, serde_json::from_str::<Envelope>(body)) {
            (Some(queue), Ok(envelope)) if self.queue.is_none_or(|known| known == queue) => {
                self.queue = Some(queue);
                self.messages.push((message, envelope));
                None
            }
            _ => Some(message),
        }
    }

    /// Does the work; ids of those whose work is not done.
    pub(super) async fn work(
        self,
        function: &Function,
        services: &Services,
        last_moment: DateTime<Utc>,
    ) -> HashSet<String> {
        let mut failed = HashSet::new();
        let Some(queue) = self.queue else {
            return failed;
        };
        let began = function.clock.now();
        let left = (last_moment - began).to_std().unwrap_or_default();
        let received = self.messages.iter().map(|(message, envelope)| Received {
            id: message.message_id.clone().unwrap_or_default(),
            receipt: Receipt(message.receipt_handle.clone().unwrap_or_default()),
            attempt: attempt_of(message),
            envelope: envelope.clone(),
        });
        let work = Box::pin(jobs::run_batch(services, queue, received.collect()));
        let outcomes = tokio::time::timeout(left, work).await.unwrap_or_default();
        let mut outcomes: HashMap<String, _> = outcomes.into_iter().collect();
        let sent = self.messages.iter();
        let oldest = sent.filter_map(|(message, _)| sent_at_of(message)).min();
        let count = i64::try_from(self.messages.len()).unwrap_or(i64::MAX);
        for (message, envelope) in self.messages {
            let id = message.message_id.clone().unwrap_or_default();
            let outcome = match outcomes.remove(&id) {
                Some(Ok(())) => Outcome::Done,
                Some(Err(error)) => Outcome::Failed(Failure::from(error)),
                None => Outcome::OutOfTime,
            };
            let settling = Settling {
                function,
                services,
                kind: &envelope.kind,
                envelope: Some(&envelope),
                message: &message,
                body: message.body.as_deref().unwrap_or_default(),
            };
            if !settling.settle(outcome).await.0 {
                failed.insert(id);
            }
        }
        let now = function.clock.now();
        let done = count - i64::try_from(failed.len()).unwrap_or_default();
        let mut figures = vec![
            (metrics::Figure::Done, done),
            (metrics::Figure::Duration, (now - began).num_milliseconds()),
        ];
        figures
            .extend(oldest.map(|sent| (metrics::Figure::Lag, (began - sent).num_milliseconds())));
        metrics::emit(function.name, KIND, now, &figures);
        failed
    }
}
