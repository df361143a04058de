//! What came of a reconciliation, as it is shown and exported.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use futures::TryStreamExt;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::{
    compare::{DELETED, ROW},
    notes::CHECKED,
};
use crate::{
    control::RunId,
    warehouse::{Filter, Row, Scan, Value, ValueRef, Warehouse, WarehouseError, internal},
    yclients::streams,
};

/// The code of the reason of a run that had nothing to compare.
pub(super) const NOTHING: &str = "reconciliation.nothing-compared";

/// What a run came to, over its period.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Days of which every list that was compared was read to its end.
    pub checked: i64,
    /// Days of which some list was not.
    pub not_checked: i64,
    /// Rows, lines of records included, that the vendor has and that were not held.
    pub missing: i64,
    /// Rows that were held and that the vendor does not have, or not on that day.
    pub extra: i64,
    /// Rows with other values.
    pub differing: i64,
    /// Records, of the period or not, that were held as deleted and that the vendor has: a webhook may have said so.
    pub restored: i64,
    /// The code of the reason why days were not checked, the first one; or why nothing was compared at all.
    pub reason: Option<String>,
    /// The same by table.
    pub tables: BTreeMap<String, TableSummary>,
}

/// What a run came to in one table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TableSummary {
    /// Days that were read to their end.
    pub checked: i64,
    /// Days that were not.
    pub not_checked: i64,
    /// The code of the reason why they were not, the first one.
    pub reason: Option<String>,
    /// Rows held on the days that were checked, before anything was mended.
    pub rows_held: i64,
    /// Rows that the vendor has on these days.
    pub rows_vendor: i64,
    /// Rows that were not held.
    pub missing: i64,
    /// Rows that the vendor does not have.
    pub extra: i64,
    /// Rows with other values.
    pub differing: i64,
    /// By indicator, `held` and `vendor`: sums as text, of states how many rows are in each.
    pub totals: Json,
}

/// One day of one table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Day {
    /// The table.
    pub table: String,
    /// The day, at the company.
    pub day: NaiveDate,
    /// Whether its list was read to its end: else nothing can be said of it.
    pub checked: bool,
    /// The code of the reason, where it was not checked.
    pub reason: Option<String>,
    /// Rows held, before anything was mended.
    pub rows_held: i64,
    /// Rows that the vendor has.
    pub rows_vendor: i64,
    /// Rows that were not held.
    pub missing: i64,
    /// Rows that the vendor does not have.
    pub extra: i64,
    /// Rows with other values.
    pub differing: i64,
    /// By indicator, `held` and `vendor`.
    pub totals: Json,
}

/// One field that differed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// The day that it counts on, at the company.
    pub day: NaiveDate,
    /// The row's id; of lines, the record's id and their number.
    pub key: String,
    /// `missing`, `extra` or `differing`.
    pub kind: String,
    /// The column, or `row` for whether there is a row.
    pub field: String,
    /// What was held.
    pub held: Option<String>,
    /// What the vendor has.
    pub vendor: Option<String>,
    /// Whether the warehouse has the vendor's value now.
    pub mended: bool,
}

/// A page of differences, by table, day and row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferencesPage {
    /// The differences.
    pub items: Vec<Difference>,
    /// The last one's key, where there may be more.
    pub next: Option<[String; 4]>,
}

impl Summary {
    /// Whether no day of any list was looked at: then nothing can be said, least of all that everything agrees.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Days of lists that were read to their end.
    pub fn lists_checked(&self) -> i64 {
        self.lists().map(|table| table.checked).sum()
    }

    /// Days of lists that were not.
    pub fn lists_not_checked(&self) -> i64 {
        self.lists().map(|table| table.not_checked).sum()
    }

    fn lists(&self) -> impl Iterator<Item = &TableSummary> {
        let lists = self.tables.iter();
        let lists = lists.filter(|(name, _)| streams::stream(name).is_some());
        lists.map(|(_, table)| table)
    }
}

/// What a run came to so far.
pub async fn summary(warehouse: &Warehouse, run: &RunId) -> Result<Summary, WarehouseError> {
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan_of_days(run)).await?;
    let mut summary = Summary::default();
    let mut broken = BTreeSet::new();
    let mut all = BTreeSet::new();
    while let Some(rows) = batches.try_next().await? {
        for day in rows.iter().filter_map(read_day) {
            all.insert(day.day);
            if !day.checked {
                broken.insert(day.day);
                summary.reason = summary.reason.take().or(day.reason.clone());
            }
            summary.missing += day.missing;
            summary.extra += day.extra;
            summary.differing += day.differing;
            summary
                .tables
                .entry(day.table.clone())
                .or_default()
                .add(&day);
        }
    }
    let count = |days: usize| i64::try_from(days).unwrap_or(i64::MAX);
    summary.not_checked = count(broken.len());
    summary.checked = count(all.len()) - summary.not_checked;
    let restored = Filter::equal("run", run.as_str())
        .and(Filter::equal("field", ROW))
        .and(Filter::equal("held", DELETED));
    let restored = snapshot.count(internal::differences(), &restored).await?;
    summary.restored = i64::try_from(restored).unwrap_or(i64::MAX);
    Ok(summary)
}

