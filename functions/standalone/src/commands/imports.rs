use std::path::Path;

use chrono::TimeDelta;
use serde_json::json;
use wynos::{
    SubscriptionId,
    control::{Actor, Import, ImportStatus},
    import::{self, Counts, Options, Phase},
    journal,
    progress::Progress,
    services::Services,
};

use crate::{
    args::{ImportReport, Imports, ImportsCommand, OneImport},
    commands::{findings, import::ended_well, known_subscription, moment, zone_of},
    failure::{Ending, Failure},
    output::{Counted, Output},
};

/// Imports in the list.
const SHOWN: usize = 100;

/// No command compares a file as long as this.
const DEAD_AFTER: TimeDelta = TimeDelta::days(1);

/// Lists imports, goes on with one, takes one back, or writes its report.
pub(crate) async fn run(
    services: &Services,
    command: ImportsCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    match command {
        ImportsCommand::List(list) => show(services, &list, output).await,
        ImportsCommand::Continue(one) => go_on(services, &one, output).await,
        ImportsCommand::Undo(one) => undo(services, &one, output).await,
        ImportsCommand::Report(asked) => report(services, &asked, output).await,
    }
}

async fn show(services: &Services, list: &Imports, output: Output) -> anyhow::Result<Ending> {
    let business = known_subscription(services, &list.subscription).await?;
    let (subscription, zone) = (business.id.clone(), zone_of(&business));
    give_up_dead(services, &subscription, None).await?;
    let imports = services.control.imports(&subscription);
    let mut all = Vec::new();
    for import in imports.list(None, SHOWN).await?.items {
        let (status, at) = (import.status, moment(import.created_at, zone));
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

/// Gives up imports whose command was killed while it read and compared: nobody goes on with those, and nothing of them was
/// written. They are told by being of this file, which is given again, or a day old.
pub(crate) async fn give_up_dead(
    services: &Services,
    subscription: &SubscriptionId,
    file: Option<&Path>,
) -> anyhow::Result<()> {
    let imports = services.control.imports(subscription);
    let old = services.clock.now() - DEAD_AFTER;
    for import in imports.list(None, SHOWN).await?.items {
        let comparing = matches!(
            import.status,
            ImportStatus::Uploaded | ImportStatus::Validating
        );
        let options: Options = serde_json::from_value(import.options.clone()).unwrap_or_default();
        let again = file.is_some_and(|file| options.local_path.as_deref() == file.to_str());
        if comparing && alone(&import) && (again || import.changed_at < old) {
            import::give_up(services, subscription, &import.id).await?;
        }
    }
    Ok(())
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
    let undone = ended_well(undone?)?;
    let counts: Counts = serde_json::from_value(undone.counts.clone()).unwrap_or_default();
    let left: u64 = counts.tables.values().map(|table| table.kept).sum();
    let ending = told(services, undone, output).await?;
    if left == 0 {
        return Ok(ending);
    }
    output.say(format!(
        "{left} rows were left as they are, because somebody touched them since or others need them:"
    ));
    findings::show(
        services,
        &one.subscription,
        &one.id,
        &[Phase::Undo],
        left,
        output,
    )
    .await?;
    Ok(Ending::WithProblems)
}

/// Writes what was noticed about an import, and about its undoing, into a file.
async fn report(
    services: &Services,
    asked: &ImportReport,
    output: Output,
) -> anyhow::Result<Ending> {
    let import = found(services, &asked.import).await?;
    findings::write_report(services, &import.subscription_id, &import.id, &asked.output).await?;
    output.say(format!("The report is in {}", asked.output.display()));
    output.result(&json!({ "id": import.id, "output": asked.output }));
    Ok(Ending::Done)
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
