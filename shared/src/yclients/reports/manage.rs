use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json, json};
use wynos_base::exact;

use super::{
    Paths, Record, ReportError, TableShape, cost_of_rule,
    description::{self, TableNames, check_table_name},
    infer,
    read::{Found, Page, Reader},
    target::{Definition, Output, Target},
};
use crate::{
    SourceId, SubscriptionId,
    catalog::Locale,
    control::{Actor, NewReport, PlannedJob, Purpose, Report, ReportId, ReportKind},
    i18n::{Args, text_with},
    journal::{Category, NewEntry, Severity},
    planner::{self, JobSettings, NewJob, Period, PeriodRule, ReportSettings, Schedule, WorkError},
    services::Services,
    warehouse::{ValueRef, same_key},
    yclients::pull::DetailsCost,
};

/// Records that a sample has at most.
const SAMPLE: usize = 200;
/// Rows of a table that a preview shows.
const SHOWN: usize = 20;
/// Days that a sample is looked for in, the nearest first.
const SAMPLE_DAYS: [u64; 3] = [7, 31, 366];

/// What a user says about a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportOrder {
    /// Its name, 1 to 64 characters.
    pub name: String,
    /// Where its records come from.
    pub source: SourceId,
    /// What records it is made of.
    pub kind: ReportKind,
    /// Which fields it keeps and where.
    pub definition: Definition,
    /// What a run refreshes when nobody names a period.
    pub period: PeriodRule,
    /// When it is refreshed by itself.
    pub schedule: Option<Schedule>,
}

/// What a report would bring. Nothing is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// How many records the sample has.
    pub records: usize,
    /// Every path of theirs, with what was met there.
    pub paths: Paths,
    /// The tables, with the rows that the sample makes.
    pub tables: Vec<PreviewTable>,
    /// What a refresh of its period would cost, where each record costs a call.
    pub cost: Option<DetailsCost>,
}

/// A table of a preview.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewTable {
    /// Its name.
    pub name: String,
    /// Its columns with their types, in words.
    pub columns: Vec<(String, String)>,
    /// Its first rows, as JSON objects without nulls.
    pub rows: Vec<Map<String, Json>>,
    /// How many rows the sample makes, without those that are left out.
    pub total: usize,
    /// The columns that tell its rows apart.
    pub key: Vec<String>,
    /// Rows of the sample that are left out because a part of their key is missing.
    pub without_key: u64,
    /// Rows of the sample that are left out because another one, which is taken, has the same key.
    pub same_key: u64,
    /// How it comes out of records; `None` for JSON rows.
    pub shape: Option<TableShape>,
}

impl PreviewTable {
    /// What is to be said of rows that are left out, here and in every refresh: how many lack a part of their key, and that
    /// the key does not tell rows apart where several have the same one. Empty where none is left out.
    pub fn notes(&self, locale: Locale) -> Vec<String> {
        let said = [
            ("report-preview-without-key", self.without_key),
            ("report-preview-same-key", self.same_key),
        ];
        let said = said.into_iter().filter(|(_, count)| *count > 0);
        let key = self.key.join(", ");
        said.map(|(text, count)| {
            let args = Args::new().with("count", count).with("key", key.as_str());
            text_with(locale, text, &args)
        })
        .collect()
    }
}

/// The latest records of a source, and where they were found.
struct Sample {
    records: Vec<Found>,
    period: Option<Period>,
    paths: Paths,
    zone: Tz,
}

/// Reads some of the latest records and shows what a report would make of them: the paths that can be chosen, the tables,
/// their columns and rows.
pub async fn preview(
    services: &Services,
    subscription: &SubscriptionId,
    order: &ReportOrder,
) -> Result<Preview, ReportError> {
    let sample = Sample::read(services, subscription, order).await?;
    let shapes = shapes(&sample.paths, services, subscription, order).await?;
    let mut output = output(order, &ReportId::random(), shapes)?;
    let tables = sample.tables(order.kind, &mut output)?;
    let (kind, rule) = (order.kind, order.period);
    let cost = cost_of_rule(services, subscription, &order.source, kind, rule).await?;
    Ok(Preview {
        cost,
        records: sample.records.len(),
        paths: sample.paths,
        tables,
    })
}

