//! What a reconciliation notes in the warehouse: fields that differ, and days with their totals.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use futures::TryStreamExt;
use serde_json::json;

use super::{
    compare::{Kind, Line},
    gauge::Subject,
    tally::{Found, Noted, Tally, totals},
    window::Window,
};
use crate::{
    catalog::Table,
    warehouse::{Filter, Rows, Scan, Snapshot, Value, ValueRef, WarehouseError, internal},
};

/// State of a day that was read to its end.
pub(super) const CHECKED: &str = "checked";
/// State of a day that was not.
pub(super) const NOT_CHECKED: &str = "not_checked";

/// What the notes are of.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub run: &'a str,
    pub source: &'a str,
    pub mended: bool,
    pub at: DateTime<Utc>,
}

/// A day of a table, as it ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Day {
    pub table: String,
    pub day: NaiveDate,
    /// The code of the reason, where it was not checked.
    pub reason: Option<&'static str>,
    pub rows_held: i64,
    pub rows_vendor: i64,
    pub found: Found,
    pub totals: serde_json::Value,
}

/// Rows of fields that differ, by the days they count on; the names are those of the tables that the lines speak of by place.
pub(super) fn differences(
    names: &[&str],
    about: &About<'_>,
    noted: &[(NaiveDate, Vec<Line>)],
) -> (Arc<Table>, Rows) {
    let table = internal::differences();
    let mut rows = Rows::new(table.columns.len());
    for (day, lines) in noted {
        for line in lines {
            let side = |text: &'_ Option<String>| text.clone().map_or(Value::Null, Value::Text);
            let values: [Value; 11] = [
                about.run.into(),
                names.get(line.gauge).copied().unwrap_or_default().into(),
                Value::Date(*day),
                line.key.as_str().into(),
                line.field.as_str().into(),
                about.source.into(),
                line.kind.as_str().into(),
                side(&line.held),
                side(&line.vendor),
                Value::Boolean(about.mended),
                about.at.into(),
            ];
            rows.push_values(&values);
        }
    }
    (Arc::clone(table), rows)
}

/// Rows of days.
pub(super) fn days(about: &About<'_>, days: &[Day]) -> (Arc<Table>, Rows) {
    let table = internal::reconciled_days();
    let mut rows = Rows::new(table.columns.len());
    for day in days {
        let state = match day.reason {
            None => CHECKED,
            Some(_) => NOT_CHECKED,
        };
        let values: [Value; 13] = [
            about.run.into(),
            day.table.as_str().into(),
            Value::Date(day.day),
            about.source.into(),
            state.into(),
            day.reason.map_or(Value::Null, Value::from),
            Value::Integer(day.rows_held),
            Value::Integer(day.rows_vendor),
            Value::Integer(day.found.missing),
            Value::Integer(day.found.extra),
            Value::Integer(day.found.differing),
            Value::Json(day.totals.to_string()),
            about.at.into(),
        ];
        rows.push_values(&values);
    }
    (Arc::clone(table), rows)
}

/// Fields of each day that are told with its totals.
const EXAMPLES: usize = 20;

/// Some of the fields that differ, by day.
pub(super) type Examples = BTreeMap<NaiveDate, Vec<serde_json::Value>>;

