//! Lists as files.

mod csv;
mod overflow;
mod serial;
mod xlsx;

pub use csv::CsvWriter;
pub(in crate::sheets) use csv::{push_text, special_bytes};
pub use xlsx::{XlsxLimits, XlsxWriter};

use crate::{
    catalog::{Column, ColumnType},
    sheets::{
        Convention,
        custom::holds_custom_values,
        guard::TextKind,
        list::{List, ListColumn, Origin},
    },
};

pub(in crate::sheets) use overflow::{MARKER_END, MARKER_START, SHEET as OVERFLOW_SHEET};
pub(in crate::sheets) use serial::{day_of, moment_of};

/// How a column's values are written, settled once per file.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) source: usize,
    pub(super) column: Column,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// By the value alone.
    Value,
    Text(TextKind),
    /// Stored values with what is written in their place.
    Choice(Vec<(String, String)>),
    Decimal(u32),
    /// A list of records with custom values inside.
    Masked,
    /// The custom field at this position.
    Custom {
        index: usize,
        secret: bool,
    },
}

pub(super) fn plans(list: &List, convention: Convention) -> Vec<Plan> {
    list.columns()
        .iter()
        .map(|column| Plan {
            source: column.source,
            column: column.column.clone(),
            kind: kind(list, column, convention),
        })
        .collect()
}

fn kind(list: &List, shown: &ListColumn, convention: Convention) -> Kind {
    if let Origin::Custom(index) = shown.origin {
        let secret = list.field_of(shown).is_none_or(|field| field.is_secret());
        return Kind::Custom { index, secret };
    }
    match &shown.column.ty {
        ColumnType::Choice(choices) => Kind::Choice(match convention.locale() {
            None => Vec::new(),
            Some(locale) => choices
                .iter()
                .map(|choice| {
                    (
                        choice.value.to_string(),
                        choice.label.get(locale).to_owned(),
                    )
                })
                .collect(),
        }),
        ColumnType::Text => Kind::Text(text_kind(&shown.column)),
        ColumnType::Decimal { scale } => Kind::Decimal(*scale),
        ColumnType::List { .. } if holds_custom_values(&shown.column) => Kind::Masked,
        _ => Kind::Value,
    }
}

/// What a spreadsheet could do to texts of this column.
pub(in crate::sheets) fn text_kind(column: &Column) -> TextKind {
    match (column.identifier, column.name.ends_with("phone")) {
        (true, true) => TextKind::Phone,
        (true, false) => TextKind::Identifier,
        (false, _) => TextKind::Free,
    }
}
