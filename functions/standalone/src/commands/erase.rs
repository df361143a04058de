use serde_json::json;
use wynos::{
    SubscriptionId,
    catalog::whole_id,
    control::Actor,
    retention::{self, Outcome, Person},
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
            let person = is_id.then_some(person).ok_or_else(wrong)?;
            let known = retention::known_as(services, &subscription, &person).await?;
            known.unwrap_or(person)
        }
        None => known(services, &subscription, &erase.customer).await?,
    };
    let by = Actor::CommandLine;
    let erased = retention::erase_at_once(services, &subscription, &person, &by);
    let erased = Box::pin(erased).await?;
    for (what, number) in &erased.counts {
        output.say(format!("  {what}  {number}"));
    }
    let proof = &erased.proof;
    output.say(match erased.outcome {
        Outcome::Emptied => format!("Erased. The log goes on under {proof}."),
        Outcome::Before => {
            format!("This person was erased before. The log goes on under {proof}.")
        }
        Outcome::Nothing => format!(
            "Nothing was found: no row speaks of anybody of the id {} among {}. Whatever comes in of them comes without what \
             is personal, and the log goes on under {proof}. Where somebody else is meant, give the command again with their \
             id, and with --of.",
            person.id,
            person.people.as_str(),
        ),
    });
    output.result(&json!({
        "id": proof, "customer": person.id, "people": person.people.as_str(), "outcome": erased.outcome.as_str(),
        "counts": erased.counts,
    }));
    Ok(match erased.outcome {
        Outcome::Emptied | Outcome::Before => Ending::Done,
        Outcome::Nothing => Ending::WithProblems,
    })
}

/// The one person of this id whom the subscription has a row of.
async fn known(
    services: &Services,
    subscription: &SubscriptionId,
    id: &str,
) -> anyhow::Result<Person> {
    let mut known = retention::known_people(services, subscription, id).await?;
    if known.is_empty() {
        let whole = whole_id(id, subscription.as_str());
        known = retention::known_people(services, subscription, &whole).await?;
    }
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
