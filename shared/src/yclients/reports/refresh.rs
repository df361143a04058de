//! A run of a report: its period is read part by part and staged, then put in the place of what was there in one commit. A run
//! that breaks off anywhere leaves everything as it was.

mod commit;
mod exchange;
mod note;

pub(super) use exchange::exchange_key;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    FieldType, Paths, Record, TableShape,
    read::{Found, Reader},
    target::{Definition, Output},
};
use crate::{
    SourceId,
    control::{ControlError, Purpose, Report, ReportId},
    planner::{Period, Task, WorkError, Worked},
    plans::Terms,
    services::Services,
    warehouse::{Filter, People, Warehouse, Write, internal, stage},
    yclients::pull,
};

/// Days that are asked for at once.
const DAYS_AT_ONCE: u64 = 31;
/// How long one message is worked on before the rest is left to the next.
const TIME: TimeDelta = TimeDelta::minutes(8);
/// Records whose earlier rows are taken out of the stage in one condition.
const RECORDS_AT_ONCE: usize = 500;

/// The code of what is not told: the run begins again by itself.
const ERASED: &str = "report.erased";

/// How far a run has come; kept with the rows that it staged.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Progress {
    /// The first day that is still to be read; `None` before the first part.
    next: Option<NaiveDate>,
    records: i64,
    keyless: u64,
    nameless: u64,
    #[serde(default)]
    paths: Paths,
    /// Columns that take what fits no other: rows are staged with them, whatever becomes of the attempt.
    #[serde(default)]
    variants: Vec<Variant>,
    /// How often people had been erased when the run began to read.
    #[serde(default)]
    erasures: i64,
}

/// A column that a table needs for values that do not fit another one.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Variant {
    table: String,
    column: String,
    #[serde(rename = "type")]
    ty: FieldType,
}

/// Everything that a run works with.
struct Refresh<'a> {
    services: &'a Services,
    task: &'a Task<'a>,
    report: Report,
    terms: Terms,
    warehouse: Warehouse,
    output: Output,
    run: String,
    /// When the run began: what is there was observed before that, what is staged then.
    observed_at: DateTime<Utc>,
    progress: Progress,
    /// How far it had come at the end of the last whole part: where the next attempt begins.
    settled: Progress,
    /// Among whom the source counts clients.
    clients: People,
}

/// Refreshes a report, as one message asks for it.
pub(crate) async fn refresh(
    services: &Services,
    task: &Task<'_>,
    report: &ReportId,
) -> Result<Worked, WorkError> {
    if let Some(totals) = exchange::exchanged(services, task, report).await? {
        return Ok(Worked::Done(totals));
    }
    let (mut refresh, reader) = Refresh::begin(services, task, report).await?;
    match work(services, task, &mut refresh, &reader).await {
        Err(error) if error.code == ERASED => {
            refresh.forget().await?;
            Ok(Worked::Continue)
        }
        worked => worked,
    }
}

async fn work(
    services: &Services,
    task: &Task<'_>,
    refresh: &mut Refresh<'_>,
    reader: &Reader,
) -> Result<Worked, WorkError> {
    let until = services.clock.now() + TIME;
    let period = task.period.filter(|_| refresh.report.kind.has_days());
    while let Some(part) = refresh.next_part(period) {
        refresh.part(reader, part).await?;
        let ends = services.stop.is_asked() || services.clock.now() >= until;
        if ends && refresh.next_part(period).is_some() {
            refresh.note().await?;
            return Ok(Worked::Continue);
        }
    }
    refresh.note().await?;
    refresh.exchange(period).await
}

impl<'a> Refresh<'a> {
    async fn begin(
        services: &'a Services,
        task: &'a Task<'a>,
        report: &ReportId,
    ) -> Result<(Self, Reader), WorkError> {
        let subscription = &task.job.subscription_id;
        let reports = services.control.reports(subscription);
        let report = match reports.get(report).await {
            Err(ControlError::NotFound { .. }) => {
                return Err(WorkError::hopeless("report.gone", json!({})));
            }
            other => other?,
        };
        let definition: Definition =
            serde_json::from_value(report.definition.clone()).map_err(|_| broken())?;
        let tables = reports.tables_of(&report.id).await?;
        let shapes = tables
            .into_iter()
            .map(|table| serde_json::from_value(table.structure));
        let shapes: Vec<TableShape> = shapes.collect::<Result<_, _>>().map_err(|_| broken())?;
        let output = Output::new(&definition, &report.id, shapes).ok_or_else(broken)?;
        let source: SourceId = report.source_id.parse().map_err(|_| broken())?;
        let reader = Reader::open(services, &source, Purpose::Report).await?;
        let business = services.control.subscription(subscription).await?;
        let terms = *services.settings.plans.terms(business.plan);
        if !terms.runs(&business, services.clock.now()) {
            return Err(WorkError::hopeless("plan.ended", json!({})));
        }
        pull::used(services, subscription, Some(&source)).await;
        let run = &task.lease.run;
        let warehouse = services.warehouses.open(subscription);
        let kept = warehouse.state(&state_key(run.id.as_str())).await?;
        let progress = match kept.and_then(|kept| serde_json::from_value(kept).ok()) {
            Some(progress) => progress,
            None => Progress {
                erasures: warehouse.erasures().await?,
                ..Progress::default()
            },
        };
        let mut output = output;
        for variant in &progress.variants {
            output.add_variant(&variant.table, &variant.column, variant.ty);
        }
        let refresh = Self {
            services,
            task,
            terms,
            output,
            run: run.id.to_string(),
            observed_at: run.started_at.unwrap_or(run.queued_at),
            settled: progress.clone(),
            progress,
            clients: People::of_vendor(reader.source.vendor),
            warehouse,
            report,
        };
        Ok((refresh, reader))
    }

