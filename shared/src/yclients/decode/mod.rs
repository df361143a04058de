//! Rows out of the vendor's bodies, whatever shape they have (facts, section 4): what cannot be read as a column's type is
//! kept in `_extra` under its path and counted, what has no id is set aside, and nothing is an error.

mod cell;
mod extra;
mod lines;
mod moment;
mod parts;
mod plan;
mod read;
mod reader;
mod scrub;
#[cfg(test)]
mod tests;
mod walk;

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value as Json;

use super::streams::Stream;
use crate::{SourceId, catalog::Table, warehouse::Rows};

pub(in crate::yclients) use cell::{id, is_no_id};
pub use parts::Parts;
pub use wynos_base::hooks::scrub;

/// A company of the vendor as one source of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The source.
    pub source_id: SourceId,
    /// The vendor's id of the company.
    pub company_id: i64,
    /// Where its clock is.
    pub time_zone: Tz,
}

/// What is known beside the bodies.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// The company they come from.
    pub branch: &'c Branch,
    /// When they were observed: the start of the request for pulls, the receipt for webhooks.
    pub observed_at: DateTime<Utc>,
    /// The category of each service, by the vendor's ids, where the services are known. Without it the columns
    /// `service_category_ids` and `category_id` stay empty.
    pub categories: Option<&'c HashMap<i64, i64>>,
}

/// How much of its row a body tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// All of it: what is missing is empty, but for columns of which only rows of other tables tell.
    Full,
    /// What it tells, and no more.
    Partial,
    /// What it tells, of a row that is deleted.
    Deleted,
}

/// Rows of one table out of the vendor's bodies; what could not be read is set aside, never an error.
#[derive(Debug)]
pub struct Decoded {
    /// The table.
    pub table: Arc<Table>,
    /// The columns of the rows: the key and `_extra` always; `_changed_at` is the vendor's change time, `_deleted_at` that
    /// time, or else the observation, where the body says that the row is deleted.
    pub columns: Vec<String>,
    /// The rows, in the order of the bodies.
    pub rows: Rows,
    /// The lines of these rows, one entry per child table.
    pub children: Vec<DecodedChildren>,
    /// Bodies without a usable id.
    pub unreadable: Vec<Unreadable>,
    /// How many values were of a surprising kind; they are in `_extra` under their paths.
    pub surprises: u64,
    /// Whether the rows are told of in passing and may fill, but never speak for, what their own list says.
    pub in_passing: bool,
}

/// Lines of rows.
#[derive(Debug)]
pub struct DecodedChildren {
    /// The child table.
    pub table: Arc<Table>,
    /// The columns of the rows.
    pub columns: Vec<String>,
    /// The lines of all rows, in the order of the rows.
    pub rows: Rows,
    /// Per parent row: how many lines are its own; `None` where its body did not speak of them.
    pub counts: Vec<Option<u32>>,
}

/// A body that no row could be made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Unreadable {
    /// What stands where the id should be.
    pub id: Option<String>,
    /// Why: `not_an_object`, `no_id`.
    pub reason: &'static str,
    /// The body, without passport data.
    pub body: Json,
}

impl Stream {
    /// Reads bodies. Whole ones give one [`Decoded`] with every column that they can tell of; partial ones give one for every
    /// set of columns that they bring. Rows of other tables that the bodies tell of follow (documents). Nothing is returned
    /// where there is neither a row nor anything unreadable.
    pub fn decode(&self, context: &Context<'_>, records: &[Json], body: Body) -> Vec<Decoded> {
        reader::read(self, context, records.iter(), body)
    }
}
