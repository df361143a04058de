use serde_json::json;
use wynos::{
    control::Actor,
    jobs,
    ports::{ParkedPage, QueueName},
    services::Services,
};

use crate::{
    args::{Parked, ParkedCommand, Replay},
    commands::known_subscription,
    failure::{Ending, Failure},
    output::Output,
};

/// Messages asked for at a time.
const PAGE: usize = 200;

/// Lists messages that were put aside, or hands one back to its queue.
pub(crate) async fn run(
    services: &Services,
    command: ParkedCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    match command {
        ParkedCommand::List(list) => show(services, &list, output).await,
        ParkedCommand::Replay(replay) => hand_back(services, &replay, output).await,
    }
}

async fn show(services: &Services, list: &Parked, output: Output) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &list.subscription).await?.id;
    let mut all = Vec::new();
    for queue in QueueName::ALL {
        let mut after = None;
        loop {
            let page = ParkedPage {
                subscription: Some(subscription.clone()),
                after,
                limit: PAGE,
            };
            let messages = services.queue.parked(queue, page).await?;
            let Some(last) = messages.last() else { break };
            after = Some(last.id.clone());
            for message in &messages {
                let (kind, at) = (
                    &message.envelope.kind,
                    message.parked_at.format("%Y-%m-%d %H:%M UTC"),
                );
                output.say(format!(
                    "{queue}  {}  {kind}  {at}  {}",
                    message.id, message.reason
                ));
                all.push(json!({
                    "queue": queue.as_str(), "id": message.id, "kind": kind, "reason": message.reason,
                    "parked_at": message.parked_at, "attempt": message.attempt,
                }));
            }
        }
    }
    if all.is_empty() {
        output.say("Nothing was put aside.");
    }
    output.result(&json!({ "parked": all }));
    Ok(Ending::Done)
}

async fn hand_back(services: &Services, replay: &Replay, output: Output) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &replay.subscription).await?.id;
    let queue = QueueName::parse(&replay.queue)
        .ok_or_else(|| Failure::usage(format!("there is no queue {}", replay.queue)))?;
    let by = Actor::CommandLine;
    if !jobs::replay(services, queue, &subscription, &replay.id, &by).await? {
        return Err(Failure::usage(format!(
            "no message {} was put aside in the queue {queue}",
            replay.id
        ))
        .into());
    }
    output.say("The message is back in its queue.");
    output.result(&json!({ "id": replay.id }));
    Ok(Ending::Done)
}
