//! A run of a report: its period is read part by part and staged, then put in the place of what was there in one commit. A run
//! that breaks off anywhere leaves everything as it was.

mod aside;
mod breaking;
mod commit;
mod exchange;
mod note;

use aside::Aside;
pub(super) use exchange::exchange_key;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    FieldType, Paths, Record, TableShape,
    read::{Found, Limit, Page, Reader},
    target::{Definition, Output},
    unread::{self, Unread},
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
/// How long one part may take: one that is left is read again from its beginning, and a day is not cut any smaller.
const LONGEST: TimeDelta = TimeDelta::minutes(8);
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
    /// Records whose rows of a table stay as they are, by table.
    #[serde(default)]
    unread: BTreeMap<String, Unread>,
    #[serde(default)]
    paths: Paths,
    /// Columns that take what fits no other: rows are staged with them, whatever becomes of the attempt.
    #[serde(default)]
    variants: Vec<Variant>,
    /// How often people had been erased when the run began to read.
    #[serde(default)]
    erasures: i64,
    /// The last document of the part in hand that was read and staged: the part goes on after it.
    #[serde(default)]
    after: Option<i64>,
    /// Days that are asked for at once, where a message's time did not do for more.
    #[serde(default)]
    days: Option<u64>,
    /// When a part was begun that was left to another message: it is read again from its beginning.
    #[serde(default)]
    left: Option<DateTime<Utc>>,
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
    /// Whether it came further since it was taken up.
    came_further: bool,
    /// When the part in hand was begun, and of how many days it is.
    in_hand: (DateTime<Utc>, u64),
    /// Among whom the source counts clients.
    clients: People,
    /// What this message left out, so that it is counted once.
    aside: Aside,
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
    let worked = match work(services, task, &mut refresh, &reader).await {
        Err(error) => {
            let error = reader.told_apart(error).await;
            match refresh.waits_for(&error) {
                Some(time) => {
                    let left = refresh.leave_part(true).await;
                    left.map(|()| Worked::Later(time))
                }
                None => Err(error),
            }
        }
        worked => worked,
    };
    match worked {
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
    let began = services.clock.now();
    // Reports wait in one queue with those who read sources, and take turns with them.
    let turn = began + pull::TIME_PER_MESSAGE;
    let until = began + LONGEST;
    let period = task.period.filter(|_| refresh.report.kind.has_days());
    refresh.clear_left_part().await?;
    while let Some(part) = refresh.next_part(period) {
        let begun = services.clock.now();
        if !refresh.part(reader, part, until).await? {
            refresh.note().await?;
            refresh.leave_part(false).await?;
            return Ok(Worked::Continue);
        }
        // None is begun that would not end within the turn, by the last one.
        let now = services.clock.now();
        let ends = services.stop.is_asked() || now + (now - begun) >= turn;
        if ends && refresh.next_part(period).is_some() {
            refresh.note().await?;
            return Ok(Worked::Continue);
        }
    }
    refresh.note().await?;
    refresh.note_unread().await?;
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
            came_further: false,
            in_hand: (services.clock.now(), 0),
            clients: People::of_vendor(reader.source.vendor),
            warehouse,
            report,
            aside: Aside::default(),
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
                let days = self.progress.days.unwrap_or(DAYS_AT_ONCE);
                let last = from.checked_add_days(Days::new(days.saturating_sub(1)))?;
                let to = last.min(period.to);
                (from <= period.to).then_some(Some(Period { from, to }))
            }
        }
    }

    /// Reads one part of the period and stages its rows; `false` where time was up before its end, or work is to end.
    async fn part(
        &mut self,
        reader: &Reader,
        period: Option<Period>,
        until: DateTime<Utc>,
    ) -> Result<bool, WorkError> {
        let days = period.map_or(0, |period| (period.to - period.from).num_days() + 1);
        let days = u64::try_from(days).unwrap_or(0);
        self.in_hand = (self.services.clock.now(), days);
        let limit = Limit {
            services: self.services,
            until,
            divides: days > 1,
        };
        let (kind, after) = (self.report.kind, self.progress.after);
        let mut pages = reader.records(kind, period, after, Some(limit)).await?;
        loop {
            match pages.next().await? {
                Page::Found(page) => {
                    for nameless in std::mem::take(&mut pages.nameless) {
                        self.progress.nameless += u64::from(self.aside.is_new(nameless));
                    }
                    self.progress.after = pages.after;
                    self.stage(&page, period, reader).await?;
                }
                Page::End => break,
                Page::BrokenOff => return Ok(false),
            }
        }
        self.progress.after = None;
        let after = period.and_then(|period| period.to.succ_opt());
        self.progress.next = Some(after.unwrap_or(self.observed_at.date_naive()));
        self.settled = self.progress.clone();
        let kept = self.keep_progress()?;
        self.commit(vec![kept], self.services.clock.now(), false)
            .await?;
        self.came_further = true;
        Ok(true)
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
        for record in &records {
            let rows = made.keyless.get(record.key).copied().unwrap_or(0);
            let total = self.progress.keyless;
            self.progress.keyless = self.aside.keyless(total, record.key, rows);
        }
        for batch in &made.batches {
            let (table, records) = (&batch.table.name, records.iter().map(|record| record.key));
            unread::note(&mut self.progress.unread, table, records, &batch.unread);
        }
        let now = self.services.clock.now();
        let mut writes = Vec::new();
        let is_wider = !made.variants.is_empty();
        if is_wider {
            let variants = made.variants.into_iter().map(|(table, misfit)| Variant {
                table,
                column: misfit.column,
                ty: misfit.variant,
            });
            self.progress.variants.extend(variants);
        }
        // Each document costs a call: what is read of a part stays, however many there are.
        let stays = self.progress.after.is_some();
        if stays {
            self.settled = self.progress.clone();
        }
        if stays || is_wider {
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
        self.came_further |= stays;
        Ok(())
    }
}

fn state_key(run: &str) -> String {
    format!("report:{run}")
}

fn broken() -> WorkError {
    WorkError::hopeless("report.broken", json!({}))
}
