use crate::catalog::{Column, ColumnType, Label, Table, TableGroup};

/// Declares columns, one a line: name, kind, marks in brackets, the table it refers to, and the labels in English, Polish
/// and Russian.
macro_rules! columns {
    ($($name:ident: $kind:ident $([$($mark:ident),+])? $(-> $target:literal)?, $en:literal, $pl:literal, $ru:literal;)*) => {
        vec![$(
            $crate::catalog::yclients::fields::$kind(stringify!($name), $crate::catalog::label($en, $pl, $ru))
                $($(.$mark())+)?
                $(.references($target))?
        ),*]
    };
}
pub(super) use columns;

/// Digits after the point of money amounts.
const MONEY_SCALE: u32 = 2;
/// Digits after the point of unit prices.
const UNIT_PRICE_SCALE: u32 = 4;
/// Digits after the point of quantities and ratings.
const QUANTITY_SCALE: u32 = 6;
/// Digits after the point of geographical degrees.
const DEGREE_SCALE: u32 = 7;

/// A table of things, with the vendor's id as its key.
pub(super) fn vendor_table(
    name: &'static str,
    singular: &'static str,
    label: Label,
    columns: Vec<Column>,
) -> Table {
    Table {
        name: name.into(),
        singular: singular.into(),
        label,
        group: TableGroup::Yclients,
        columns,
        key: vec!["id".into()],
        subject: None,
        indexes: Vec::new(),
        parent: None,
        facts: false,
        indicators: Vec::new(),
    }
}

/// A table of the lines of a record, counted from 1 in the order of the vendor's body.
pub(super) fn record_lines(
    name: &'static str,
    singular: &'static str,
    label: Label,
    columns: Vec<Column>,
) -> Table {
    Table {
        key: vec!["record_id".into(), "line".into()],
        parent: Some("yclients_records".into()),
        facts: true,
        ..vendor_table(name, singular, label, columns)
    }
}

/// One index per column.
pub(super) fn indexes(columns: &[&'static str]) -> Vec<Vec<std::borrow::Cow<'static, str>>> {
    columns.iter().map(|&column| vec![column.into()]).collect()
}

pub(super) const fn text(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Text, label)
}

pub(super) const fn integer(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Integer, label)
}

pub(super) const fn flag(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Boolean, label)
}

pub(super) const fn date(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Date, label)
}

pub(super) const fn instant(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Timestamp, label)
}

pub(super) const fn json(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Json, label)
}

pub(super) const fn money(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Decimal { scale: MONEY_SCALE }, label)
}

pub(super) const fn price(name: &'static str, label: Label) -> Column {
    let scale = UNIT_PRICE_SCALE;
    Column::new(name, ColumnType::Decimal { scale }, label)
}

pub(super) const fn quantity(name: &'static str, label: Label) -> Column {
    let scale = QUANTITY_SCALE;
    Column::new(name, ColumnType::Decimal { scale }, label)
}

pub(super) const fn degrees(name: &'static str, label: Label) -> Column {
    let scale = DEGREE_SCALE;
    Column::new(name, ColumnType::Decimal { scale }, label)
}
