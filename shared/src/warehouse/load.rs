use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::{Filter, Rows};
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
    /// Keeps a cursor or checkpoint under a name; `None` forgets it.
    PutState {
        /// The name.
        key: String,
        /// What to keep.
        value: Option<Json>,
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
    /// columns `_changed_at`, `_deleted_at` and `_extra` may be among them.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Rows,
    /// How they compare with what is there.
    pub rule: Rule,
    /// Keep the row as it was before it changed, so that the import of this id can be undone.
    pub undo: Option<String>,
    /// Log every changed row's customer under this event of the personal-data log.
    pub personal_data_event: Option<String>,
}

/// How arriving rows compare with what is there.
#[derive(Debug, Clone)]
pub enum Rule {
    /// The newest fact wins: by the origin's change time where both have one, else by the time of observation. Partial
    /// bodies fill and never blank; an older one fills only what was never seen.
    Newest,
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
}

/// What a load did.
#[derive(Debug, Clone, Default)]
pub struct Committed {
    /// The load's number in this warehouse; 0 where nothing was to be written down.
    pub load_id: i64,
    /// For every [`Write::Admit`], in order: what became of each arriving row, in order.
    pub admitted: Vec<Vec<Outcome>>,
}
