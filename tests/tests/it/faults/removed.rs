//! What is removed with its rows goes once and wholly, whatever fails on the way, and nothing else goes with it.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use serde_json::json;
use wynos::{
    SourceId, catalog,
    control::{
        Actor, ControlError, JobKind, NewReport, PlannedJob, Report, ReportId, ReportKind, RowsLeft,
    },
    planner::{self, JobSettings, NewJob, PeriodRule, RetentionSettings},
    services::Services,
    warehouse::{Admit, Load, Rows, Rule, Value, Write},
    yclients::{
        connect,
        reports::{self, Definition, RemovedRows, ReportError, ReportOrder, Target},
    },
};
use wynos_tests::stack::{Database, Stack, State};

use super::{
    Harness,
    planned::{jobs, run_now, world},
};
use crate::hooks;

/// The tables of the report that goes.
const TABLES: [&str; 2] = ["visits", "visit_goods"];
/// What they are.
const VISITS: &str = "tables:\n  - name: visits\n    columns:\n      - { name: id, path: id, type: integer, key: true }\n\
                      \x20 - name: visit_goods\n    parent: visits\n    rows: consumables[]\n    columns:\n\
                      \x20     - { name: line, path: $line, type: integer, key: true }\n";
/// A table of another report of the source.
const OTHERS: &str = "tables:\n  - name: others\n    columns:\n      - { name: id, path: id, type: integer, key: true }\n";
/// A company that the simulated vendor does not have.
const OTHER_COMPANY: i64 = 9_000_001;
/// Until what was on its way has ended, and a lease has run out.
const LATER: TimeDelta = TimeDelta::minutes(6);
/// A round that breaks off leaves its lease behind: the next one does what it left.
const ROUNDS: usize = 2;
/// A clearing that breaks off cannot tell any more what it erased until then.
const ERASED: [&str; 1] = ["shop: journal source.cleared"];

/// A source with two reports that were refreshed.
struct Reported {
    source: SourceId,
    visits: ReportId,
}

/// Makes a report of these tables and refreshes it.
async fn report(stack: &Stack, source: &SourceId, name: &str, yaml: &str) -> Result<ReportId> {
    let order = ReportOrder {
        name: name.to_owned(),
        source: source.clone(),
        kind: ReportKind::Consumables,
        definition: Definition {
            fields: Vec::new(),
            target: Target::Description {
                yaml: yaml.to_owned(),
            },
        },
        period: PeriodRule::LastDays(30),
        schedule: Some("daily at 03:30".parse()?),
    };
    let (services, by) = (stack.services(), stack.actor());
    let added = Box::pin(reports::add(&services, &stack.shop, order, None, &by)).await;
    let (report, job) = added?;
    run_now(stack, &job, None).await?;
    stack.drain().await?;
    Ok(report.id)
}

/// Connects a source and makes its reports. Nobody asks the vendor after that.
async fn reported(stack: &Stack) -> Result<Reported> {
    let world = world(stack, 300, &[]).await?;
    stack.drain().await?;
    let visits = report(stack, &world.source, "Visits", VISITS).await?;
    report(stack, &world.source, "Others", OTHERS).await?;
    let state = stack.state().await?;
    for table in ["visits", "visit_goods", "others"] {
        let row = format!("shop: row of {table} deleted=false");
        ensure!(state.has(&row), "{table} is empty");
    }
    Ok(Reported {
        source: world.source,
        visits,
    })
}

/// Removes a report as a person does who got no answer: they look before asking again.
async fn remove_report(
    services: &Services,
    stack: &Stack,
    id: &ReportId,
    rows: RemovedRows,
) -> Result<(), ReportError> {
    let all = services.control.reports(&stack.shop);
    let left = match all.get(id).await {
        Ok(_) => None,
        Err(ControlError::NotFound { .. }) => {
            let removed = all.removed().await?;
            let found = removed.iter().find(|report| report.id == *id);
            Some(found.and_then(Report::rows_left).unwrap_or(RowsLeft::Gone))
        }
        Err(error) => return Err(error.into()),
    };
    let is_open = match left {
        None => true,
        Some(left) => left == RowsLeft::Kept && rows == RemovedRows::Deleted,
    };
    if is_open {
        let by = Actor::System;
        Box::pin(reports::remove(services, &stack.shop, id, rows, &by)).await?;
    }
    Ok(())
}

