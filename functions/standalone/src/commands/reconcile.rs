use std::{io::Write, path::Path, sync::Arc};

use anyhow::Context;

use futures::{Stream, TryStreamExt};
use serde_json::json;
use wynos::{
    access,
    catalog::Locale,
    control::{Actor, RunId, RunState},
    journal,
    services::Services,
    warehouse::{Warehouse, WarehouseError},
    yclients::{
        pull::{self, PullError},
        reconcile::{self, Finished, Ordered, Summary, Watch},
    },
};

use crate::{
    args,
    commands::{
        files,
        pull::{failed, failed_at},
        source::known_source,
    },
    failure::{Ending, Failure},
    interrupt::{self, Interrupted},
    output::Output,
};

/// So often a run is gone on with while the vendor holds it up.
const CONTINUATIONS: usize = 60;
/// Differences that are shown here; files have all of them.
const SHOWN: u64 = 20;

/// Compares a source with the vendor in this process.
pub(crate) async fn run(
    services: &Services,
    order: args::Reconcile,
    output: Output,
) -> anyhow::Result<Ending> {
    files::must_be_new(order.csv.iter().chain(&order.days_csv))?;
    let source = known_source(services, &order.source).await?;
    let ordered = Ordered {
        from: order.from,
        to: order.to,
        tables: order.tables,
        actor: Actor::CommandLine,
    };
    interrupt::heed(services, output)?;
    let bar = output.waiting("comparing");
    let watch: Watch = {
        let bar = bar.clone();
        Arc::new(move |step| {
            let (table, to) = (step.table, step.to);
            bar.set_message(format!(
                "{table} up to {to}: {} rows differ",
                step.differences
            ));
        })
    };
    let begun = reconcile::begin(services, &source.id, ordered, RunId::random()).await;
    let finished = match begun {
        Ok(run) => to_its_end(services, &source.id, &run.id, &watch).await,
        Err(error) => Err(error),
    };
    bar.finish_and_clear();
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return Err(failed_at(services, &source, error).await),
    };
    if finished.state == RunState::Running {
        let given_up = pull::give_up(services, &source.id, &finished.run).await;
        given_up.map_err(failed)?;
        journal::relay(services, &source.subscription_id).await?;
        return Err(Interrupted::new(
            "Interrupted. What was mended stays, and the source is free. Give the command again to compare anew.",
        )
        .into());
    }
    journal::relay(services, &source.subscription_id).await?;
    // Values of both sides are shown here and written into files; that they are is noted before any is.
    let what = format!("reconciliation {}", finished.run);
    let (of, by) = (&source.subscription_id, Actor::CommandLine);
    access::note_read(&services.control, of, &what, &by, services.clock.now()).await?;
    let warehouse = services.warehouses.open(&source.subscription_id);
    if let Some(file) = &order.csv {
        let (place, run) = (warehouse.clone(), finished.run.clone());
        let parts = reconcile::differences_csv(place, run, order.locale);
        write(parts, file).await?;
    }
    if let Some(file) = &order.days_csv {
        let (place, run) = (warehouse.clone(), finished.run.clone());
        let parts = reconcile::days_csv(place, run, order.locale);
        write(parts, file).await?;
    }
    tell(&warehouse, &finished, output).await
}

async fn to_its_end(
    services: &Services,
    source: &wynos::SourceId,
    run: &RunId,
    watch: &Watch,
) -> Result<Finished, PullError> {
    for _ in 0..CONTINUATIONS {
        let watch = Some(Arc::clone(watch));
        let finished = reconcile::proceed(services, source, run, None, watch).await?;
        if finished.state != RunState::Running || services.stop.is_asked() {
            return Ok(finished);
        }
        interrupt::wait(services, finished.later).await;
    }
    Err(PullError::Busy)
}

async fn write(
    parts: impl Stream<Item = Result<impl AsRef<[u8]>, WarehouseError>>,
    file: &Path,
) -> anyhow::Result<()> {
    let name = || format!("writing {}", file.display());
    let mut out = std::io::BufWriter::new(files::create_new(file)?);
    let mut parts = std::pin::pin!(parts);
    while let Some(part) = parts.try_next().await? {
        out.write_all(part.as_ref()).with_context(name)?;
    }
    out.flush().with_context(name)
}

/// How many days were checked. A day is so only where it is in every table: where some was not, how much was of each counts too.
fn days_checked(summary: &Summary) -> String {
    let Summary {
        checked,
        not_checked,
        ..
    } = summary;
    if *not_checked == 0 {
        return format!("{checked} days checked");
    }
    let all = checked + not_checked;
    let mut own = (0, 0);
    for table in summary.tables.values() {
        own.0 += table.checked;
        own.1 += table.checked + table.not_checked;
    }
    format!(
        "{checked} of {all} days checked in every table, {} of {} table by table",
        own.0, own.1
    )
}

async fn tell(
    warehouse: &Warehouse,
    finished: &Finished,
    output: Output,
) -> anyhow::Result<Ending> {
    let summary = &finished.summary;
    for (table, of_table) in &summary.tables {
        let (checked, all) = (of_table.checked, of_table.checked + of_table.not_checked);
        output.say(format!(
            "{table}: {checked} of {all} days checked, {} rows held, {} at the vendor; {} missing, {} extra, {} differing",
            of_table.rows_held, of_table.rows_vendor, of_table.missing, of_table.extra, of_table.differing,
        ));
        if let Some(code) = &of_table.reason {
            let why = journal::reason(Locale::En, code, None);
            output.say(format!(
                "  {} days not checked: {why}",
                of_table.not_checked
            ));
        }
        let totals = of_table.totals.as_object();
        for (indicator, sides) in totals.into_iter().flatten() {
            let side = |name| reconcile::in_words(sides.get(name));
            output.say(format!(
                "  {indicator}: {} held, {} at the vendor",
                side("held"),
                side("vendor")
            ));
        }
    }
    let found = reconcile::differences(warehouse, &finished.run, None, None, SHOWN).await?;
    for one in &found.items {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        output.say(format!(
            "  {} {} {} {}: {} {} held, {} at the vendor",
            one.day,
            one.table,
            one.key,
            one.kind,
            one.field,
            side(&one.held),
            side(&one.vendor),
        ));
    }
    if found.next.is_some() {
        output.say("  … the rest with --csv FILE");
    }
    if let Some(code) = summary.reason.as_ref().filter(|_| summary.is_empty()) {
        output.say(journal::reason(Locale::En, code, None));
    }
    output.say(format!(
        "{}; {} rows missing, {} extra, {} differing.",
        days_checked(summary),
        summary.missing,
        summary.extra,
        summary.differing,
    ));
    output.result(&json!({
        "id": finished.run, "state": finished.state.as_str(), "checked": summary.checked,
        "not_checked": summary.not_checked, "missing": summary.missing, "extra": summary.extra,
        "differing": summary.differing, "restored": summary.restored, "reason": summary.reason,
        "tables": summary.tables,
    }));
    match finished.state {
        RunState::Failed => {
            let code = summary.reason.as_deref().unwrap_or("pull.internal");
            let words = journal::reason(Locale::En, code, None);
            Err(Failure::new("reconciliation.failed", words).into())
        }
        RunState::Done => Ok(Ending::Done),
        _ => Ok(Ending::WithProblems),
    }
}