/// Up to `limit` days of a run, by table and day, after the one given.
pub async fn days(
    warehouse: &Warehouse,
    run: &RunId,
    after: Option<(&str, NaiveDate)>,
    limit: u64,
) -> Result<Vec<Day>, WarehouseError> {
    let mut scan = scan_of_days(run).limit(limit);
    if let Some((table, day)) = after {
        scan = scan.after(vec![run.as_str().into(), table.into(), Value::Date(day)]);
    }
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    let mut days = Vec::new();
    while let Some(rows) = batches.try_next().await? {
        days.extend(rows.iter().filter_map(read_day));
    }
    Ok(days)
}

/// Up to `limit` differences of a run after the one with this key, of one table if one is named.
pub async fn differences(
    warehouse: &Warehouse,
    run: &RunId,
    table: Option<&str>,
    after: Option<&[String; 4]>,
    limit: u64,
) -> Result<DifferencesPage, WarehouseError> {
    let mut scan = scan_of_differences(run, table).limit(limit);
    if let Some([table, day, key, field]) = after {
        let day: NaiveDate = day.parse().unwrap_or_default();
        scan = scan.after(vec![
            run.as_str().into(),
            table.as_str().into(),
            Value::Date(day),
            key.as_str().into(),
            field.as_str().into(),
        ]);
    }
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    let mut items: Vec<Difference> = Vec::new();
    while let Some(rows) = batches.try_next().await? {
        items.extend(rows.iter().filter_map(read_difference));
    }
    let more = u64::try_from(items.len()).unwrap_or(u64::MAX) >= limit;
    let last = items.last().filter(|_| more);
    let next = last.map(|last| {
        [
            last.table.clone(),
            last.day.to_string(),
            last.key.clone(),
            last.field.clone(),
        ]
    });
    Ok(DifferencesPage { items, next })
}

impl TableSummary {
    fn add(&mut self, day: &Day) {
        if day.checked {
            self.checked += 1;
        } else {
            self.not_checked += 1;
            self.reason = self.reason.take().or_else(|| day.reason.clone());
        }
        self.rows_held += day.rows_held;
        self.rows_vendor += day.rows_vendor;
        self.missing += day.missing;
        self.extra += day.extra;
        self.differing += day.differing;
        if self.totals.is_null() {
            self.totals = json!({});
        }
        let (Some(all), Some(own)) = (self.totals.as_object_mut(), day.totals.as_object()) else {
            return;
        };
        for (indicator, sides) in own {
            let all = all.entry(indicator.clone()).or_insert_with(|| json!({}));
            for side in ["held", "vendor"] {
                let sum = plus(all.get(side), sides.get(side));
                if let Some(all) = all.as_object_mut() {
                    all.insert(side.to_owned(), sum);
                }
            }
        }
    }
}

fn plus(all: Option<&Json>, more: Option<&Json>) -> Json {
    match (all, more) {
        (None | Some(Json::Null), more) => more.cloned().unwrap_or_default(),
        (Some(Json::String(all)), Some(Json::String(more))) => {
            let number = |text: &str| text.parse::<Decimal>().unwrap_or_default();
            let (all, more) = (number(all), number(more));
            json!(all.checked_add(more).unwrap_or(all).to_string())
        }
        (Some(Json::Object(all)), Some(Json::Object(more))) => {
            let mut sum: Map<String, Json> = all.clone();
            for (state, rows) in more {
                let before = sum.get(state).and_then(Json::as_i64).unwrap_or_default();
                let rows = before + rows.as_i64().unwrap_or_default();
                sum.insert(state.clone(), rows.into());
            }
            Json::Object(sum)
        }
        (all, _) => all.cloned().unwrap_or_default(),
    }
}

fn scan_of_days(run: &RunId) -> Scan {
    let columns = [
        "table",
        "day",
        "state",
        "reason",
        "rows_held",
        "rows_vendor",
        "missing",
        "extra",
        "differing",
        "totals",
    ];
    Scan::of(internal::reconciled_days())
        .columns(columns)
        .filter(Filter::equal("run", run.as_str()))
}

fn read_day(row: Row<'_>) -> Option<Day> {
    let ValueRef::Date(day) = row.get(1) else {
        return None;
    };
    let number = |at| row.get(at).as_integer().unwrap_or_default();
    let totals = row.get(9).as_str();
    Some(Day {
        table: row.get(0).as_str()?.to_owned(),
        day,
        checked: row.get(2).as_str() == Some(CHECKED),
        reason: row.get(3).as_str().map(str::to_owned),
        rows_held: number(4),
        rows_vendor: number(5),
        missing: number(6),
        extra: number(7),
        differing: number(8),
        totals: totals
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default(),
    })
}

fn scan_of_differences(run: &RunId, table: Option<&str>) -> Scan {
    let columns = [
        "table", "day", "key", "kind", "field", "held", "vendor", "mended",
    ];
    let mut filter = Filter::equal("run", run.as_str());
    if let Some(table) = table {
        filter = filter.and(Filter::equal("table", table));
    }
    Scan::of(internal::differences())
        .columns(columns)
        .filter(filter)
}

fn read_difference(row: Row<'_>) -> Option<Difference> {
    let ValueRef::Date(day) = row.get(1) else {
        return None;
    };
    let text = |at| row.get(at).as_str().map(str::to_owned);
    Some(Difference {
        table: text(0)?,
        day,
        key: text(2)?,
        kind: text(3)?,
        field: text(4)?,
        held: text(5),
        vendor: text(6),
        mended: row.get(7) == ValueRef::Boolean(true),
    })
}