/// Clears up as the housekeeping does.
async fn clear_up(stack: &Stack) -> Result<()> {
    for _ in 0..ROUNDS {
        stack.clock.advance(LATER);
        let of_sources =
            async |services: Services| Box::pin(connect::clear_removed(&services)).await;
        stack.insist("clearing sources", of_sources).await?;
        let of_reports =
            async |services: Services| Box::pin(reports::clear_removed(&services)).await;
        stack.insist("clearing reports", of_reports).await?;
    }
    Ok(())
}

/// Which of these tables are in the warehouse.
async fn there<'a>(stack: &Stack, names: &[&'a str]) -> Result<Vec<&'a str>> {
    let warehouse = stack.services().warehouses.open(&stack.shop);
    let snapshot = warehouse.snapshot().await?;
    let tables = snapshot.tables().await?;
    let found = names.iter().filter(|name| tables.contains(**name));
    Ok(found.copied().collect())
}

/// Whether these tables are gone, and a new report could have their names.
async fn are_free(stack: &Stack, source: &SourceId, names: &[&str]) -> Result<()> {
    let left = there(stack, names).await?;
    ensure!(left.is_empty(), "{left:?} are still there");
    let new = NewReport {
        source_id: source.to_string(),
        kind: ReportKind::Consumables,
        name: "Again".to_owned(),
        definition: json!({}),
        known_paths: json!({}),
        tables: names
            .iter()
            .map(|name| ((*name).to_owned(), json!({})))
            .collect(),
    };
    let services = stack.services();
    let (by, now) = (Actor::System, services.clock.now());
    let mut tx = services.control.begin().await?;
    let again = tx.reports(&stack.shop).create(&new, &by, now).await;
    again.context("the names are taken")?;
    Ok(tx.rollback().await?)
}

/// A removed report's rows go once, now or after they were kept, and those of another one stay.
async fn without_report(database: Database, kept: bool) {
    let scenario = async |stack: &Stack, made: &Reported| {
        let remove = async |rows: RemovedRows| {
            let attempt = async |services: Services| {
                remove_report(&services, stack, &made.visits, rows).await
            };
            stack.insist("removing the report", attempt).await
        };
        if kept {
            remove(RemovedRows::Kept).await?;
            let _looking = stack.faults.aside();
            let left = there(stack, &TABLES).await?;
            ensure!(left == TABLES, "only {left:?} are there");
        }
        remove(RemovedRows::Deleted).await?;
        clear_up(stack).await?;
        let _looking = stack.faults.aside();
        let all = jobs(stack).await?;
        let left = all.iter().filter(|job| job.kind == JobKind::Report);
        let left: Vec<&str> = left.map(|job| job.name.as_str()).collect();
        ensure!(left == ["Others"], "jobs of {left:?} are left");
        are_free(stack, &made.source, &TABLES).await
    };
    let harness = Harness {
        database,
        before: reported,
        scenario,
    };
    let end = Box::pin(harness.prove()).await;
    assert!(end.has("shop: row of others deleted=false"));
    assert_eq!(end.count("shop: journal report.removed "), 1);
    let given_up = end.count("shop: journal report.rows-given-up ");
    assert_eq!(given_up, usize::from(kept));
    assert_eq!(end.count("shop: journal report.cleared "), 1);
}

/// A source with reports and jobs, and another one.
struct Sources {
    gone: SourceId,
    other: SourceId,
}

/// Gives a source so many records, and a job that takes old ones.
async fn furnish(stack: &Stack, source: &SourceId, records: i64) -> Result<()> {
    let mut rows = Rows::new(1);
    for id in 1..=records {
        rows.push_values(&[Value::Integer(id)]);
    }
    let table = catalog::table("yclients_records").context("the table")?;
    let admit = Admit {
        table: Arc::clone(table),
        source_id: source.to_string(),
        columns: vec!["id".to_owned()],
        rows,
        rule: Rule::Newest,
        undo: None,
        personal_data_event: None,
        children: Vec::new(),
        filter: None,
    };
    let services = stack.services();
    let load = Load {
        origin: "pull",
        run: "run".to_owned(),
        observed_at: services.clock.now(),
        writes: vec![Write::Admit(admit)],
        quota: None,
    };
    services.warehouses.open(&stack.shop).commit(load).await?;
    let new = NewJob {
        name: "Old".to_owned(),
        source: Some(source.to_string()),
        settings: JobSettings::Retention(RetentionSettings {
            older_than_days: 90,
            tables: Vec::new(),
        }),
        schedule: None,
    };
    planner::add(&services, &stack.shop, new, &Actor::System).await?;
    Ok(())
}

