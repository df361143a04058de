use serde_json::json;
use wynos::{
    access,
    control::{Actor, Scope},
    services::Services,
};

use crate::{
    args::{self, TokenCommand},
    commands::known_subscription,
    failure::Ending,
    output::Output,
};

/// Makes a token for the API. It is shown here and never again: only its hash is kept.
pub(crate) async fn run(
    services: &Services,
    command: TokenCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    let TokenCommand::Create(new) = command;
    let subscription = known_subscription(services, &new.subscription).await?;
    let scope = match new.scope {
        args::Scope::Read => Scope::Read,
        args::Scope::Write => Scope::Write,
    };
    let mut tx = services.control.begin().await?;
    let (by, now) = (Actor::CommandLine, services.clock.now());
    let made =
        access::make_token(&mut tx, &subscription.id, "command line", scope, &by, now).await?;
    tx.commit().await?;
    output.say(format!(
        "{}\nKeep it: it cannot be shown again.",
        made.secret.reveal()
    ));
    output.result(&json!({ "id": made.token.id, "token": made.secret.reveal() }));
    Ok(Ending::Done)
}
