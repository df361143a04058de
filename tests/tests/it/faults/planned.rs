//! Planned work that needs the vendor: a report that is refreshed, a comparison that mends.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use chrono::{NaiveDate, TimeDelta};
use wynos::{
    SourceId,
    control::{Actor, JobRunState, PlannedJob, ReportKind},
    jobs as work,
    planner::{self, Period},
    yclients::{
        client::Vendor,
        pull::{self, Ordered},
        reports::{self, Definition, ReportOrder, Target},
        selection,
    },
};
use wynos_sandbox::{Running, Sandbox};
use wynos_tests::stack::{Database, Stack};

use super::Harness;
use crate::pull::{connect, small, with_vendor};

/// A vendor that all runs ask, and the source that is connected to it.
pub(crate) struct World {
    pub(crate) sandbox: Running,
    pub(crate) vendor: Vendor,
    pub(crate) source: SourceId,
}

/// Connects a source of a business with so many records; only these tables of it are read.
pub(crate) async fn world(stack: &Stack, records: usize, tables: &[&str]) -> Result<World> {
    let mut options = small(records, "");
    options.clock = stack.clock.clone();
    let sandbox = Sandbox::start(options).await?;
    let services = with_vendor(stack.services(), &sandbox);
    stack.reach(services.vendor.clone());
    let company = *sandbox.companies().first().context("a company")?;
    let source = connect(&services, &stack.shop, company).await;
    let known = services.control.sources(&stack.shop);
    for table in known.tables(&source).await? {
        if !tables.contains(&table.table_name.as_str()) {
            let by = stack.actor();
            selection::set_enabled(&services, &source, &table.table_name, false, by).await?;
        }
    }
    Ok(World {
        sandbox,
        vendor: services.vendor,
        source,
    })
}

/// The days up to today, at the vendor.
pub(crate) fn last_days(stack: &Stack, days: i64) -> (NaiveDate, NaiveDate) {
    let zone = chrono_tz::Europe::Moscow;
    let today = stack.clock.now().with_timezone(&zone).date_naive();
    (today - TimeDelta::days(days - 1), today)
}

/// Loads these days of the tables that are read.
pub(crate) async fn load(stack: &Stack, world: &World, days: (NaiveDate, NaiveDate)) -> Result<()> {
    let ordered = Ordered {
        from: days.0,
        to: days.1,
        tables: Vec::new(),
        actor: Actor::System,
    };
    pull::order(&stack.services(), &world.source, ordered).await?;
    stack.drain().await?;
    put_off(stack, &world.source).await?;
    stack.clock.advance(TimeDelta::minutes(1));
    Ok(())
}

/// No table is read by itself from now on: when one is due next does not follow from what a test is about.
pub(crate) async fn put_off(stack: &Stack, source: &SourceId) -> Result<()> {
    let services = stack.services();
    let mut tx = services.control.begin().await?;
    tx.sources(&stack.shop).set_due(source, &[], None).await?;
    Ok(tx.commit().await?)
}

pub(crate) async fn run_now(stack: &Stack, job: &PlannedJob, period: Option<Period>) -> Result<()> {
    let by = stack.actor();
    planner::run_now(&stack.services(), &stack.shop, &job.id, period, &by).await?;
    Ok(())
}

/// The jobs of the business, by name.
pub(crate) async fn jobs(stack: &Stack) -> Result<Vec<PlannedJob>> {
    let services = stack.services();
    let mut jobs = services
        .control
        .planned_jobs(&stack.shop)
        .list(None, 50)
        .await?
        .items;
    jobs.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(jobs)
}

/// Whether the last run of a job was done. Who looks tries again as well.
async fn is_done(stack: &Stack, job: &PlannedJob) -> Result<()> {
    let runs = stack.insist("the runs of a job", async |services| {
        let jobs = services.control.planned_jobs(&stack.shop);
        jobs.runs(&job.id, None, 1).await
    });
    let runs = runs.await?.items;
    let last = runs.first().context("a run")?;
    ensure!(last.state == JobRunState::Done, "{last:?}");
    Ok(())
}

const MONEY: &str = "yclients_finance_transactions";

