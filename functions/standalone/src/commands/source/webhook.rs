use serde_json::json;
use wynos::{
    catalog::Locale,
    control::{Actor, Source},
    services::Services,
    yclients::hooks::{self, Kinds, Registration, RegistrationError},
};

use crate::{
    args::{SourceWebhook, WebhookAction},
    failure::{Ending, Failure},
    output::Output,
};

/// Shows or changes a source's webhook.
pub(super) async fn run(
    services: &Services,
    source: &Source,
    wanted: &SourceWebhook,
    output: Output,
) -> anyhow::Result<Ending> {
    let (id, by) = (&source.id, &Actor::CommandLine);
    let kinds = match (wanted.all_kinds, wanted.action) {
        (false, _) => Kinds::Keep,
        (true, WebhookAction::Register) => Kinds::Add,
        (true, _) => {
            return Err(Failure::usage(
                "--all-kinds goes with register: `wynos source webhook … register --all-kinds`",
            )
            .into());
        }
    };
    let registration = match wanted.action {
        WebhookAction::Show => return show(services, source, output),
        WebhookAction::Revoke => {
            hooks::revoke(services, id, by).await.map_err(failed)?;
            return show(services, source, output);
        }
        WebhookAction::Status => hooks::registration(services, id).await,
        WebhookAction::Register => hooks::register_for(services, id, kinds, by).await,
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
        switched_off,
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
    if *switched_off {
        output.say(
            "Everything is switched off at the vendor: the other programs receive nothing either.",
        );
    }
    if !missing.is_empty() {
        let missing = missing.join(", ");
        output.say(if *registered {
            format!("Not told of, because it is switched off at the vendor: {missing}.")
        } else {
            format!("Would not be told of, because it is switched off at the vendor: {missing}.")
        });
        output.say("Changes of these come with the next reading.");
    }
    if *switched_off || !missing.is_empty() {
        output.say(format!(
            "`wynos source webhook --source {} register --all-kinds` switches all of it on{}; what is on stays on.",
            source.id,
            match *others {
                0 => "",
                _ => ", for the other programs too, since the vendor has one set of switches for all addresses",
            }
        ));
    }
    output.result(&json!({
        "id": source.id, "address": address.as_str(), "registered": registered,
        "elsewhere": elsewhere, "others": others, "switched_off": switched_off, "missing": missing,
    }));
    Ok(Ending::Done)
}

fn failed(error: RegistrationError) -> anyhow::Error {
    match error.code() {
        Some(code) => Failure::new(code, error.text(Locale::En)).into(),
        None => error.into(),
    }
}
