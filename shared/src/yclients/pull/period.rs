//! Reading the tables of a period in turn: one that cannot be read now waits, and the others are read meanwhile.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    PullError, THROTTLED, closed,
    cursor::{Reading, TableCursor},
    outcome::After,
    pass::Drained,
    put_off::LeftOut,
    run::Next,
    windows::{readings, streams_of},
    work::Work,
};
use crate::{
    control::Run,
    warehouse::{Load, Write},
    yclients::{
        client::{OF_COMPANY, VendorError},
        streams::Stream,
    },
};

/// A period in which nothing can be read now is looked at again after so long at most: one that shows no life for longer is
/// taken for one that nobody works on.
const AWAY: Duration = Duration::from_secs(300);

/// What came of a period so far.
pub(super) struct Outcome {
    pub next: Next,
    /// Tables that could not be read, or not whole, with the code of the reason.
    pub failures: BTreeMap<String, String>,
    /// What of them was not read and is not tried any more.
    pub left_out: BTreeMap<String, LeftOut>,
    /// Whether it goes on by itself when the plan lets something in, or the company can be read again. Of the failures
    /// there is only the one that says which of them it waits for.
    pub stood_still: bool,
    pub windows_done: i64,
}

/// A table of a period, and how far it is read.
struct Part {
    stream: &'static Stream,
    key: String,
    /// What the period is for it.
    all: Vec<Reading>,
    cursor: TableCursor,
}

impl Part {
    fn windows(&self) -> i64 {
        i64::try_from(self.all.len()).unwrap_or(i64::MAX)
    }

    fn windows_done(&self) -> i64 {
        let done = self.all.len().saturating_sub(self.cursor.unread());
        i64::try_from(done).unwrap_or(i64::MAX)
    }

    /// Whether a page came since then, when so many passes were unread.
    fn was_answered(&self, unread: usize, since: DateTime<Utc>) -> bool {
        let last = self
            .cursor
            .pass
            .as_ref()
            .and_then(|pass| pass.place.read_at);
        self.cursor.unread() < unread || last.is_some_and(|at| at >= since)
    }
}

