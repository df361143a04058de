use std::{collections::BTreeMap, panic::AssertUnwindSafe};

use futures::{FutureExt, StreamExt, stream};

use super::{
    HookMessage, IngestError, KIND, VERSION,
    gathering::Gathering,
    inbox::{self, DRAIN, DRAIN_VERSION, DrainMessage},
    known,
    load::{self, Batch},
};
use crate::{
    SubscriptionId,
    jobs::panic_message,
    ports::{Disposition, Envelope, Received},
    services::Services,
    yclients::pull::events_wait,
};

/// Warehouses that are written at once: they mostly wait for disks and databases.
const AT_ONCE: usize = 8;

/// A message and what it asks for.
#[derive(Debug)]
struct Incoming {
    id: String,
    message: HookMessage,
}

/// What became of a message, by its id.
type Outcome = (String, Result<(), IngestError>);

/// Works off messages of the queue of webhooks, however many there are: all events of one warehouse go in together. Every
/// message has its own outcome, and one that cannot be worked off does not keep its neighbours from it.
///
/// Doing it again changes nothing: rows are let in by the newest fact, and all else has names that are the same again.
pub async fn ingest(services: &Services, received: Vec<Received>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(received.len());
    let mut warehouses: BTreeMap<SubscriptionId, Vec<Incoming>> = BTreeMap::new();
    for Received { id, envelope, .. } in received {
        let subscription = envelope.subscription.clone();
        match read(envelope) {
            Ok(Work::Events(message)) => {
                let of_warehouse = warehouses.entry(subscription).or_default();
                of_warehouse.push(Incoming {
                    id,
                    message: *message,
                });
            }
            Ok(Work::Drain(drain)) => {
                let drained = caught(inbox::drain(services, &drain.source)).await;
                outcomes.push((id, drained));
            }
            Err(error) => outcomes.push((id, Err(error))),
        }
    }
    let mut written = stream::iter(warehouses)
        .map(|(subscription, messages)| one_warehouse(services, subscription, messages))
        .buffer_unordered(AT_ONCE);
    while let Some(more) = written.next().await {
        outcomes.extend(more);
    }
    outcomes
}

enum Work {
    Events(Box<HookMessage>),
    Drain(DrainMessage),
}

fn read(envelope: Envelope) -> Result<Work, IngestError> {
    let Envelope {
        version,
        kind,
        subscription,
        body,
    } = envelope;
    let (work, source) = match (kind.as_str(), version) {
        (KIND, VERSION) => {
            let message: HookMessage = serde_json::from_value(body)?;
            let source = message.source.clone();
            (Work::Events(Box::new(message)), source)
        }
        (DRAIN, DRAIN_VERSION) => {
            let drain: DrainMessage = serde_json::from_value(body)?;
            let source = drain.source.clone();
            (Work::Drain(drain), source)
        }
        _ => return Err(IngestError::Unknown { kind, version }),
    };
    if *source.subscription() != subscription {
        return Err(IngestError::Misdirected);
    }
    Ok(work)
}

/// All messages of a warehouse together; each alone where one of them spoils it for the others.
async fn one_warehouse(
    services: &Services,
    subscription: SubscriptionId,
    mut messages: Vec<Incoming>,
) -> Vec<Outcome> {
    messages.sort_by(|a, b| {
        let order = |incoming: &Incoming| incoming.message.received_at;
        order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id))
    });
    let together = caught(let_in(services, &subscription, &messages)).await;
    let spoilt = |error: &IngestError| error.disposition() == Disposition::Park;
    if messages.len() > 1 && together.as_ref().is_err_and(spoilt) {
        let mut outcomes = Vec::with_capacity(messages.len());
        for message in messages {
            let alone = std::slice::from_ref(&message);
            let outcome = caught(let_in(services, &subscription, alone)).await;
            outcomes.push((message.id, outcome));
        }
        return outcomes;
    }
    let outcome = |incoming: Incoming| (incoming.id, together.clone());
    messages.into_iter().map(outcome).collect()
}

async fn let_in(
    services: &Services,
    subscription: &SubscriptionId,
    messages: &[Incoming],
) -> Result<(), IngestError> {
    let needed = known::needed(messages.iter().map(|one| &one.message));
    let known = known::read(services, subscription, needed).await?;
    let batch = Batch::of(
        messages
            .iter()
            .map(|one| (one.id.as_str(), one.message.received_at)),
    );
    let mut gathering = Gathering::default();
    for Incoming { id, message } in messages {
        gathering.take(message, known.get(&message.source), id);
    }
    let waits = gathering.waits.clone();
    let Some(why) = load::commit(services, subscription, gathering, Vec::new(), &batch).await?
    else {
        for source in &waits {
            if let Some(known) = known.get(source) {
                known.tell_waiting(services, source).await?;
            }
        }
        return Ok(());
    };
    // The plan has no room: everything that could become a row waits.
    let mut waiting = Gathering::default();
    for Incoming { id, message } in messages {
        waiting.take_later(message, known.get(&message.source), id);
    }
    let waits = waiting.waits.clone();
    load::commit(services, subscription, waiting, Vec::new(), &batch).await?;
    for source in &waits {
        events_wait(services, source, &why).await?;
    }
    Ok(())
}

async fn caught(work: impl Future<Output = Result<(), IngestError>>) -> Result<(), IngestError> {
    let caught = AssertUnwindSafe(work).catch_unwind().await;
    caught.unwrap_or_else(|panic| {
        Err(IngestError::Panicked {
            message: panic_message(panic.as_ref()),
        })
    })
}
