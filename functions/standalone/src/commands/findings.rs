//! What was noticed about an import, at the terminal and as its report.

use std::path::Path;

use anyhow::Context;
use futures::TryStreamExt;
use tokio::io::AsyncWriteExt;
use wynos::{
    SubscriptionId, access,
    control::{Actor, ImportId},
    import::{self, Phase},
    services::Services,
};

use crate::output::Output;

/// Findings shown at the command line; the report has them all.
const SHOWN: u64 = 20;

/// Shows the first findings of these steps, and where the rest of so many is.
pub(crate) async fn show(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    phases: &[Phase],
    all: u64,
    output: Output,
) -> anyhow::Result<()> {
    let mut left = SHOWN;
    for phase in phases {
        for (_, finding) in import::findings(services, subscription, id, *phase, 0, left).await? {
            output.say(line_of(&finding));
            left = left.saturating_sub(1);
        }
    }
    if all > SHOWN {
        output.say(format!(
            "… {all} in all; `wynos imports report {id} --output FILE` lists them"
        ));
    }
    Ok(())
}

/// Writes the report of an import as CSV, in the subscription's language.
pub(crate) async fn write_report(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    path: &Path,
) -> anyhow::Result<()> {
    let unwritable = || format!("the report {} cannot be written", path.display());
    let locale = services.control.subscription(subscription).await?.locale;
    // Values of rows stand in it; that they leave is noted before any does.
    let (what, now) = (format!("import {id}"), services.clock.now());
    let by = Actor::CommandLine;
    access::note_read(&services.control, subscription, &what, &by, now).await?;
    let mut file = tokio::fs::File::create(path)
        .await
        .with_context(unwritable)?;
    let pieces = import::report_csv(services, subscription, id, locale).await?;
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.try_next().await? {
        file.write_all(&piece).await.with_context(unwritable)?;
    }
    file.sync_all().await.with_context(unwritable)
}

/// A finding in one line: where, what is wrong, and what was found. What the finding does not know is left away.
fn line_of(finding: &import::Finding) -> String {
    let line = finding.line.map(|line| format!("line {line}"));
    let row = match (finding.table.as_str(), finding.row_id.as_deref()) {
        ("", None) => None,
        ("", Some(id)) => Some(id.to_owned()),
        (table, None) => Some(table.to_owned()),
        (table, Some(id)) => Some(format!("{table} {id}")),
    };
    let places = [line, row, finding.field.clone()];
    let place: Vec<String> = places.into_iter().flatten().collect();
    let place = match place.join(", ") {
        place if place.is_empty() => place,
        place => format!("{place}: "),
    };
    let found = match finding.found.as_str() {
        "" => String::new(),
        found => format!(" Found: {found}"),
    };
    let message = import::message(wynos::catalog::Locale::En, finding);
    format!("{}: {place}{message}{found}", finding.severity.as_str())
}
