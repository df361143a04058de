use serde_json::json;
use wynos::{
    control::Actor,
    retention::{self, Person},
    services::Services,
};

use crate::{
    args::{Erase, People},
    commands::known_subscription,
    failure::{Ending, Failure},
    output::Output,
};

/// Erases one person.
pub(crate) async fn run(
    services: &Services,
    erase: Erase,
    output: Output,
) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &erase.subscription).await?.id;
    let mut known = retention::known_people(services, &subscription, &erase.customer).await?;
    known.retain(|person| match erase.of {
        Some(People::Shop) => person.table == "customers",
        Some(People::Yclients) => person.table == "yclients_clients",
        None => true,
    });
    let person: Person = match known.as_slice() {
        [person] => person.clone(),
        [] => return Err(Failure::usage("nobody of that id is known").into()),
        _ => {
            let message =
                "the id is of a customer of the shop and of a client: say which with --of";
            return Err(Failure::usage(message).into());
        }
    };
    let by = Actor::CommandLine;
    let erased = Box::pin(retention::erase(services, &subscription, &person, &by)).await?;
    for (what, number) in &erased.counts {
        output.say(format!("  {what}  {number}"));
    }
    output.say(format!("Erased. The log goes on under {}.", erased.proof));
    output.result(&json!({ "id": erased.proof, "people": person.table, "counts": erased.counts }));
    Ok(Ending::Done)
}
