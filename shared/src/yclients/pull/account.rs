//! What a run did in all of its messages.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Finished, Loaded};
use crate::control::{Run, RunId, RunState};

/// A continuation waits for so long at most: longer than a vendor's wait is kept to.
pub(super) const LONGEST_WAIT: TimeDelta = TimeDelta::hours(2);

/// What came of a run's tables so far; kept with the run, as its checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Account {
    /// What came.
    pub loaded: Loaded,
    /// Tables that were read to their end.
    pub read: BTreeSet<String>,
    /// Tables that could not be read, with the code of the reason.
    pub failures: BTreeMap<String, String>,
    /// Which turn the run is at: how often it has handed over to its continuation.
    #[serde(skip_serializing_if = "is_first")]
    pub turn: u64,
    /// When its continuation comes, where that waits for more than its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goes_on_at: Option<DateTime<Utc>>,
}

const fn is_first(turn: &u64) -> bool {
    *turn == 0
}

impl Account {
    /// The account that is kept with a run; one that cannot be read begins anew, which costs calls and no rows.
    pub fn of(run: &Run) -> Self {
        Self::kept(run.checkpoint.clone())
    }

    /// The same, of a run's checkpoint.
    pub fn kept(checkpoint: Option<Json>) -> Self {
        checkpoint
            .and_then(|kept| serde_json::from_value(kept).ok())
            .unwrap_or_default()
    }

    /// The next turn is another message's, which comes after so long.
    pub(super) fn hand_over(&mut self, now: DateTime<Utc>, delay: Duration) {
        self.turn = self.turn.saturating_add(1);
        let delay = TimeDelta::from_std(delay).unwrap_or(LONGEST_WAIT);
        self.goes_on_at = (delay > TimeDelta::zero()).then(|| now + delay.min(LONGEST_WAIT));
    }

    pub(super) fn add(&mut self, loaded: &Loaded) {
        let sum = &mut self.loaded;
        for (table, rows) in &loaded.rows {
            *sum.rows.entry(table.clone()).or_default() += rows;
        }
        sum.gone += loaded.gone;
        sum.parked += loaded.parked;
        sum.surprises += loaded.surprises;
    }

    pub(super) fn was_read(&mut self, table: &str) {
        self.failures.remove(table);
        self.read.insert(table.to_owned());
    }

    pub(super) fn failed(&mut self, table: &str, code: &str) {
        self.failures.insert(table.to_owned(), code.to_owned());
    }
}

/// What a run that is continued was to read, unless tables are named, and what came of it up to now.
pub(super) fn continued(before: Run, named: &[String]) -> (Vec<String>, Account) {
    let account = Account::of(&before);
    let tables = match named {
        [] => before.tables,
        named => named.to_vec(),
    };
    (tables, account)
}

/// What came of a message that had nothing to read, or whose run has ended already.
pub(super) fn nothing(run: RunId, state: RunState) -> Finished {
    Finished {
        run,
        state,
        loaded: Loaded::default(),
        failures: BTreeMap::new(),
        left_out: BTreeMap::new(),
    }
}
