use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value as Json, json};
use wynos::{
    SubscriptionId,
    control::{Cursor, JobKind, JobRunState, PlannedJob},
    retention::{self, RetentionError},
    services::Services,
    warehouse::SweptRows,
};

use crate::{
    args::Retention,
    commands::{job, known_subscription, zone_of},
    failure::{Ending, Failure},
    output::Output,
};

/// Subscriptions and jobs asked for at a time.
const PAGE: usize = 200;

/// Runs the jobs that remove old rows, or shows what they would remove.
pub(crate) async fn run(
    services: &Services,
    wanted: Retention,
    output: Output,
) -> anyhow::Result<Ending> {
    let mut told = Vec::new();
    let mut all_done = true;
    for subscription in subscriptions(services, &wanted).await? {
        for planned in jobs(services, &subscription, &wanted).await? {
            if wanted.dry_run {
                told.push(show(services, &planned, output).await?);
                continue;
            }
            let run = job::run_until_over(services, &subscription, &planned.id, None, output);
            let run = run.await?;
            all_done &= run.state == JobRunState::Done;
            output.say(format!(
                "{}  {}  {} rows",
                planned.id, run.state, run.row_count
            ));
            for (table, rows) in &run.counts {
                output.say(format!("  {table}  {rows}"));
            }
            told.push(json!({
                "job": planned.id, "subscription": subscription, "state": run.state, "rows": run.row_count,
                "counts": run.counts, "failure": run.failure_code,
            }));
        }
    }
    if told.is_empty() {
        output.say("There are no jobs that remove old rows; `wynos job add retention --older-than-days N` makes one.");
    }
    output.result(&json!({ "dry_run": wanted.dry_run, "jobs": told }));
    if all_done {
        Ok(Ending::Done)
    } else {
        Ok(Ending::WithProblems)
    }
}

async fn subscriptions(
    services: &Services,
    wanted: &Retention,
) -> anyhow::Result<Vec<SubscriptionId>> {
    if let Some(subscription) = &wanted.subscription {
        return Ok(vec![known_subscription(services, subscription).await?.id]);
    }
    let house = services.control.housekeeping();
    let mut all: Vec<SubscriptionId> = Vec::new();
    loop {
        let page = house.subscriptions(all.last(), PAGE).await?;
        let is_last = page.len() < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// The jobs that are meant: the one named, or all that are not paused.
async fn jobs(
    services: &Services,
    subscription: &SubscriptionId,
    wanted: &Retention,
) -> anyhow::Result<Vec<PlannedJob>> {
    let planned = services.control.planned_jobs(subscription);
    let mut found = Vec::new();
    let mut from: Option<Cursor> = None;
    loop {
        let page = planned.list(from.as_ref(), PAGE).await?;
        found.extend(page.items.into_iter().filter(|job| {
            job.kind == JobKind::Retention
                && match &wanted.job {
                    Some(id) => job.id == *id,
                    None => job.paused_at.is_none(),
                }
        }));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    match &wanted.job {
        Some(id) if found.is_empty() => {
            let message = format!("there is no job {id} that removes old rows");
            Err(Failure::usage(message).into())
        }
        _ => Ok(found),
    }
}

async fn show(services: &Services, job: &PlannedJob, output: Output) -> anyhow::Result<Json> {
    let business = known_subscription(services, &job.subscription_id).await?;
    let zone = zone_of(&business);
    let (before, tables) = match retention::preview_job(services, job).await {
        Err(error @ RetentionError::Table { .. }) => {
            return Err(Failure::new("retention_table", error.to_string()).into());
        }
        other => other?,
    };
    output.say(format!(
        "{}  {}: rows received before {}",
        job.id,
        job.name,
        day(before, zone)
    ));
    for swept in &tables {
        output.say(format!(
            "  {}  {} rows, received {} to {}",
            swept.table,
            swept.rows,
            day(swept.oldest, zone),
            day(swept.newest, zone)
        ));
    }
    if tables.is_empty() {
        output.say("  nothing");
    }
    let tables: Vec<Json> = tables.iter().map(described).collect();
    Ok(json!({
        "job": job.id, "subscription": job.subscription_id, "before": before, "tables": tables,
    }))
}

fn described(swept: &SweptRows) -> Json {
    json!({
        "table": swept.table, "rows": swept.rows, "oldest": swept.oldest, "newest": swept.newest,
    })
}

/// The day that it was in the business's zone.
fn day(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).date_naive().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_as_it_was_in_the_businesss_zone() {
        let late: DateTime<Utc> = "2026-03-01T23:30:00Z".parse().unwrap();
        assert_eq!(day(late, Tz::Europe__Warsaw), "2026-03-02");
        assert_eq!(day(late, Tz::America__Santiago), "2026-03-01");
    }
}