/// Makes a report and the job that refreshes it, of what a preview of this order `shown` of the vendor's records; a sample
/// is read only where nobody looked and something is to be known of them. A table whose columns are those of a sample is made
/// only where it was shown.
pub async fn add(
    services: &Services,
    subscription: &SubscriptionId,
    order: ReportOrder,
    shown: Option<&Preview>,
    by: &Actor,
) -> Result<(Report, PlannedJob), ReportError> {
    let business = services.control.subscription(subscription).await?;
    if matches!(order.definition.target, Target::Table { .. }) && shown.is_none() {
        return Err(ReportError::NotApproved);
    }
    let paths = match shown {
        Some(shown) => shown.paths.clone(),
        None if order.definition.needs_sample() => {
            Sample::read(services, subscription, &order).await?.paths
        }
        None => Paths::default(),
    };
    let shapes = shapes(&paths, services, subscription, &order).await?;
    let new = NewReport {
        source_id: order.source.to_string(),
        kind: order.kind,
        name: order.name.trim().to_owned(),
        definition: serde_json::to_value(&order.definition)?,
        known_paths: serde_json::to_value(&paths)?,
        tables: shapes
            .iter()
            .map(|shape| Ok((shape.name.clone(), serde_json::to_value(shape)?)))
            .collect::<Result<_, serde_json::Error>>()?,
    };
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let report = tx.reports(subscription).create(&new, by, now).await?;
    let job = NewJob {
        name: order.name,
        source: Some(order.source.to_string()),
        settings: JobSettings::Report(ReportSettings {
            report: report.id.clone(),
            period: order.period,
        }),
        schedule: order.schedule,
    };
    let job = planner::add_within(&mut tx, &business, job, by, now).await?;
    tx.reports(subscription)
        .set_job(&report.id, &job.id)
        .await?;
    tx.append_journal(subscription, &entry(&report, "report.created", by, now))
        .await?;
    tx.commit().await?;
    let job_id = Some(job.id.clone());
    Ok((Report { job_id, ..report }, job))
}

/// What stands in the journal about a report.
pub(super) fn entry(report: &Report, code: &str, by: &Actor, now: DateTime<Utc>) -> NewEntry {
    NewEntry {
        at: now,
        category: Category::Report,
        severity: Severity::Info,
        source_id: Some(report.source_id.clone()),
        actor: by.clone(),
        code: code.to_owned(),
        counts: BTreeMap::new(),
        details: json!({ "report": report.id, "name": report.name, "kind": report.kind }),
        dedupe_key: format!("{code}:{}", report.id),
    }
}

fn output(
    order: &ReportOrder,
    id: &ReportId,
    shapes: Vec<TableShape>,
) -> Result<Output, ReportError> {
    Output::new(&order.definition, id, shapes).ok_or(ReportError::NoSample)
}

impl Sample {
    async fn read(
        services: &Services,
        subscription: &SubscriptionId,
        order: &ReportOrder,
    ) -> Result<Self, ReportError> {
        if order.source.subscription() != subscription {
            let source_id = order.source.to_string();
            return Err(planner::PlannerError::NoSuchSource { source_id }.into());
        }
        let reader = Reader::open(services, &order.source, Purpose::Preview).await?;
        let today = services
            .clock
            .now()
            .with_timezone(&reader.zone)
            .date_naive();
        let mut sample = Self {
            records: Vec::new(),
            period: None,
            paths: Paths::default(),
            zone: reader.zone,
        };
        for days in SAMPLE_DAYS {
            sample.period = order.kind.has_days().then(|| Period {
                from: today.checked_sub_days(Days::new(days)).unwrap_or(today),
                to: today,
            });
            if let Err(error) = sample.fill(&reader, order.kind).await {
                return Err(reader.told_apart(error).await.into());
            }
            if !sample.records.is_empty() || sample.period.is_none() {
                break;
            }
        }
        for found in &sample.records {
            sample.paths.add(&found.body);
        }
        Ok(sample)
    }

    async fn fill(&mut self, reader: &Reader, kind: ReportKind) -> Result<(), WorkError> {
        let mut pages = reader.records(kind, self.period, None, None).await?;
        let mut seen: BTreeSet<String> =
            self.records.iter().map(|found| found.key.clone()).collect();
        while self.records.len() < SAMPLE
            && let Page::Found(page) = pages.next().await?
        {
            let room = SAMPLE - self.records.len();
            let new = page
                .into_iter()
                .filter(|found| seen.insert(found.key.clone()));
            self.records.extend(new.take(room));
        }
        Ok(())
    }

    fn tables(
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
            let row = |row: crate::warehouse::Row<'_>| -> Map<String, Json> {
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
                shape: shapes
                    .iter()
                    .find(|shape| batch.table.name == shape.name)
                    .cloned(),
            });
        }
        Ok(tables)
    }
}

/// The tables that the order asks for, by what was met in records.
async fn shapes(
    paths: &Paths,
    services: &Services,
    subscription: &SubscriptionId,
    order: &ReportOrder,
) -> Result<Vec<TableShape>, ReportError> {
    check_fields(paths, order)?;
    let names = TableNames(services.control.reports(subscription).table_names().await?);
    match &order.definition.target {
        Target::Json => Ok(Vec::new()),
        Target::Table { name } => {
            check_table_name(name, &names).map_err(ReportError::TableName)?;
            if paths.is_empty() {
                return Err(ReportError::NoSample);
            }
            Ok(vec![infer(name, paths, &order.definition.fields)])
        }
        Target::Description { .. } if paths.is_empty() => Err(ReportError::NoSample),
        Target::Description { yaml } => Ok(description::read(yaml, paths, &names, &[])?),
    }
}

fn check_fields(paths: &Paths, order: &ReportOrder) -> Result<(), ReportError> {
    let unknown = |path: &&super::Path| paths.get(path).is_none();
    let chosen = order.definition.fields.iter();
    match chosen.filter(|_| !paths.is_empty()).find(unknown) {
        None => Ok(()),
        Some(path) => Err(ReportError::UnknownField {
            nearest: paths.nearest(path).cloned(),
            path: path.clone(),
        }),
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