/// What came of a table in this turn.
enum Came {
    /// Nothing of it is left to be tried.
    Through,
    /// It is tried again at that time.
    Waits(DateTime<Utc>),
    /// The whole period goes on after so long.
    Later(Duration),
    /// The plan lets nothing more in, the company is closed to the account, or its licence has run out: the period waits, and
    /// goes on by itself.
    StandsStill(&'static str),
    /// No table can be read.
    Stopped(&'static str),
}

impl Work<'_> {
    /// Reads on in the tables of a period that was ordered, each in its place; those that wait are passed over.
    pub(super) async fn period(&mut self, ordered: &Run) -> Result<Outcome, PullError> {
        let mut outcome = Outcome {
            next: Next::Ended,
            failures: BTreeMap::new(),
            left_out: BTreeMap::new(),
            stood_still: false,
            windows_done: 0,
        };
        let mut tx = self.services.control.begin().await?;
        tx.runs(self.source.id.subscription())
            .started(&self.run, self.services.clock.now())
            .await?;
        tx.commit().await?;
        let Some(days) = ordered.period_from.zip(ordered.period_to) else {
            return Ok(outcome);
        };
        let mut parts = self.parts(ordered, days).await?;
        // Whoever has just ordered the period is not kept waiting for the company's next trial.
        let now = self.services.clock.now();
        let kept_out_by = closed::not_tried(self.tables.values(), now);
        let kept_out_by = kept_out_by.filter(|_| ordered.started_at.is_some());
        let mut wake: Option<DateTime<Utc>> = None;
        for at in 0..parts.len() {
            let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
            let of_others: i64 = others.map(|(_, part)| part.windows_done()).sum();
            let Some(part) = parts.get_mut(at) else {
                break;
            };
            self.windows = (of_others, part.windows());
            let came = match kept_out_by {
                Some(code) => Came::StandsStill(code),
                None => self.part(part).await?,
            };
            match came {
                Came::Through => {}
                Came::Waits(until) => wake = Some(wake.map_or(until, |wake| wake.min(until))),
                Came::Later(delay) => {
                    outcome.next = Next::Continues(delay);
                    break;
                }
                Came::StandsStill(code) => {
                    outcome.stood_still = true;
                    let table = part.stream.table.to_owned();
                    outcome.failures.insert(table, code.to_owned());
                    break;
                }
                Came::Stopped(code) => {
                    for part in &mut parts {
                        part.cursor.leave_out_rest(code);
                    }
                    wake = None;
                    break;
                }
            }
        }
        let is_over = matches!(outcome.next, Next::Ended) && !outcome.stood_still;
        if let Some(until) = wake.filter(|_| is_over) {
            let left = (until - self.services.clock.now()).to_std();
            outcome.next = Next::Continues(left.unwrap_or_default().min(AWAY));
        }
        let ends = matches!(outcome.next, Next::Ended) && !outcome.stood_still;
        if ends && self.was_changed(&parts).await? {
            // The next turn reads what this one read by what was known before.
            outcome.next = Next::Continues(Duration::ZERO);
        }
        for part in parts {
            outcome.windows_done += part.windows_done();
            if let Some(left) = part.cursor.left_out {
                let table = part.stream.table.to_owned();
                if !outcome.stood_still {
                    outcome.failures.insert(table.clone(), left.code.clone());
                }
                outcome.left_out.insert(table, left);
            }
        }
        Ok(outcome)
    }

    async fn parts(
        &self,
        ordered: &Run,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Vec<Part>, PullError> {
        let mut parts = Vec::new();
        for stream in streams_of(&ordered.tables) {
            if !self.enabled(stream.table) {
                continue;
            }
            let key = self.history_key(stream);
            let all = readings(stream, from, to);
            parts.push(Part {
                stream,
                cursor: self.cursor_of_part(stream, &key, &all).await?,
                key,
                all,
            });
        }
        Ok(parts)
    }

    /// The cursor of a table in the period. Where the filter or the time zone has changed since it was begun, all of the period
    /// is read again: rows that the new filter lets in are missing from what was read, and times are of another zone.
    async fn cursor_of_part(
        &self,
        stream: &Stream,
        key: &str,
        all: &[Reading],
    ) -> Result<TableCursor, PullError> {
        let cursor = self.cursor(key).await?;
        let table = self.tables.get(stream.table);
        let filter = table.and_then(|table| table.filter.clone());
        let zone = Some(self.source.time_zone.clone());
        // Cursors of before did not note what they were begun by.
        let is_another =
            cursor.zone.is_some() && (&cursor.filter, &cursor.zone) != (&filter, &zone);
        let before = match is_another || cursor == TableCursor::default() {
            true => TableCursor {
                then: all.to_vec(),
                ..TableCursor::default()
            },
            false => cursor,
        };
        Ok(TableCursor {
            filter,
            zone,
            ..before
        })
    }

    /// Whether the filter of one of these tables, or the time zone, has changed since this turn began.
    async fn was_changed(&self, parts: &[Part]) -> Result<bool, PullError> {
        let sources = self.services.control.sources(&self.source.subscription_id);
        let tables = sources.tables(&self.source.id).await?;
        let zone = sources.get(&self.source.id).await?.time_zone;
        let filtered_anew = parts.iter().any(|part| {
            let table = part.stream.table;
            let present = tables.iter().find(|known| known.table_name == table);
            present.is_some_and(|present| present.filter != part.cursor.filter)
        });
        Ok(filtered_anew || zone != self.source.time_zone)
    }

    /// Reads on in one table. What fails in a way that may pass is put off with the table, for a day; what cannot be had is
    /// left out, and the table's other windows are read.
    async fn part(&mut self, part: &mut Part) -> Result<Came, PullError> {
        if let Some(until) = part.cursor.waits_until(self.services.clock.now()) {
            return Ok(Came::Waits(until));
        }
        self.learn_categories(part.stream).await?;
        loop {
            let (unread, begun) = (part.cursor.unread(), self.services.clock.now());
            let drain = self.drain(part.stream, &mut part.cursor, &part.key);
            let drained = Box::pin(drain).await;
            if drained.is_ok() && part.was_answered(unread, begun) {
                self.note_answered(part.stream).await?;
            }
            let error = match drained {
                Ok(Drained::All) => return Ok(Came::Through),
                Ok(Drained::OutOfTime) => return Ok(Came::Later(Duration::ZERO)),
                Err(error) => self.told_apart(error).await,
            };
            part.cursor = self
                .cursor_of_part(part.stream, &part.key, &part.all)
                .await?;
            let code = error.code();
            match error {
                PullError::Vendor(VendorError::Throttled { .. }) => return Ok(Came::Later(AWAY)),
                PullError::Vendor(
                    VendorError::Unavailable { .. } | VendorError::Malformed { .. },
                ) => {
                    let until = part.cursor.failed(code, self.services.clock.now());
                    self.keep_part(part).await?;
                    return Ok(until.map_or(Came::Through, Came::Waits));
                }
                PullError::Vendor(VendorError::Invalid { .. } | VendorError::TooLarge { .. }) => {
                    part.cursor.leave_out(code);
                    self.keep_part(part).await?;
                }
                error => return self.part_failed(part, error).await,
            }
        }
    }

    async fn part_failed(&mut self, part: &mut Part, error: PullError) -> Result<Came, PullError> {
        let code = error.code();
        let waits = error.is_plan() || OF_COMPANY.contains(&code);
        Ok(match self.note_failed(part.stream, error).await? {
            After::NextTable => {
                part.cursor.leave_out_rest(code);
                self.keep_part(part).await?;
                Came::Through
            }
            After::Later(delay) => Came::Later(delay.unwrap_or(THROTTLED)),
            After::Stop if waits => Came::StandsStill(code),
            After::Stop => Came::Stopped(code),
        })
    }

    /// Keeps what became of a table that brought nothing: otherwise its cursor is kept with its rows.
    async fn keep_part(&self, part: &Part) -> Result<(), PullError> {
        let load = Load {
            origin: self.origin,
            run: self.run.to_string(),
            observed_at: self.services.clock.now(),
            writes: vec![Write::PutState {
                key: part.key.clone(),
                value: Some(serde_json::to_value(&part.cursor)?),
            }],
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }

    /// The name of the table's cursor in this period.
    pub(super) fn history_key(&self, stream: &Stream) -> String {
        format!("history/{}/{}", self.run, stream.table)
    }
}
