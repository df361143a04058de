use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use wynos::{
    SubscriptionId,
    ports::{Envelope, ParkedPage, Queue, QueueError, QueueName, Received},
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);
/// As short as a service that counts seconds can hide a message.
const SHORT: Duration = Duration::from_secs(1);

/// Queues, on the machine's clock. They must be empty, and are afterwards.
pub async fn queue(queue: &dyn Queue) -> Result<()> {
    accepted_taken_and_deleted(queue)
        .await
        .context("accepted, taken, deleted")?;
    given_back_it_comes_again(queue)
        .await
        .context("given back")?;
    unsettled_it_comes_again(queue).await.context("unsettled")?;
    delayed_it_comes_later(queue).await.context("delayed")?;
    put_aside_and_brought_back(queue)
        .await
        .context("put aside")?;
    sent_twice_under_one_key_it_comes_once(queue)
        .await
        .context("one key")?;
    many_are_all_accepted(queue).await.context("many")?;
    too_large_it_is_refused(queue).await.context("too large")
}

async fn accepted_taken_and_deleted(queue: &dyn Queue) -> Result<()> {
    let sent = envelope("first");
    queue
        .send(QueueName::Export, sent.clone(), Duration::ZERO, None)
        .await?;
    ensure!(
        take(queue, QueueName::Mail, LONG).await?.is_empty(),
        "queues are apart"
    );
    let received = wait(queue, QueueName::Export, LONG).await?;
    ensure!(
        received.envelope == sent && received.attempt == 1,
        "{received:?}"
    );
    ensure!(
        take(queue, QueueName::Export, LONG).await?.is_empty(),
        "it is hidden"
    );
    queue
        .extend(QueueName::Export, &received.receipt, LONG)
        .await?;
    queue.ack(QueueName::Export, &received.receipt).await?;
    ensure!(
        take(queue, QueueName::Export, LONG).await?.is_empty(),
        "it is gone"
    );
    Ok(())
}

async fn given_back_it_comes_again(queue: &dyn Queue) -> Result<()> {
    queue
        .send(QueueName::Export, envelope("again"), Duration::ZERO, None)
        .await?;
    let first = wait(queue, QueueName::Export, LONG).await?;
    queue
        .release(QueueName::Export, &first.receipt, Duration::ZERO)
        .await?;
    let second = wait(queue, QueueName::Export, LONG).await?;
    ensure!(second.id == first.id && second.attempt == 2, "{second:?}");
    queue.ack(QueueName::Export, &second.receipt).await?;
    Ok(())
}

async fn unsettled_it_comes_again(queue: &dyn Queue) -> Result<()> {
    queue
        .send(QueueName::Export, envelope("lost"), Duration::ZERO, None)
        .await?;
    let first = wait(queue, QueueName::Export, SHORT).await?;
    let second = wait(queue, QueueName::Export, LONG).await?;
    ensure!(second.id == first.id && second.attempt == 2, "{second:?}");
    let late = queue
        .park(QueueName::Export, &first.receipt, "late".to_owned())
        .await;
    ensure!(matches!(late, Err(QueueError::ReceiptExpired)), "{late:?}");
    queue.ack(QueueName::Export, &second.receipt).await?;
    Ok(())
}

async fn delayed_it_comes_later(queue: &dyn Queue) -> Result<()> {
    let began = Instant::now();
    queue
        .send(QueueName::Export, envelope("later"), SHORT, None)
        .await?;
    let received = wait(queue, QueueName::Export, LONG).await?;
    // A service that counts whole seconds may begin in the middle of one.
    ensure!(
        began.elapsed() > SHORT / 4,
        "it came after {:?}",
        began.elapsed()
    );
    queue.ack(QueueName::Export, &received.receipt).await?;
    Ok(())
}

