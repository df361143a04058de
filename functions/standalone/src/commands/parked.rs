use chrono_tz::Tz;
use serde_json::{Value as Json, json};
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::Actor,
    import, jobs, journal,
    parked::{self, ReplayError, Replayed},
    ports::{ParkedPage, QueueName},
    services::Services,
};

use crate::{
    args::{Parked, ParkedCommand, Replay},
    commands::{known_subscription, moment, zone_of},
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
    let business = known_subscription(services, &list.subscription).await?;
    let (subscription, zone) = (business.id.clone(), zone_of(&business));
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
                let (kind, at) = (&message.envelope.kind, moment(message.parked_at, zone));
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
    let records = show_records(services, &subscription, zone, output).await?;
    if all.is_empty() && records.is_empty() {
        output.say("Nothing was put aside.");
    }
    output.result(&json!({ "parked": all, "records": records }));
    Ok(Ending::Done)
}

/// Shows the records that did not become rows, without what they hold of people.
async fn show_records(
    services: &Services,
    subscription: &SubscriptionId,
    zone: Tz,
    output: Output,
) -> anyhow::Result<Vec<Json>> {
    let warehouse = services.warehouses.open(subscription);
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let records = parked::records(&warehouse, after.as_deref(), PAGE as u64).await?;
        let Some(last) = records.last() else { break };
        after = Some(last.id.clone());
        for record in &records {
            let at = moment(record.at, zone);
            let line = record.body.get("line").and_then(Json::as_u64);
            let line = line.map_or(String::new(), |line| format!("line {line}  "));
            let (id, table, reason) = (&record.id, &record.table, &record.reason);
            output.say(format!("{table}  {id}  {line}{at}  {reason}"));
            all.push(json!({
                "id": id, "table": table, "source": record.source, "reason": reason, "at": record.at,
                "line": record.body.get("line"), "problems": record.body.get("problems"),
                "replayable": record.is_replayable(),
            }));
        }
    }
    Ok(all)
}

async fn hand_back(services: &Services, replay: &Replay, output: Output) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &replay.subscription).await?.id;
    let Some(queue) = &replay.queue else {
        return try_again(services, &subscription, replay, output).await;
    };
    let queue = QueueName::parse(queue)
        .ok_or_else(|| Failure::usage(format!("there is no queue {queue}")))?;
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

async fn try_again(
    services: &Services,
    subscription: &SubscriptionId,
    replay: &Replay,
    output: Output,
) -> anyhow::Result<Ending> {
    let (id, values) = (&replay.id, replay.set.iter().cloned().collect());
    let by = Actor::CommandLine;
    let replayed = match parked::replay(services, subscription, id, &values, &by).await {
        Err(error @ ReplayError::Values) => Err(Failure::usage(error.to_string()).into()),
        replayed => replayed.map_err(anyhow::Error::from),
    };
    let Some(replayed) = replayed? else {
        return Err(Failure::usage(format!(
            "nothing is kept aside as {id}; a message needs its --queue"
        ))
        .into());
    };
    let problems: Vec<Json> = match replayed {
        Replayed::Done => {
            journal::relay(services, subscription).await?;
            output.say("It came in.");
            output.result(&json!({ "id": id }));
            return Ok(Ending::Done);
        }
        Replayed::Refused(reason) => {
            let why = parked::in_words(Locale::En, &reason);
            output.say(format!("It is still kept aside: {why}"));
            vec![json!({ "code": reason })]
        }
        Replayed::Problems(findings) => {
            for finding in &findings {
                let field = finding.field.as_deref().unwrap_or_default();
                output.say(format!("{field}: {}", import::message(Locale::En, finding)));
            }
            let problems = findings.iter().map(|finding| {
                json!({ "code": finding.code, "field": finding.field, "found": finding.found })
            });
            problems.collect()
        }
    };
    output.result(&json!({ "id": id, "problems": problems }));
    Ok(Ending::WithProblems)
}
