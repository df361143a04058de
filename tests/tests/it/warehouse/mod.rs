//! The contract of a warehouse: every test runs on a SQLite file and on PostgreSQL.

mod absence;
mod admission;
mod bi_login;
mod children;
mod crashes;
mod documents;
mod exact;
mod filters;
mod internal_tables;
mod isolation;
mod places;
mod questions;
mod quota;
mod tables;
mod undo;
mod unreadable;
mod views;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use wynos::{
    catalog::Table,
    warehouse::{
        Admit, Committed, Load, Outcome, Rows, Rule, Scan, Snapshot, Value, Warehouse, Write,
    },
};

/// Runs each test on both databases.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($place:ident: &$kind:ty) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                async fn run($place: &$kind) $body

                $(#[$attribute])*
                #[tokio::test]
                async fn sqlite() {
                    let place = $crate::warehouse::places::Place::sqlite();
                    run(&place).await;
                }

                $(#[$attribute])*
                #[tokio::test]
                async fn postgres() {
                    let place = $crate::warehouse::places::Place::postgres().await;
                    run(&place).await;
                }
            }
        )+
    };
}
use on_both;

/// An instant, from its RFC 3339 text.
fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// An instant of one day, from its hour.
fn hour(hour: u32) -> DateTime<Utc> {
    at(&format!("2026-05-01T{hour:02}:00:00Z"))
}

/// Rows of these values.
fn rows<const N: usize>(values: &[[Value; N]]) -> Rows {
    let mut rows = Rows::new(N);
    for row in values {
        rows.push_values(row);
    }
    rows
}

/// An admission of the shop's own rows.
fn admit<const N: usize>(
    table: &Arc<Table>,
    rule: Rule,
    columns: [&str; N],
    values: &[[Value; N]],
) -> Admit {
    Admit {
        table: Arc::clone(table),
        source_id: "local".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows(values),
        rule,
        undo: None,
        personal_data_event: None,
        children: Vec::new(),
        filter: None,
    }
}

/// A load of these writes, observed at this time.
fn load(observed_at: DateTime<Utc>, writes: Vec<Write>) -> Load {
    Load {
        origin: "import",
        run: "run-1".to_owned(),
        observed_at,
        writes,
        quota: None,
    }
}

/// Commits one admission; its outcomes.
async fn commit(warehouse: &Warehouse, observed_at: DateTime<Utc>, admit: Admit) -> Vec<Outcome> {
    let done = committed(warehouse, observed_at, admit).await;
    done.admitted.into_iter().next().unwrap()
}

/// Commits one admission.
async fn committed(warehouse: &Warehouse, observed_at: DateTime<Utc>, admit: Admit) -> Committed {
    let load = load(observed_at, vec![Write::Admit(admit)]);
    warehouse.commit(load).await.unwrap()
}

/// Every row a scan gives.
async fn read_from(snapshot: &Snapshot, scan: Scan) -> Vec<Vec<Value>> {
    let batches: Vec<Rows> = snapshot
        .scan(scan)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let values = batches
        .iter()
        .flat_map(Rows::iter)
        .map(|row| row.values().map(|value| value.to_owned()).collect());
    values.collect()
}

/// Every row a scan of the warehouse as it is now gives.
async fn read(warehouse: &Warehouse, scan: Scan) -> Vec<Vec<Value>> {
    let snapshot = warehouse.snapshot().await.unwrap();
    read_from(&snapshot, scan).await
}

/// Everything the warehouse holds of a table: all stored columns, tombstones too.
async fn everything(warehouse: &Warehouse, table: &Arc<Table>) -> Vec<Vec<Value>> {
    let columns = table.stored_columns().map(|column| column.name.to_string());
    let scan = Scan::of(table).columns(columns).with_deleted();
    read(warehouse, scan).await
}
