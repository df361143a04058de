use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Encoding, Separator, fitting,
    moment::{DateOrder, NoMoment, day, order_of},
    names::{self, Name, Rank},
};
use crate::{
    catalog::{Column, ColumnType, Locale, Table},
    sheets::{
        CustomField,
        list::{CUSTOM_PREFIX, resolve},
    },
};

/// Which column of the file is which of the table. Shown to people as JSON, changed by them, and given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The table.
    pub table: String,
    /// One for each column of the file, found by its header; of equal headers the first one here is the first one there.
    /// None where they are to be guessed from the headers.
    #[serde(default)]
    pub columns: Vec<ColumnMapping>,
    /// Whether one `'` before a formula sign is taken off, as localised CSV lists have it.
    #[serde(default)]
    pub guarded: bool,
    /// Values, as text, for columns of the table that the file does not have or leaves empty.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// The encoding of a CSV file; the content tells where nobody states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// What stands between the cells of a CSV file; the content tells where nobody states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<Separator>,
}

/// Where one column of the file belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// The file's header.
    pub header: String,
    /// A column, a path to what a referred row is called (`type_id.name`), or `custom:<field id>`; nothing to leave it out.
    pub target: Option<String>,
    /// What comes first in dates such as `01-03-2016`.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
}

impl Mapping {
    /// A mapping of which only this is stated; its columns are guessed from the headers.
    pub fn guessed(
        table: impl Into<String>,
        encoding: Option<Encoding>,
        separator: Option<Separator>,
    ) -> Self {
        Self {
            table: table.into(),
            columns: Vec::new(),
            guarded: false,
            constants: BTreeMap::new(),
            encoding,
            separator,
        }
    }

    /// The same, with what is not stated as it was guessed: its columns in the file's order, and after them those that the
    /// file does not have.
    #[must_use]
    pub fn completed(mut self, guess: &Self) -> Self {
        if self.columns.is_empty() {
            self.columns.clone_from(&guess.columns);
            self.guarded = guess.guarded;
        } else {
            let headers: Vec<&str> = guess.columns.iter().map(|c| c.header.as_str()).collect();
            let fitting = fitting::fit(&self.columns, &headers);
            self.columns = fitting.columns;
            self.columns.extend(fitting.absent);
        }
        self.encoding = self.encoding.or(guess.encoding);
        self.separator = self.separator.or(guess.separator);
        self
    }

    /// The columns of the table that no row can do without, and that neither the file nor a constant brings.
    pub fn missing<'t>(&'t self, table: &'t Table) -> impl Iterator<Item = &'t Column> {
        let brings = |name: &str| {
            let mut targets = self.columns.iter().filter_map(|of| of.target.as_deref());
            targets.any(|target| target.split('.').next() == Some(name))
        };
        let required = table.columns.iter().filter(|column| column.required);
        required
            .filter(move |column| column.name != "id" && !brings(&column.name))
            .filter(|column| !self.constants.contains_key(column.name.as_ref()))
            // Whether a customer is a person or a company shows in the row.
            .filter(|column| !(table.name == "customers" && column.name == "type"))
    }

    /// The ids of the custom fields that the file has columns for.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.columns
            .iter()
            .filter_map(|column| column.target.as_deref()?.strip_prefix(CUSTOM_PREFIX))
    }
}

/// A mapping as far as the headers tell, and what they do not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MappingGuess {
    /// The mapping.
    pub mapping: Mapping,
    /// What somebody should look at.
    pub questions: Vec<Question>,
}

/// What headers and samples do not tell. Columns are positions in the file, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Question {
    /// A header that names nothing; its column is left out.
    Unknown {
        /// The file's column.
        column: usize,
        /// Its header.
        header: String,
    },
    /// A header that names more than one column; it is left out.
    Ambiguous {
        /// The file's column.
        column: usize,
        /// Its header.
        header: String,
        /// What it could be.
        candidates: Vec<String>,
    },
    /// A header that names what an earlier column is already; it is left out.
    Duplicate {
        /// The file's column.
        column: usize,
        /// Its header.
        header: String,
        /// What both name.
        target: String,
    },
    /// Dates that read as two days each; rows with them are refused until the order is stated.
    DateOrder {
        /// The file's column.
        column: usize,
        /// Its header.
        header: String,
        /// Such a date.
        example: String,
    },
    /// A column that no row can do without, and that the file does not have.
    Missing {
        /// The column of the table.
        target: String,
    },
}

