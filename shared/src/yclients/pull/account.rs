//! What a run did in all of its messages.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Finished, Loaded};
use crate::control::{Run, RunId, RunState};

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
}

impl Account {
    /// The account that is kept with a run; one that cannot be read begins anew, which costs calls and no rows.
    pub fn of(run: &Run) -> Self {
        let kept = run.checkpoint.clone();
        kept.and_then(|kept| serde_json::from_value(kept).ok())
            .unwrap_or_default()
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
