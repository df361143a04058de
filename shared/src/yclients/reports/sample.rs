//! Some of the latest records of a source, to show what a report would make of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json};
use wynos_base::exact;

use super::{
    Paths, PreviewTable, Record, ReportError, ReportOrder, TableShape,
    read::{Found, Page, Reader},
    target::Output,
};
use crate::{
    SubscriptionId,
    control::{Purpose, ReportKind},
    planner::{self, Period, WorkError},
    services::Services,
    warehouse::{Row, ValueRef, same_key},
};

/// Records that a sample has at most.
const SAMPLE: usize = 200;
/// Rows of a table that a preview shows.
const SHOWN: usize = 20;
/// Days that a sample is looked for in, the nearest first.
const SAMPLE_DAYS: [u64; 3] = [7, 31, 366];
/// Pages of a period that are read to have more records than there are: somebody waits …
const MOST_PAGES: usize = 10;
/// … and to have any at all: of most visits a report may take none.
const MOST_PAGES_FOR_ANY: usize = 100;
/// So long reading goes on to the next page: what was found by then is the sample, since somebody waits for it.
const WAITED: TimeDelta = TimeDelta::seconds(15);

/// The latest records of a source, and where they were found.
pub(super) struct Sample {
    pub records: Vec<Found>,
    /// The days that were looked at.
    period: Option<Period>,
    pub paths: Paths,
    zone: Tz,
}

impl Sample {
    /// Reads the latest records: of wider and wider periods, until there are as many as a sample has, or the
    /// time is up for which somebody waits.
    pub async fn read(
        services: &Services,
        subscription: &SubscriptionId,
        order: &ReportOrder,
    ) -> Result<Self, ReportError> {
        if order.source.subscription() != subscription {
            let source_id = order.source.to_string();
            return Err(planner::PlannerError::NoSuchSource { source_id }.into());
        }
        let reader = Reader::open(services, &order.source, Purpose::Preview).await?;
        let now = services.clock.now();
        let until = now + WAITED;
        let today = now.with_timezone(&reader.zone).date_naive();
        let mut sample = Self {
            records: Vec::new(),
            period: None,
            paths: Paths::default(),
            zone: reader.zone,
        };
        for days in SAMPLE_DAYS {
            let from = today.checked_sub_days(Days::new(days)).unwrap_or(today);
            let read = sample.period.map(|read| read.from);
            let to = read.and_then(|from| from.pred_opt()).unwrap_or(today);
            let of_days = |to| order.kind.has_days().then_some(Period { from, to });
            sample.period = of_days(today);
            let part = of_days(to);
            if let Err(error) = sample
                .fill(services, &reader, order.kind, part, until)
                .await
            {
                return Err(reader.told_apart(error).await.into());
            }
            let is_late = services.clock.now() >= until;
            if sample.is_full(order.kind) || part.is_none() || is_late {
                break;
            }
        }
        for found in &sample.records {
            sample.paths.add(&found.body);
        }
        Ok(sample)
    }

    /// Whether more records would tell nothing that is worth the calls: each document costs one.
    fn is_full(&self, kind: ReportKind) -> bool {
        let costs_calls = kind.origin().one.is_some();
        self.records.len() >= SAMPLE || (costs_calls && !self.records.is_empty())
    }

    async fn fill(
        &mut self,
        services: &Services,
        reader: &Reader,
        kind: ReportKind,
        part: Option<Period>,
        until: DateTime<Utc>,
    ) -> Result<(), WorkError> {
        let mut pages = reader.records(kind, part, None, None).await?;
        let mut seen: BTreeSet<String> =
            self.records.iter().map(|found| found.key.clone()).collect();
        let mut read = 0;
        while self.records.len() < SAMPLE
            && read < self.most_pages()
            // What was listed before the first page was to be of use.
            && (read == 0 || services.clock.now() < until)
            && let Page::Found(page) = pages.next().await?
        {
            read += 1;
            let room = SAMPLE - self.records.len();
            let new = page
                .into_iter()
                .filter(|found| seen.insert(found.key.clone()));
            self.records.extend(new.take(room));
        }
        Ok(())
    }

    /// So many pages of a period are read at most.
    const fn most_pages(&self) -> usize {
        if self.records.is_empty() {
            MOST_PAGES_FOR_ANY
        } else {
            MOST_PAGES
        }
    }

    /// The tables that the records make.
    pub fn tables(
        &self,
        kind: ReportKind,
        output: &mut Output,
    ) -> Result<Vec<PreviewTable>, WorkError> {
        let origin = kind.origin();
        let records: Vec<Record<'_>> = self
            .records
            .iter()
            .map(|found| Record {
                key: &found.key,
                day: origin.day(&found.body, self.period, self.zone),
                body: &found.body,
                people: None,
            })
            .collect();
        let made = output.make(&records, self.zone);
        let record_column = output.record_column();
        let shapes: &[TableShape] = match output {
            Output::Json { .. } => &[],
            Output::Tables(shapes) => shapes,
        };
        let mut tables = Vec::new();
        for batch in made.batches {
            let columns = &batch.table.columns;
            let out = same_key(&batch.table, record_column, &batch.rows)?;
            let taken = batch.rows.iter().enumerate();
            let taken = taken.filter(|(place, _)| !out.contains(place));
            let row = |row: Row<'_>| -> Map<String, Json> {
                let cells = columns
                    .iter()
                    .zip(row.values())
                    .filter(|(_, value)| !value.is_null());
                cells
                    .map(|(column, value)| (column.name.to_string(), shown(value)))
                    .collect()
            };
            let types = columns.iter().map(|column| {
                let ty = format!("{:?}", column.ty.storage()).to_lowercase();
                (column.name.to_string(), ty)
            });
            tables.push(PreviewTable {
                name: batch.table.name.to_string(),
                columns: types.collect(),
                rows: taken.take(SHOWN).map(|(_, cells)| row(cells)).collect(),
                total: batch.rows.len() - out.len(),
                key: batch.table.key.iter().map(ToString::to_string).collect(),
                without_key: batch.keyless,
                same_key: out.len() as u64,
                unread: batch.unread.values().next().map(|path| {
                    let count = batch.unread.len() as u64;
                    (path.clone(), count)
                }),
                shape: shapes
                    .iter()
                    .find(|shape| batch.table.name == shape.name)
                    .cloned(),
            });
        }
        Ok(tables)
    }
}

fn shown(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Boolean(flag) => flag.into(),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Decimal(number) => number.to_string().into(),
        ValueRef::Text(text) => text.into(),
        ValueRef::Date(day) => day.to_string().into(),
        ValueRef::Timestamp(at) => at
            .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
            .into(),
        ValueRef::Json(text) => exact::shown(text).unwrap_or_default(),
    }
}
