use std::time::{Duration, Instant};

use serde_json::Value as Json;
use wynos::ports::Envelope;

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

    /// Brings all mails that were put aside home as SQS does it where its `start-message-move-task` is called, which the local
    /// AWS does not know: each is sent to its queue, with its body and its attributes, before it is deleted here. Why they were
    /// put aside, of those that tell it.
    pub async fn redrive_mails(&self) -> Vec<String> {
        let (stack, queues) = (&self.host.stack, &self.host.queues);
        let dead = stack.named("MailDeadLetters").unwrap();
        let home = stack.named("MailQueue").unwrap();
        // All are in hand before the first goes: what is put aside again meanwhile does not go round.
        let mut letters = Vec::new();
        loop {
            let taken = queues.receive_message().queue_url(dead);
            let taken = taken.max_number_of_messages(10);
            let taken = taken.message_attribute_names("All").send().await.unwrap();
            let taken = taken.messages.unwrap_or_default();
            if taken.is_empty() {
                break;
            }
            letters.extend(taken);
        }
        let mut reasons = Vec::new();
        for letter in letters {
            let noted = letter.message_attributes.as_ref();
            let reason = noted.and_then(|noted| noted.get("wynos-reason"));
            reasons.extend(reason.and_then(|reason| reason.string_value.clone()));
            let send = queues.send_message().queue_url(home);
            let send = send.set_message_body(letter.body);
            let send = send.set_message_attributes(letter.message_attributes);
            send.send().await.unwrap();
            let delete = queues.delete_message().queue_url(dead);
            let delete = delete.set_receipt_handle(letter.receipt_handle);
            delete.send().await.unwrap();
        }
        reasons
    }
}
