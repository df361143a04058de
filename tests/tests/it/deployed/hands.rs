use std::time::{Duration, Instant};

use serde_json::Value as Json;
use wynos::ports::{Envelope, ParkedPage, Queue, QueueName};
use wynos_runtime::{QueueUrls, SqsQueue};

use super::site::{PATIENCE, Site};

/// What a test does to a system behind its back.
impl Site {
    /// Sends a message to a queue of the template.
    pub async fn send(&self, queue: &str, body: &str) {
        let url = self.host.stack.named(queue).unwrap();
        let send = self.host.queues.send_message().queue_url(url);
        send.message_body(body).send().await.unwrap();
    }

    /// Messages in a queue, whether they are in somebody's hands or not.
    pub async fn waiting(&self, queue: &str) -> u32 {
        let url = self.host.stack.named(queue).unwrap();
        let asked = self.host.queues.get_queue_attributes().queue_url(url);
        let answer = asked
            .attribute_names(aws_sdk_sqs::types::QueueAttributeName::All)
            .send()
            .await
            .unwrap();
        let attributes = answer.attributes.unwrap();
        let number = |name: &str| -> u32 {
            let found = attributes.iter().find(|(known, _)| known.as_str() == name);
            found.unwrap().1.parse().unwrap()
        };
        number("ApproximateNumberOfMessages") + number("ApproximateNumberOfMessagesNotVisible")
    }

    /// Waits until something holds.
    pub async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self).await {
            assert!(
                began.elapsed() < PATIENCE,
                "never: {what}\n{:#?}",
                self.journal().await
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A message of ours for the shop.
    pub fn message(&self, kind: &str, body: Json) -> String {
        let envelope = Envelope {
            version: 1,
            kind: kind.to_owned(),
            subscription: self.shop.clone(),
            body,
        };
        serde_json::to_string(&envelope).unwrap()
    }

    /// Kills whatever process of the function is at work, as soon as there is one.
    pub async fn kill_at_work(&self, function: &str) {
        self.until("somebody at work", async |site| {
            !site.host.functions.working(function).is_empty()
        })
        .await;
        for process in self.host.functions.working(function) {
            let killed = std::process::Command::new("kill")
                .args(["-s", "KILL", &process.to_string()])
                .status();
            assert!(killed.unwrap().success());
        }
    }

    /// How often the journal tells of something.
    pub async fn told(&self, code: &str) -> usize {
        let journal = self.journal().await;
        journal.iter().filter(|entry| entry.code == code).count()
    }

    /// Brings the only mail that was put aside home; why it was put aside.
    pub async fn redrive_mail(&self) -> String {
        let url = |id: &str| self.host.stack.named(id).unwrap().to_owned();
        let urls = QueueUrls {
            queue: url("MailQueue"),
            dead_letters: Some(url("MailDeadLetters")),
        };
        let queue = SqsQueue::new(&self.host.stack.cloud, [(QueueName::Mail, urls)].into());
        let page = ParkedPage {
            subscription: Some(self.shop.clone()),
            limit: 10,
            ..ParkedPage::default()
        };
        let parked = queue.parked(QueueName::Mail, page).await.unwrap();
        assert_eq!(parked.len(), 1, "{parked:?}");
        let replayed = queue.replay(QueueName::Mail, &self.shop, &parked[0].id);
        assert!(replayed.await.unwrap());
        parked[0].reason.clone()
    }
}
