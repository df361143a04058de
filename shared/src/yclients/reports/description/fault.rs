use std::fmt;

use serde::Serialize;

/// What keeps a description from being used: every fault that was found, in the order of the lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DescriptionError {
    /// The faults, at least one.
    pub faults: Vec<Fault>,
}

/// One fault, with its place in the document, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The line.
    pub line: u64,
    /// The character of the line.
    pub column: u64,
    /// What is wrong there.
    #[serde(flatten)]
    pub problem: Problem,
}

/// What is wrong at a place of a description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "kebab-case", tag = "problem")]
pub enum Problem {
    /// Not YAML, or not of the shape of a description.
    #[error("{reason}")]
    Syntax {
        /// What the reader says.
        reason: String,
    },
    /// Longer than a description may be.
    #[error("the description is longer than {limit} bytes")]
    TooLong {
        /// The most bytes.
        limit: usize,
    },
    /// No tables, or no columns.
    #[error("there are no {what}")]
    Nothing {
        /// What there is none of.
        what: &'static str,
    },
    /// Too many tables or columns.
    #[error("there are more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A name that is not a plain one.
    #[error(
        "\"{name}\" cannot be a name: use a-z, 0-9 and single _, begin with a letter, at most 48 characters"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// A name that the system keeps for itself.
    #[error("the name {name} is kept for tables of the system")]
    Reserved {
        /// The name.
        name: String,
    },
    /// A name that another table has.
    #[error("a table called {name} is there already")]
    Taken {
        /// The name.
        name: String,
    },
    /// Two tables, or two columns of a table, of one name.
    #[error("{name} is declared twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// A text that is no path.
    #[error(
        "\"{path}\" is no path: names of fields with points between, [] after an array, as in services[].cost"
    )]
    Path {
        /// The text.
        path: String,
    },
    /// A path at which the sample has nothing.
    #[error("nothing stands at {path}{}", nearest.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    UnknownPath {
        /// The path, from the record.
        path: String,
        /// A known one that looks like it.
        nearest: Option<String>,
    },
    /// Rows can be made of records and of elements of arrays only.
    #[error(
        "rows are made of the record (.) or of the elements of an array: write [] at the end of {path}"
    )]
    RowsOfOne {
        /// The path.
        path: String,
    },
    /// A text that is no type.
    #[error(
        "\"{ty}\" is no type: write text, integer, decimal(2), boolean, date, timestamp or json"
    )]
    Type {
        /// The text.
        ty: String,
    },
    /// No value of the sample fits the type.
    #[error("what stands at {path} does not fit {ty}; {fitting} would take it")]
    TypeDoesNotFit {
        /// The path.
        path: String,
        /// The type.
        ty: String,
        /// A type that fits.
        fitting: String,
    },
    /// The path leads to many values.
    #[error("{path} leads to many values; a column of them is of type json")]
    Many {
        /// The path.
        path: String,
    },
    /// The default is not of the type.
    #[error("the default does not fit {ty}")]
    Default {
        /// The type.
        ty: String,
    },
    /// The parent is not declared before.
    #[error("no table called {name} is described before this one")]
    NoParent {
        /// The name.
        name: String,
    },
    /// The parent has no key to be known by.
    #[error("the parent {name} has no key: mark a column of it with key: true")]
    ParentWithoutKey {
        /// The name.
        name: String,
    },
    /// The rows are not in the parent's rows.
    #[error("the rows of a table whose parent is {parent} begin with {rows}")]
    OutsideParent {
        /// The parent.
        parent: String,
        /// What its rows are made of.
        rows: String,
    },
    /// Not exactly one test in a condition.
    #[error("a condition has exactly one of equals, not, one_of, none_of, above, below, empty")]
    Tests,
    /// A value that nothing is compared with.
    #[error("a condition compares with texts, numbers, true and false")]
    Comparison,
}

impl DescriptionError {
    pub(super) fn one(fault: Fault) -> Self {
        Self {
            faults: vec![fault],
        }
    }
}

impl fmt::Display for DescriptionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.faults.iter().enumerate() {
            if position > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{fault}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "line {}, column {}: {}",
            self.line, self.column, self.problem
        )
    }
}
