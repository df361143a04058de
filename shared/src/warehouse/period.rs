//! Conditions that leave the rows of a period.

use super::{Filter, Operator};
use crate::catalog::Table;

/// Whether every row that meets the filter has a column between two values, and there is an index that begins with it.
pub(super) fn has_indexed_period(table: &Table, filter: &Filter) -> bool {
    let any = |column: &str, operators: [Operator; 2]| {
        meets_all(filter, &|one| match one {
            Filter::Compare {
                column: own,
                operator,
                ..
            } => own == column && operators.contains(operator),
            _ => false,
        })
    };
    table
        .indexes
        .iter()
        .filter_map(|index| index.first())
        .any(|column| {
            any(column, [Operator::Greater, Operator::AtLeast])
                && any(column, [Operator::Less, Operator::AtMost])
        })
}

/// Whether one of the conditions that all rows meet is such a one.
fn meets_all(filter: &Filter, is_such: &impl Fn(&Filter) -> bool) -> bool {
    match filter {
        Filter::And(all) => all.iter().any(|one| meets_all(one, is_such)),
        one => is_such(one),
    }
}
