use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::{Filter, Person, Replacement, Rows, Sweep, SweptRows, Value};
use crate::catalog::Table;

/// One commit into a warehouse: writes that become visible together or not at all.
#[derive(Debug)]
pub struct Load {
    /// Which path the facts came by, for the list of loads: `import`, `api`, `undo`, `export`, `pull`.
    pub origin: &'static str,
    /// What the load is a part of: the id of an import, a run, a delivery.
    pub run: String,
    /// When the facts were observed: the start of the request for pulls, the receipt for webhooks and uploads.
    pub observed_at: DateTime<Utc>,
    /// What to do, in this order.
    pub writes: Vec<Write>,
    /// How much may be loaded; `None` where nobody counts.
    pub quota: Option<Quota>,
}

/// What a plan lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The month that is counted, as `YYYY-MM` in UTC.
    pub month: String,
    /// At most this many rows that are new or changed, those of child tables too, in the month.
    pub rows: u64,
    /// While the warehouse takes up as many bytes as this, nothing that is new or changed comes in. What it takes up is
    /// looked at before the load, so that it may end above this by one load.
    pub bytes: u64,
}

/// One step of a load.
#[derive(Debug)]
pub enum Write {
    /// Lets rows in through the one gate.
    Admit(Admit),
    /// Adds rows to one of the system's own tables; rows whose key is there already stay as they are.
    Insert {
        /// A table of the group Internal.
        table: Arc<Table>,
        /// Rows with every column of the table.
        rows: Rows,
    },
    /// Removes rows of one of the system's own tables.
    Remove {
        /// A table of the group Internal.
        table: Arc<Table>,
        /// Which rows.
        filter: Filter,
        /// At most this many; `None` for all.
        limit: Option<u64>,
    },
    /// Puts rows of one of the system's own tables in the place of those that are still there as they were read.
    Rewrite {
        /// A table of the group Internal.
        table: Arc<Table>,
        /// The rows as they were read, with every column of the table; at most 100.
        read: Rows,
        /// What they become, in the same order and with the same keys.
        rows: Rows,
    },
    /// Makes tombstones of living rows that a list which was read to its end did not have. Child rows follow.
    Absent {
        /// The table.
        table: Arc<Table>,
        /// Whose rows.
        source_id: String,
        /// Which rows the list speaks of.
        filter: Filter,
        /// When the list was begun: rows that were observed then or later stay.
        seen_since: DateTime<Utc>,
    },
    /// Makes tombstones of living rows that a filter keeps out, for filters that changed. Child rows follow.
    KeepOut {
        /// The table.
        table: Arc<Table>,
        /// Whose rows.
        source_id: String,
        /// Which rows stay.
        filter: Filter,
        /// Only rows after the one with this primary key: what [`Committed::next`] said of the step before.
        after: Option<Vec<Value>>,
        /// At most this many.
        limit: u64,
    },
    /// Erases rows of a source that is removed. Child tables are tables of their own.
    RemoveSource {
        /// The table.
        table: Arc<Table>,
        /// Whose rows.
        source_id: String,
        /// At most this many.
        limit: u64,
    },
    /// Erases rows that were received long ago, and remembers them.
    Sweep(Sweep),
    /// Remembers a person as erased, so that nothing personal about them comes in any more.
    Forget {
        /// The person.
        person: Person,
        /// What the hashes of people are keyed with, where this is the first one.
        new_key: String,
    },
    /// Says that nothing is left of somebody who was remembered: who reads rows from now on reads none of them.
    Forgotten,
    /// Refuses the load with [`super::WarehouseError::Erased`] where an erasure began or ended since the count was taken.
    NobodyErased {
        /// What [`super::Snapshot::erasures`] said.
        since: i64,
    },
    /// Empties the personal columns and unknown fields of rows; rows whose key is personal are erased.
    Empty {
        /// The table.
        table: Arc<Table>,
        /// The primary keys of the rows: the source, then the declared key.
        keys: Rows,
    },
    /// Erases rows whose key is not of its column's type, so that nothing names them.
    EraseUnnamed {
        /// The table.
        table: Arc<Table>,
        /// Which of them; the others stay.
        filter: Filter,
    },
    /// Puts the staged rows of a report in the place of what it had of a period.
    ReplaceReport(Replacement),
    /// Erases some of the rows that a removed report has in a table that it shares with others.
    RemoveReport {
        /// The table.
        table: Arc<Table>,
        /// Which rows are the report's.
        scope: Filter,
        /// At most this many.
        limit: u64,
    },
    /// Drops the table of a report that is removed with its rows; nothing where it is not there.
    DropReport {
        /// The table.
        table: Arc<Table>,
    },
    /// Lets the load in only where this is what is kept under a name; else [`super::WarehouseError::Moved`]. Of several who
    /// go on from one checkpoint, one comes further.
    Expect {
        /// The name.
        key: String,
        /// What is to be kept there; `None` for nothing.
        value: Option<Json>,
    },
    /// Keeps a cursor or checkpoint under a name; `None` forgets it.
    PutState {
        /// The name.
        key: String,
        /// What to keep.
        value: Option<Json>,
    },
    /// Keeps a value under a name together with what the writes before it did, as `{"value": …, "counts": …}`: whoever
    /// comes to tell of the load and finds it done learns from this what it did.
    PutCounts {
        /// The name.
        key: String,
        /// What to keep.
        value: Json,
    },
    /// Tells the shared database something, in the same transaction.
    Emit {
        /// What kind of fact: the relay knows how to apply each.
        kind: &'static str,
        /// The fact.
        payload: Json,
    },
}

