use std::{collections::BTreeMap, time::Duration};

use aws_sdk_sqs::Client;
use wynos::{
    SubscriptionId,
    control::{Control, DatabaseTarget},
    ports::{Clock, Envelope, Queue, QueueError, QueueName},
};
use wynos_runtime::{KeyedQueue, QueueUrls, SqsQueue};
use wynos_tests::{
    aws::{Moto, cloud},
    contracts,
};

async fn queues(prefix: &str) -> (Client, SqsQueue, BTreeMap<QueueName, QueueUrls>) {
    let cloud = cloud(Moto::shared().unwrap().endpoint()).await;
    let client = Client::new(&cloud);
    let mut urls = BTreeMap::new();
    for queue in [QueueName::Export, QueueName::Mail] {
        let create = async |name: String| {
            let made = client.create_queue().queue_name(name).send().await.unwrap();
            made.queue_url.unwrap()
        };
        let both = QueueUrls {
            queue: create(format!("{prefix}-{queue}")).await,
            dead_letters: Some(create(format!("{prefix}-{queue}-dead")).await),
        };
        urls.insert(queue, both);
    }
    (client, SqsQueue::new(&cloud, urls.clone()), urls)
}

#[tokio::test]
async fn sqs_keeps_the_contract_of_queues() {
    let (_, queue, _) = queues("contract").await;
    contracts::queue(&queue).await.unwrap();
}

#[tokio::test]
async fn a_dedupe_key_is_known_to_every_process() {
    let (_, queue, _) = queues("keyed").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("control.sqlite");
    let control = Control::connect(&DatabaseTarget::Sqlite { file }).await;
    let control = control.unwrap();
    control.migrate().await.unwrap();
    let process = || KeyedQueue::new(queue.clone(), control.clone(), Clock::System);
    contracts::queue(&process()).await.unwrap();
    let send = async |key: Option<&str>| {
        let envelope = Envelope {
            version: 1,
            kind: "import.validate".to_owned(),
            subscription: SubscriptionId::random(),
            body: serde_json::json!({}),
        };
        let (one, key) = (process(), key.map(str::to_owned));
        let sent = one.send(QueueName::Export, envelope, Duration::ZERO, key);
        sent.await.unwrap();
    };
    // Each from a process of its own, that remembers nothing: what is slow is asked for again and not doubled.
    for key in [Some("step 1"), Some("step 1"), Some("step 2"), None, None] {
        send(key).await;
    }
    let received = queue.receive(QueueName::Export, 10, Duration::from_secs(30));
    assert_eq!(received.await.unwrap().len(), 4);
}

#[tokio::test]
async fn what_is_no_message_of_ours_is_put_aside_with_the_reason() {
    let (client, queue, urls) = queues("foreign").await;
    let urls = &urls[&QueueName::Export];
    let send = client.send_message().queue_url(&urls.queue);
    send.message_body("no JSON at all").send().await.unwrap();
    let received = queue.receive(QueueName::Export, 1, Duration::from_secs(30));
    assert_eq!(received.await.unwrap(), []);
    let letters = client
        .receive_message()
        .queue_url(urls.dead_letters.as_ref().unwrap())
        .message_attribute_names("All");
    let letters = letters.send().await.unwrap().messages.unwrap();
    assert_eq!(letters[0].body.as_deref(), Some("no JSON at all"));
    let noted = letters[0].message_attributes.as_ref().unwrap();
    let reason = noted["wynos-reason"].string_value.as_deref().unwrap();
    assert!(
        reason.starts_with("the message cannot be read: "),
        "{reason}"
    );
}

#[tokio::test]
async fn a_queue_that_was_not_named_and_one_that_is_away_are_told_apart_from_work() {
    let (_, queue, _) = queues("unnamed").await;
    let unnamed = queue
        .receive(QueueName::Pull, 1, Duration::from_secs(1))
        .await;
    let Err(QueueError::Unavailable { source, .. }) = unnamed else {
        panic!("{unnamed:?}");
    };
    assert!(source.to_string().contains("pull"), "{source}");
}
