//! The end of a run: what was staged takes the place of what was there.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Refresh, state_key};
use crate::{
    control::{Actor, ReportId},
    planner::{Gap, Period, Task, Totals, WorkError, Worked},
    services::Services,
    warehouse::{Filter, Operator, SAME_KEY, Write, internal},
    yclients::reports::unread,
};

/// Rows staged longer ago belong to runs that are over.
const STAGED_AT_MOST: TimeDelta = TimeDelta::days(2);

/// What is kept of a report's last exchange, in its own transaction: a run that ends before it told of it is known by this
/// to be done.
#[derive(Debug, Deserialize)]
struct Exchanged {
    value: Of,
    counts: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Whose exchange it was.
#[derive(Debug, Serialize, Deserialize)]
struct Of {
    run: String,
    keyless: u64,
    nameless: u64,
    #[serde(default)]
    unread: u64,
}

/// What a run did whose rows were exchanged already; `None` where that is still to be done.
pub(super) async fn exchanged(
    services: &Services,
    task: &Task<'_>,
    report: &ReportId,
) -> Result<Option<Totals>, WorkError> {
    let warehouse = services.warehouses.open(&task.job.subscription_id);
    let kept = warehouse.state(&exchange_key(report)).await?;
    let kept: Option<Exchanged> = kept.and_then(|kept| serde_json::from_value(kept).ok());
    let own = kept.filter(|kept| kept.value.run == task.lease.run.id.as_str());
    Ok(own.map(|kept| totals(&kept)))
}

/// The name under which the last exchange of a report is kept.
pub(in crate::yclients::reports) fn exchange_key(report: &ReportId) -> String {
    format!("report-exchanged:{report}")
}

fn totals(exchanged: &Exchanged) -> Totals {
    let mut totals = Totals::default();
    let mut same_key = 0;
    for (table, words) in &exchanged.counts {
        let of = |name: &str| words.get(name).copied().unwrap_or(0);
        let rows = of("new") + of("changed") + of("unchanged");
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        totals.rows += rows;
        totals.counts.insert(table.clone(), rows);
        same_key += of(SAME_KEY);
    }
    let aside = [
        ("without_key", exchanged.value.keyless),
        ("without_id", exchanged.value.nameless),
        (Gap::UnreadRecords.name(), exchanged.value.unread),
        (SAME_KEY, same_key),
    ];
    for (name, count) in aside.into_iter().filter(|(_, count)| *count > 0) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        totals.counts.insert(name.to_owned(), count);
    }
    totals
}

impl Refresh<'_> {
    /// Puts what was staged in the place of what was there.
    pub(super) async fn exchange(&mut self, period: Option<Period>) -> Result<Worked, WorkError> {
        self.task.lease.keep().await?;
        let run = &self.task.lease.run;
        // Of records that belong to no days nobody can name a period: whoever runs it by hand asks for all of them.
        let is_named = run.period_from.is_some() || !self.report.kind.has_days();
        let asked = is_named && run.by_actor != Actor::System;
        let mut writes: Vec<Write> = self
            .output
            .replacements(
                &self.run,
                &self.report.source_id,
                period,
                asked,
                &self.progress.unread,
            )
            .into_iter()
            .map(Write::ReplaceReport)
            .collect();
        let unread = self.progress.unread.iter();
        for (table, _) in unread.filter(|(_, unread)| unread.is_whole()) {
            writes.push(Write::Remove {
                table: std::sync::Arc::clone(internal::report_stage()),
                filter: Filter::equal("run", self.run.as_str())
                    .and(Filter::equal("table", table.as_str())),
                limit: None,
            });
        }
        let stale = self.observed_at - STAGED_AT_MOST;
        writes.push(Write::Remove {
            table: std::sync::Arc::clone(internal::report_stage()),
            filter: Filter::compare("at", Operator::Less, stale),
            limit: None,
        });
        writes.push(Write::PutState {
            key: state_key(&self.run),
            value: None,
        });
        let of = Of {
            run: self.run.clone(),
            keyless: self.progress.keyless,
            nameless: self.progress.nameless,
            unread: unread::count(&self.progress.unread),
        };
        writes.push(Write::PutCounts {
            key: exchange_key(&self.report.id),
            value: json!(of),
        });
        let counts = self.commit(writes, self.observed_at, true).await?;
        let words = |words: BTreeMap<&'static str, u64>| {
            let words = words.into_iter();
            words.map(|(word, rows)| (word.to_owned(), rows)).collect()
        };
        let counts = counts
            .into_iter()
            .map(|(table, of_table)| (table, words(of_table)))
            .collect();
        Ok(Worked::Done(totals(&Exchanged { value: of, counts })))
    }
}
