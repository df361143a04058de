//! Sources compared with a simulated vendor: what was corrupted, dropped or added is mended and told, and nothing else is.

mod broken_off;
mod driven;
mod gone;
mod incomplete;
mod mended;
mod removed;
mod unchecked;
mod unreadable;
mod welcome;

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use wynos::{
    control::{Actor, RunId},
    warehouse::Value,
    yclients::reconcile::{self, Difference, Finished, Ordered},
};

use crate::pull::{Bed, truth};

/// The tables that are compared.
const TABLES: [&str; 5] = [
    "yclients_records",
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_goods_transactions",
    "yclients_finance_transactions",
];

/// So many days up to today.
fn last_days(bed: &Bed, days: i64) -> (NaiveDate, NaiveDate) {
    let zone = chrono_tz::Europe::Moscow;
    let today = bed.stack.clock.now().with_timezone(&zone).date_naive();
    (today - TimeDelta::days(days - 1), today)
}

fn ordered((from, to): (NaiveDate, NaiveDate)) -> Ordered {
    Ordered {
        from,
        to,
        tables: Vec::new(),
        actor: Actor::System,
    }
}

/// Compares these days to the end.
async fn compare(bed: &Bed, days: (NaiveDate, NaiveDate)) -> Finished {
    let services = bed.services();
    let run = reconcile::begin(&services, &bed.source, ordered(days), RunId::random())
        .await
        .unwrap();
    reconcile::proceed(&services, &bed.source, &run.id, None, None)
        .await
        .unwrap()
}

/// Every field that differed.
async fn found(bed: &Bed, run: &RunId) -> Vec<Difference> {
    let warehouse = bed.services().warehouses.open(&bed.stack.shop);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = reconcile::differences(&warehouse, run, None, after.as_ref(), 7)
            .await
            .unwrap();
        found.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

/// The rows that differed, as `table key kind`.
fn rows_of(found: &[Difference]) -> BTreeSet<String> {
    let row = |one: &Difference| format!("{} {} {}", &one.table[9..], one.key, one.kind);
    found.iter().map(row).collect()
}

async fn assert_right(bed: &Bed) {
    let wrong = truth::differences(bed, &TABLES).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Ids of living rows of these days, with their days; in the middle of them, where no zone is in doubt.
async fn ids_of(bed: &Bed, table: &str, column: &str, days: (NaiveDate, NaiveDate)) -> Vec<i64> {
    let rows = bed.rows(table, &["id", column]).await;
    let zone = chrono_tz::Europe::Moscow;
    let ids = rows.iter().filter_map(|row| match (&row[0], &row[1]) {
        (Value::Integer(id), Value::Timestamp(at)) => {
            let day = at.with_timezone(&zone).date_naive();
            (day >= days.0 && day <= days.1).then_some(*id)
        }
        _ => None,
    });
    ids.collect()
}

/// Loads everything and lets time pass, so that what is asked for afterwards is later than what is held.
async fn load(bed: &Bed) {
    bed.pull_through().await;
    bed.history().await;
    bed.stack.clock.advance(TimeDelta::minutes(1));
}
