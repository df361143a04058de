use std::fmt;

use serde::Serialize;

use crate::{
    catalog::Locale,
    i18n::{Args, text_with},
    yclients::reports::PathError,
};

/// What keeps a description from being used: every fault that was found, in the order of the lines. Shown as it is, it is in
/// English.
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

/// What is wrong at a place of a description. Shown as it is, it is in English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "kebab-case", tag = "problem")]
pub enum Problem {
    /// Not YAML, or not of the shape of a description.
    Syntax {
        /// What the reader says, in English.
        reason: String,
    },
    /// An alias, which would repeat what an anchor names.
    Repeats,
    /// A field that has no place there.
    UnknownField {
        /// The field.
        field: String,
        /// The fields that have, with commas between.
        known: String,
    },
    /// A field that is not there.
    MissingField {
        /// The field.
        field: String,
    },
    /// A field that stands twice.
    FieldTwice {
        /// The field.
        field: String,
    },
    /// One thing stands where a list belongs.
    NoList,
    /// Something else stands where fields belong.
    NoFields,
    /// Longer than a description may be.
    TooLong {
        /// The most bytes.
        limit: usize,
    },
    /// No tables, or no columns.
    Nothing {
        /// What there is none of.
        what: &'static str,
    },
    /// Too many tables or columns.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A name that is not a plain one.
    Name {
        /// The name.
        name: String,
    },
    /// A name that the system keeps for itself.
    Reserved {
        /// The name.
        name: String,
    },
    /// A name that another table has.
    Taken {
        /// The name.
        name: String,
    },
    /// Two tables, or two columns of a table, of one name.
    Twice {
        /// The name.
        name: String,
    },
    /// A text that is no path.
    Path {
        /// The text.
        path: String,
    },
    /// A path at which the sample has nothing.
    UnknownPath {
        /// The path, from the record.
        path: String,
        /// A known one that looks like it.
        nearest: Option<String>,
    },
    /// Rows can be made of records and of elements of arrays only.
    RowsOfOne {
        /// The path.
        path: String,
    },
    /// A text that is no type.
    Type {
        /// The text.
        ty: String,
    },
    /// No value of the sample fits the type.
    TypeDoesNotFit {
        /// The path.
        path: String,
        /// The type.
        ty: String,
        /// A type that fits.
        fitting: String,
    },
    /// The path leads to many values.
    Many {
        /// The path.
        path: String,
    },
    /// The default is not of the type.
    Default {
        /// The type.
        ty: String,
    },
    /// The parent is not declared before.
    NoParent {
        /// The name.
        name: String,
    },
    /// The parent has no key to be known by.
    ParentWithoutKey {
        /// The name.
        name: String,
    },
    /// The rows are not in the parent's rows.
    OutsideParent {
        /// The parent.
        parent: String,
        /// What its rows are made of.
        rows: String,
    },
    /// Not exactly one test in a condition.
    Tests,
    /// A value that nothing is compared with.
    Comparison,
}

impl DescriptionError {
    pub(super) fn one(fault: Fault) -> Self {
        Self {
            faults: vec![fault],
        }
    }

    /// The faults, a line each, in the reader's language.
    pub fn say(&self, locale: Locale) -> String {
        let said: Vec<String> = self.faults.iter().map(|fault| fault.say(locale)).collect();
        said.join("\n")
    }
}

impl Fault {
    /// The place and what is wrong there, in the reader's language.
    pub fn say(&self, locale: Locale) -> String {
        let args = Args::new()
            .with("line", self.line.to_string())
            .with("column", self.column.to_string())
            .with("problem", self.problem.say(locale));
        text_with(locale, "description-fault", &args)
    }
}

impl Problem {
    /// What is wrong, in the reader's language: a part of a sentence.
    pub fn say(&self, locale: Locale) -> String {
        let (key, args) = self.words();
        text_with(locale, key, &args)
    }

    /// The key of its text, and what that is filled in with.
    fn words(&self) -> (&'static str, Args<'_>) {
        let none = Args::new;
        match self {
            Self::Syntax { reason } => {
                ("description-syntax", none().with("reason", reason.as_str()))
            }
            Self::Repeats => ("description-repeats", none()),
            Self::UnknownField { field, known } => {
                let args = none().with("field", field.as_str());
                (
                    "description-unknown-field",
                    args.with("known", known.as_str()),
                )
            }
            Self::MissingField { field } => (
                "description-missing-field",
                none().with("field", field.as_str()),
            ),
            Self::FieldTwice { field } => (
                "description-field-twice",
                none().with("field", field.as_str()),
            ),
            Self::NoList => ("description-no-list", none()),
            Self::NoFields => ("description-no-fields", none()),
            Self::TooLong { limit } => (
                "description-too-long",
                none().with("limit", limit.to_string()),
            ),
            Self::Nothing { what } => ("description-nothing", none().with("what", *what)),
            Self::TooMany { what, limit } => {
                let args = none().with("what", *what);
                (
                    "description-too-many",
                    args.with("limit", limit.to_string()),
                )
            }
            Self::Name { name } => ("description-name", none().with("name", name.as_str())),
            Self::Reserved { name } => ("description-reserved", none().with("name", name.as_str())),
            Self::Taken { name } => ("description-taken", none().with("name", name.as_str())),
            Self::Twice { name } => ("description-twice", none().with("name", name.as_str())),
            Self::Path { path } => ("description-path", none().with("path", path.as_str())),
            Self::UnknownPath {
                path,
                nearest: None,
            } => (
                "description-unknown-path",
                none().with("path", path.as_str()),
            ),
            Self::UnknownPath {
                path,
                nearest: Some(near),
            } => {
                let args = none().with("path", path.as_str());
                (
                    "description-unknown-path-near",
                    args.with("nearest", near.as_str()),
                )
            }
            Self::RowsOfOne { path } => (
                "description-rows-of-one",
                none().with("path", path.as_str()),
            ),
            Self::Type { ty } => ("description-type", none().with("type", ty.as_str())),
            Self::TypeDoesNotFit { path, ty, fitting } => {
                let args = none().with("path", path.as_str()).with("type", ty.as_str());
                (
                    "description-type-does-not-fit",
                    args.with("fitting", fitting.as_str()),
                )
            }
            Self::Many { path } => ("description-many", none().with("path", path.as_str())),
            Self::Default { ty } => ("description-default", none().with("type", ty.as_str())),
            Self::NoParent { name } => {
                ("description-no-parent", none().with("name", name.as_str()))
            }
            Self::ParentWithoutKey { name } => (
                "description-parent-without-key",
                none().with("name", name.as_str()),
            ),
            Self::OutsideParent { parent, rows } => {
                let args = none().with("parent", parent.as_str());
                (
                    "description-outside-parent",
                    args.with("rows", rows.as_str()),
                )
            }
            Self::Tests => ("description-tests", none()),
            Self::Comparison => ("description-comparison", none()),
        }
    }
}

impl From<PathError> for Problem {
    fn from(PathError(path): PathError) -> Self {
        Self::Path { path }
    }
}

impl fmt::Display for DescriptionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.say(Locale::En))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.say(Locale::En))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.say(Locale::En))
    }
}
