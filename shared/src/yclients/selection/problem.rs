use std::fmt;

use crate::{
    catalog::Locale,
    i18n::{self, Args},
};

/// Why a filter that somebody wrote cannot be understood. Shown as it is, it is in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterProblem {
    /// Conditions inside conditions go deeper than this.
    TooDeep(usize),
    /// `and` and `or` need a list of at most so many conditions.
    NotAList(usize),
    /// What is no condition: its beginning.
    NoCondition(String),
    /// A word that a condition of this kind has no use for.
    Unexpected(String),
    /// The table has no such column.
    NoColumn(String),
    /// A value that the column cannot have.
    NoValue {
        /// The column.
        column: String,
        /// The value, as JSON.
        value: String,
    },
    /// A column that is to be one of several values needs a list of at most so many.
    NoValues {
        /// The column.
        column: String,
        /// How many at most.
        most: usize,
    },
    /// The column is no list that could hold the element.
    HoldsNothing {
        /// The column.
        column: String,
        /// The element, as JSON.
        value: String,
    },
    /// A comparison that there is not.
    NoComparison {
        /// The column.
        column: String,
        /// What was given.
        word: String,
        /// Those that there are.
        known: String,
    },
    /// Only text can contain a text.
    NotText(String),
    /// What was written is not JSON, for this reason in English.
    NotJson(String),
}

impl FilterProblem {
    /// What is wrong, in the reader's language: a part of a sentence.
    pub fn say(&self, locale: Locale) -> String {
        let of = |key, args: &Args<'_>| i18n::text_with(locale, key, args);
        let none = Args::new;
        match self {
            Self::TooDeep(most) => of("filter-too-deep", &none().with("most", most.to_string())),
            Self::NotAList(most) => of("filter-not-a-list", &none().with("most", most.to_string())),
            Self::NoCondition(text) => of("filter-no-condition", &none().with("text", &**text)),
            Self::Unexpected(word) => of("filter-unexpected", &none().with("word", &**word)),
            Self::NoColumn(column) => of("filter-no-column", &none().with("column", &**column)),
            Self::NoValue { column, value } => of(
                "filter-no-value",
                &none().with("column", &**column).with("value", &**value),
            ),
            Self::NoValues { column, most } => of(
                "filter-no-values",
                &none()
                    .with("column", &**column)
                    .with("most", most.to_string()),
            ),
            Self::HoldsNothing { column, value } => of(
                "filter-holds-nothing",
                &none().with("column", &**column).with("value", &**value),
            ),
            Self::NoComparison {
                column,
                word,
                known,
            } => of(
                "filter-no-comparison",
                &none()
                    .with("column", &**column)
                    .with("word", &**word)
                    .with("known", &**known),
            ),
            Self::NotText(column) => of("filter-not-text", &none().with("column", &**column)),
            Self::NotJson(reason) => of("filter-not-json", &none().with("reason", &**reason)),
        }
    }
}

impl fmt::Display for FilterProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.say(Locale::En))
    }
}
