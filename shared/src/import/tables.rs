use std::sync::{Arc, LazyLock};

use super::finding::Finding;
use crate::{
    catalog::{Column, ColumnType, Label, Table, TableGroup, label},
    warehouse::{Rows, Value},
};

/// The most findings that are kept of one step of an import; more are only counted.
pub(super) const MAX_FINDINGS: u64 = 100_000;

/// Findings of imports, in the order of the file. The phase is that of the step which noticed it: `validate`, `apply`,
/// `undo`.
pub fn problems() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
        Arc::new(Table {
            name: "_import_problems".into(),
            singular: "_import_problem".into(),
            label: plain("_import_problems"),
            group: TableGroup::Internal,
            columns: vec![
                column("import", ColumnType::Text),
                column("phase", ColumnType::Text),
                column("ordinal", ColumnType::Integer),
                column("severity", ColumnType::Text),
                column("code", ColumnType::Text),
                column("table", ColumnType::Text),
                column("row_id", ColumnType::Text),
                column("line", ColumnType::Integer),
                column("field", ColumnType::Text),
                column("expected", ColumnType::Text),
                column("found", ColumnType::Text),
            ],
            key: vec!["import".into(), "phase".into(), "ordinal".into()],
            subject: None,
            indexes: Vec::new(),
            parent: None,
            facts: false,
            indicators: Vec::new(),
        })
    });
    &TABLE
}

/// Rows of [`problems`] for these findings, numbered from `first` on and cut at what is kept.
pub(super) fn problem_rows(import: &str, phase: &str, first: u64, findings: &[Finding]) -> Rows {
    let mut rows = Rows::new(problems().columns.len());
    let numbered = (first..MAX_FINDINGS).zip(findings);
    for (ordinal, finding) in numbered {
        let number = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        rows.push_values(&[
            import.into(),
            phase.into(),
            number(ordinal),
            finding.severity.as_str().into(),
            finding.code.as_ref().into(),
            finding.table.as_str().into(),
            finding.row_id.clone().into(),
            finding.line.map_or(Value::Null, number),
            finding.field.clone().into(),
            finding.expected.as_str().into(),
            finding.found.as_str().into(),
        ]);
    }
    rows
}

/// Operators alone see these names.
const fn plain(name: &'static str) -> Label {
    label(name, name, name)
}

const fn column(name: &'static str, ty: ColumnType) -> Column {
    Column::new(name, ty, plain(name))
}
