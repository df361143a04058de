//! Results as files.

use bytes::Bytes;
use chrono::NaiveDate;
use futures::{Stream, StreamExt, stream};
use serde_json::Value as Json;

use super::results::{Day, days, differences};
use crate::{
    control::RunId,
    warehouse::{Warehouse, WarehouseError},
};

/// Rows of a page of a file.
const PAGE: u64 = 500;

/// The differences of a run as CSV with a heading, page by page: a snapshot that lived as long as somebody reads would hold a
/// connection as long.
pub fn differences_csv(
    warehouse: Warehouse,
    run: RunId,
) -> impl Stream<Item = Result<Bytes, WarehouseError>> + Send + 'static {
    let heading = [
        "day", "table", "key", "kind", "field", "held", "vendor", "mended",
    ];
    let heading = stream::once(std::future::ready(Ok(csv(std::iter::once(heading)))));
    let rest = stream::try_unfold(Some(None), move |after: Option<Option<[String; 4]>>| {
        let (warehouse, run) = (warehouse.clone(), run.clone());
        async move {
            let Some(after) = after else {
                return Ok(None);
            };
            let page = differences(&warehouse, &run, None, after.as_ref(), PAGE).await?;
            let lines = page.items.into_iter().map(|one| {
                [
                    one.day.to_string(),
                    one.table,
                    one.key,
                    one.kind,
                    one.field,
                    one.held.unwrap_or_default(),
                    one.vendor.unwrap_or_default(),
                    one.mended.to_string(),
                ]
            });
            Ok(Some((csv(lines), page.next.map(Some))))
        }
    });
    heading.chain(rest)
}

/// The days of a run as CSV with a heading, page by page: a line per day, table and indicator.
pub fn days_csv(
    warehouse: Warehouse,
    run: RunId,
) -> impl Stream<Item = Result<Bytes, WarehouseError>> + Send + 'static {
    let heading = [
        "day",
        "table",
        "checked",
        "reason",
        "rows_held",
        "rows_vendor",
        "missing",
        "extra",
        "differing",
        "indicator",
        "held",
        "vendor",
    ];
    let heading = stream::once(std::future::ready(Ok(csv(std::iter::once(heading)))));
    let rest = stream::try_unfold(
        Some(None),
        move |after: Option<Option<(String, NaiveDate)>>| {
            let (warehouse, run) = (warehouse.clone(), run.clone());
            async move {
                let Some(after) = after else {
                    return Ok(None);
                };
                let after = after.as_ref().map(|(table, day)| (table.as_str(), *day));
                let days = days(&warehouse, &run, after, PAGE).await?;
                let more = u64::try_from(days.len()).unwrap_or_default() >= PAGE;
                let last = days.last().filter(|_| more);
                let next = last.map(|last| Some((last.table.clone(), last.day)));
                Ok(Some((csv(days.iter().flat_map(lines_of)), next)))
            }
        },
    );
    heading.chain(rest)
}

fn lines_of(day: &Day) -> impl Iterator<Item = [String; 12]> {
    let totals = day.totals.as_object().cloned().unwrap_or_default();
    let mut totals: Vec<(String, Json)> = totals.into_iter().collect();
    if totals.is_empty() {
        totals.push((String::new(), Json::Null));
    }
    totals.into_iter().map(|(indicator, sides)| {
        [
            day.day.to_string(),
            day.table.clone(),
            day.checked.to_string(),
            day.reason.clone().unwrap_or_default(),
            day.rows_held.to_string(),
            day.rows_vendor.to_string(),
            day.missing.to_string(),
            day.extra.to_string(),
            day.differing.to_string(),
            indicator,
            in_words(sides.get("held")),
            in_words(sides.get("vendor")),
        ]
    })
}

/// A total in one cell: a sum as it is, states as `-1: 2, 1: 14`.
pub fn in_words(total: Option<&Json>) -> String {
    match total {
        Some(Json::String(sum)) => sum.clone(),
        Some(Json::Object(states)) => {
            let mut states: Vec<(i64, String)> = states
                .iter()
                .map(|(state, rows)| (state.parse().unwrap_or_default(), rows.to_string()))
                .collect();
            states.sort();
            let states = states
                .iter()
                .map(|(state, rows)| format!("{state}: {rows}"));
            states.collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

fn csv<const N: usize>(lines: impl Iterator<Item = [impl AsRef<[u8]>; N]>) -> Bytes {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    for line in lines {
        // Memory takes every line.
        let _ = writer.write_record(line);
    }
    writer.into_inner().unwrap_or_default().into()
}
