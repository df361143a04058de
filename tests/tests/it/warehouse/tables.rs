use std::sync::Arc;

use wynos::catalog::{Column, ColumnType, Table, TableGroup, label};

fn column(name: &'static str, ty: ColumnType) -> Column {
    Column::new(name, ty, label(name, name, name))
}

fn table(name: &'static str, group: TableGroup, columns: Vec<Column>) -> Table {
    Table {
        name: name.into(),
        singular: "thing".into(),
        label: label(name, name, name),
        group,
        columns,
        key: vec!["id".into()],
        subject: None,
        indexes: Vec::new(),
        parent: None,
        facts: false,
        indicators: Vec::new(),
    }
}

/// A table with a column of every type.
pub(super) fn every_type() -> Arc<Table> {
    let columns = vec![
        column("id", ColumnType::Text),
        column("text", ColumnType::Text),
        column("whole", ColumnType::Integer),
        column("money", ColumnType::Decimal { scale: 2 }),
        column("quantity", ColumnType::Decimal { scale: 6 }),
        column("flag", ColumnType::Boolean),
        column("day", ColumnType::Date),
        column("instant", ColumnType::Timestamp),
        column("json", ColumnType::Json),
    ];
    Arc::new(table("things", TableGroup::RepairShop, columns))
}

/// A copy of a vendor's rows: two contents and a number.
pub(super) fn vendor_copy() -> Arc<Table> {
    let columns = vec![
        column("id", ColumnType::Integer),
        column("name", ColumnType::Text),
        column("note", ColumnType::Text),
    ];
    Arc::new(table("vendor_things", TableGroup::Yclients, columns))
}

/// Rows of a shop that speak of customers.
pub(super) fn notes() -> Arc<Table> {
    let columns = vec![
        column("id", ColumnType::Text),
        column("customer_id", ColumnType::Text),
        column("text", ColumnType::Text),
    ];
    let mut table = table("shop_notes", TableGroup::RepairShop, columns);
    table.subject = Some("customer_id".into());
    table.indexes = vec![vec!["customer_id".into()]];
    Arc::new(table)
}

/// The same table as a later version declares it.
pub(super) fn notes_grown() -> Arc<Table> {
    let mut table = Arc::unwrap_or_clone(notes());
    table.columns.push(column("stars", ColumnType::Integer));
    table.indexes.push(vec!["stars".into(), "text".into()]);
    Arc::new(table)
}
