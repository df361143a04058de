use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use wynos::{
    catalog::Locale,
    control::{Actor, RunId, RunState, Source},
    journal,
    planner::Period,
    services::Services,
    yclients::{
        pull::{self, Finished, Loaded, Options, Ordered, PullError, Watch},
        streams,
    },
};

use crate::{
    args,
    commands::{moment, source::known_source, zone_of},
    failure::{Ending, Failure},
    interrupt::{self, Interrupted},
    output::{Output, counted},
};

/// So often a run is gone on with while the vendor holds it up.
const CONTINUATIONS: usize = 60;
/// After so long.
const BETWEEN: std::time::Duration = std::time::Duration::from_secs(30);

/// Reads a source in this process: all tables that are on, or those named, whenever they are due; or a period of the past.
pub(crate) async fn run(
    services: &Services,
    order: args::Pull,
    output: Output,
) -> anyhow::Result<Ending> {
    let source = known_source(services, &order.source).await?;
    for table in &order.tables {
        if streams::carrier(table).is_none() {
            return Err(
                Failure::usage(format!("there is no table {table} of the vendor's")).into(),
            );
        }
    }
    pull::used(services, &source.subscription_id, Some(&source.id)).await;
    let period = order.from.zip(order.to);
    let period = period.map(|(from, to)| Period { from, to });
    let documents = order.tables.iter().any(|table| table == pull::DOCUMENTS);
    let only_details = documents && order.tables.len() == 1;
    if documents || order.cost {
        let cost = pull::details_cost(services, &source.id, period).await;
        let cost = cost.map_err(failed)?;
        output.say(format!(
            "The details of {} are not known: {}, {} at least.",
            counted(cost.calls, "document"),
            counted(cost.calls, "call"),
            counted(cost.minutes, "minute")
        ));
        if cost.unreadable > 0 {
            output.say(format!(
                "Passed by: {} with something in the place of the id that is no number.",
                counted(cost.unreadable, "document")
            ));
        }
        if order.cost {
            output.result(&json!({ "calls": cost.calls, "minutes": cost.minutes, "unreadable": cost.unreadable }));
            return Ok(Ending::Done);
        }
    }
    interrupt::heed(services, output)?;
    let bar = output.waiting("reading");
    let watch: Watch = {
        let bar = bar.clone();
        Arc::new(move |table, loaded| {
            bar.set_message(format!("{table}: {} rows new or changed", loaded.total()));
        })
    };
    let finished = match period {
        Some(_) if only_details => details(services, &source.id, period, &watch).await,
        Some(period) => {
            let ordered = Ordered {
                from: period.from,
                to: period.to,
                tables: order.tables,
                actor: Actor::CommandLine,
            };
            history(services, &source.id, ordered, &watch).await
        }
        None => {
            let tables = match order.tables.is_empty() {
                true => all_that_are_on(services, &source.id).await?,
                false => order.tables,
            };
            now(services, &source.id, tables, None, &watch).await
        }
    };
    bar.finish_and_clear();
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return Err(failed_at(services, &source, error).await),
    };
    journal::relay(services, &source.subscription_id).await?;
    if finished.state == RunState::Running && services.stop.is_asked() {
        say_rows(&finished, output);
        return Err(interrupted(
            services,
            &source.id,
            &finished.run,
            period.is_some() && !only_details,
        )
        .await
        .map_err(failed)?
        .into());
    }
    tell(&finished, output)
}

async fn all_that_are_on(
    services: &Services,
    source: &wynos::SourceId,
) -> anyhow::Result<Vec<String>> {
    let sources = services.control.sources(source.subscription());
    let tables = sources.tables(source).await?.into_iter();
    let read = tables.filter(|table| table.enabled && pull::is_read(&table.table_name));
    Ok(read.map(|table| table.table_name).collect())
}

async fn details(
    services: &Services,
    source: &wynos::SourceId,
    period: Option<Period>,
    watch: &Watch,
) -> Result<Finished, PullError> {
    let run = pull::begin_details(services, source, period, Actor::CommandLine).await?;
    now(services, source, Vec::new(), Some(run.id), watch).await
}

async fn now(
    services: &Services,
    source: &wynos::SourceId,
    tables: Vec<String>,
    run: Option<RunId>,
    watch: &Watch,
) -> Result<Finished, PullError> {
    let mut options = Options {
        deadline: None,
        tables,
        run,
        actor: Actor::CommandLine,
        watch: Some(Arc::clone(watch)),
    };
    let mut all: Option<Finished> = None;
    for _ in 0..CONTINUATIONS {
        let finished = match pull::run(services, source, options.clone()).await {
            // A worker has the source meanwhile; what is left of this run is read after it.
            Err(PullError::Busy) if options.run.is_some() => {
                if services.stop.is_asked() {
                    break;
                }
                interrupt::wait(services, BETWEEN).await;
                continue;
            }
            finished => finished?,
        };
        options.run = Some(finished.run.clone());
        let finished = together(all.take(), finished);
        if finished.state != RunState::Running {
            return Ok(finished);
        }
        all = Some(finished);
        if services.stop.is_asked() {
            break;
        }
        interrupt::wait(services, BETWEEN).await;
    }
    match (all, options.run) {
        (Some(all), _) => Ok(all),
        // Its source was not free: the run is given up as one that had begun.
        (None, Some(run)) if services.stop.is_asked() => Ok(Finished {
            run,
            state: RunState::Running,
            loaded: Loaded::default(),
            failures: BTreeMap::new(),
            left_out: BTreeMap::new(),
        }),
        (None, _) => Err(PullError::Busy),
    }
}

