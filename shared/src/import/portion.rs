use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{fill::Filled, finding::Finding, ledger::Joined, park::Rejected, secrets::Carried};
use crate::{catalog::Table, checks::Home, warehouse::Rows};

/// Some rows of a file, in its order.
#[derive(Debug)]
pub(super) struct Batch {
    pub table: Arc<Table>,
    pub columns: Arc<[String]>,
    pub rows: Rows,
    /// The line that each row begins at, where the format has lines.
    pub lines: Vec<u64>,
}

/// How the rows of a file are taken.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    /// Whether rows that are new by their id are also matched by natural keys.
    pub merge: bool,
    /// The country whose rules numbers follow that name none.
    pub home: Home,
    /// Which custom values the file carries.
    pub carried: Carried,
    /// Natural keys of rows that came later than this are not looked at: those may be the import's own.
    pub before: Option<DateTime<Utc>>,
}

/// A batch, ready for the warehouse.
#[derive(Debug)]
pub(super) struct Portion {
    pub table: Arc<Table>,
    pub columns: Arc<[String]>,
    /// Rows that come in under their own id, with the line of each.
    pub rows: Rows,
    pub lines: Vec<u64>,
    /// What rows of the file fill in rows here.
    pub filled: Vec<Filled>,
    /// Which rows of the file stand for which rows here, as far as that is new.
    pub joined: Vec<(String, Joined)>,
    /// Rows that were matched with rows here just now.
    pub merged: u64,
    /// Rows that stand for rows here and bring nothing new.
    pub unchanged: u64,
    pub rejected: Vec<Rejected>,
    pub findings: Vec<Finding>,
    /// Rows of the file that went into this.
    pub seen: u64,
}