async fn put_aside_and_brought_back(queue: &dyn Queue) -> Result<()> {
    let sent = envelope("bad");
    queue
        .send(QueueName::Export, sent.clone(), Duration::ZERO, None)
        .await?;
    let received = wait(queue, QueueName::Export, LONG).await?;
    let reason = "it cannot be done: żółć".to_owned();
    queue
        .park(QueueName::Export, &received.receipt, reason.clone())
        .await?;
    ensure!(
        take(queue, QueueName::Export, LONG).await?.is_empty(),
        "it is put aside"
    );

    let stranger: SubscriptionId = "strangeshop".parse()?;
    let page = |subscription: &SubscriptionId| ParkedPage {
        subscription: Some(subscription.clone()),
        after: None,
        limit: 10,
    };
    ensure!(
        queue
            .parked(QueueName::Export, page(&stranger))
            .await?
            .is_empty()
    );
    let parked = queue
        .parked(QueueName::Export, page(&sent.subscription))
        .await?;
    ensure!(parked.len() == 1, "{parked:?}");
    let aside = parked.first().context("nothing is parked")?;
    ensure!(
        aside.envelope == sent && aside.reason == reason && aside.attempt == 1,
        "{aside:?}"
    );
    ensure!(aside.id == received.id, "{aside:?}");
    let mut after = page(&sent.subscription);
    after.after = Some(aside.id.clone());
    ensure!(queue.parked(QueueName::Export, after).await?.is_empty());

    ensure!(
        !queue
            .replay(QueueName::Export, &stranger, &aside.id)
            .await?,
        "not a stranger's"
    );
    ensure!(
        !queue
            .replay(QueueName::Export, &sent.subscription, "0")
            .await?,
        "not another"
    );
    ensure!(
        queue
            .replay(QueueName::Export, &sent.subscription, &aside.id)
            .await?
    );
    let again = wait(queue, QueueName::Export, LONG).await?;
    ensure!(again.envelope == sent && again.attempt == 1, "{again:?}");
    queue.ack(QueueName::Export, &again.receipt).await?;
    ensure!(
        queue
            .parked(
                QueueName::Export,
                ParkedPage {
                    limit: 10,
                    ..ParkedPage::default()
                }
            )
            .await?
            .is_empty()
    );
    Ok(())
}

async fn sent_twice_under_one_key_it_comes_once(queue: &dyn Queue) -> Result<()> {
    for what in ["one", "other"] {
        let key = Some("key".to_owned());
        queue
            .send(QueueName::Export, envelope(what), Duration::ZERO, key)
            .await?;
    }
    let received = wait(queue, QueueName::Export, LONG).await?;
    queue.ack(QueueName::Export, &received.receipt).await?;
    ensure!(
        take(queue, QueueName::Export, LONG).await?.is_empty(),
        "the second was dropped"
    );
    Ok(())
}

async fn many_are_all_accepted(queue: &dyn Queue) -> Result<()> {
    const MANY: usize = 23;
    let messages = (0..MANY).map(|number| envelope(&number.to_string()));
    queue
        .send_batch(QueueName::Mail, messages.collect())
        .await?;
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < MANY {
        let received = wait(queue, QueueName::Mail, LONG).await?;
        seen.insert(received.envelope.body.to_string());
        queue.ack(QueueName::Mail, &received.receipt).await?;
    }
    ensure!(
        take(queue, QueueName::Mail, LONG).await?.is_empty(),
        "no more than that"
    );
    Ok(())
}

async fn too_large_it_is_refused(queue: &dyn Queue) -> Result<()> {
    let large = envelope(&"x".repeat(1_024 * 1_024));
    let refused = queue
        .send(QueueName::Export, large, Duration::ZERO, None)
        .await;
    ensure!(
        matches!(refused, Err(QueueError::TooLarge { .. })),
        "{refused:?}"
    );
    Ok(())
}

fn envelope(what: &str) -> Envelope {
    Envelope {
        version: 1,
        kind: "contract.test".to_owned(),
        subscription: SubscriptionId::random(),
        body: json!({ "what": what }),
    }
}

async fn take(queue: &dyn Queue, name: QueueName, hidden: Duration) -> Result<Vec<Received>> {
    Ok(queue.receive(name, 1, hidden).await?)
}

/// The next message, as soon as there is one.
async fn wait(queue: &dyn Queue, name: QueueName, hidden: Duration) -> Result<Received> {
    let began = Instant::now();
    while began.elapsed() < LONG {
        if let Some(received) = take(queue, name, hidden).await?.pop() {
            return Ok(received);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("no message came in {LONG:?}")
}
