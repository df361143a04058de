use anyhow::Context;
use chrono::Days;
use futures::StreamExt;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use wynos::{
    access,
    catalog::Locale,
    control::{Actor, Cursor, Subscription},
    journal::{self, JournalFilter},
    services::Services,
    zone::start_of_day,
};

use crate::{
    args::{ExportJournal, JournalCommand, JournalWanted, ListJournal},
    commands::{files, known_subscription, zone_of},
    failure::{Ending, Failure},
    output::Output,
};

/// Entries asked for at a time.
const PAGE: usize = 200;

/// Lists the journal, or writes it into a file.
pub(crate) async fn run(
    services: &Services,
    command: JournalCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    match command {
        JournalCommand::List(list) => show(services, &list, output).await,
        JournalCommand::Export(export) => write(services, &export, output).await,
    }
}

fn filter(wanted: &JournalWanted, business: &Subscription) -> anyhow::Result<JournalFilter> {
    if wanted
        .from
        .zip(wanted.to)
        .is_some_and(|(from, to)| to < from)
    {
        return Err(Failure::usage("--to is before --from").into());
    }
    let day = |day| start_of_day(day, zone_of(business));
    Ok(JournalFilter {
        category: wanted.category,
        severity: wanted.severity,
        source_id: wanted.source.as_ref().map(ToString::to_string),
        actor: wanted.actor.clone(),
        code: wanted.code.clone(),
        since: wanted.from.map(day),
        until: wanted
            .to
            .and_then(|to| to.checked_add_days(Days::new(1)))
            .map(day),
    })
}

async fn show(services: &Services, list: &ListJournal, output: Output) -> anyhow::Result<Ending> {
    let business = known_subscription(services, &list.wanted.subscription).await?;
    let (filter, zone) = (filter(&list.wanted, &business)?, zone_of(&business));
    let journal = services.control.journal(&business.id);
    let mut left = usize::try_from(list.limit).unwrap_or(PAGE);
    let mut from: Option<Cursor> = None;
    let mut all = Vec::new();
    while left > 0 {
        let page = journal.list(&filter, from.as_ref(), left.min(PAGE)).await?;
        left -= page.items.len().min(left);
        for entry in &page.items {
            let message = journal::message(Locale::En, entry);
            output.say(format!(
                "{}  {}  {}  {}  {message}",
                entry
                    .at
                    .with_timezone(&zone)
                    .format("%Y-%m-%d %H:%M:%S %:z"),
                entry.severity,
                entry.actor,
                entry.code,
            ));
            all.push(json!({
                "id": entry.id, "at": entry.at, "category": entry.category, "severity": entry.severity,
                "source": entry.source_id, "actor": entry.actor, "code": entry.code, "counts": entry.counts,
                "details": entry.details, "message": message,
            }));
        }
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    if all.is_empty() {
        output.say("Nothing of this kind happened.");
    }
    output.result(&json!({ "entries": all }));
    Ok(Ending::Done)
}

async fn write(
    services: &Services,
    export: &ExportJournal,
    output: Output,
) -> anyhow::Result<Ending> {
    let business = known_subscription(services, &export.wanted.subscription).await?;
    let filter = filter(&export.wanted, &business)?;
    let (path, shown) = (&export.output, export.output.display());
    let mut file = tokio::fs::File::from_std(files::create_new(path)?);
    let now = services.clock.now();
    access::note_journal_exported(&services.control, &business.id, &Actor::CommandLine, now)
        .await?;
    let content = journal::export_csv(&services.control, &business.id, filter, export.locale);
    let mut content = std::pin::pin!(content);
    let mut bytes = 0;
    while let Some(piece) = content.next().await {
        let piece = piece?;
        bytes += piece.len();
        let written = file.write_all(&piece).await;
        written.with_context(|| format!("{shown} could not be written"))?;
    }
    let synced = file.sync_all().await;
    synced.with_context(|| format!("{shown} could not be written"))?;
    output.say(format!("{shown} was written, {bytes} bytes."));
    output.result(&json!({ "file": path, "bytes": bytes }));
    Ok(Ending::Done)
}