async fn two_sources(stack: &Stack) -> Result<Sources> {
    let gone = reported(stack).await?.source;
    let other = hooks::connect(stack, OTHER_COMPANY).await?.id;
    furnish(stack, &gone, 3).await?;
    furnish(stack, &other, 2).await?;
    Ok(Sources { gone, other })
}

/// While the rows of a source are kept, its reports wait and retention goes on; what reads and compares it is no more.
async fn wait(stack: &Stack, source: &SourceId) -> Result<()> {
    let _looking = stack.faults.aside();
    let all = jobs(stack).await?;
    let of_source = |job: &&PlannedJob| job.source_id.as_deref() == Some(source.as_str());
    let left: Vec<_> = all
        .iter()
        .filter(of_source)
        .map(|job| (job.name.as_str(), job.waits_for_source(), job.next_at))
        .collect();
    let expected = [
        ("Old", false, None),
        ("Others", true, None),
        ("Visits", true, None),
    ];
    ensure!(left == expected, "{left:?} are left");
    let left = there(stack, &TABLES).await?;
    ensure!(left == TABLES, "only {left:?} are there");
    Ok(())
}

/// Whether nothing is left of the one source, and the other one is as it was.
async fn is_gone(stack: &Stack, sources: &Sources) -> Result<()> {
    let _looking = stack.faults.aside();
    let services = stack.services();
    let gone = services.control.source(&sources.gone).await?;
    ensure!(gone.rows_left() == Some(RowsLeft::Gone), "{gone:?}");
    let other = services.control.source(&sources.other).await?;
    ensure!(other.rows_left().is_none(), "{other:?}");
    let left = jobs(stack).await?;
    let own: Vec<_> = left.iter().map(|job| job.source_id.as_deref()).collect();
    ensure!(own == [Some(sources.other.as_str())], "{left:?}");
    let unfinished = services.control.reports(&stack.shop).removed().await?;
    ensure!(unfinished.is_empty(), "{unfinished:?}");
    are_free(stack, &sources.gone, &["visits", "visit_goods", "others"]).await
}

/// A removed source goes once with its reports and jobs, now or after its rows were kept, and another one stays.
async fn without_source(database: Database, kept: bool) -> State {
    let scenario = async |stack: &Stack, sources: &Sources| {
        let (source, by) = (&sources.gone, Actor::System);
        let remove = async |services: Services| {
            Box::pin(connect::remove(&services, source, !kept, &by)).await
        };
        stack.insist("removing the source", remove).await?;
        if kept {
            wait(stack, source).await?;
            let give_up = async |services: Services| {
                Box::pin(connect::erase_kept(&services, source, &by)).await
            };
            stack.insist("giving up its rows", give_up).await?;
        }
        clear_up(stack).await?;
        is_gone(stack, sources).await
    };
    let harness = Harness {
        database,
        before: two_sources,
        scenario,
    };
    let end = match kept {
        false => Box::pin(harness.prove_some(&ERASED)).await,
        true => Box::pin(harness.prove_few(&ERASED)).await,
    };
    assert_eq!(end.count("shop: row of yclients_records "), 2);
    assert_eq!(end.count("shop: journal source.removed "), 1);
    // Both reports are told to be cleared.
    assert_eq!(end.count("shop: journal report.cleared "), 2);
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_goes_once_with_its_rows_on_sqlite() {
    Box::pin(without_report(Database::Sqlite, false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_goes_once_with_its_rows_on_postgres() {
    Box::pin(without_report(Database::Postgres, false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_report_kept_go_once_on_sqlite() {
    Box::pin(without_report(Database::Sqlite, true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_report_kept_go_once_on_postgres() {
    Box::pin(without_report(Database::Postgres, true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_goes_once_with_its_rows_on_sqlite() {
    let end = Box::pin(without_source(Database::Sqlite, false)).await;
    assert!(!end.has("shop: journal source.rows-given-up "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_goes_once_with_its_rows_on_postgres() {
    let end = Box::pin(without_source(Database::Postgres, false)).await;
    assert!(!end.has("shop: journal source.rows-given-up "));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_source_kept_go_once_on_sqlite() {
    let end = Box::pin(without_source(Database::Sqlite, true)).await;
    assert_eq!(end.count("shop: journal source.rows-given-up "), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_source_kept_go_once_on_postgres() {
    let end = Box::pin(without_source(Database::Postgres, true)).await;
    assert_eq!(end.count("shop: journal source.rows-given-up "), 1);
}
