mod added;
mod edit;
mod filter;
mod removed;
mod tables;
mod webhook;

use std::io::Read;

use anyhow::Context;
use chrono::TimeDelta;
use serde_json::json;
use wynos::{
    SourceId,
    catalog::Locale,
    control::{Actor, ControlError, Source, SourceState, VendorToken},
    journal,
    services::Services,
    storage,
    yclients::{
        client::COMPANY_CLOSED,
        connect::{self, Company, ConnectError, Entry},
        pull,
    },
};

use crate::{
    args::{self, ListSources, OfSubscription, OneSource, RenewSource, SourceCommand},
    commands::{known_subscription, moment, moment_or, next_words, zone_of},
    failure::{Ending, Failure},
    output::Output,
};

/// More than any password or token and its line end.
const MAX_INPUT: u64 = 4_096;

/// Connects, lists and manages the companies whose data is copied.
pub(crate) async fn run(
    services: &Services,
    command: SourceCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    match command {
        SourceCommand::Add(new) => Box::pin(added::add(services, &new, output)).await,
        SourceCommand::List(of) if of.removed => {
            removed::list(services, &of.subscription, output).await
        }
        SourceCommand::List(of) => list(services, &of, output).await,
        SourceCommand::Edit(wanted) => Box::pin(edit::run(services, &wanted, output)).await,
        SourceCommand::Pause(one) => {
            known_source(services, &one.source).await?;
            let source = connect::pause(services, &one.source, &Actor::CommandLine).await;
            told(&source.map_err(failed)?, "is paused", output)
        }
        SourceCommand::Resume(one) => {
            known_source(services, &one.source).await?;
            let source = connect::resume(services, &one.source, &Actor::CommandLine).await;
            told(&source.map_err(failed)?, "goes on", output)
        }
        SourceCommand::Renew(renew) => Box::pin(sign_in_again(services, &renew, output)).await,
        SourceCommand::Remove(remove) => removed::remove(services, &remove, output).await,
        SourceCommand::Clear(one) => removed::clear(services, &one, output).await,
        SourceCommand::Companies(one) => companies(services, &one, output).await,
        SourceCommand::Tables(tables) => tables::choose(services, &tables, output).await,
        SourceCommand::Filter(wanted) => Box::pin(filter::run(services, &wanted, output)).await,
        SourceCommand::Webhook(webhook) => {
            let source = known_source(services, &webhook.source).await?;
            Box::pin(webhook::run(services, &source, &webhook, output)).await
        }
        SourceCommand::Calls(of) => calls(services, &of, output).await,
    }
}

/// What lets somebody in, its secret read from standard input.
fn entry(entry: &args::Entry) -> anyhow::Result<Entry> {
    if entry.login.is_none() && !entry.token_stdin {
        let ways = "say who signs in: --login with --password-stdin, or --token-stdin";
        return Err(Failure::usage(ways).into());
    }
    let mut secret = String::new();
    std::io::stdin()
        .lock()
        .take(MAX_INPUT)
        .read_to_string(&mut secret)
        .context("the secret could not be read from standard input")?;
    let secret = secret.trim_end_matches(['\r', '\n']).to_owned();
    if secret.is_empty() {
        return Err(Failure::usage("standard input held neither a password nor a token").into());
    }
    Ok(match &entry.login {
        Some(login) if !entry.token_stdin => Entry::Password {
            login: login.clone(),
            password: secret,
        },
        _ => Entry::Token(VendorToken::new(secret.trim())),
    })
}

async fn list(services: &Services, of: &ListSources, output: Output) -> anyhow::Result<Ending> {
    let business = known_subscription(services, &of.subscription).await?;
    let (subscription, zone) = (business.id.clone(), zone_of(&business));
    let sources = services.control.sources(&subscription);
    let tables = sources.all_tables().await?;
    let outlook = pull::outlook(services, &subscription).await?;
    let halted = storage::used(services, &subscription).await?.stands_still;
    let mut all = Vec::new();
    for source in sources.list().await? {
        let own = || {
            tables
                .iter()
                .filter(|table| table.source_id == source.id && table.enabled)
                .filter(|table| pull::is_read(&table.table_name))
        };
        let is_active = source.state == SourceState::Active;
        // What stops all of them is told before what stops one.
        let halted = halted.filter(|_| is_active);
        let problem = pull::problem(own()).filter(|_| is_active);
        let why = halted.or(problem);
        let last_at = own().filter_map(|table| table.last_at).min();
        let next_at = own()
            .filter_map(|table| pull::next_reading(table, source.state, &outlook))
            .min();
        let due_since = own()
            .filter_map(|table| pull::due_since(table, source.state, &outlook))
            .min();
        output.say(format!(
            "{}  {}  company {}  {}  last read {}, {}",
            source.id,
            match why {
                Some(_) => "stands still",
                None => source.state.as_str(),
            },
            source.company_id,
            source.name,
            moment_or(last_at, zone, "never"),
            match (why, next_at, due_since) {
                (Some(_), Some(at), None) => format!("tried again {}", moment(at, zone)),
                _ => next_words(next_at, due_since, zone),
            }
        ));
        if let Some(code) = why {
            output.say(format!("  {}", journal::reason(Locale::En, code, None)));
        }
        all.push(json!({
            "id": source.id, "name": source.name, "vendor": source.vendor.as_str(), "state": source.state.as_str(),
            "problem": problem, "stands_still": halted,
            "company_id": source.company_id, "title": source.title, "time_zone": source.time_zone,
            "credential": source.credential_id,
            "last_at": last_at, "next_at": next_at, "due_since": due_since,
        }));
    }
    if all.is_empty() {
        output.say("There are no sources yet.");
    }
    output.result(&json!({ "sources": all }));
    Ok(Ending::Done)
}

