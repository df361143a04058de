use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};

use super::{
    Declared, FieldType, Path, Paths, ReportError, TableShape, cost_of_rule,
    description::{self, TableNames, check_table_name},
    infer,
    sample::Sample,
    target::{Definition, Output, Target},
};
use crate::{
    SourceId, SubscriptionId,
    catalog::Locale,
    control::{Actor, NewReport, PlannedJob, Report, ReportId, ReportKind},
    i18n::{Args, text_with},
    journal::{Category, NewEntry, Severity},
    planner::{self, JobSettings, NewJob, PeriodRule, ReportSettings, Schedule},
    services::Services,
    yclients::pull::DetailsCost,
};

/// Reports, the newest, whose records tell what others of the same kind have.
const LOOKED_AT: usize = 50;

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
    /// What records they are.
    pub kind: ReportKind,
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
    /// Where records of the sample have something else than the list that the rows are to come from, or in the way of a condition
    /// or a key, and how many do: none of their rows is made.
    pub unread: Option<(Path, u64)>,
    /// How it comes out of records; `None` for JSON rows.
    pub shape: Option<TableShape>,
}

impl Preview {
    /// The fields that can be chosen, and the type that a column of each has: as the catalog declares it, where all that was met
    /// fits that.
    pub fn fields(&self) -> impl Iterator<Item = (&Path, FieldType)> {
        let declared = Declared::of(self.kind);
        let fields = self.paths.iter().filter(|(path, _)| !path.is_root());
        fields.map(move |(path, met)| (path, met.infer_declared(path, declared.ty(path))))
    }
}

impl PreviewTable {
    /// What is to be said of rows that are left out, here and in every refresh: how many lack a part of their key, that the key
    /// does not tell rows apart where several have the same one, and that some cannot be read. Empty where none is left out.
    pub fn notes(&self, locale: Locale) -> Vec<String> {
        let own = self.key.join(", ");
        let said = [
            (
                "report-preview-without-key",
                self.without_key,
                self.whole_key(),
            ),
            ("report-preview-same-key", self.same_key, own),
        ];
        let said = said.into_iter().filter(|(_, count, _)| *count > 0);
        let said = said.map(|(text, count, key)| {
            let args = Args::new().with("count", count).with("key", key);
            text_with(locale, text, &args)
        });
        let unread = self.unread.as_ref().map(|(path, count)| {
            let path = path.to_string();
            let args = Args::new().with("count", *count).with("path", path);
            text_with(locale, "report-preview-unread", &args)
        });
        said.chain(unread).collect()
    }

    /// What a row cannot lack: its own key, and that of the row above.
    fn whole_key(&self) -> String {
        let links = self.shape.iter().flat_map(TableShape::links);
        let mut whole: Vec<&str> = links.collect();
        let has_own = self.shape.as_ref().is_none_or(TableShape::has_own_key);
        let own = self.key.iter().map(String::as_str);
        for name in own.filter(|_| has_own) {
            if !whole.contains(&name) {
                whole.push(name);
            }
        }
        whole.join(", ")
    }
}

/// Reads some of the latest records and shows what a report would make of them: the paths that can be chosen, the tables,
/// their columns and rows.
pub async fn preview(
    services: &Services,
    subscription: &SubscriptionId,
    order: &ReportOrder,
) -> Result<Preview, ReportError> {
    let mut sample = Sample::read(services, subscription, order).await?;
    know_fields(&mut sample.paths, services, subscription, order).await?;
    let shapes = shapes(&sample.paths, services, subscription, order).await?;
    let mut output = output(order, &ReportId::random(), shapes)?;
    let tables = sample.tables(order.kind, &mut output)?;
    let (kind, rule) = (order.kind, order.period);
    let cost = cost_of_rule(services, subscription, &order.source, kind, rule).await?;
    Ok(Preview {
        cost,
        kind,
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
    let mut paths = match shown {
        Some(shown) => shown.paths.clone(),
        None if order.definition.needs_sample() => {
            Sample::read(services, subscription, &order).await?.paths
        }
        None => Paths::default(),
    };
    know_fields(&mut paths, services, subscription, &order).await?;
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

/// The tables that the order asks for, by what was met in records.
async fn shapes(
    paths: &Paths,
    services: &Services,
    subscription: &SubscriptionId,
    order: &ReportOrder,
) -> Result<Vec<TableShape>, ReportError> {
    let names = TableNames(services.control.reports(subscription).table_names().await?);
    match &order.definition.target {
        Target::Json => Ok(Vec::new()),
        Target::Table { name } => {
            check_table_name(name, &names).map_err(ReportError::TableName)?;
            if paths.is_empty() {
                return Err(ReportError::NoSample);
            }
            let declared = Declared::of(order.kind);
            let fields = &order.definition.fields;
            Ok(vec![infer(name, paths, fields, &declared)])
        }
        Target::Description { .. } if paths.is_empty() => Err(ReportError::NoSample),
        Target::Description { yaml } => {
            let source = order.source.to_string();
            let mut known = paths.clone();
            known.adopt_unseen(&elsewhere(services, subscription, order.kind, &source).await?);
            known.adopt_unseen(&Declared::of(order.kind).paths());
            Ok(description::read(yaml, &known, &names, &[])?)
        }
    }
}

/// Checks the chosen fields, and adds those to what a sample had that it has not, and records of the kind have all the same:
/// what runs of other reports met, or the catalog has columns for. Of an empty sample nothing is known, and all are taken.
async fn know_fields(
    paths: &mut Paths,
    services: &Services,
    subscription: &SubscriptionId,
    order: &ReportOrder,
) -> Result<(), ReportError> {
    let fields = &order.definition.fields;
    if paths.is_empty() || fields.iter().all(|field| paths.get(field).is_some()) {
        return Ok(());
    }
    let source = order.source.to_string();
    let met = elsewhere(services, subscription, order.kind, &source).await?;
    let declared = Declared::of(order.kind).paths();
    for field in fields {
        let known = [&*paths, &met, &declared];
        if known.iter().all(|known| known.get(field).is_none()) {
            return Err(ReportError::UnknownField {
                nearest: paths.nearest(field).cloned(),
                path: field.clone(),
            });
        }
    }
    let lacking = fields.iter().filter(|field| paths.get(field).is_none());
    let lacking: Vec<Path> = lacking.cloned().collect();
    paths.adopt_fields(&met, &lacking);
    paths.adopt_fields(&declared, &lacking);
    Ok(())
}

/// What reports met in records of this kind and source.
pub(super) async fn elsewhere(
    services: &Services,
    subscription: &SubscriptionId,
    kind: ReportKind,
    source: &str,
) -> Result<Paths, ReportError> {
    let reports = services.control.reports(subscription);
    let reports = reports.list(None, LOOKED_AT).await?.items;
    let same = reports
        .into_iter()
        .filter(|report| report.kind == kind && report.source_id == source);
    let mut met = Paths::default();
    for report in same {
        met.adopt(&serde_json::from_value::<Paths>(report.known_paths)?);
    }
    Ok(met)
}
