use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use wynos::{
    catalog,
    control::Actor,
    planner::{self, JobSettings, NewJob, RetentionSettings},
    warehouse::{Admit, Children, Load, Rows, Rule, Value, Write},
};
use wynos_tests::stack::{Database, Stack};

use super::Harness;
use crate::hooks::{COMPANY, connect};

/// Records that are there; more than one commit removes.
const RECORDS: i64 = 1_300;

/// Records with a line each, received long ago, and a job that is asked to remove them.
async fn old_records(stack: &Stack) -> Result<()> {
    let source = connect(stack, COMPANY).await?;
    let (mut records, mut lines) = (Rows::new(1), Rows::new(2));
    for id in 1..=RECORDS {
        records.push_values(&[Value::Integer(id)]);
        lines.push_values(&[Value::Integer(id), Value::Integer(1)]);
    }
    let table = |name| catalog::table(name).map(Arc::clone).context("the table");
    let admit = Admit {
        table: table("yclients_records")?,
        source_id: source.id.to_string(),
        columns: vec!["id".to_owned()],
        rows: records,
        rule: Rule::Newest,
        undo: None,
        personal_data_event: None,
        children: vec![Children {
            table: table("yclients_record_labels")?,
            columns: ["record_id", "line"].map(str::to_owned).to_vec(),
            rows: lines,
            counts: (0..RECORDS).map(|_| Some(1)).collect(),
        }],
        filter: None,
    };
    let services = stack.services();
    let load = Load {
        origin: "pull",
        run: "run".to_owned(),
        observed_at: services.clock.now() - TimeDelta::days(100),
        writes: vec![Write::Admit(admit)],
        quota: None,
    };
    services.warehouses.open(&stack.shop).commit(load).await?;
    let new = NewJob {
        name: "Old".to_owned(),
        source: Some(source.id.to_string()),
        settings: JobSettings::Retention(RetentionSettings {
            older_than_days: 90,
            tables: Vec::new(),
        }),
        schedule: None,
    };
    let by = Actor::System;
    let job = planner::add(&services, &stack.shop, new, &by).await?;
    planner::run_now(&services, &stack.shop, &job.id, None, &by).await?;
    Ok(())
}

/// What is old goes once, with its lines, and the numbers told are right, whatever fails on the way.
async fn removed(database: Database) {
    let scenario = async |stack: &Stack, (): &()| stack.drain().await;
    let harness = Harness {
        database,
        before: old_records,
        scenario,
    };
    let end = harness.prove().await;
    assert!(!end.has("shop: row of yclients_records"));
    assert!(!end.has("shop: row of yclients_record_labels"));
    assert!(end.has("shop: journal job.done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_are_removed_once_on_sqlite() {
    removed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_are_removed_once_on_postgres() {
    removed(Database::Postgres).await;
}
