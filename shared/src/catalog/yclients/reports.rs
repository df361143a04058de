use super::super::{Column, ColumnType, Table, TableGroup, label};

/// Records of reports as JSON, one row each. It belongs to reports and is no list of the vendor.
pub(in crate::catalog) fn reports() -> Table {
    Table {
        name: "yclients_reports".into(),
        singular: "yclients_report".into(),
        label: label("Reports", "Raporty", "Отчёты"),
        group: TableGroup::Report,
        columns: vec![
            Column::new(
                "report",
                ColumnType::Text,
                label("Report", "Raport", "Отчёт"),
            )
            .required(),
            Column::new("key", ColumnType::Text, label("Key", "Klucz", "Ключ")).required(),
            Column::new("period", ColumnType::Date, label("Day", "Dzień", "День")),
            Column::new(
                "content",
                ColumnType::Json,
                label("Content", "Treść", "Содержимое"),
            )
            .personal(),
        ],
        key: vec!["report".into(), "key".into()],
        subject: None,
        indexes: vec![vec!["report".into(), "period".into()]],
        parent: None,
        facts: true,
        indicators: Vec::new(),
    }
}
