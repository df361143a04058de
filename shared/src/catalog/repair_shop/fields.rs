use crate::catalog::{Column, ColumnType, Label, Table, TableGroup, label};

/// Digits after the point of money amounts.
const MONEY_SCALE: u32 = 2;
/// Digits after the point of unit prices.
const UNIT_PRICE_SCALE: u32 = 4;
/// Digits after the point of quantities and hours.
const QUANTITY_SCALE: u32 = 6;

/// A table of the shop whose key is `id`.
pub(super) fn shop_table(
    name: &'static str,
    singular: &'static str,
    label: Label,
    mut columns: Vec<Column>,
) -> Table {
    columns.insert(0, id());
    Table {
        name: name.into(),
        singular: singular.into(),
        label,
        group: TableGroup::RepairShop,
        columns,
        key: vec!["id".into()],
        subject: None,
        indexes: Vec::new(),
        parent: None,
        facts: false,
        indicators: Vec::new(),
    }
}

/// The global id of an entity: `<origin subscription>:<entity>`.
fn id() -> Column {
    Column::new("id", ColumnType::Text, label("Id", "Id", "Ид"))
        .required()
        .identifier()
}

pub(super) const fn text(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Text, label)
}

pub(super) const fn money(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Decimal { scale: MONEY_SCALE }, label)
}

pub(super) const fn unit_price(name: &'static str, label: Label) -> Column {
    Column::new(
        name,
        ColumnType::Decimal {
            scale: UNIT_PRICE_SCALE,
        },
        label,
    )
}

pub(super) const fn quantity(name: &'static str, label: Label) -> Column {
    Column::new(
        name,
        ColumnType::Decimal {
            scale: QUANTITY_SCALE,
        },
        label,
    )
}

/// A VAT rate in percent points: `23` means 23 %.
pub(super) const fn vat(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Decimal { scale: MONEY_SCALE }, label)
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

pub(super) const fn integer(name: &'static str, label: Label) -> Column {
    Column::new(name, ColumnType::Integer, label)
}

/// A list of records, one element of this name each in an exchange file.
pub(super) fn list(
    name: &'static str,
    item: &'static str,
    label: Label,
    fields: Vec<Column>,
) -> Column {
    Column::new(
        name,
        ColumnType::List {
            item: item.into(),
            fields,
        },
        label,
    )
}

/// Values of the shop's custom fields of the row's form; they may hold anything about a person.
pub(super) const fn custom_values() -> Column {
    Column::new(
        "custom_values",
        ColumnType::CustomValues,
        label("Custom fields", "Pola własne", "Свои поля"),
    )
    .personal()
}
