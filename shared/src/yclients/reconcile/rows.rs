//! Both sides of a comparison: records as the vendor tells them, and as they are held.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use futures::TryStreamExt;

use super::gauge::{Gauge, Subject, Values};
use crate::{
    catalog::system,
    warehouse::{Filter, Row, Scan, Snapshot, Value, ValueRef, WarehouseError},
    yclients::decode::{Decoded, DecodedChildren},
};

/// A record as the vendor tells it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub id: i64,
    pub deleted: bool,
    pub at: Option<DateTime<Utc>>,
    /// Whether the body speaks of when it is, and of each indicator.
    pub tells_at: bool,
    pub tells: Vec<bool>,
    pub values: Values,
    /// Per table of lines: the lines in order; `None` where the body does not speak of them.
    pub lines: Vec<Option<Vec<(i64, Values)>>>,
}

/// A record as it is held.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub living: bool,
    /// Whether what is stored of that, and of when it is, can be read.
    pub knows_it_lives: bool,
    pub knows_at: bool,
    pub at: Option<DateTime<Utc>>,
    pub values: Values,
    /// Per table of lines: the living lines in order.
    pub lines: Vec<Vec<(i64, Values)>>,
}

/// The day at the branch.
pub(super) fn day_of(at: Option<DateTime<Utc>>, zone: Tz) -> Option<NaiveDate> {
    at.map(|at| at.with_timezone(&zone).date_naive())
}

/// The records in decoded bodies.
pub(super) fn told(subject: &Subject, decoded: &[Decoded]) -> Vec<Told> {
    let own = |part: &&Decoded| part.table.name == subject.stream.table && !part.in_passing;
    decoded
        .iter()
        .filter(own)
        .flat_map(|part| told_by(subject, part))
        .collect()
}

/// Whether there are bodies among them that no record could be made out of.
pub(super) fn any_unreadable(subject: &Subject, decoded: &[Decoded]) -> bool {
    let own = |part: &&Decoded| part.table.name == subject.stream.table && !part.in_passing;
    let mut parts = decoded.iter().filter(own);
    parts.any(|part| !part.unreadable.is_empty())
}

fn told_by(subject: &Subject, decoded: &Decoded) -> Vec<Told> {
    let position = |name: &str| decoded.columns.iter().position(|column| column == name);
    let (id, at, deleted) = (
        subject.main.table.key.first().and_then(|key| position(key)),
        position(subject.window.column),
        position(system::DELETED_AT),
    );
    let places = subject.main.places(&decoded.columns);
    let value = |row: Row<'_>, place: Option<usize>| -> Option<DateTime<Utc>> {
        place.and_then(|place| row.get(place).as_timestamp())
    };
    let mut lines: Vec<_> = subject
        .lines
        .iter()
        .map(|gauge| lines_of(gauge, &decoded.children).into_iter())
        .collect();
    let mut found = Vec::with_capacity(decoded.rows.len());
    for row in decoded.rows.iter() {
        let lines = lines.iter_mut().map(|each| each.next().flatten()).collect();
        let Some(id) = id.and_then(|place| row.get(place).as_integer()) else {
            continue;
        };
        found.push(Told {
            id,
            deleted: value(row, deleted).is_some(),
            at: value(row, at),
            tells_at: at.is_some(),
            tells: places.iter().map(Option::is_some).collect(),
            values: subject.main.read(row, &places),
            lines,
        });
    }
    found
}

/// For every parent row: its lines, in order.
fn lines_of(gauge: &Gauge, children: &[DecodedChildren]) -> Vec<Option<Vec<(i64, Values)>>> {
    let Some(children) = children
        .iter()
        .find(|each| each.table.name == gauge.table.name)
    else {
        return Vec::new();
    };
    let places = gauge.places(&children.columns);
    let number = line_place(gauge, &children.columns);
    let mut rows = children.rows.iter();
    let mut found = Vec::with_capacity(children.counts.len());
    for count in &children.counts {
        let Some(count) = count else {
            found.push(None);
            continue;
        };
        let mut lines = Vec::with_capacity(*count as usize);
        for row in rows.by_ref().take(*count as usize) {
            if let Some(line) = number.and_then(|place| row.get(place).as_integer()) {
                lines.push((line, gauge.read(row, &places)));
            }
        }
        lines.sort_unstable_by_key(|(line, _)| *line);
        found.push(Some(lines));
    }
    found
}

/// Where the number of the line is: the last part of the key.
fn line_place(gauge: &Gauge, columns: &[String]) -> Option<usize> {
    let last = gauge.table.key.last()?;
    columns.iter().position(|column| column == last)
}

/// The records of these ids as they are held, tombstones too.
pub(super) async fn held(
    snapshot: &Snapshot,
    subject: &Subject,
    source: &str,
    ids: &[i64],
) -> Result<HashMap<i64, Held>, WarehouseError> {
    let mut found = HashMap::with_capacity(ids.len());
    let key = |gauge: &Gauge| {
        let first = gauge.table.key.first();
        first.map_or_else(String::new, ToString::to_string)
    };
    let of = |column: String| {
        Filter::equal(system::SOURCE_ID, source).and(Filter::In {
            column,
            values: ids.iter().map(|id| Value::Integer(*id)).collect(),
        })
    };
    let mut columns = vec![
        key(&subject.main),
        subject.window.column.to_owned(),
        system::DELETED_AT.to_owned(),
    ];
    columns.extend(subject.main.marks.iter().map(|mark| mark.column.clone()));
    let places = subject.main.places(&columns);
    let scan = Scan::of(&subject.main.table)
        .filter(of(key(&subject.main)))
        .with_deleted()
        .tolerant()
        .columns(columns);
    let mut batches = snapshot.scan(scan).await?;
    while let Some(rows) = batches.try_next().await? {
        for row in rows.iter() {
            let Some(id) = row.get(0).as_integer() else {
                continue;
            };
            let held = Held {
                living: row.get(2) == ValueRef::Null,
                knows_it_lives: !row.is_unreadable(2),
                knows_at: !row.is_unreadable(1),
                at: row.get(1).as_timestamp(),
                values: subject.main.read(row, &places),
                lines: vec![Vec::new(); subject.lines.len()],
            };
            found.insert(id, held);
        }
    }
    for (at, gauge) in subject.lines.iter().enumerate() {
        let mut columns: Vec<String> = gauge.table.key.iter().map(ToString::to_string).collect();
        let line = columns.len() - 1;
        columns.extend(gauge.marks.iter().map(|mark| mark.column.clone()));
        let places = gauge.places(&columns);
        let scan = Scan::of(&gauge.table)
            .filter(of(key(gauge)))
            .tolerant()
            .columns(columns);
        let mut batches = snapshot.scan(scan).await?;
        while let Some(rows) = batches.try_next().await? {
            for row in rows.iter() {
                let parent = row.get(0).as_integer().and_then(|id| found.get_mut(&id));
                let lines = parent.and_then(|parent| parent.lines.get_mut(at));
                if let (Some(lines), Some(line)) = (lines, row.get(line).as_integer()) {
                    lines.push((line, gauge.read(row, &places)));
                }
            }
        }
    }
    Ok(found)
}
