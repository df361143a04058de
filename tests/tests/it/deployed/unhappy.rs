use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use wynos::ports::{Envelope, ParkedPage, Queue, QueueName};

use super::site::{PATIENCE, Site, customers};

impl Site {
    async fn send(&self, queue: &str, body: &str) {
        let url = self.host.stack.named(queue).unwrap();
        let send = self.host.queues.send_message().queue_url(url);
        send.message_body(body).send().await.unwrap();
    }

    /// Messages in a queue, whether they are in somebody's hands or not.
    async fn waiting(&self, queue: &str) -> u32 {
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

    async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
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

    fn message(&self, kind: &str, body: Json) -> String {
        let envelope = Envelope {
            version: 1,
            kind: kind.to_owned(),
            subscription: self.shop.clone(),
            body,
        };
        serde_json::to_string(&envelope).unwrap()
    }

    /// Kills whatever process of the function is at work, as soon as there is one.
    async fn kill_at_work(&self, function: &str) {
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
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_message_is_put_aside_and_its_neighbours_are_not() {
    let site = Site::new("poison").await;
    site.import(&customers(3)).await;
    let unheard = site.message("mail.unheard-of", json!({}));
    for body in ["this is no JSON", &unheard] {
        site.send("MailQueue", body).await;
    }
    let ordered = site.post("exports", json!({ "format": "xml" })).await;
    let id = ordered["id"].as_str().unwrap();
    site.when(&format!("exports/{id}"), "ready").await;
    site.mailed(id).await;
    site.until("both put aside", async |site| {
        site.waiting("MailDeadLetters").await == 2
    })
    .await;
    site.until("an empty queue", async |site| {
        site.waiting("MailQueue").await == 0
    })
    .await;
    let journal = site.journal().await;
    let told: Vec<_> = journal
        .iter()
        .filter(|entry| entry.code == "work.put-aside")
        .collect();
    assert_eq!(
        told.len(),
        1,
        "what is no message belongs to nobody: {told:#?}"
    );
    let reason = told[0].details["error"].as_str().unwrap();
    assert!(reason.contains("mail.unheard-of"), "{reason}");

    // Brought home, it is worked on again, and put aside again: nobody has learned of it meanwhile.
    let urls =
        ["MailQueue", "MailDeadLetters"].map(|id| site.host.stack.named(id).unwrap().to_owned());
    let [queue, dead_letters] = urls;
    let urls = wynos_runtime::QueueUrls {
        queue,
        dead_letters: Some(dead_letters),
    };
    let queue =
        wynos_runtime::SqsQueue::new(&site.host.stack.cloud, [(QueueName::Mail, urls)].into());
    let page = ParkedPage {
        subscription: Some(site.shop.clone()),
        limit: 10,
        ..ParkedPage::default()
    };
    let parked = queue.parked(QueueName::Mail, page).await.unwrap();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert!(parked[0].reason.contains("mail.unheard-of"), "{parked:?}");
    assert!(
        queue
            .replay(QueueName::Mail, &site.shop, &parked[0].id)
            .await
            .unwrap()
    );
    site.until("told again", async |site| {
        let journal = site.journal().await;
        journal
            .iter()
            .filter(|entry| entry.code == "work.put-aside")
            .count()
            == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_is_killed_in_the_middle_loses_nothing() {
    const MANY: usize = 4_000;
    let site = Site::new("killed").await;
    let id = site.uploaded(&customers(MANY)).await;
    site.post(&format!("imports/{id}/apply"), json!({})).await;
    site.kill_at_work("ImportFunction").await;
    site.when(&format!("imports/{id}"), "applied").await;

    let ordered = site
        .post("exports", json!({ "format": "csv", "table": "customers" }))
        .await;
    let id = ordered["id"].as_str().unwrap();
    site.kill_at_work("ExportFunction").await;
    let built = site.when(&format!("exports/{id}"), "ready").await;
    assert_eq!(built["counts"]["customers"], MANY);
    assert!(
        site.host.functions.deaths() >= 2,
        "nobody was killed at work"
    );
    let (link, _) = site.mailed(id).await;
    let file = reqwest::get(site.claim(&link).await.unwrap())
        .await
        .unwrap();
    assert_eq!(file.text().await.unwrap().lines().count(), MANY + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_three_times_to_two_processes_is_one_file() {
    let site = Site::new("thrice").await;
    site.import(&customers(50)).await;
    let ordered = site.post("exports", json!({ "format": "xml" })).await;
    let id = ordered["id"].as_str().unwrap();
    let again = site.message("export.build", json!({ "delivery": id }));
    tokio::join!(
        site.send("ExportQueue", &again),
        site.send("ExportQueue", &again)
    );
    site.when(&format!("exports/{id}"), "ready").await;
    site.until("an empty queue", async |site| {
        site.waiting("ExportQueue").await == 0
    })
    .await;
    let (link, _) = site.mailed(id).await;
    site.until("one object", async |site| {
        let keys = site.host.stack.store.keys("files").unwrap();
        keys.iter().filter(|key| key.contains(id)).count() == 1
    })
    .await;
    let built = site.journal().await;
    let built = built
        .iter()
        .filter(|entry| entry.code == "export.built")
        .count();
    assert_eq!(built, 1);
    let (one, other) = tokio::join!(site.claim(&link), site.claim(&link));
    assert!(
        one.is_ok() && other.is_ok(),
        "the one who claimed it may start it again: {one:?} {other:?}"
    );
    assert_eq!(site.waiting("ExportDeadLetters").await, 0);
}
