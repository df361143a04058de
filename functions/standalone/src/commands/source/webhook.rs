use serde_json::json;
use wynos::{
    catalog::Locale,
    control::{Actor, Source},
    services::Services,
    yclients::hooks::{self, Registration, RegistrationError},
};

use crate::{
    args::WebhookAction,
    failure::{Ending, Failure},
    output::Output,
};

/// Shows or changes a source's webhook.
pub(super) async fn run(
    services: &Services,
    source: &Source,
    action: WebhookAction,
    output: Output,
) -> anyhow::Result<Ending> {
    let (id, by) = (&source.id, &Actor::CommandLine);
    let registration = match action {
        WebhookAction::Show => return show(services, source, output),
        WebhookAction::Revoke => {
            hooks::revoke(services, id, by).await.map_err(failed)?;
            return show(services, source, output);
        }
        WebhookAction::Status => hooks::registration(services, id).await,
        WebhookAction::Register => hooks::register(services, id, by).await,
        WebhookAction::Unregister => hooks::unregister(services, id, by).await,
        WebhookAction::Rotate => hooks::rotate(services, id, by).await,
    };
    told(source, &registration.map_err(failed)?, output)
}

fn show(services: &Services, source: &Source, output: Output) -> anyhow::Result<Ending> {
    let address = hooks::address(services, source);
    output.say(address.as_str());
    output.result(&json!({ "id": source.id, "address": address.as_str() }));
    Ok(Ending::Done)
}

fn told(source: &Source, registration: &Registration, output: Output) -> anyhow::Result<Ending> {
    let Registration {
        address,
        registered,
        elsewhere,
        others,
        missing,
    } = registration;
    output.say(address.as_str());
    output.say(if *registered {
        "The vendor sends events there."
    } else {
        "The vendor sends nothing there."
    });
    if let Some(host) = elsewhere {
        output.say(format!(
            "The vendor sends events to another address of this source, at {host}: with an older key, or of a server that is reached there. Say --public-url, as the server does, to see how that one stands."
        ));
    }
    if *others > 0 {
        output.say(format!("Addresses of other programs: {others}."));
    }
    if *registered && !missing.is_empty() {
        let missing = missing.join(", ");
        output.say(format!(
            "Not told of, because it is switched off at the vendor: {missing}."
        ));
    }
    output.result(&json!({
        "id": source.id, "address": address.as_str(), "registered": registered,
        "elsewhere": elsewhere, "others": others, "missing": missing,
    }));
    Ok(Ending::Done)
}

fn failed(error: RegistrationError) -> anyhow::Error {
    match error.code() {
        Some(code) => Failure::new(code, error.text(Locale::En)).into(),
        None => error.into(),
    }
}
