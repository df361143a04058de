use std::{borrow::Cow, collections::BTreeSet};

use super::{
    Admit, Rows, Value, ValueRef, WarehouseError,
    erased::{Whose, whose},
    session::Session,
};
use crate::catalog::Table;

/// Whose personal-data log is kept.
const CUSTOMERS: &str = "customers";

/// Whether rows of a table speak of customers: by a column of their own, or as part of a row that does.
pub fn is_about_customers(table: &Table) -> bool {
    subject_column(table).is_some()
}

/// The column by which a row tells its customer: the customer's id, or the row of another table that names the customer.
pub(super) fn subject_column(table: &Table) -> Option<&str> {
    if let Some(column) = table.subject.as_deref() {
        return Some(column);
    }
    match whose(table)? {
        Whose::Through {
            people: CUSTOMERS,
            column,
            ..
        } => Some(column),
        _ => None,
    }
}

/// The customers behind what written rows have in their [`subject_column`].
pub(super) async fn customers_of<'a, S: Session>(
    session: &mut S,
    admit: &Admit,
    named: &'a BTreeSet<String>,
) -> Result<Cow<'a, BTreeSet<String>>, WarehouseError> {
    let (None, Some(Whose::Through { table, theirs, .. })) =
        (&admit.table.subject, whose(&admit.table))
    else {
        return Ok(Cow::Borrowed(named));
    };
    let mut customers = BTreeSet::new();
    let (Some(shape), Some(theirs)) = (session.shape(table).await?, table.position(theirs)) else {
        return Ok(Cow::Owned(customers));
    };
    let mut keys = Rows::new(1);
    for id in named {
        keys.push_row([ValueRef::Text(id)]);
    }
    if !keys.is_empty() {
        let rows = session
            .lookup(table, &shape, &admit.source_id, &["id"], &keys)
            .await?;
        let found = rows.iter().filter_map(|row| row.get(theirs).as_str());
        customers.extend(found.map(str::to_owned));
    }
    Ok(Cow::Owned(customers))
}

/// The customers as rows of [`super::internal::personal_data_subjects`].
pub(super) fn rows_of(event: &str, customers: &BTreeSet<String>) -> Rows {
    let mut rows = Rows::new(2);
    for customer in customers {
        rows.push_values(&[Value::from(event), Value::from(customer.as_str())]);
    }
    rows
}
