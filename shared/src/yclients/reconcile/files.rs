//! Results as files.

use bytes::Bytes;
use chrono::NaiveDate;
use chrono_tz::Tz;
use futures::{Stream, StreamExt, stream};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::results::{Day, days, differences};
use crate::{
    catalog::Locale,
    control::RunId,
    sheets::{Convention, harmless},
    warehouse::{Warehouse, WarehouseError},
};

/// Rows of a page of a file.
const PAGE: u64 = 500;

/// The differences of a run as CSV with a heading, page by page: a snapshot that lived as long as somebody reads would hold a
/// connection as long. Headings and codes are the same in every language; the signs, those of numbers too, are those of lists
/// in the reader's.
pub fn differences_csv(
    warehouse: Warehouse,
    run: RunId,
    locale: Locale,
) -> impl Stream<Item = Result<Bytes, WarehouseError>> + Send + 'static {
    let heading = [
        "day", "table", "key", "kind", "field", "held", "vendor", "mended",
    ];
    let heading = stream::once(std::future::ready(Ok(head(locale, heading))));
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
            let part = Bytes::from(csv(locale, lines));
            Ok(Some((part, page.next.map(Some))))
        }
    });
    heading.chain(rest)
}

/// The days of a run as CSV with a heading, page by page: a line per day, table and indicator. The signs are those of lists in
/// the reader's language.
pub fn days_csv(
    warehouse: Warehouse,
    run: RunId,
    locale: Locale,
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
    let heading = stream::once(std::future::ready(Ok(head(locale, heading))));
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
                let lines = days.iter().flat_map(lines_of);
                Ok(Some((Bytes::from(csv(locale, lines)), next)))
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

/// What a file begins with.
fn head<const N: usize>(locale: Locale, names: [&str; N]) -> Bytes {
    let mut first = convention(locale).byte_order_mark().to_vec();
    let names = names.map(ToOwned::to_owned);
    first.extend(csv(locale, std::iter::once(names)));
    first.into()
}

/// Days are those of the company, and no file tells of instants: the zone makes no difference.
const fn convention(locale: Locale) -> Convention {
    Convention::localised(locale, Tz::UTC)
}

fn csv<const N: usize>(locale: Locale, lines: impl Iterator<Item = [String; N]>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(convention(locale).separator())
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for line in lines {
        // Memory takes every line.
        let _ = writer.write_record(line.map(|cell| shown(locale, cell)));
    }
    writer.into_inner().unwrap_or_default()
}

/// A cell as spreadsheets in that language read it: numbers with its decimal sign, and no text that they would run.
fn shown(locale: Locale, cell: String) -> String {
    match cell.parse::<Decimal>() {
        Ok(_) if convention(locale).decimal_comma() => cell.replace('.', ","),
        Ok(_) => cell,
        Err(_) => harmless(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_with_the_signs_of_the_readers_language() {
        let total = serde_json::json!({ "held": "-1234.50", "vendor": "7.00" });
        let day = Day {
            table: "yclients_records".to_owned(),
            day: "2026-05-10".parse().unwrap(),
            checked: true,
            reason: None,
            rows_held: 2,
            rows_vendor: 3,
            missing: 1,
            extra: 0,
            differing: 1,
            totals: serde_json::json!({ "status": { "held": { "-1": 2 } }, "total_cost": total }),
        };
        let text = |locale| String::from_utf8(csv(locale, lines_of(&day))).unwrap();
        let line = "2026-05-10;yclients_records;true;;2;3;1;0;1;";
        let comma = format!("{line}status;'-1: 2;\r\n{line}total_cost;-1234,50;7,00\r\n");
        assert_eq!(
            [text(Locale::Pl), text(Locale::Ru)],
            [comma.clone(), comma.clone()]
        );
        let point = comma.replace(',', ".").replace(';', ",");
        assert_eq!(text(Locale::En), point);
        let first = head(Locale::Pl, ["day", "table"]);
        assert_eq!(first, "\u{feff}day;table\r\n");
        assert_eq!(head(Locale::En, ["day", "table"]), "\u{feff}day,table\r\n");
    }
}
