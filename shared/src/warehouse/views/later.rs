use crate::catalog::{Column, Table};

/// Columns that views were given after they had been made in some warehouse. PostgreSQL takes new columns of a view in use
/// behind those that it has only, in the order in which the catalog declares them: what is added after these needs a list of
/// its own, behind them.
const LATER: &[(&str, &str)] = &[
    ("yclients_companies", "next_slot_local"),
    ("yclients_clients", "first_visit_date_local"),
    ("yclients_clients", "last_visit_date_local"),
    ("yclients_clients", "last_change_date_local"),
    ("yclients_goods", "last_change_date_local"),
    ("yclients_records", "create_date_local"),
    ("yclients_records", "last_change_date_local"),
    ("yclients_record_consumables", "create_date_local"),
    ("yclients_goods_transactions", "last_change_date_local"),
    ("yclients_finance_transactions", "last_change_date_local"),
];

/// Whether a column stands behind those that the view of its table had at first.
pub(super) fn is_later(table: &Table, column: &Column) -> bool {
    LATER
        .iter()
        .any(|(of, name)| *of == table.name && *name == column.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn what_came_later_is_declared() {
        for (table, column) in LATER {
            let declared = catalog::table(table).and_then(|table| table.column(column));
            assert!(declared.is_some(), "{table}.{column}");
        }
    }
}
