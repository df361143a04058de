//! Lists that were read to their end and do not hold all that there is.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use wynos::{
    control::{RunId, RunState},
    journal::{self, Category, JournalFilter},
    parked,
    warehouse::Value,
    yclients::reconcile,
};

use super::{assert_right, compare, found, last_days, load, rows_of};
use crate::pull::{Bed, instant, on_both, small};

const RECORDS: &str = "yclients_records";
/// An id that the vendor has no record of.
const FORGED: i64 = 999_000_333;

/// Ids of the records that are held of these days.
async fn by_day(bed: &Bed, days: (NaiveDate, NaiveDate)) -> BTreeMap<NaiveDate, Vec<i64>> {
    let mut held: BTreeMap<NaiveDate, Vec<i64>> = BTreeMap::new();
    for row in bed.rows(RECORDS, &["id", "datetime"]).await {
        let Value::Integer(id) = row[0] else {
            panic!("{row:?}");
        };
        let zone = chrono_tz::Europe::Moscow;
        let day = instant(&row[1]).with_timezone(&zone).date_naive();
        if day >= days.0 && day <= days.1 {
            held.entry(day).or_default().push(id);
        }
    }
    held
}

/// Makes all of these records wrong, and of one of a day with others a record that the vendor does not have.
async fn tamper(bed: &Bed, held: &BTreeMap<NaiveDate, Vec<i64>>) {
    let full = held.values().find(|ids| ids.len() > 2).unwrap();
    let ids: Vec<String> = held.values().flatten().map(ToString::to_string).collect();
    let wrong = format!(
        "UPDATE @{RECORDS} SET attendance = 7 WHERE id IN ({})",
        ids.join(", ")
    );
    let forged = format!("UPDATE @{RECORDS} SET id = {FORGED} WHERE id = {}", full[0]);
    bed.stack.tamper(&[wrong, forged]).await.unwrap();
}

/// Of days with two records and more one did not come: none is called checked, and that is told. What is held then, and how
/// many records of that are wrong still.
async fn assert_unchecked(
    bed: &Bed,
    run: &RunId,
    held: &BTreeMap<NaiveDate, Vec<i64>>,
    code: &str,
) -> (Vec<Vec<Value>>, usize) {
    let warehouse = bed.services().warehouses.open(&bed.stack.shop);
    let all = reconcile::days(&warehouse, run, None, 1_000).await.unwrap();
    let of_day = |day: NaiveDate| {
        let mut own = all.iter().filter(|one| one.table == RECORDS);
        own.find(|one| one.day == day).unwrap()
    };
    for (day, _) in held.iter().filter(|(_, ids)| ids.len() > 1) {
        let day = of_day(*day);
        assert_eq!((day.checked, day.reason.as_deref()), (false, Some(code)));
        assert_eq!((day.rows_held, day.rows_vendor), (0, 0));
    }
    let rows = bed.rows(RECORDS, &["id", "attendance"]).await;
    let is_wrong = |id: i64| rows.contains(&vec![Value::Integer(id), Value::Integer(7)]);
    let mut wrong = 0;
    for (day, ids) in held {
        let left = ids.iter().filter(|id| is_wrong(**id)).count();
        assert!(left == 0 || !of_day(*day).checked, "{day}: {left}");
        wrong += left;
    }
    journal::relay(&bed.services(), &bed.stack.shop)
        .await
        .unwrap();
    let filter = JournalFilter {
        category: Some(Category::Reconciliation),
        ..JournalFilter::default()
    };
    let services = bed.services();
    let entries = services.control.journal(&bed.stack.shop);
    let entries = entries.list(&filter, None, 200).await.unwrap().items;
    let told = |entry: &journal::Entry| {
        entry.code == "reconciliation.not-checked" && entry.details["failure"] == code
    };
    assert!(entries.iter().any(told));
    (rows, wrong)
}

/// Whether the record that the vendor does not have is held.
fn has_forged(rows: &[Vec<Value>]) -> bool {
    rows.iter().any(|row| row[0] == Value::Integer(FORGED))
}

/// The records that were called extra.
async fn extra(bed: &Bed, run: &RunId) -> Vec<String> {
    let rows = rows_of(&found(bed, run).await).into_iter();
    rows.filter(|row| row.starts_with("records ") && row.ends_with(" extra"))
        .collect()
}

on_both! {
    async fn a_list_that_ends_below_its_own_count_is_not_checked_and_proves_nothing_but_by_single_ids(bed: Bed, small(600, "")) {
        load(&bed).await;
        let days = last_days(&bed, 10);
        let held = by_day(&bed, days).await;
        tamper(&bed, &held).await;
        bed.faults("lossy=records").await;
        let done = compare(&bed, days).await;
        let code = "reconciliation.list-short";
        assert_eq!((done.state, done.summary.reason.as_deref()), (RunState::Partial, Some(code)));
        let tables = &done.summary.tables;
        assert_eq!(tables[RECORDS].reason.as_deref(), Some(code));
        for others in ["yclients_goods_transactions", "yclients_finance_transactions"] {
            assert_eq!((tables[others].checked, tables[others].not_checked), (10, 0));
        }
        // What the list left out was asked for: the vendor has it, but for the one that nobody made.
        let (rows, wrong) = assert_unchecked(&bed, &done.run, &held, code).await;
        assert_eq!((has_forged(&rows), wrong), (false, 0));
        assert_eq!(extra(&bed, &done.run).await, [format!("records {FORGED} extra")]);
        bed.faults("").await;
        bed.stack.clock.advance(TimeDelta::hours(1));
        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Done, "{:#?}", done.summary);
        assert_right(&bed).await;
        bed.end().await;
    }

    async fn a_day_with_records_that_cannot_be_made_out_is_not_checked(bed: Bed, small(600, "")) {
        load(&bed).await;
        let days = last_days(&bed, 10);
        let held = by_day(&bed, days).await;
        tamper(&bed, &held).await;
        bed.faults("unreadable=1").await;
        let done = compare(&bed, days).await;
        let code = "reconciliation.unreadable";
        assert_ne!(done.state, RunState::Done);
        assert_eq!(done.summary.reason.as_deref(), Some(code));
        let (rows, wrong) = assert_unchecked(&bed, &done.run, &held, code).await;
        let all: usize = held.values().map(Vec::len).sum();
        assert!(has_forged(&rows) && wrong > 0 && wrong < all, "{wrong} of {all}");
        assert_eq!(extra(&bed, &done.run).await, Vec::<String>::new());
        let warehouse = bed.services().warehouses.open(&bed.stack.shop);
        let aside = parked::records(&warehouse, None, 1_000).await.unwrap();
        assert!(aside.iter().any(|one| one.table == RECORDS), "{aside:?}");
        bed.faults("").await;
        bed.stack.clock.advance(TimeDelta::hours(1));
        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Done, "{:#?}", done.summary);
        assert_right(&bed).await;
        bed.end().await;
    }
}
