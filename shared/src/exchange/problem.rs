use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use super::Place;

/// Why one row of a file was rejected. Its neighbours are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// The row's table.
    pub table: String,
    /// The row's id, where it has one.
    pub id: Option<String>,
    /// The column or element in question; `list/field` inside a list.
    pub field: Option<String>,
    /// What kind of problem.
    pub problem: Problem,
    /// What was expected.
    pub expected: Cow<'static, str>,
    /// What was found, shortened.
    pub found: String,
    /// Where the row begins.
    pub at: Place,
    /// What could be read of the row, by column, with the first of its problems; nothing where that is long.
    pub row: Option<Map<String, Json>>,
}

/// What can be wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// An element that the section does not have.
    UnknownElement,
    /// The same column twice.
    Repeated,
    /// An attribute that does not belong there.
    UnknownAttribute,
    /// A value of another type than the column's.
    WrongType,
    /// A value outside the column's closed list.
    UnknownValue,
    /// A required value that is not there.
    Missing,
    /// A text over the limit.
    TooLong,
    /// A character that XML cannot hold.
    Character,
    /// Text between elements.
    StrayText,
}

impl Problem {
    /// A stable name for programs and reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownElement => "unknown_element",
            Self::Repeated => "repeated",
            Self::UnknownAttribute => "unknown_attribute",
            Self::WrongType => "wrong_type",
            Self::UnknownValue => "unknown_value",
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::Character => "bad_character",
            Self::StrayText => "stray_text",
        }
    }
}

/// Something about a whole file that people should know and that rejects nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The file has a newer minor version: what is new in it is skipped.
    NewerMinor {
        /// The file's version.
        version: String,
    },
    /// An element of a newer minor version was skipped; told once per element.
    Skipped {
        /// The section it stands in; `None` for a whole section.
        table: Option<String>,
        /// The element.
        element: String,
        /// Where it was met first.
        at: Place,
    },
    /// The file states no digest of this section, so damage to it cannot be told.
    NoDigest {
        /// The section's name, or `header`.
        section: String,
    },
}

/// What is wrong with a value, before it is known where it stands.
#[derive(Debug)]
pub(super) struct Fault {
    pub problem: Problem,
    pub expected: Cow<'static, str>,
    pub found: String,
}

impl Fault {
    pub(super) fn new(
        problem: Problem,
        expected: impl Into<Cow<'static, str>>,
        found: &str,
    ) -> Self {
        Self {
            problem,
            expected: expected.into(),
            found: shorten(found),
        }
    }

    pub(super) fn wrong_type(expected: impl Into<Cow<'static, str>>, found: &str) -> Self {
        Self::new(Problem::WrongType, expected, found)
    }
}

/// At most 80 characters of a text, for messages.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