/// Every table and day of a window that was read to its end, with both sides' totals: ours are the vendor's but for what was
/// noted, which is so also where a part of it was mended by an attempt that broke off.
pub(super) async fn closed(
    snapshot: &Snapshot,
    run: &str,
    window: &Window<'_>,
) -> Result<(Vec<Day>, Examples), WarehouseError> {
    let mut days = Vec::new();
    let mut examples = Examples::new();
    for (at, gauge) in window.subject.gauges().enumerate() {
        let mut vendor: BTreeMap<NaiveDate, Tally> = BTreeMap::new();
        for day in window.from.iter_days().take_while(|day| *day <= window.to) {
            let told = window.tallies.get(&(at, day));
            vendor.insert(day, told.cloned().unwrap_or_default());
        }
        let mut held = vendor.clone();
        let mut found: BTreeMap<NaiveDate, Found> = BTreeMap::new();
        let bounds = (window.from, window.to);
        noted(snapshot, run, &gauge.table.name, bounds, |day, new, line| {
            if let Some(tally) = held.get_mut(&day) {
                tally.unlike(gauge, line);
            }
            if new {
                found.entry(day).or_default().add(line);
            }
            let shown = examples.entry(day).or_default();
            if shown.len() < EXAMPLES {
                shown.push(json!({
                    "table": gauge.table.name, "key": line.key, "kind": line.kind, "field": line.field,
                    "held": line.held, "vendor": line.vendor,
                }));
            }
        })
        .await?;
        for (day, vendor) in vendor {
            let held = held.remove(&day).unwrap_or_default();
            days.push(Day {
                table: gauge.table.name.to_string(),
                day,
                reason: None,
                rows_held: held.rows,
                rows_vendor: vendor.rows,
                found: found.remove(&day).unwrap_or_default(),
                totals: totals(gauge, &held, &vendor),
            });
        }
    }
    Ok((days, examples))
}

/// Every table and day of a period that was not read to its end. What was found before it broke off counts.
pub(super) async fn broken(
    snapshot: &Snapshot,
    run: &str,
    subject: &Subject,
    (from, to): (NaiveDate, NaiveDate),
    reason: &'static str,
) -> Result<Vec<Day>, WarehouseError> {
    let mut days = Vec::new();
    for gauge in subject.gauges() {
        let mut found: BTreeMap<NaiveDate, Found> = BTreeMap::new();
        noted(
            snapshot,
            run,
            &gauge.table.name,
            (from, to),
            |day, new, line| {
                if new {
                    found.entry(day).or_default().add(line);
                }
            },
        )
        .await?;
        for day in from.iter_days().take_while(|day| *day <= to) {
            days.push(Day {
                table: gauge.table.name.to_string(),
                day,
                reason: Some(reason),
                rows_held: 0,
                rows_vendor: 0,
                found: found.remove(&day).unwrap_or_default(),
                totals: serde_json::Value::Null,
            });
        }
    }
    Ok(days)
}

/// Gives every field that was noted of a table and days, and whether it is its row's first.
async fn noted(
    snapshot: &Snapshot,
    run: &str,
    table: &str,
    (from, to): (NaiveDate, NaiveDate),
    mut each: impl FnMut(NaiveDate, bool, Noted<'_>),
) -> Result<(), WarehouseError> {
    use crate::warehouse::Operator::{AtLeast, AtMost};
    let filter = Filter::equal("run", run)
        .and(Filter::equal("table", table))
        .and(Filter::compare("day", AtLeast, Value::Date(from)))
        .and(Filter::compare("day", AtMost, Value::Date(to)));
    let scan = Scan::of(internal::differences())
        .columns(["day", "key", "kind", "field", "held", "vendor", "mended"])
        .filter(filter);
    let mut batches = snapshot.scan(scan).await?;
    let mut last: Option<(NaiveDate, String)> = None;
    while let Some(rows) = batches.try_next().await? {
        for row in rows.iter() {
            let ValueRef::Date(day) = row.get(0) else {
                continue;
            };
            let text = |at| row.get(at).as_str();
            let key = text(1).unwrap_or_default();
            let Some(Ok(kind)) = text(2).map(str::parse::<Kind>) else {
                continue;
            };
            let is_same = |last: &(NaiveDate, String)| last.0 == day && last.1 == key;
            let new = !last.as_ref().is_some_and(is_same);
            if new {
                last = Some((day, key.to_owned()));
            }
            let noted = Noted {
                key,
                kind,
                field: text(3).unwrap_or_default(),
                held: text(4),
                vendor: text(5),
                mended: row.get(6) == ValueRef::Boolean(true),
            };
            each(day, new, noted);
        }
    }
    Ok(())
}
