//! Every list of the vendor, declared as data: where it is, how it is paged, how changes and deletions show, and where each
//! column lies in the body. Adding a table means adding a declaration here, in the catalog, and a fixture of its body.

mod declared;
mod endpoint;
mod field;
#[cfg(test)]
mod tests;

use crate::catalog::{self, Table};

pub(in crate::yclients) use endpoint::is_positions;
pub use endpoint::{Cursor, Endpoint, Method, Paging, Reach, Stop, Window};
pub use field::{Field, Lines, Meaning};

/// How rows of one table come from the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// The table.
    pub table: &'static str,
    /// Where its rows are.
    pub endpoint: Endpoint,
    /// Where else they are, to be tried in order when the vendor refuses the one before (403, 404).
    pub fallbacks: &'static [Endpoint],
    /// The path of one row, with `{company}` and `{id}`.
    pub one: Option<&'static str>,
    /// Whether a row asked for by that path is as whole as in the list.
    pub one_is_whole: bool,
    /// How rows that changed since are asked for; `None` where only the whole list can be read.
    pub cursor: Option<Cursor>,
    /// How rows of a period are asked for.
    pub window: Option<Window>,
    /// How the vendor's deletions show.
    pub deletion: Deletion,
    /// How often it is worth reading.
    pub cadence: Cadence,
    /// What webhooks call rows of this table.
    pub resources: &'static [&'static str],
    /// Which filters the vendor applies itself: a column that equals a value, and the parameter that says so.
    pub pushed: &'static [(&'static str, &'static str)],
    /// Columns that do not lie under their own name.
    pub fields: &'static [Field],
    /// Tables of lines inside the body.
    pub children: &'static [Lines],
    /// Rows of other tables that the body tells of in passing: they fill, and never replace, what is known of them.
    pub told: &'static [Lines],
    /// Columns that name a document there is no list of.
    pub document_ids: &'static [&'static str],
    /// Fields that repeat what another table has; they are left to it.
    pub copies: &'static [&'static str],
}

/// How the vendor's deletions show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// A column says so.
    Flag {
        /// The column.
        column: &'static str,
    },
    /// The row is missing from the whole list, read to its end without a cursor.
    Absence,
    /// A column says so, or the row is missing from the whole list.
    FlagOrAbsence {
        /// The column.
        column: &'static str,
    },
    /// The row is missing from a window of time, read to its end.
    Window,
    /// A column says so, which rows read with these parameters are given; or the row is missing from a window of time.
    PassOrWindow {
        /// The column.
        column: &'static str,
        /// The parameters that ask for deleted rows, and for these only.
        params: &'static [(&'static str, &'static str)],
    },
    /// They do not show.
    None,
}

/// How often a list is worth reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// It changes all the time: appointments, money, goods.
    Changing,
    /// It changes now and then.
    Lists,
    /// It costs a call per row and is read only when somebody asks.
    OnDemand,
}

/// What a table needs from another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// The table that must be on.
    pub on: &'static str,
    /// For the whole table, or only for this column.
    pub for_column: Option<&'static str>,
}

/// Every declared stream, lists that others refer to first.
pub fn streams() -> &'static [Stream] {
    declared::STREAMS
}

/// The stream of this very table; `None` for tables of lines, which come with their parent's.
pub fn stream(table: &str) -> Option<&'static Stream> {
    streams().iter().find(|stream| stream.table == table)
}

/// The stream whose bodies bring rows of the table: its own, or that of its parent.
pub fn carrier(table: &str) -> Option<&'static Stream> {
    stream(table).or_else(|| {
        let brings = |stream: &&Stream| stream.children.iter().any(|lines| lines.table == table);
        streams().iter().find(brings)
    })
}

/// The stream of the rows that webhooks call so; `None` for resources without a table (`loyalty_card`, `schedule`) and for
/// unknown ones.
pub fn of_resource(name: &str) -> Option<&'static Stream> {
    streams()
        .iter()
        .find(|stream| stream.resources.contains(&name))
}

/// What the table needs from others to be filled.
pub fn dependencies(table: &str) -> Vec<Dependency> {
    let whole = |on| Dependency {
        on,
        for_column: None,
    };
    let mut found = Vec::new();
    if let Some(carrier) = carrier(table).filter(|carrier| carrier.table != table) {
        found.push(whole(carrier.table));
    }
    for stream in streams() {
        let tells = stream.told.iter().any(|lines| lines.table == table);
        if tells || (table == declared::DOCUMENTS && !stream.document_ids.is_empty()) {
            found.push(whole(stream.table));
        }
    }
    let given = declared::GIVEN.iter().filter(|given| given.table == table);
    found.extend(given.map(|given| Dependency {
        on: given.from,
        for_column: Some(given.column),
    }));
    found
}

impl Stream {
    /// The declaration of the table.
    pub fn declaration(&self) -> Option<&'static std::sync::Arc<Table>> {
        catalog::table(self.table)
    }

    /// The parameter by which the vendor itself keeps out rows whose column has another value.
    pub fn parameter(&self, column: &str) -> Option<&'static str> {
        let pushed = self.pushed.iter().find(|(name, _)| *name == column);
        pushed.map(|(_, parameter)| *parameter)
    }
}

impl Deletion {
    /// The column that says that a row is deleted.
    pub const fn flag(&self) -> Option<&'static str> {
        match self {
            Self::Flag { column }
            | Self::FlagOrAbsence { column }
            | Self::PassOrWindow { column, .. } => Some(column),
            Self::Absence | Self::Window | Self::None => None,
        }
    }

    /// Whether a row that is missing from the whole list is deleted.
    pub const fn by_absence(&self) -> bool {
        matches!(self, Self::Absence | Self::FlagOrAbsence { .. })
    }

    /// Whether a row that is missing from a window of time is deleted.
    pub const fn by_window(&self) -> bool {
        matches!(self, Self::Window | Self::PassOrWindow { .. })
    }

    /// Whether nothing tells that a row is deleted but the window of time that it is missing from: what lies outside of the
    /// windows that are read has to be asked for.
    pub const fn only_by_window(&self) -> bool {
        matches!(self, Self::Window)
    }

    /// The parameters that ask for deleted rows only. Their bodies may not say that they are: [`Deletion::mark`] does.
    pub const fn pass(&self) -> Option<&'static [(&'static str, &'static str)]> {
        match self {
            Self::PassOrWindow { params, .. } => Some(params),
            _ => None,
        }
    }

    /// Says in the bodies of rows that were asked for as deleted that they are.
    pub fn mark(&self, rows: &mut [serde_json::Value]) {
        let Some(column) = self.flag() else {
            return;
        };
        for row in rows.iter_mut().filter_map(serde_json::Value::as_object_mut) {
            row.insert(column.to_owned(), true.into());
        }
    }
}