async fn sign_in_again(
    services: &Services,
    renew: &RenewSource,
    output: Output,
) -> anyhow::Result<Ending> {
    known_source(services, &renew.source).await?;
    let entry = entry(&renew.entry)?;
    let renewed = connect::renew(services, &renew.source, entry, &Actor::CommandLine)
        .await
        .map_err(failed)?;
    let source = &renewed.source;
    output.say(format!(
        "The sign-in of the source {} ({}) has a new token.",
        source.id, source.name
    ));
    let mut closed = Vec::new();
    for unseen in &renewed.closed {
        output.say(format!(
            "The source {} ({}, company {}) stands still. {}",
            unseen.id,
            unseen.name,
            unseen.company_id,
            journal::reason(Locale::En, COMPANY_CLOSED, None)
        ));
        closed.push(json!({
            "id": unseen.id, "name": unseen.name, "company_id": unseen.company_id,
        }));
    }
    output.result(&json!({
        "id": source.id, "name": source.name, "company_id": source.company_id, "state": source.state.as_str(),
        "closed": closed,
    }));
    Ok(match closed.is_empty() {
        true => Ending::Done,
        false => Ending::WithProblems,
    })
}

async fn companies(services: &Services, one: &OneSource, output: Output) -> anyhow::Result<Ending> {
    let source = known_source(services, &one.source).await?;
    let seen = connect::companies(services, &source.subscription_id, &source.credential_id).await;
    show_companies(&seen.map_err(failed)?, output);
    Ok(Ending::Done)
}

fn show_companies(seen: &[Company], output: Output) {
    let mut all = Vec::new();
    for company in seen {
        let city = company.city.as_deref().unwrap_or_default();
        output.say(format!("{}  {}  {city}", company.id, company.title));
        let zone = company.time_zone.map(|zone| zone.name());
        all.push(json!({
            "id": company.id, "title": company.title, "city": company.city, "time_zone": zone,
        }));
    }
    output.result(&json!({ "companies": all }));
}

async fn calls(services: &Services, of: &OfSubscription, output: Output) -> anyhow::Result<Ending> {
    let business = known_subscription(services, &of.subscription).await?;
    let (subscription, zone) = (business.id.clone(), zone_of(&business));
    let since = services.clock.now() - TimeDelta::hours(24);
    let mut all = Vec::new();
    for row in services.control.spending(&subscription, since).await? {
        output.say(format!(
            "{}  {}  {}  {} calls, {} refused",
            moment(row.hour, zone),
            row.spender,
            row.purpose,
            row.calls,
            row.refused
        ));
        all.push(json!({
            "hour": row.hour, "source": row.source(), "purpose": row.purpose.as_str(), "calls": row.calls,
            "refused": row.refused,
        }));
    }
    if all.is_empty() {
        output.say("No calls were made.");
    }
    output.result(&json!({ "calls": all }));
    Ok(Ending::Done)
}

/// The source that a command names.
pub(crate) async fn known_source(services: &Services, id: &SourceId) -> anyhow::Result<Source> {
    let unknown = || {
        Failure::usage(format!(
            "there is no source {id}; `wynos source list --subscription {}` shows them all",
            id.subscription()
        ))
    };
    match services.control.source(id).await {
        Err(ControlError::NotFound { .. }) => Err(unknown().into()),
        Ok(source) if source.state == SourceState::Removed => Err(unknown().into()),
        other => Ok(other?),
    }
}

fn told(source: &Source, what: &str, output: Output) -> anyhow::Result<Ending> {
    output.say(format!(
        "The source {} ({}) {what}.",
        source.id, source.name
    ));
    output.result(&json!({
        "id": source.id, "name": source.name, "company_id": source.company_id, "state": source.state.as_str(),
    }));
    Ok(Ending::Done)
}

/// What the vendor or the rules do not allow, by its code and in words; anything else is a fault.
fn failed(error: ConnectError) -> anyhow::Error {
    match error.code() {
        Some(code) => Failure {
            code,
            message: error.text(Locale::En),
            // A table that there is not is named by the command.
            usage: matches!(error, ConnectError::NoSuchTable { .. }),
        }
        .into(),
        None => error.into(),
    }
}
