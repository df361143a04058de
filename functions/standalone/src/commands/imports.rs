use serde_json::json;
use wynos::{
    control::{Actor, Import, ImportStatus},
    import, journal,
    progress::Progress,
    services::Services,
};

use crate::{
    args::{Imports, ImportsCommand, OneImport},
    commands::{import::ended_well, known_subscription},
    failure::{Ending, Failure},
    output::{Counted, Output},
};

/// Imports in the list.
const SHOWN: usize = 100;

/// Lists imports, goes on with one, or takes one back.
pub(crate) async fn run(
    services: &Services,
    command: ImportsCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    match command {
        ImportsCommand::List(list) => show(services, &list, output).await,
        ImportsCommand::Continue(one) => go_on(services, &one, output).await,
        ImportsCommand::Undo(one) => undo(services, &one, output).await,
    }
}

async fn show(services: &Services, list: &Imports, output: Output) -> anyhow::Result<Ending> {
    let subscription = known_subscription(services, &list.subscription).await?.id;
    let imports = services.control.imports(&subscription);
    let mut all = Vec::new();
    for import in imports.list(None, SHOWN).await?.items {
        let (status, at) = (
            import.status,
            import.created_at.format("%Y-%m-%d %H:%M UTC"),
        );
        output.say(format!(
            "{}  {at}  {status}  {}",
            import.id, import.file_name
        ));
        all.push(json!({
            "id": import.id, "status": status.as_str(), "file_name": import.file_name, "created_at": import.created_at,
            "failure": import.failure_code, "counts": import.counts.get("tables"),
        }));
    }
    if all.is_empty() {
        output.say("Nothing was imported.");
    }
    output.result(&json!({ "imports": all }));
    Ok(Ending::Done)
}

async fn go_on(services: &Services, one: &OneImport, output: Output) -> anyhow::Result<Ending> {
    let import = found(services, one).await?;
    let broken_off = import.status == ImportStatus::Applying && alone(&import);
    if !broken_off && !import.may_apply() {
        return Err(refused(&import, "go on"));
    }
    let write = async |progress: &Progress| {
        import::apply_watched(services, &one.subscription, &one.id, progress).await
    };
    let applied = output.watch("importing", Counted::Bytes, write);
    told(services, applied.await?, output).await
}

async fn undo(services: &Services, one: &OneImport, output: Output) -> anyhow::Result<Ending> {
    let import = found(services, one).await?;
    if import.status == ImportStatus::Applying && alone(&import) {
        // Its command was killed, and nobody else would go on with it.
        import::give_up(services, &one.subscription, &one.id).await?;
    } else if !(import.may_undo() || import.status == ImportStatus::Undoing && alone(&import)) {
        return Err(refused(&import, "be taken back"));
    }
    let bar = output.waiting("taking back");
    let undone = import::undo(services, &one.subscription, &one.id).await;
    bar.finish_and_clear();
    told(services, undone?, output).await
}

async fn found(services: &Services, one: &OneImport) -> anyhow::Result<Import> {
    let subscription = known_subscription(services, &one.subscription).await?.id;
    let imports = services.control.imports(&subscription);
    match imports.get(&one.id).await {
        Err(wynos::control::ControlError::NotFound { .. }) => {
            Err(Failure::usage(format!("there is no import {}", one.id)).into())
        }
        found => Ok(found?),
    }
}

/// Whether no worker of a server has to do with it.
fn alone(import: &Import) -> bool {
    import.created_by == Actor::CommandLine
}

fn refused(import: &Import, what: &str) -> anyhow::Error {
    let status = import.status;
    Failure::usage(format!("an import that is {status} cannot {what}")).into()
}

async fn told(services: &Services, import: Import, output: Output) -> anyhow::Result<Ending> {
    let import = ended_well(import)?;
    journal::relay(services, &import.subscription_id).await?;
    output.say(format!("The import {} is {}.", import.id, import.status));
    let counts = import.counts.get("tables");
    output.result(&json!({ "id": import.id, "status": import.status.as_str(), "counts": counts }));
    Ok(Ending::Done)
}
