use super::{
    finding::{At, Finding, Severity},
    shape::Shape,
};
use crate::warehouse::Row;

/// Notes values of a row that look wrong: they come in all the same, for the shop has them so.
pub(super) fn look_at(shape: &Shape, row: Row<'_>, at: At<'_>, findings: &mut Vec<Finding>) {
    shape.checks.check(row, |warning| {
        let finding = Finding::of(Severity::Warning, warning.code, &shape.table.name, &at);
        findings.push(
            finding
                .field(warning.field)
                .expected(warning.expected)
                .found(&warning.found),
        );
    });
}
