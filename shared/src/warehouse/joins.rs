//! The tables that paths of a statement lead to, from reference to reference.

use super::{
    WarehouseError,
    sql::{qualified, quoted},
};
use crate::catalog::{Column, Table};

/// Joins of a statement, numbered as they come: `r0`, `r1` ….
#[derive(Default)]
pub(super) struct Joins<'a> {
    joins: Vec<Join<'a>>,
}

struct Join<'a> {
    /// What the referring table is called in the statement.
    from: String,
    by: &'a str,
    target: &'static Table,
}

impl<'a> Joins<'a> {
    /// What the table is called that this column of another one leads to.
    pub fn alias(&mut self, from: &str, by: &'a Column, target: &'static Table) -> String {
        let same = |join: &Join<'_>| join.from == from && join.by == by.name;
        let number = self.joins.iter().position(same).unwrap_or_else(|| {
            self.joins.push(Join {
                from: from.to_owned(),
                by: by.name.as_ref(),
                target,
            });
            self.joins.len() - 1
        });
        format!("r{number}")
    }

    /// Adds every join to a statement, behind its table.
    pub fn push_to(
        &self,
        text: &mut String,
        schema: Option<&str>,
        with_deleted: bool,
    ) -> Result<(), WarehouseError> {
        for (number, Join { from, by, target }) in self.joins.iter().enumerate() {
            let living = if with_deleted {
                String::new()
            } else {
                format!(" AND r{number}.\"_deleted_at\" IS NULL")
            };
            text.push_str(&format!(
                " LEFT JOIN {} AS r{number} ON r{number}.\"_source_id\" = {from}.\"_source_id\" AND r{number}.\"id\" = {from}.{}{living}",
                qualified(schema, &target.name)?,
                quoted(by)?,
            ));
        }
        Ok(())
    }
}
