//! What is remembered of swept rows: their keys and versions, in buckets of neighbouring keys, so that a million of them
//! take some thousand rows, and a page of the vendor's list asks for one or two.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{
    Filter, Row, Rows, Scan, Value, ValueRef, WarehouseError, believed, digest,
    gate::{Gate, Role},
    image, internal,
    session::{Session, rows},
};
use crate::catalog::{Table, system};

/// Keys of whole numbers that share a bucket.
const NEIGHBOURS: i64 = 256;
/// Buckets asked for at once.
const BUCKETS: usize = 500;

/// A row that was swept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Memory {
    bucket: i64,
    key: String,
    version: String,
}

/// What is to be remembered of rows that go.
#[derive(Debug, Clone, Default)]
pub(super) struct Memories {
    /// Row by row.
    pub each: Vec<Memory>,
    /// Bucket by bucket.
    pub gathered: Vec<Gathered>,
}

/// Rows of one bucket.
#[derive(Debug, Clone)]
pub(super) struct Gathered {
    bucket: i64,
    /// Keys and versions as they are stored, in the order of the keys' texts.
    versions: String,
}

/// Gathers rows into their buckets, of which neighbours come one after the other and in the order of their texts, as they
/// do where the key is a number, almost always.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    memories: Memories,
    last_key: String,
}

impl Gatherer {
    pub fn add(&mut self, memory: Memory) {
        let Memory {
            bucket,
            key,
            version,
        } = &memory;
        // Neither holds anything that JSON would have otherwise: digits, and digests.
        let entry = format!("\"{key}\":\"{version}\"");
        match self.memories.gathered.last_mut() {
            Some(last) if last.bucket == *bucket => {
                if *key <= self.last_key {
                    self.memories.each.push(memory);
                    return;
                }
                last.versions.push(',');
                last.versions.push_str(&entry);
            }
            _ => self.memories.gathered.push(Gathered {
                bucket: *bucket,
                versions: format!("{{{entry}"),
            }),
        }
        self.last_key = memory.key;
    }

    pub fn finish(mut self) -> Memories {
        for gathered in &mut self.memories.gathered {
            gathered.versions.push('}');
        }
        self.memories
    }
}

/// Versions of swept rows, by bucket and key.
#[derive(Debug, Default)]
pub(super) struct Recalled(BTreeMap<i64, BTreeMap<String, String>>);

impl Memory {
    pub fn new<'v>(key: impl Iterator<Item = ValueRef<'v>> + Clone, version: String) -> Self {
        let (bucket, key) = place(key);
        Self {
            bucket,
            key,
            version,
        }
    }
}

impl Recalled {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The version that a swept row of this key had.
    pub fn version<'v>(&self, key: impl Iterator<Item = ValueRef<'v>> + Clone) -> Option<&str> {
        let (bucket, key) = place(key);
        self.0.get(&bucket)?.get(&key).map(String::as_str)
    }
}

/// Where a key is remembered: whole numbers by themselves, others as a digest of what they are, since a report's key may be
/// somebody's telephone, and what is only compared need not be kept.
fn place<'v>(key: impl Iterator<Item = ValueRef<'v>> + Clone) -> (i64, String) {
    let mut parts = key.clone();
    if let (Some(ValueRef::Integer(id)), None) = (parts.next(), parts.next()) {
        return (id.div_euclid(NEIGHBOURS), id.to_string());
    }
    let text = serde_json::Value::Array(key.map(image::json).collect()).to_string();
    let hash = Sha256::digest(text.as_bytes());
    let (bucket, told) = hash.split_at(8);
    let mut first = [0; 8];
    first.copy_from_slice(bucket);
    (i64::from_be_bytes(first), HEXLOWER.encode(told))
}

/// The version of a stored row whose origin tells when it changed, or that is a tombstone.
pub(super) fn version_by_time(
    changed_at: ValueRef<'_>,
    deleted_at: ValueRef<'_>,
) -> Option<String> {
    match changed_at.as_timestamp() {
        Some(at) => Some(format!("c{}", at.timestamp_micros())),
        None if !deleted_at.is_null() => Some("x".to_owned()),
        None => None,
    }
}

/// The version of a whole stored row by what it says.
pub(super) fn version_by_content(table: &Table, row: Row<'_>) -> String {
    content(table, |position| row.get(position))
}

/// Whether an arriving body is of a newer version than the row that was swept. What does not say when it changed, and does
/// not tell all of the row, cannot show that it changed: the next whole body decides.
pub(super) fn changed_since(gate: &Gate<'_>, version: &str, arriving: Row<'_>) -> bool {
    if !gate.brought(arriving, Role::DeletedAt).is_null() {
        return false;
    }
    if let Some(swept) = version.strip_prefix('c') {
        let told: Option<i64> = swept.parse().ok();
        let Some(swept_at) = told.and_then(DateTime::from_timestamp_micros) else {
            return false;
        };
        // A swept time that was still to come says nothing: what does say when it changed is newer.
        let swept_at = believed(Some(swept_at), gate.observed_at(arriving));
        let changed_at = gate.changed_at(arriving).as_timestamp();
        return changed_at.is_some() && changed_at > swept_at;
    }
    if !gate.full {
        return false;
    }
    let value = |position: usize| {
        let brought = gate.columns.get(position).and_then(|place| place.brought);
        brought.map_or(ValueRef::Null, |at| gate.arriving(arriving, at))
    };
    version != content(gate.table, value)
}

