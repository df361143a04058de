use std::io::Read;

use anyhow::Context;
use serde_json::json;
use wynos::{
    access::{self, BiLoginError},
    catalog::Locale,
    control::{Actor, NewAccount, NewSubscription, Password, Plan},
    journal,
    services::Services,
};

use crate::{
    args::{self, CreateSubscription, SubscriptionCommand},
    failure::{Ending, Failure},
    output::Output,
};

/// More than any password and its line end.
const MAX_PASSWORD_INPUT: u64 = 4_096;
/// Subscriptions in one list.
const LIST_PAGE: usize = 1_000;

/// Makes or lists subscriptions.
pub(crate) async fn run(
    services: &Services,
    command: SubscriptionCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    match command {
        SubscriptionCommand::Create(new) => create(services, &new, output).await,
        SubscriptionCommand::List => list(services, output).await,
        SubscriptionCommand::BiLogin(login) => bi_login(services, &login, output).await,
    }
}

async fn bi_login(
    services: &Services,
    login: &args::BiLogin,
    output: Output,
) -> anyhow::Result<Ending> {
    let subscription = services
        .control
        .subscription(&login.subscription)
        .await
        .map_err(refused)?;
    let (id, by) = (&subscription.id, &Actor::CommandLine);
    if login.revoke {
        access::revoke_bi_login(services, id, by)
            .await
            .map_err(no_login)?;
        output.say("The login was taken away.");
        output.result(&json!({ "id": id, "revoked": true }));
        return Ok(Ending::Done);
    }
    let made = access::renew_bi_login(services, id, by)
        .await
        .map_err(no_login)?;
    output.say(format!("User:     {}", made.user));
    output.say(format!("Password: {}", made.password));
    output.say(format!("Database: {}", made.database));
    output.say(format!("Schema:   {}", made.schema));
    output.say("The password is shown this once; ask for another one with the same command.");
    output.result(&json!({
        "id": id, "user": made.user, "password": made.password,
        "database": made.database, "schema": made.schema,
    }));
    Ok(Ending::Done)
}

fn no_login(error: BiLoginError) -> anyhow::Error {
    let Some(code) = error.code() else {
        return error.into();
    };
    let details = json!({ "user": error.user() });
    Failure::new(code, journal::reason(Locale::En, code, Some(&details))).into()
}

async fn create(
    services: &Services,
    new: &CreateSubscription,
    output: Output,
) -> anyhow::Result<Ending> {
    let now = services.clock.now();
    let existing = services.control.accounts().by_email(&new.owner).await?;
    let password_ignored = existing.is_some() && new.password_stdin;
    if password_ignored {
        output.say(format!(
            "{} has an account already: its password stays as it is, and the one given here is ignored.",
            new.owner
        ));
    }
    let owner = match &existing {
        Some(_) => None,
        None => {
            let password = Password::hash(&read_password(new)?)
                .await
                .map_err(refused)?;
            Some(new_account(new, password))
        }
    };
    let mut tx = services.control.begin().await?;
    let account = match (existing, owner) {
        (Some(account), _) => account,
        (None, Some(owner)) => tx.create_account(&owner, now).await.map_err(refused)?,
        (None, None) => return Err(Failure::usage("the owner has no account").into()),
    };
    let (new, by) = (new_subscription(new), Actor::CommandLine);
    let made = access::found(&mut tx, &new, &account.id, &by, now)
        .await
        .map_err(refused)?;
    tx.commit().await?;
    output.say(format!(
        "Subscription {} of {} was made; its owner is {}.",
        made.id, made.name, account.email
    ));
    output.result(&json!({
        "id": made.id, "owner": account.id, "password_ignored": password_ignored,
    }));
    Ok(Ending::Done)
}

fn read_password(new: &CreateSubscription) -> anyhow::Result<String> {
    if !new.password_stdin {
        return Err(Failure::usage(
            "the owner has no account yet: give a password with --password-stdin",
        )
        .into());
    }
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .take(MAX_PASSWORD_INPUT)
        .read_to_string(&mut password)
        .context("the password could not be read from standard input")?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

fn new_account(new: &CreateSubscription, password: Password) -> NewAccount {
    let name = new.owner.split('@').next().unwrap_or_default().to_owned();
    NewAccount {
        email: new.owner.clone(),
        name,
        locale: new.locale,
        password,
    }
}

fn new_subscription(new: &CreateSubscription) -> NewSubscription {
    let (country, currency) = match new.locale {
        Locale::En => ("GB", "GBP"),
        Locale::Pl => ("PL", "PLN"),
        Locale::Ru => ("RU", "RUB"),
    };
    NewSubscription {
        name: new.name.clone(),
        plan: match new.plan {
            args::Plan::Trial => Plan::Trial,
            args::Plan::Standard => Plan::Standard,
        },
        locale: new.locale,
        time_zone: new.time_zone.name().to_owned(),
        country: country.to_owned(),
        currency: currency.to_owned(),
        placement: "default".to_owned(),
    }
}

/// What the shared database or the rules for passwords do not allow is a matter of how the command was given.
fn refused(error: impl Into<wynos::control::ControlError>) -> Failure {
    let error = error.into();
    match std::error::Error::source(&error) {
        Some(cause) => Failure::usage(format!("{error}: {cause}; nothing was made")),
        None => Failure::usage(format!("{error}; nothing was made")),
    }
}

async fn list(services: &Services, output: Output) -> anyhow::Result<Ending> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = services
            .control
            .housekeeping()
            .subscriptions(after.as_ref(), LIST_PAGE)
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        for id in &page {
            let subscription = services.control.subscription(id).await?;
            output.say(format!(
                "{}  {}  {}",
                subscription.id,
                subscription.plan.as_str(),
                subscription.name
            ));
            all.push(json!({ "id": subscription.id, "name": subscription.name, "plan": subscription.plan.as_str() }));
        }
    }
    output.result(&json!({ "subscriptions": all }));
    Ok(Ending::Done)
}
