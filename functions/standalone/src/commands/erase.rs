use serde_json::json;
use wynos::{
    SubscriptionId,
    control::Actor,
    retention::{self, Person},
    services::Services,
};

use crate::{
    args::Erase,
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
    let person = match erase.of {
        Some(of) => {
            let person = Person {
                people: of.into(),
                id: erase.customer.clone(),
            };
            let is_id = person.key().is_some();
            let wrong = || Failure::usage("this cannot be an id of such a person");
            is_id.then_some(person).ok_or_else(wrong)?
        }
        None => known(services, &subscription, &erase.customer).await?,
    };
    let by = Actor::CommandLine;
    let erased = Box::pin(retention::erase(services, &subscription, &person, &by)).await?;
    for (what, number) in &erased.counts {
        output.say(format!("  {what}  {number}"));
    }
    output.say(format!("Erased. The log goes on under {}.", erased.proof));
    output.result(
        &json!({ "id": erased.proof, "people": person.people.as_str(), "counts": erased.counts }),
    );
    Ok(Ending::Done)
}

/// The one person of this id whom the subscription has a row of.
async fn known(
    services: &Services,
    subscription: &SubscriptionId,
    id: &str,
) -> anyhow::Result<Person> {
    let mut known = retention::known_people(services, subscription, id).await?;
    match (known.pop(), known.is_empty()) {
        (Some(person), true) => Ok(person),
        (None, _) => {
            let message =
                "nobody of that id has a row here: say with --of whose rows may name them";
            Err(Failure::usage(message).into())
        }
        (Some(_), false) => {
            let message = "several people have that id: say with --of who is meant";
            Err(Failure::usage(message).into())
        }
    }
}