    /// The next part of the period; without a period there is one part, which is all.
    fn next_part(&self, period: Option<Period>) -> Option<Option<Period>> {
        match (period, self.progress.next) {
            (None, None) => Some(None),
            (None, Some(_)) => None,
            (Some(period), next) => {
                let from = next.unwrap_or(period.from);
                let last = from.checked_add_days(Days::new(DAYS_AT_ONCE - 1))?;
                let to = last.min(period.to);
                (from <= period.to).then_some(Some(Period { from, to }))
            }
        }
    }

    /// Reads one part of the period and stages its rows.
    async fn part(&mut self, reader: &Reader, period: Option<Period>) -> Result<(), WorkError> {
        let mut pages = reader.records(self.report.kind, period).await?;
        while let Some(page) = pages.next().await? {
            self.stage(&page, period, reader).await?;
        }
        self.progress.nameless += pages.nameless;
        let after = period.and_then(|period| period.to.succ_opt());
        self.progress.next = Some(after.unwrap_or(self.observed_at.date_naive()));
        self.settled = self.progress.clone();
        let kept = self.keep_progress()?;
        self.commit(vec![kept], self.services.clock.now(), false)
            .await?;
        Ok(())
    }

    /// Keeps how far the run came, with every variant column so far.
    fn keep_progress(&self) -> Result<Write, WorkError> {
        let progress = Progress {
            variants: self.progress.variants.clone(),
            ..self.settled.clone()
        };
        Ok(Write::PutState {
            key: state_key(&self.run),
            value: Some(serde_json::to_value(progress).map_err(|_| broken())?),
        })
    }

    async fn stage(
        &mut self,
        page: &[Found],
        period: Option<Period>,
        reader: &Reader,
    ) -> Result<(), WorkError> {
        self.task.lease.keep().await?;
        let page = self.without_erased(page).await?;
        let page = page.as_ref();
        let origin = self.report.kind.origin();
        let people: Vec<Option<String>> = page.iter().map(|found| self.named(found)).collect();
        let records: Vec<Record<'_>> = page
            .iter()
            .zip(&people)
            .map(|(found, people)| Record {
                key: &found.key,
                day: origin.day(&found.body, period, reader.zone),
                body: &found.body,
                people: people.as_deref(),
            })
            .collect();
        for found in page {
            self.progress.paths.add(&found.body);
        }
        let made = self.output.make(&records, reader.zone);
        self.progress.records += i64::try_from(records.len()).unwrap_or(0);
        self.progress.keyless += made.keyless;
        let now = self.services.clock.now();
        let mut writes = Vec::new();
        if !made.variants.is_empty() {
            let variants = made.variants.into_iter().map(|(table, misfit)| Variant {
                table,
                column: misfit.column,
                ty: misfit.variant,
            });
            self.progress.variants.extend(variants);
            writes.push(self.keep_progress()?);
        }
        for batch in &made.batches {
            // A record that is read again, on a later page or by another attempt, counts as it is now.
            for records in records.chunks(RECORDS_AT_ONCE) {
                let keys = records.iter().map(|record| record.key.into()).collect();
                writes.push(Write::Remove {
                    table: std::sync::Arc::clone(internal::report_stage()),
                    filter: Filter::equal("run", self.run.as_str())
                        .and(Filter::equal("table", batch.table.name.as_ref()))
                        .and(Filter::In {
                            column: "record".to_owned(),
                            values: keys,
                        }),
                    limit: None,
                });
            }
            let record_column = self.output.record_column();
            writes.push(stage(
                &self.run,
                &batch.table,
                record_column,
                &batch.rows,
                now,
            )?);
        }
        self.commit(writes, now, false).await?;
        Ok(())
    }
}

fn state_key(run: &str) -> String {
    format!("report:{run}")
}

fn broken() -> WorkError {
    WorkError::hopeless("report.broken", json!({}))
}
