//! What a reconciliation tells the journal: days with differences, days that were not checked, and what it came to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::{
    gauge::Subject,
    notes::{Day, Examples},
    plan::Progress,
    results,
};
use crate::{
    control::Run,
    journal::{Category, NewEntry, Severity},
    warehouse::{Load, Write},
    yclients::pull::{PullError, page::Tail, work::Work},
};

impl Work<'_> {
    /// An entry for every day on which anything differs, with totals and some of the differences.
    pub(super) fn entries_of(
        &self,
        subject: &Subject,
        days: &[Day],
        examples: &Examples,
    ) -> Vec<NewEntry> {
        let mut by_day: BTreeMap<NaiveDate, Vec<&Day>> = BTreeMap::new();
        for day in days {
            by_day.entry(day.day).or_default().push(day);
        }
        by_day.retain(|_, days| days.iter().any(|day| day.found.any()));
        let entry = |(day, of_day): (NaiveDate, Vec<&Day>)| {
            let sum = |count: fn(&Day) -> i64| of_day.iter().map(|day| count(day)).sum::<i64>();
            let counts = [
                ("missing", sum(|day| day.found.missing)),
                ("extra", sum(|day| day.found.extra)),
                ("differing", sum(|day| day.found.differing)),
            ];
            let tables: BTreeMap<&str, Json> = of_day
                .iter()
                .map(|day| {
                    let rows = json!({ "held": day.rows_held, "vendor": day.rows_vendor });
                    (
                        day.table.as_str(),
                        json!({ "rows": rows, "totals": day.totals }),
                    )
                })
                .collect();
            let details = json!({
                "day": day, "tables": tables, "differences": examples.get(&day),
            });
            let key = format!(
                "reconciliation.day:{}:{}:{day}",
                self.run, subject.stream.table
            );
            self.entry("reconciliation.day", subject, &counts, details, key)
        };
        by_day.into_iter().map(entry).collect()
    }

    /// The entry of days that were not checked.
    pub(super) fn entry_of_broken(
        &self,
        subject: &Subject,
        (from, to): (NaiveDate, NaiveDate),
        code: &'static str,
    ) -> NewEntry {
        let details = json!({ "from": from, "to": to, "failure": code });
        let counts = [("not_checked", (to - from).num_days() + 1)];
        let table = subject.stream.table;
        let key = format!("reconciliation.not-checked:{}:{table}:{from}", self.run);
        self.entry("reconciliation.not-checked", subject, &counts, details, key)
    }

    fn entry(
        &self,
        code: &str,
        subject: &Subject,
        counts: &[(&str, i64)],
        mut details: Json,
        dedupe_key: String,
    ) -> NewEntry {
        if let Some(details) = details.as_object_mut() {
            details.insert("source".to_owned(), json!(self.source.name));
            details.insert("table".to_owned(), json!(subject.stream.table));
            details.insert("run".to_owned(), json!(self.run));
        }
        NewEntry {
            at: self.services.clock.now(),
            category: Category::Reconciliation,
            severity: Severity::Warning,
            source_id: Some(self.source.id.to_string()),
            actor: crate::control::Actor::System,
            code: code.to_owned(),
            counts: counts
                .iter()
                .map(|(name, rows)| ((*name).to_owned(), *rows))
                .collect(),
            details,
            dedupe_key,
        }
    }

    /// Tells what the run came to.
    pub(super) async fn tell_end(
        &mut self,
        ordered: &Run,
        progress: &mut Progress,
    ) -> Result<(), PullError> {
        let summary = results::summary(&self.warehouse, &self.run).await?;
        let all_is_well = summary.not_checked
            + summary.missing
            + summary.extra
            + summary.differing
            + summary.restored
            == 0;
        let counts = [
            ("checked", summary.checked),
            ("not_checked", summary.not_checked),
            ("missing", summary.missing),
            ("extra", summary.extra),
            ("differing", summary.differing),
            ("restored", summary.restored),
        ];
        let now = self.services.clock.now();
        let entry = NewEntry {
            at: now,
            category: Category::Reconciliation,
            severity: if all_is_well {
                Severity::Info
            } else {
                Severity::Warning
            },
            source_id: Some(self.source.id.to_string()),
            actor: ordered.created_by.clone(),
            code: "reconciliation.done".to_owned(),
            counts: counts.map(|(name, rows)| (name.to_owned(), rows)).into(),
            details: json!({
                "source": self.source.name, "run": self.run, "from": ordered.period_from, "to": ordered.period_to,
                "tables": summary.tables,
            }),
            dedupe_key: format!("reconciliation.done:{}", self.run),
        };
        progress.told = true;
        let tail = Tail {
            states: vec![(self.progress_key(), Some(serde_json::to_value(&*progress)?))],
            entries: vec![entry],
            ..Tail::default()
        };
        self.commit_tail(now, &tail).await
    }

    /// Forgets how far the run was, once it has ended.
    pub(super) async fn forget_progress(&self) -> Result<(), PullError> {
        let load = Load {
            origin: self.origin,
            run: self.run.to_string(),
            observed_at: self.services.clock.now(),
            writes: vec![Write::PutState {
                key: self.progress_key(),
                value: None,
            }],
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }
}