/// Guesses from the headers, and the order of dates from the samples.
pub(super) fn guess(
    table: &Table,
    header: &[String],
    samples: &[Vec<String>],
    fields: &[CustomField],
    is_csv: bool,
) -> MappingGuess {
    let names = names::names(table);
    let locale = locale_of(header, &names);
    let mut columns: Vec<ColumnMapping> = Vec::with_capacity(header.len());
    let mut questions = Vec::new();
    for (column, text) in header.iter().enumerate() {
        let candidates = candidates(text, &names, fields, locale);
        let target = match candidates.as_slice() {
            [] => {
                questions.push(Question::Unknown {
                    column,
                    header: text.clone(),
                });
                None
            }
            [target]
                if columns
                    .iter()
                    .any(|other| other.target.as_ref() == Some(target)) =>
            {
                questions.push(Question::Duplicate {
                    column,
                    header: text.clone(),
                    target: target.clone(),
                });
                None
            }
            [target] => Some(target.clone()),
            _ => {
                questions.push(Question::Ambiguous {
                    column,
                    header: text.clone(),
                    candidates: candidates.clone(),
                });
                None
            }
        };
        let mut mapping = ColumnMapping {
            header: text.clone(),
            target,
            date_order: None,
        };
        order(table, column, &mut mapping, samples, &mut questions);
        columns.push(mapping);
    }
    let plain = header.iter().all(|text| is_plain(table, text));
    let mapping = Mapping {
        columns,
        guarded: is_csv && !plain,
        ..Mapping::guessed(table.name.as_ref(), None, None)
    };
    let missing = mapping.missing(table).map(|column| Question::Missing {
        target: column.name.to_string(),
    });
    questions.extend(missing.collect::<Vec<_>>());
    MappingGuess { mapping, questions }
}

/// The language most headers are in.
fn locale_of(header: &[String], names: &[Name]) -> Locale {
    let normal: Vec<String> = header.iter().map(|text| names::normal(text)).collect();
    let count = |locale: &Locale| {
        normal
            .iter()
            .filter(|text| {
                names
                    .iter()
                    .any(|name| name.rank == Rank::Label(*locale) && name.normal == **text)
            })
            .count()
    };
    Locale::ALL
        .into_iter()
        .rev()
        .max_by_key(count)
        .unwrap_or_default()
}

/// What a header names, by the surest kind of name that names anything.
fn candidates(text: &str, names: &[Name], fields: &[CustomField], locale: Locale) -> Vec<String> {
    let custom = || {
        names::field(text, fields)
            .map(|field| vec![format!("{CUSTOM_PREFIX}{}", field.id)])
            .unwrap_or_default()
    };
    if text.starts_with(CUSTOM_PREFIX) {
        return custom();
    }
    if let Some(name) = names
        .iter()
        .find(|name| name.rank == Rank::Path && name.target == text.trim())
    {
        return vec![name.target.clone()];
    }
    let wanted = names::normal(text);
    let of = |ranks: &dyn Fn(Rank) -> bool| {
        let mut found: Vec<String> = names
            .iter()
            .filter(|name| !wanted.is_empty() && ranks(name.rank) && name.normal == wanted)
            .map(|name| name.target.clone())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    let by_name = [
        of(&|rank| rank == Rank::Label(locale)),
        of(&|rank| rank == Rank::Path),
        of(&|rank| matches!(rank, Rank::Label(_))),
    ];
    by_name
        .into_iter()
        .find(|found| !found.is_empty())
        .unwrap_or_else(|| match custom() {
            found if !found.is_empty() => found,
            _ => of(&|rank| rank == Rank::Synonym),
        })
}

/// Whether a header is a stored name, as plain lists have them.
fn is_plain(table: &Table, header: &str) -> bool {
    header.starts_with(CUSTOM_PREFIX) || resolve(table, header).is_some()
}

fn order(
    table: &Table,
    column: usize,
    mapping: &mut ColumnMapping,
    samples: &[Vec<String>],
    questions: &mut Vec<Question>,
) {
    let ty = mapping
        .target
        .as_deref()
        .and_then(|target| resolve(table, target))
        .map(|(_, column)| column.ty);
    if !matches!(ty, Some(ColumnType::Date | ColumnType::Timestamp)) {
        return;
    }
    let texts = || samples.iter().filter_map(|row| row.get(column));
    let tells = |order| texts().any(|text| order_of(text) == Some(order));
    let unclear = texts().find(|text| {
        let first = text.split(['T', ' ', ',']).next().unwrap_or_default();
        day(first, None) == Err(NoMoment::OrderUnknown)
    });
    mapping.date_order = match (tells(DateOrder::DayFirst), tells(DateOrder::MonthFirst)) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        _ => {
            questions.extend(unclear.map(|example| Question::DateOrder {
                column,
                header: mapping.header.clone(),
                example: example.clone(),
            }));
            None
        }
    };
}
