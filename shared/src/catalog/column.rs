use std::borrow::Cow;

use super::{Label, label};

/// One allowed value of a [`ColumnType::Choice`] column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The stored value, as files and the API carry it.
    pub value: Cow<'static, str>,
    /// What people read.
    pub label: Label,
}

/// Makes an allowed value with its labels.
pub const fn choice(
    value: &'static str,
    en: &'static str,
    pl: &'static str,
    ru: &'static str,
) -> Choice {
    Choice {
        value: Cow::Borrowed(value),
        label: label(en, pl, ru),
    }
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// Unicode text without U+0000.
    Text,
    /// A signed 64-bit integer.
    Integer,
    /// An exact number with this many digits after the point.
    Decimal {
        /// Digits after the decimal point.
        scale: u32,
    },
    /// True or false.
    Boolean,
    /// A calendar day, without a zone.
    Date,
    /// An instant, kept in UTC to the microsecond.
    Timestamp,
    /// Any JSON value, kept in canonical form (keys sorted, no white space).
    Json,
    /// Text out of a closed list.
    Choice(Vec<Choice>),
    /// A list of records of the same fields, kept as a JSON array of objects. Fields are never lists themselves, and
    /// exact numbers inside are JSON strings.
    List {
        /// The element's name in an exchange file.
        item: Cow<'static, str>,
        /// The fields of one record.
        fields: Vec<Column>,
    },
    /// Values of the shop's custom fields: a JSON object from the field's id to its value, always a string
    /// (facts: the vendor's `CustomFieldValue.value`).
    CustomValues,
}

/// How a database keeps a column: the few classes both dialects have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Storage {
    /// `text`.
    Text,
    /// `bigint`, `INTEGER`.
    Integer,
    /// `numeric` with this scale.
    Decimal(u32),
    /// `boolean`.
    Boolean,
    /// `date`.
    Date,
    /// `timestamptz`; ISO-8601 text on SQLite.
    Timestamp,
    /// `jsonb`; canonical text on SQLite.
    Json,
}

impl ColumnType {
    /// How a database keeps a column of this type.
    pub const fn storage(&self) -> Storage {
        match self {
            Self::Text | Self::Choice(_) => Storage::Text,
            Self::Integer => Storage::Integer,
            Self::Decimal { scale } => Storage::Decimal(*scale),
            Self::Boolean => Storage::Boolean,
            Self::Date => Storage::Date,
            Self::Timestamp => Storage::Timestamp,
            Self::Json | Self::List { .. } | Self::CustomValues => Storage::Json,
        }
    }
}

/// A column of a table, or a field of a list, declared as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name in SQL, files and the API: `[a-z_][a-z0-9_]*`.
    pub name: Cow<'static, str>,
    /// What it holds.
    pub ty: ColumnType,
    /// What people read.
    pub label: Label,
    /// Whether a row without it is refused.
    pub required: bool,
    /// The table whose `id` it names.
    pub reference: Option<Cow<'static, str>>,
    /// Whether it tells something about a person; such columns are emptied by erasure.
    pub personal: bool,
    /// Whether it is a number-like identifier that a spreadsheet must keep as text (phones, tax ids, serials).
    pub identifier: bool,
    /// Whether only rows of other tables tell of it, and never the origin's answer about the row itself: that one is whole
    /// without it, and says nothing of it. A flag of that kind is set once any of those rows says so, and stays set.
    pub told_elsewhere: bool,
}

impl Column {
    /// A column of this type, optional and neither personal nor an identifier.
    pub const fn new(name: &'static str, ty: ColumnType, label: Label) -> Self {
        Self {
            name: Cow::Borrowed(name),
            ty,
            label,
            required: false,
            reference: None,
            personal: false,
            identifier: false,
            told_elsewhere: false,
        }
    }

    /// Marks the column as required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Marks the column as personal data.
    pub const fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// Marks the column as an identifier that must stay text.
    pub const fn identifier(mut self) -> Self {
        self.identifier = true;
        self
    }

    /// Marks the column as one of which only rows of other tables tell.
    pub const fn told_elsewhere(mut self) -> Self {
        self.told_elsewhere = true;
        self
    }

    /// Declares the table whose `id` the column names.
    pub fn references(mut self, table: &'static str) -> Self {
        self.reference = Some(Cow::Borrowed(table));
        self
    }
}
