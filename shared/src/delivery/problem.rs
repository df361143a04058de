use std::fmt;

use crate::{
    catalog::Locale,
    control::FileFormat,
    i18n::{self, Args},
    sheets::SheetError,
};

/// What is wrong with an order. Shown as it is, it is in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderProblem {
    /// A list needs a table.
    NoTable,
    /// The format holds all tables.
    AllTables(FileFormat),
    /// Columns or rows are chosen of something else than a list.
    NotAList,
    /// There is no list of this name.
    NoList(String),
    /// The table has no such column.
    NoColumn {
        /// The table or list.
        table: String,
        /// The column.
        column: String,
    },
    /// A column is named twice.
    Twice(String),
    /// No condition: a column, how it compares, and with what.
    NoCondition(String),
    /// More conditions than this.
    TooManyConditions(usize),
    /// What is no value of a column.
    NoValue {
        /// The column.
        column: String,
        /// The text.
        value: String,
    },
    /// There is no profile of this name.
    NoProfile(String),
    /// Passwords leave in one kind of file only.
    Passwords,
    /// The purpose has more characters than this.
    LongPurpose(usize),
    /// The purpose holds U+0000.
    NulInPurpose,
    /// The file's name cannot be used, for this reason in English.
    FileName(String),
}

impl OrderProblem {
    /// What is wrong, in the reader's language: a part of a sentence.
    pub fn say(&self, locale: Locale) -> String {
        let one =
            |key, name, value: &str| i18n::text_with(locale, key, &Args::new().with(name, value));
        match self {
            Self::NoTable => i18n::text(locale, "order-no-table"),
            Self::AllTables(format) => one("order-all-tables", "format", &format.to_string()),
            Self::NotAList => i18n::text(locale, "order-not-a-list"),
            Self::NoList(name) => one("order-no-list", "name", name),
            Self::NoColumn { table, column } => {
                let args = Args::new().with("table", table.as_str());
                i18n::text_with(
                    locale,
                    "order-no-column",
                    &args.with("column", column.as_str()),
                )
            }
            Self::Twice(column) => one("order-twice", "column", column),
            Self::NoCondition(text) => one("order-no-condition", "text", text),
            Self::TooManyConditions(most) => {
                one("order-too-many-conditions", "most", &most.to_string())
            }
            Self::NoValue { column, value } => {
                let args = Args::new().with("column", column.as_str());
                i18n::text_with(
                    locale,
                    "order-no-value",
                    &args.with("value", value.as_str()),
                )
            }
            Self::NoProfile(name) => one("order-no-profile", "name", name),
            Self::Passwords => i18n::text(locale, "order-passwords"),
            Self::LongPurpose(most) => one("order-long-purpose", "most", &most.to_string()),
            Self::NulInPurpose => i18n::text(locale, "order-nul-in-purpose"),
            Self::FileName(reason) => reason.clone(),
        }
    }
}

impl fmt::Display for OrderProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.say(Locale::En))
    }
}

impl From<SheetError> for OrderProblem {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::UnknownList { name } => Self::NoList(name),
            SheetError::UnknownColumn { table, column } => Self::NoColumn { table, column },
            other => Self::FileName(other.to_string()),
        }
    }
}
