//! The vendor's example bodies, where they lie beside the project: every one is in the tables, with the values it shows.

#[path = "../../../../shared/src/yclients/decode/tests/examples/shown.rs"]
mod shown;

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use futures::TryStreamExt;
use serde_json::Value as Json;
use wynos::{
    catalog,
    control::Source,
    warehouse::{Filter, Scan, ValueRef},
    yclients::streams,
};

use super::{BOTH, Bed, bodies::connected, connect, order::page_into, post_by, work};

fn folder() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../../shared/examples/yclients");
    if !folder.is_dir() {
        println!("skipped: there are no example bodies beside the project");
        return None;
    }
    Some(folder)
}

fn example(folder: &std::path::Path, name: &str) -> Result<Json> {
    let text = fs::read(folder.join(name)).with_context(|| name.to_owned())?;
    Ok(serde_json::from_slice(&text)?)
}

fn told(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Boolean(flag) => flag.to_string(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Decimal(number) => number.normalize().to_string(),
        ValueRef::Text(text) | ValueRef::Json(text) => text.to_owned(),
        ValueRef::Date(day) => day.to_string(),
        ValueRef::Timestamp(at) => at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

/// A value as it is shown, whatever the database writes JSON like, and without zeros that a scale adds.
fn plain(value: &str) -> String {
    value.replace(", ", ",")
}

/// Looks for a row of the source that shows all of it.
async fn shows(bed: &Bed, source: &Source, table: &str, file: &str, expected: &str) -> Result<()> {
    let pairs: Vec<(&str, &str)> = expected
        .split(" | ")
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let table = catalog::table(table).context("the table")?;
    let scan = Scan::of(table)
        .columns(pairs.iter().map(|(column, _)| (*column).to_owned()))
        .filter(Filter::equal("_source_id", source.id.as_str()))
        .with_deleted();
    let warehouse = bed.stack.services().warehouses.open(&bed.stack.shop);
    let snapshot = warehouse.snapshot().await?;
    let batches: Vec<_> = snapshot.scan(scan).await?.try_collect().await?;
    let rows: Vec<Vec<String>> = batches
        .iter()
        .flat_map(wynos::warehouse::Rows::iter)
        .map(|row| row.values().map(told).collect())
        .collect();
    let is_shown = |row: &Vec<String>| {
        let mut both = row.iter().zip(&pairs);
        both.all(|(value, (_, shown))| plain(value) == plain(shown))
    };
    assert!(rows.iter().any(is_shown), "{file}: {pairs:?} in {rows:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_body_is_loaded_with_the_values_it_shows() -> Result<()> {
    let Some(folder) = folder() else {
        return Ok(());
    };
    // Each of a company of its own: examples of one table share ids.
    let mut company = 100_000;
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let services = bed.stack.services();
        for (table, file, expected) in shown::ANSWERS {
            company += 1;
            let source = connect(&bed.stack, company).await?;
            let mut answer = example(&folder, file)?;
            let stream = streams::stream(table).context("the stream")?;
            let records = stream.endpoint.records(answer["data"].take());
            let began = "2026-04-01T00:00:00Z".parse()?;
            page_into(&bed, &source, table, began, &records).await?;
            shows(&bed, &source, table, file, expected).await?;
        }
        for (table, file, place, expected) in shown::PARTS {
            company += 1;
            let source = connect(&bed.stack, company).await?;
            let mut answer = example(&folder, file)?;
            let stream = streams::stream(table).context("the stream")?;
            let part = answer.pointer_mut(place).context("the part")?;
            let records = stream.endpoint.records(part.take());
            let began = "2026-04-01T00:00:00Z".parse()?;
            page_into(&bed, &source, table, began, &records).await?;
            shows(&bed, &source, table, file, expected).await?;
        }
        let mut sources = BTreeMap::new();
        for (file, expected) in shown::EVENTS {
            let event = example(&folder, file)?;
            // Of the company that it says, inside and outside.
            let company = event["company_id"].as_i64().context("the company")?;
            let source = connected(&bed, &mut sources, company).await?;
            let resource = event["resource"].as_str().unwrap_or_default();
            let table = streams::of_resource(resource).context("the stream")?.table;
            let path = wynos::yclients::hooks::path(&services.keys.webhook, &source.id, 1);
            post_by(&services, &path, event.to_string()).await?;
            work(&services).await?;
            // Which category a service is of is told by the services, and of these there are none here.
            let known = expected
                .split(" | ")
                .filter(|pair| !pair.starts_with("service_category_ids="));
            let known = known.collect::<Vec<_>>().join(" | ");
            shows(&bed, &source, table, file, &known).await?;
        }
        bed.end().await?;
    }
    Ok(())
}
