use std::collections::{HashMap, HashSet};

use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};
use wynos::{
    jobs,
    ports::{Envelope, QueueName, Receipt, Received},
    services::Services,
};

use super::{
    Failure, attempt_of, known, sent_at_of,
    settle::{Outcome, Settling},
    source_of,
};
use crate::{
    Function,
    metrics::{self, Figure},
};

/// The kind that figures of many messages are told under: they are of one kind each queue.
const KIND: &str = "batch";

/// Messages of one queue whose work is cheaper done together.
#[derive(Debug, Default)]
pub(super) struct Together {
    queue: Option<QueueName>,
    messages: Vec<(SqsMessage, Envelope)>,
}

impl Together {
    /// Takes the message if its queue's work is done together and it can be read; else gives it back. One that came before
    /// may be what its batch failed by: it is done alone.
    pub(super) fn take(&mut self, function: &Function, message: SqsMessage) -> Option<SqsMessage> {
        let queue = source_of(&message).and_then(|name| function.config.queue_named(name));
        let queue = queue.filter(|queue| jobs::batch_size(*queue) > 1 && attempt_of(&message) == 1);
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

    /// The messages, when nothing can be done.
    pub(super) fn given_back(self) -> impl Iterator<Item = SqsMessage> {
        self.messages.into_iter().map(|(message, _)| message)
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
        let mut figures = Vec::new();
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
                owner: known(envelope.subscription.clone()),
                message: &message,
                body: message.body.as_deref().unwrap_or_default(),
            };
            let (done, figure) = settling.settle(outcome).await;
            count(&mut figures, figure);
            if !done {
                failed.insert(id);
            }
        }
        let now = function.clock.now();
        figures.push((Figure::Duration, (now - began).num_milliseconds()));
        figures.extend(oldest.map(|sent| (Figure::Lag, (began - sent).num_milliseconds())));
        metrics::emit(function.name, KIND, now, &figures);
        failed
    }
}

/// Counts a message by what became of it, beside those before it: a line tells each figure once.
fn count(figures: &mut Vec<(Figure, i64)>, figure: Figure) {
    match figures.iter_mut().find(|(known, _)| *known == figure) {
        Some((_, messages)) => *messages += 1,
        None => figures.push((figure, 1)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Config, batch::turn};

    fn function() -> Function {
        let config = Config::read(|name| {
            let value = match name {
                "WYNOS_PUBLIC_URL" => "https://wynos.example.com",
                "WYNOS_MAIL_FROM" => "Wynos <wynos@example.com>",
                "WYNOS_BUCKET" | "WYNOS_DATABASE_SECRET" | "WYNOS_MASTER_KEY_SECRET" => "x",
                "WYNOS_QUEUE_INGEST" => "https://sqs.example.com/1/events",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let cloud = crate::cloud::of_environment();
        Function::with("ingest", config.unwrap(), cloud)
    }

    fn message(id: &str, attempt: u32) -> SqsMessage {
        let body = json!({ "version": 1, "kind": "x", "subscription": "nobodysshop", "body": {} });
        let message = json!({
            "messageId": id,
            "body": body.to_string(),
            "eventSourceARN": "arn:aws:sqs:eu-central-1:1:events",
            "attributes": { "ApproximateReceiveCount": attempt.to_string() },
        });
        serde_json::from_value(message).unwrap()
    }

    #[test]
    fn events_are_done_together_once_and_alone_when_they_come_again() {
        let (function, mut together) = (function(), Together::default());
        assert!(together.take(&function, message("new", 1)).is_none());
        let again = together.take(&function, message("old", 2)).unwrap();
        assert_eq!(again.message_id.as_deref(), Some("old"));
        let waiting: Vec<_> = together.given_back().collect();
        assert_eq!(waiting.len(), 1);
    }

    #[test]
    fn messages_that_come_again_are_counted_beside_those_that_are_done() {
        let mut figures = Vec::new();
        for figure in [
            Figure::Done,
            Figure::Retried,
            Figure::Done,
            Figure::PutAside,
        ] {
            count(&mut figures, figure);
        }
        let counted = [
            (Figure::Done, 2),
            (Figure::Retried, 1),
            (Figure::PutAside, 1),
        ];
        assert_eq!(figures, counted);
    }

    #[test]
    fn who_is_behind_a_killer_is_before_it_another_time() {
        let first = |attempt| turn(&message("killer", attempt)) < turn(&message("other", attempt));
        let (before, behind) = (2..=20).partition::<Vec<u32>, _>(|attempt| first(*attempt));
        assert!(
            before.len() > 3 && behind.len() > 3,
            "{before:?} {behind:?}"
        );
    }
}
