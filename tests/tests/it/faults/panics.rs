//! Mistakes of ours: work that panics costs its own message alone, and the message is kept.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::time::Duration;
use wynos::{
    control::FileFormat,
    delivery::{self, Order},
    ports::{Disposition, ParkedPage, QueueName},
    yclients::hooks::{self, IngestError},
};
use wynos_tests::{
    faults::{Call, How, Plan},
    stack::{Database, Stack, Template},
};

use crate::hooks::{Bed, client};

/// A plan in which the first of these calls panics that was made before.
fn panics_at(name: &str, calls: &[Call]) -> Result<Plan> {
    let before = calls.iter().position(|call| call.name == name);
    let call = u64::try_from(before.context(name.to_owned())? + 1)?;
    Ok(Plan {
        call,
        how: How::Panic,
    })
}

/// What becomes of a file from its order to its mail, where that call fails; the calls.
async fn mailed(stack: &Stack, plan: Option<Plan>) -> Result<Vec<Call>> {
    stack.faults.watch(plan);
    let order = Order {
        table: Some("customers".to_owned()),
        ..Order::new(stack.shop.clone(), stack.actor(), FileFormat::Csv)
    };
    delivery::order(&stack.services(), order).await?;
    stack.drain().await?;
    Ok(stack.faults.rest())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_panics_is_put_aside_with_the_reason_and_sent_when_it_is_brought_home()
-> Result<()> {
    const SENT: &str = "mailer.send";
    let template = Template::new(Database::Sqlite).await?;
    template.seal().await;
    let stack = template.copy().await?;
    let calls = mailed(&stack, None).await?;
    stack.end().await?;

    let stack = template.copy().await?;
    mailed(&stack, Some(panics_at(SENT, &calls)?)).await?;
    let page = ParkedPage {
        limit: 10,
        ..ParkedPage::default()
    };
    let queue = stack.services().queue;
    let parked = queue.parked(QueueName::Mail, page).await?;
    ensure!(parked.len() == 1, "{parked:?}");
    let reason = &parked[0].reason;
    ensure!(reason.contains("panic"), "{reason}");
    stack.faults.watch(None);
    let replayed = queue.replay(QueueName::Mail, &stack.shop, &parked[0].id);
    ensure!(replayed.await?, "it is not there");
    stack.drain().await?;
    let calls = stack.faults.rest();
    ensure!(calls.iter().any(|call| call.name == SENT), "{calls:?}");
    drop(queue);
    stack.end().await
}

/// Takes events of these clients together, where that call fails; the outcome of each, and the calls.
async fn ingested(
    bed: &Bed,
    clients: &[i64],
    plan: Option<Plan>,
) -> Result<(Vec<Result<(), IngestError>>, Vec<Call>)> {
    for id in clients {
        bed.post(&client(*id, "update", None, json!({ "name": "A" })))
            .await?;
    }
    let (services, queue) = (bed.stack.services(), QueueName::Ingest);
    let received = services.queue.receive(queue, 10, Duration::from_secs(60));
    let received = received.await?;
    assert_eq!(received.len(), clients.len());
    let receipts: Vec<_> = received.iter().map(|one| one.receipt.clone()).collect();
    bed.stack.faults.watch(plan);
    let outcomes = hooks::ingest(&services, received).await;
    let hit = bed.stack.faults.hit();
    let calls = bed.stack.faults.rest();
    assert_eq!(hit.is_some(), plan.is_some(), "{calls:?}");
    services.queue.ack_batch(queue, receipts).await?;
    let outcomes = outcomes.into_iter().map(|(_, outcome)| outcome);
    Ok((outcomes.collect(), calls))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_panics_among_others_is_taken_alone_and_alone_it_is_put_aside() -> Result<()>
{
    const RELAYED: &str = "queue.send";
    let bed = Bed::new(Database::Sqlite).await?;
    // The first one makes the table.
    ingested(&bed, &[1], None).await?;
    let (_, calls) = ingested(&bed, &[2], None).await?;
    let (outcomes, _) = ingested(&bed, &[3], Some(panics_at(RELAYED, &calls)?)).await?;
    let Err(failure @ IngestError::Panicked { .. }) = &outcomes[0] else {
        panic!("{outcomes:?}");
    };
    assert_eq!(failure.disposition(), Disposition::Park);

    let (_, calls) = ingested(&bed, &[4, 5], None).await?;
    let (outcomes, _) = ingested(&bed, &[6, 7], Some(panics_at(RELAYED, &calls)?)).await?;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(bed.rows("yclients_clients", &["id"]).await?.len(), 7);
    bed.end().await
}
