use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use wynos::{
    catalog,
    control::Actor,
    planner::{self, JobSettings, NewJob, RetentionSettings},
    retention::{self, People, Person},
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

/// A customer's row and repair, and a record set aside about a client of that id.
async fn customer(stack: &Stack) -> Result<()> {
    let rows = |values: [&str; 2]| {
        let mut rows = Rows::new(2);
        rows.push_values(&values.map(Value::from));
        rows
    };
    let admit = |name: &str, columns: [&str; 2], values| {
        let table = catalog::table(name).map(Arc::clone).context("the table")?;
        anyhow::Ok(Write::Admit(Admit {
            table,
            source_id: "local".to_owned(),
            columns: columns.map(str::to_owned).into(),
            rows: rows(values),
            rule: Rule::Change,
            undo: Some("import".to_owned()),
            personal_data_event: Some("event".to_owned()),
            children: Vec::new(),
            filter: None,
        }))
    };
    let services = stack.services();
    let load = Load {
        origin: "import",
        run: "run".to_owned(),
        observed_at: services.clock.now(),
        writes: vec![
            admit("customers", ["id", "person"], ["c1", "Ola Kowalska"])?,
            admit("repairs", ["id", "customer_id"], ["r1", "c1"])?,
        ],
        quota: None,
    };
    services.warehouses.open(&stack.shop).commit(load).await?;
    Ok(())
}

/// A person is erased once and wholly, whatever fails on the way.
async fn erased(database: Database) {
    let scenario = async |stack: &Stack, (): &()| {
        let erase = async |services: wynos::services::Services| {
            let person = Person {
                people: People::Customers,
                id: "c1".to_owned(),
            };
            let by = Actor::System;
            Box::pin(retention::erase(&services, &stack.shop, &person, &by)).await
        };
        stack.insist("erasing", erase).await?;
        stack.drain().await
    };
    let harness = Harness {
        database,
        before: customer,
        scenario,
    };
    let end = harness.prove().await;
    assert!(end.has("shop: row of customers"));
    assert!(end.has("shop: journal retention.erased"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_once_on_sqlite() {
    erased(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_once_on_postgres() {
    erased(Database::Postgres).await;
}
