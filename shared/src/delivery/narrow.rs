use std::sync::Arc;

use super::{DeliveryError, Order};
use crate::{
    catalog::Table,
    sheets::List,
    warehouse::{Filter, Value},
};

impl Order {
    /// Narrows a list to these of its columns, and to rows whose columns have these values; nothing is narrowed by nothing.
    /// Names and values are those that files for programs carry. `reports` are the tables of the subscription's reports.
    ///
    /// # Errors
    /// [`DeliveryError::Order`] for another format than a list, an unknown column, or a value that is not of its column's
    /// type.
    pub fn narrow<'v>(
        &mut self,
        columns: Vec<String>,
        equal: impl IntoIterator<Item = (&'v str, &'v str)>,
        reports: &[Arc<Table>],
    ) -> Result<(), DeliveryError> {
        let mut equal = equal.into_iter().peekable();
        if columns.is_empty() && equal.peek().is_none() {
            return Ok(());
        }
        let refused = |problem: String| DeliveryError::Order { problem };
        let name = self
            .table
            .as_deref()
            .ok_or_else(|| refused("only a list can be narrowed to columns and rows".to_owned()))?;
        let list = match reports.iter().find(|table| table.name == name) {
            Some(table) => List::of(table, [], Vec::new()),
            None => List::named(name, Vec::new()),
        };
        let list = list.map_err(|error| refused(error.to_string()))?;
        for (name, text) in equal {
            let column = list
                .table()
                .column(name)
                .ok_or_else(|| refused(format!("the list {} has no column {name}", list.name())))?;
            let value = Value::from_text(column, text)
                .filter(|_| !text.contains('\0'))
                .ok_or_else(|| refused(format!("{text} is no value of the column {name}")))?;
            self.filter = std::mem::take(&mut self.filter).and(Filter::equal(name, value));
        }
        self.columns = columns;
        Ok(())
    }
}
