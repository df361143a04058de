//! The settings of a source.

use serde_json::json;
use wynos::{
    control::Actor,
    services::Services,
    yclients::connect::{self, Change},
};

use super::{failed, known_source};
use crate::{
    args::{EditSource, Switch},
    failure::Ending,
    output::Output,
};

/// Changes settings of a source, and says what follows for rows that are there.
pub(super) async fn run(
    services: &Services,
    wanted: &EditSource,
    output: Output,
) -> anyhow::Result<Ending> {
    let before = known_source(services, &wanted.source).await?;
    let changes = &wanted.changes;
    let change = Change {
        name: changes.name.clone(),
        time_zone: changes.time_zone.clone(),
        hints: changes.hints.map(|hints| hints == Switch::On),
        base_url: match changes.usual_base_url {
            true => Some(None),
            false => changes.base_url.clone().map(Some),
        },
    };
    let changed = connect::change(services, &before.id, &change, &Actor::CommandLine).await;
    let source = changed.map_err(failed)?;
    output.say(format!(
        "The source {} ({}) has its new settings.",
        source.id, source.name
    ));
    if source.time_zone != before.time_zone {
        output.say(format!(
            "The days of the last month are read again by the zone {}; older rows keep the times they were read with until \
             their period is loaded: `wynos pull --source {} --from DATE --to DATE`.",
            source.time_zone, source.id
        ));
    }
    if source.hints != before.hints {
        output.say(match source.hints {
            true => {
                "Webhook events only say what to read again from now on: each costs a call, and is in the warehouse with it."
            }
            false => "Webhook events are taken as they are from now on.",
        });
    }
    if change.base_url.is_some() {
        output.say("All sources of the same sign-in are read there.");
    }
    output.result(&json!({
        "id": source.id, "name": source.name, "company_id": source.company_id, "state": source.state.as_str(),
        "time_zone": source.time_zone, "hints": source.hints, "base_url": source.base_url,
    }));
    Ok(Ending::Done)
}