/// A source whose copy was corrupted, and a comparison of it that was asked for.
async fn corrupted(stack: &Stack) -> Result<Arc<(World, PlannedJob)>> {
    let world = world(stack, 1_500, &[MONEY]).await?;
    let days = last_days(stack, 7);
    load(stack, &world, days).await?;
    let first = format!("(SELECT min(id) FROM @{MONEY})");
    let second = format!("(SELECT min(id) FROM @{MONEY} WHERE id > {first})");
    stack
        .tamper(&[
            format!("UPDATE @{MONEY} SET id = 999000222 WHERE id = {second}"),
            format!("UPDATE @{MONEY} SET amount = amount + 5 WHERE id = {first}"),
            format!("DELETE FROM @{MONEY} WHERE id = (SELECT max(id) FROM @{MONEY} WHERE id < 999000222)"),
        ])
        .await?;
    let all = jobs(stack).await?;
    let job = all.first().context("the nightly job")?.clone();
    let (from, to) = days;
    run_now(stack, &job, Some(Period { from, to })).await?;
    Ok(Arc::new((world, job)))
}

/// What was corrupted is mended, and told once with the same totals, whatever fails on the way.
async fn mended(database: Database) {
    let scenario = async |stack: &Stack, made: &Arc<(World, PlannedJob)>| {
        stack.reach(made.0.vendor.clone());
        stack.drain().await?;
        // What is to be told is relayed by the housekeeping, which tries again a minute later.
        stack.drain().await?;
        is_done(stack, &made.1).await
    };
    let harness = Harness {
        database,
        before: corrupted,
        scenario,
    };
    let end = harness.prove().await;
    assert!(end.count(&format!("shop: row of {MONEY} deleted=false")) > 3);
    assert_eq!(end.count(&format!("shop: row of {MONEY} deleted=true")), 1);
    assert!(end.count("shop: difference") >= 4);
    assert_eq!(end.count("shop: compared day"), 7);
    assert_eq!(end.count("shop: journal reconciliation.done"), 1);
    assert_eq!(end.count("shop: journal job.done"), 1);
}

/// A report with lines that was refreshed once; since then things happened at the vendor, and it was asked for again.
async fn outdated(stack: &Stack) -> Result<Arc<(World, PlannedJob)>> {
    let world = world(stack, 300, &[]).await?;
    stack.drain().await?;
    let services = stack.services();
    let yaml = "tables:\n  - name: visits\n    columns:\n      - { name: id, path: id, type: integer, key: true }\n\
                \x20     - { name: comment, path: comment, type: text }\n  - name: visit_goods\n    parent: visits\n\
                \x20   rows: consumables[]\n    columns:\n\
                \x20     - { name: line, path: $line, type: integer, key: true }\n\
                \x20     - { name: amount, path: amount, type: decimal(6) }\n";
    let order = ReportOrder {
        name: "Visits".to_owned(),
        source: world.source.clone(),
        kind: ReportKind::Consumables,
        definition: Definition {
            fields: Vec::new(),
            target: Target::Description {
                yaml: yaml.to_owned(),
            },
        },
        period: "last 3 days"
            .parse()
            .unwrap_or(planner::PeriodRule::LastDays(3)),
        schedule: None,
    };
    let by = stack.actor();
    let (_, visits) = reports::add(&services, &stack.shop, order, None, &by).await?;
    run_now(stack, &visits, None).await?;
    stack.drain().await?;
    is_done(stack, &visits).await?;
    world.sandbox.step(60, 3_600);
    stack.clock.advance(TimeDelta::hours(1));
    run_now(stack, &visits, None).await?;
    Ok(Arc::new((world, visits)))
}

/// A report is refreshed once, with its lines, and leaves nothing half done, whatever fails on the way.
async fn refreshed(database: Database) {
    let scenario = async |stack: &Stack, made: &Arc<(World, PlannedJob)>| {
        stack.reach(made.0.vendor.clone());
        stack.drain().await?;
        // What is to be told is relayed by the housekeeping; where it failed to, the next one does.
        let _ = work::housekeep(&stack.services()).await;
        is_done(stack, &made.1).await
    };
    let harness = Harness {
        database,
        before: outdated,
        scenario,
    };
    let end = Box::pin(harness.prove()).await;
    for table in ["visits", "visit_goods"] {
        assert!(
            end.has(&format!("shop: row of {table} deleted=false")),
            "{table}"
        );
    }
    assert!(end.has("shop: staged rows: 0"), "something is left staged");
    assert_eq!(end.count("shop: journal job.done"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_corrupted_is_mended_once_on_sqlite() {
    mended(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_corrupted_is_mended_once_on_postgres() {
    mended(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_refreshed_once_on_sqlite() {
    Box::pin(refreshed(Database::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_refreshed_once_on_postgres() {
    Box::pin(refreshed(Database::Postgres)).await;
}