async fn history(
    services: &Services,
    source: &wynos::SourceId,
    ordered: Ordered,
    watch: &Watch,
) -> Result<Finished, PullError> {
    let run = pull::order(services, source, ordered).await?;
    let mut all: Option<Finished> = None;
    for _ in 0..CONTINUATIONS {
        let watch = Some(Arc::clone(watch));
        let finished = match pull::history(services, source, &run.id, None, watch).await {
            // A worker has taken up what is left of this run, or has the source for another one.
            Err(PullError::Busy) if all.is_some() => {
                if services.stop.is_asked() {
                    break;
                }
                interrupt::wait(services, BETWEEN).await;
                continue;
            }
            finished => finished?,
        };
        let finished = together(all.take(), finished);
        if finished.state != RunState::Running {
            return Ok(finished);
        }
        all = Some(finished);
        if services.stop.is_asked() {
            break;
        }
        interrupt::wait(services, BETWEEN).await;
    }
    all.ok_or(PullError::Busy)
}

fn together(before: Option<Finished>, mut now: Finished) -> Finished {
    if let Some(before) = before {
        for (table, rows) in before.loaded.rows {
            *now.loaded.rows.entry(table).or_default() += rows;
        }
        now.loaded.gone += before.loaded.gone;
        now.loaded.parked += before.loaded.parked;
    }
    now
}

/// Notes what becomes of a run that was interrupted, and says it.
async fn interrupted(
    services: &Services,
    source: &wynos::SourceId,
    run: &RunId,
    is_history: bool,
) -> Result<Interrupted, PullError> {
    if is_history {
        pull::stand_still(services, source, run).await?;
        return Ok(Interrupted::new(
            "Interrupted. What came stays, and the source is free. The rest of the period waits: `wynos serve` goes on with it, \
             and `wynos job list` shows how far it is.",
        ));
    }
    pull::give_up(services, source, run).await?;
    Ok(Interrupted::new(
        "Interrupted. What came stays, and the source is free: the next pull goes on from there.",
    ))
}

fn say_rows(finished: &Finished, output: Output) {
    for (table, rows) in &finished.loaded.rows {
        output.say(format!("{table}: {rows} rows new or changed"));
    }
}

fn tell(finished: &Finished, output: Output) -> anyhow::Result<Ending> {
    say_rows(finished, output);
    for (table, code) in &finished.failures {
        let why = journal::reason(Locale::En, code, None);
        match finished.left_out.get(table) {
            Some(days) => {
                let days: Vec<_> = days
                    .iter()
                    .map(|(from, to)| format!("{from} to {to}"))
                    .collect();
                let days = days.join(", ");
                output.say(format!("{table} could not be read for {days}: {why}"));
            }
            None => output.say(format!("{table} could not be read: {why}")),
        }
    }
    let loaded = &finished.loaded;
    output.say(format!(
        "{} rows new or changed, {} gone, {} set aside.",
        loaded.total(),
        loaded.gone,
        loaded.parked
    ));
    output.result(&json!({
        "id": finished.run, "state": finished.state.as_str(), "tables": loaded.rows,
        "gone": loaded.gone, "parked": loaded.parked, "failures": finished.failures,
        "left_out": finished.left_out,
    }));
    match finished.state {
        RunState::Done if loaded.parked == 0 => Ok(Ending::Done),
        RunState::Failed => {
            let code = finished
                .failures
                .values()
                .next()
                .map_or("pull.internal", String::as_str);
            Err(Failure::new("pull.failed", journal::reason(Locale::En, code, None)).into())
        }
        _ => Ok(Ending::WithProblems),
    }
}

/// The same as [`failed`], of a source: where somebody else works on it, until when.
pub(crate) async fn failed_at(
    services: &Services,
    source: &Source,
    error: PullError,
) -> anyhow::Error {
    let PullError::Busy = error else {
        return failed(error);
    };
    let held = services.control.source(&source.id).await.ok();
    let Some(until) = held.and_then(|held| held.lease_until) else {
        return failed(error);
    };
    let business = services.control.subscription(&source.subscription_id).await;
    let zone = business.map_or(chrono_tz::Tz::UTC, |business| zone_of(&business));
    let details = json!({ "until": moment(until, zone) });
    let words = journal::reason(Locale::En, "pull.busy-until", Some(&details));
    Failure::new(error.code(), words).into()
}

/// An error of reading a source in words for the person who gave the command.
pub(crate) fn failed(error: PullError) -> anyhow::Error {
    let code = error.code();
    let details = match &error {
        PullError::TooFarBack { from } => json!({ "from": from.to_string() }),
        PullError::Table { table } => json!({ "table": table }),
        _ => json!({}),
    };
    let words = journal::reason(Locale::En, code, Some(&details));
    match error {
        PullError::TooFarBack { .. } | PullError::Period | PullError::Table { .. } => {
            Failure::usage(words).into()
        }
        PullError::Control(_)
        | PullError::Warehouse(_)
        | PullError::Queue(_)
        | PullError::State(_) => anyhow::Error::from(error),
        _ => Failure::new(code, words).into(),
    }
}