/// A digest of the declared columns, and of unknown fields where there are any. What only rows of other tables tell is not of
/// it: a body that is whole says nothing of that, and would always be another one.
fn content<'v>(table: &Table, value: impl Fn(usize) -> ValueRef<'v>) -> String {
    let told = table
        .stored_columns()
        .enumerate()
        .filter(|(_, column)| !column.told_elsewhere)
        .filter(|(_, column)| table.column(&column.name).is_some() || column.name == system::EXTRA);
    let values = told
        .map(|(position, column)| (column.name.as_ref(), value(position)))
        .filter(|(_, value)| !value.is_null());
    format!("d{}", digest::content(values))
}

/// What is remembered of these keys of a table.
pub(super) async fn recall<'v, S: Session, K: Iterator<Item = ValueRef<'v>> + Clone>(
    session: &mut S,
    table: &Table,
    source: &str,
    keys: impl Iterator<Item = K>,
) -> Result<Recalled, WarehouseError> {
    let buckets: BTreeSet<i64> = keys.map(|key| place(key).0).collect();
    read(session, table, source, &buckets).await
}

/// Adds to what is remembered; a row that was swept before is remembered as it was last.
pub(super) async fn remember<S: Session>(
    session: &mut S,
    of: &Table,
    source: &str,
    memories: Memories,
    now: DateTime<Utc>,
) -> Result<(), WarehouseError> {
    let Memories { each, gathered } = memories;
    if each.is_empty() && gathered.is_empty() {
        return Ok(());
    }
    let table = internal::swept();
    session.define(table).await?;
    let row_by_row = each.iter().map(|memory| memory.bucket);
    let buckets = row_by_row.chain(gathered.iter().map(|gathered| gathered.bucket));
    let mut all = read(session, of, source, &buckets.collect()).await?;
    for memory in each {
        let bucket = all.0.entry(memory.bucket).or_default();
        bucket.insert(memory.key, memory.version);
    }
    let mut kept = Rows::new(table.columns.len());
    let mut keep = |bucket: i64, versions: String| {
        kept.push_values(&[
            of.name.as_ref().into(),
            source.into(),
            Value::Integer(bucket),
            Value::Text(versions),
            now.into(),
        ]);
    };
    for Gathered { bucket, versions } in gathered {
        // A bucket of neighbours that go together, as most do, is kept as it was gathered.
        match all.0.get_mut(&bucket) {
            Some(there) => there.extend(versions_of(&versions)?),
            None => keep(bucket, versions),
        }
    }
    for (bucket, versions) in &all.0 {
        keep(*bucket, serde_json::json!(versions).to_string());
    }
    session.replace(table, &kept).await
}

/// The keys and versions that a bucket is stored as.
fn versions_of(stored: &str) -> Result<BTreeMap<String, String>, WarehouseError> {
    serde_json::from_str(stored).map_err(|_| WarehouseError::Stored {
        table: internal::swept().name.to_string(),
        column: "versions".to_owned(),
        key: None,
    })
}

/// Forgets rows of a table that are there again, whole as they are stored. `remembered` is what was recalled of their keys.
pub(super) async fn forget<S: Session>(
    session: &mut S,
    of: &Table,
    back: &Rows,
    remembered: &Recalled,
    now: DateTime<Utc>,
) -> Result<(), WarehouseError> {
    if remembered.is_empty() {
        return Ok(());
    }
    let key = of.key.iter().filter_map(|name| of.position(name));
    let key: Vec<usize> = key.collect();
    let source = of.position(system::SOURCE_ID);
    let Some(source) = source.and_then(|at| back.get(0)?.get(at).as_str()) else {
        return Ok(());
    };
    let mut left: BTreeMap<i64, BTreeMap<String, String>> = BTreeMap::new();
    for row in back.iter() {
        let (bucket, name) = place(key.iter().map(|&at| row.get(at)));
        let there = remembered.0.get(&bucket);
        if let Some(there) = there.filter(|there| there.contains_key(&name)) {
            let versions = left.entry(bucket).or_insert_with(|| there.clone());
            versions.remove(&name);
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let table = internal::swept();
    let (mut kept, mut over) = (Rows::new(table.columns.len()), Rows::new(table.key.len()));
    for (bucket, versions) in left {
        let name: [Value; 3] = [of.name.as_ref().into(), source.into(), bucket.into()];
        if versions.is_empty() {
            over.push_values(&name);
        } else {
            let versions = Value::Text(serde_json::json!(versions).to_string());
            kept.push_values(name.iter().chain([&versions, &now.into()]));
        }
    }
    if !kept.is_empty() {
        session.replace(table, &kept).await?;
    }
    if !over.is_empty() {
        session.erase(table, &over).await?;
    }
    Ok(())
}

async fn read<S: Session>(
    session: &mut S,
    table: &Table,
    source: &str,
    buckets: &BTreeSet<i64>,
) -> Result<Recalled, WarehouseError> {
    let mut recalled = Recalled::default();
    let buckets: Vec<i64> = buckets.iter().copied().collect();
    for some in buckets.chunks(BUCKETS) {
        let these = Filter::In {
            column: "bucket".to_owned(),
            values: some.iter().copied().map(Value::Integer).collect(),
        };
        let own =
            Filter::equal("table", table.name.as_ref()).and(Filter::equal("source_id", source));
        let scan = Scan::of(internal::swept())
            .columns(["bucket", "versions"])
            .filter(own.and(these));
        for row in rows(session, &scan).await?.iter() {
            let versions = versions_of(row.get(1).as_str().unwrap_or_default())?;
            let bucket = row.get(0).as_integer().unwrap_or_default();
            recalled.0.insert(bucket, versions);
        }
    }
    Ok(recalled)
}
