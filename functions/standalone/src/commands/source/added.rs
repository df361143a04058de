//! Companies that are connected, with a sign-in of their own or one that other sources have.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use wynos::{
    SubscriptionId,
    control::{Actor, ControlError, CredentialId, CredentialState, VendorName},
    services::Services,
    yclients::connect::{self, Add, Added, Company, SignIn},
};

use super::{entry, failed, known_source, show_companies};
use crate::{
    args::{self, AddSource},
    commands::known_subscription,
    failure::{Ending, Failure, explain},
    output::Output,
};

/// What companies are connected with.
struct Entered {
    credential: CredentialId,
    /// What the account sees, where it was just asked.
    seen: Option<Vec<Company>>,
}

/// Signs in, or takes a sign-in that is there, and connects companies; without any it lists those that the account sees.
pub(super) async fn add(
    services: &Services,
    new: &AddSource,
    output: Output,
) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &new.subscription).await?.id;
    if new.name.is_some() && new.company.len() > 1 {
        let several = "--name names one source: leave it out where several companies are connected";
        return Err(Failure::usage(several).into());
    }
    let entered = match known(services, &subscription, new).await? {
        Some(credential) => Entered {
            credential,
            seen: None,
        },
        None => Box::pin(sign_in(services, &subscription, new, output)).await?,
    };
    let done = match new.company.is_empty() {
        true => list(services, &subscription, &entered, output).await,
        false => {
            Box::pin(connect_all(
                services,
                &subscription,
                new,
                &entered.credential,
                output,
            ))
            .await
        }
    };
    if entered.seen.is_some() {
        // A sign-in of just now stays where anything is connected with it.
        connect::discard(services, &subscription, &entered.credential).await?;
    }
    done
}

/// The sign-in that the command names; `None` where it signs in anew.
async fn known(
    services: &Services,
    subscription: &SubscriptionId,
    new: &AddSource,
) -> anyhow::Result<Option<CredentialId>> {
    let id = match (&new.like, &new.credential) {
        (Some(like), _) => {
            let source = known_source(services, like).await?;
            if source.subscription_id != *subscription {
                let other = format!("the source {like} is of another subscription");
                return Err(Failure::usage(other).into());
            }
            source.credential_id
        }
        (None, Some(credential)) => credential.clone(),
        (None, None) => return Ok(None),
    };
    let unknown = || {
        Failure::usage(format!(
            "there is no sign-in {}; `wynos source list --json --subscription {subscription}` tells those of its sources",
            id.as_str()
        ))
    };
    let credential = match services.control.credentials(subscription).get(&id).await {
        Err(ControlError::NotFound { .. }) => return Err(unknown().into()),
        other => other?,
    };
    if credential.state == CredentialState::Forgotten {
        return Err(unknown().into());
    }
    if credential.vendor != vendor(new.vendor) {
        let other = format!("that sign-in is one at {}", credential.vendor.as_str());
        return Err(Failure::usage(other).into());
    }
    Ok(Some(id))
}

async fn sign_in(
    services: &Services,
    subscription: &SubscriptionId,
    new: &AddSource,
    output: Output,
) -> anyhow::Result<Entered> {
    let sign_in = SignIn {
        subscription: subscription.clone(),
        vendor: vendor(new.vendor),
        base_url: new.base_url.clone(),
        entry: entry(&new.entry)?,
        by: Actor::CommandLine,
    };
    let waiting = output.waiting("signing in");
    let signed_in = connect::sign_in(services, &sign_in).await;
    waiting.finish_and_clear();
    let (credential, seen) = signed_in.map_err(failed)?;
    Ok(Entered {
        credential: credential.id,
        seen: Some(seen),
    })
}

async fn list(
    services: &Services,
    subscription: &SubscriptionId,
    entered: &Entered,
    output: Output,
) -> anyhow::Result<Ending> {
    match &entered.seen {
        Some(seen) => show_companies(seen, output),
        None => {
            let seen = connect::companies(services, subscription, &entered.credential).await;
            show_companies(&seen.map_err(failed)?, output);
        }
    }
    output.say("Choose with --company, which may be given more than once.");
    Ok(Ending::Done)
}

/// Connects the companies one after another. One that cannot be connected keeps no other one from it; an error that is none
/// of its own ends it, with what was done until then.
async fn connect_all(
    services: &Services,
    subscription: &SubscriptionId,
    new: &AddSource,
    credential: &CredentialId,
    output: Output,
) -> anyhow::Result<Ending> {
    let mut once = BTreeSet::new();
    let companies: Vec<i64> = (new.company.iter().copied())
        .filter(|company| once.insert(*company))
        .collect();
    let (mut sources, mut refused, mut refusal) = (Vec::new(), Vec::new(), None);
    for company in &companies {
        let order = Add {
            subscription: subscription.clone(),
            credential: credential.clone(),
            company: *company,
            name: new.name.clone(),
            by: Actor::CommandLine,
        };
        match Box::pin(connect::add(services, &order)).await {
            Ok(added) => sources.push(told(&added, output)),
            Err(error) if companies.len() == 1 => return Err(failed(error)),
            Err(error) => {
                let is_of_company = error.code().is_some();
                let error = failed(error);
                let (_, code, message) = explain(&error);
                output.say(format!("The company {company} is not connected. {message}"));
                refused.push(json!({ "company_id": company, "code": code, "message": message }));
                if !is_of_company {
                    // The others would meet the same; what was done before is told all the same.
                    output.say("Companies that were named after it are not tried.");
                    refusal = Some(error);
                    break;
                }
                refusal.get_or_insert(error);
            }
        }
    }
    match (refusal, sources.as_slice()) {
        (Some(refusal), []) => return Err(refusal),
        (None, [source]) if companies.len() == 1 => output.result(source),
        _ => output.result(&json!({ "sources": sources, "refused": refused })),
    }
    Ok(match refused.is_empty() {
        true => Ending::Done,
        false => Ending::WithProblems,
    })
}

fn told(added: &Added, output: Output) -> Json {
    let source = &added.source;
    output.say(if added.taken_up {
        format!(
            "The source {} ({}) was removed with its rows kept, and goes on with them: everything is read anew.",
            source.id, source.name
        )
    } else {
        format!("The source {} ({}) is connected.", source.id, source.name)
    });
    json!({
        "id": source.id, "name": source.name, "company_id": source.company_id, "state": source.state.as_str(),
        "taken_up": added.taken_up, "credential": source.credential_id,
    })
}

const fn vendor(vendor: args::Vendor) -> VendorName {
    match vendor {
        args::Vendor::Yclients => VendorName::Yclients,
        args::Vendor::Altegio => VendorName::Altegio,
    }
}