/// Rows on their way into a table, and the rule they are admitted by.
#[derive(Debug)]
pub struct Admit {
    /// The table.
    pub table: Arc<Table>,
    /// Which source the rows come from; `local` for the shop's own.
    pub source_id: String,
    /// The columns the rows bring, key columns included; a subset of the table's columns makes a partial body. The system
    /// columns `_changed_at`, `_deleted_at` and `_extra` may be among them, and under [`Rule::Newest`] `_observed_at`, where
    /// rows were observed at different times.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Rows,
    /// How they compare with what is there.
    pub rule: Rule,
    /// Keep the row as it was before it changed, so that the import of this id can be undone.
    pub undo: Option<String>,
    /// Log every changed row's customer under this event of the personal-data log.
    pub personal_data_event: Option<String>,
    /// What the bodies say of rows that belong to these, table by table; under any rule but those of imports.
    /// Child tables that are declared and not named here are tables that the bodies do not speak of.
    pub children: Vec<Children>,
    /// Under [`Rule::Newest`], [`Rule::Ordered`], [`Rule::Asked`] and [`Rule::Passing`]: rows that do not meet it are not
    /// let in, and become tombstones where they are there.
    pub filter: Option<Arc<Filter>>,
}

/// The rows of a child table that belong to the rows of an [`Admit`]. They replace those that are there only for parents
/// whose body stands, and are deleted and come back with their parent.
#[derive(Debug, Clone)]
pub struct Children {
    /// The child table: its key begins with as many columns as its parent's key has, of the same values.
    pub table: Arc<Table>,
    /// The columns the rows bring, key columns included; `_extra` may be among them.
    pub columns: Vec<String>,
    /// The rows, in the order of their parents.
    pub rows: Rows,
    /// For every parent row: how many of the rows are its own; `None` where its body does not speak of them.
    pub counts: Vec<Option<u32>>,
}

/// How arriving rows compare with what is there.
#[derive(Debug, Clone)]
pub enum Rule {
    /// The newest fact wins: by the origin's change time where both have one, else by the time of observation. A change time
    /// more than a day after the observation is none. Partial bodies fill and never blank; an older one fills only what was
    /// never seen.
    Newest,
    /// As [`Rule::Newest`], of rows that a person asked for: those that retention removed come back.
    Ordered,
    /// What the origin said when it was asked for this very row: it stands against whatever claims to have changed later,
    /// and is ordered by the time of observation alone. Else like [`Rule::Newest`].
    Asked,
    /// A row that is told of in passing, while its own list says more: it is made where there is none, and fills only what
    /// was never seen. Flags of which only other rows tell are set by any that says so, and stay set.
    Passing {
        /// Whether a person asked for the rows that tell of it: one that retention removed comes back then, else with a row
        /// that comes.
        ordered: bool,
    },
    /// A person's or program's change through Wynos: it always wins.
    Change,
    /// An exchange file, compared three ways: what was last imported, the file, and what is there now.
    ThreeWay {
        /// When the file was made, where it was made from this very subscription: rows not changed here since then are
        /// unchanged here.
        made_at: Option<DateTime<Utc>>,
        /// What a row that changed on both sides becomes.
        conflict: Conflict,
    },
    /// Undo: a row still as one of these loads left it goes back to what the arriving row says, or is erased where the
    /// arriving row has only its key; a row that somebody touched since stays.
    Undo {
        /// Loads of the import that is undone.
        loads: BTreeSet<i64>,
    },
}

/// What becomes of a row that changed both in the file and here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// It stays as it is here.
    KeepOurs,
    /// It becomes what the file says.
    TakeTheirs,
}

/// What became of one arriving row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It was not there and is now.
    New,
    /// It was there and changed.
    Changed,
    /// It says what is there already.
    Unchanged,
    /// It changed both in the file and here.
    Conflict,
    /// Something newer is there.
    Stale,
    /// It was undone.
    Undone,
    /// Somebody touched it since; it stays.
    Touched,
    /// The filter keeps it out, and it was not let in or is a tombstone; or retention removed it, and it did not change since.
    KeptOut,
}

impl Outcome {
    /// The word for it in counts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Conflict => "conflict",
            Self::Stale => "stale",
            Self::Undone => "undone",
            Self::Touched => "touched",
            Self::KeptOut => "kept_out",
        }
    }
}

/// What a load did.
#[derive(Debug, Clone, Default)]
pub struct Committed {
    /// The load's number in this warehouse; 0 where nothing was to be written down.
    pub load_id: i64,
    /// For every [`Write::Admit`], in order: what became of each arriving row, in order.
    pub admitted: Vec<Vec<Outcome>>,
    /// For every table, how many rows met which end: the words of [`Outcome::name`] for rows that arrived, `absent`,
    /// `kept_out`, `erased`, `swept`, `emptied`, `same_key` for others.
    pub counts: Counts,
    /// Tables of which parts of bodies came after later ones and told of columns what is not kept. What these columns are now
    /// only the origin knows.
    pub late: BTreeSet<String>,
    /// After a [`Write::KeepOut`]: where the next step goes on; `None` where nothing is left.
    pub next: Option<Vec<Value>>,
    /// What every [`Write::Sweep`] erased, table by table.
    pub swept: Vec<SweptRows>,
    /// How many rows were loaded in the month so far, where a quota was to be kept.
    pub used: Option<u64>,
    /// How long the load waited while others wrote the warehouse.
    pub waited: Duration,
}

/// Numbers of rows by table and what became of them.
pub type Counts = BTreeMap<String, BTreeMap<&'static str, u64>>;

impl Committed {
    /// Rows that are new or changed, those of child tables too.
    pub fn rows_written(&self) -> u64 {
        let words = [Outcome::New.name(), Outcome::Changed.name()];
        let ends = self.counts.values().flatten();
        ends.filter(|(word, _)| words.contains(word))
            .map(|(_, rows)| rows)
            .sum()
    }
}
