//! Statements that create tables and let them grow, by columns and by indexes. Nothing is ever dropped, so that older programs
//! keep working; only the tables of reports go when their report is removed with its rows.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::{
    WarehouseError, internal,
    sql::{Shape, list, qualified, quoted},
};
use crate::catalog::{Column, Storage, Table};

/// What the databases call things.
pub(super) struct Dialect {
    pub type_of: fn(Storage) -> String,
}

/// What stands before the name of an index in the [`Shape`] of its table: no column is called so.
const INDEX: char = '#';

/// Whether a table is as it is declared, with every stored column and index.
pub(super) fn is_whole(table: &Table, shape: &Shape) -> bool {
    let mut columns = table.stored_columns();
    let mut indexes = table.indexes.iter();
    columns.all(|column| shape.contains(column.name.as_ref()))
        && indexes.all(|columns| shape.contains(&marked(table, columns)))
}

/// The columns and indexes of a table that is as it is declared.
pub(super) fn whole(table: &Table) -> Shape {
    let columns = table.stored_columns().map(|column| column.name.to_string());
    let indexes = table.indexes.iter().map(|columns| marked(table, columns));
    columns.chain(indexes).collect()
}

/// Statements that make a table be there with every stored column, its indexes and views; none where it is so already.
pub(super) fn definition(
    dialect: &Dialect,
    schema: Option<&str>,
    table: &Table,
    shape: Option<&Shape>,
) -> Result<Vec<String>, WarehouseError> {
    let name = qualified(schema, &table.name)?;
    let lacks = |name: &str| shape.is_none_or(|shape| !shape.contains(name));
    let missing: Vec<&Column> = table
        .stored_columns()
        .filter(|column| lacks(&column.name))
        .collect();
    let mut statements = Vec::new();
    if shape.is_none() {
        let mut columns = Vec::with_capacity(missing.len());
        for column in missing {
            let required = table.primary_key().any(|key| key == column.name);
            columns.push(format!(
                "{} {}{}",
                quoted(&column.name)?,
                (dialect.type_of)(column.ty.storage()),
                if required { " NOT NULL" } else { "" }
            ));
        }
        statements.push(format!(
            "CREATE TABLE {name} ({}, PRIMARY KEY ({}))",
            columns.join(", "),
            list("", table.primary_key())?
        ));
    } else {
        for column in missing {
            statements.push(format!(
                "ALTER TABLE {name} ADD COLUMN {} {}",
                quoted(&column.name)?,
                (dialect.type_of)(column.ty.storage()),
            ));
        }
    }
    for columns in &table.indexes {
        let Some(first) = columns.first().filter(|_| lacks(&marked(table, columns))) else {
            continue;
        };
        let names = columns.iter().map(AsRef::as_ref);
        // Only rows that have a value are ever looked up, and half of a shop's customers have no tax id.
        statements.push(format!(
            "CREATE INDEX IF NOT EXISTS {} ON {name} ({}) WHERE {} IS NOT NULL",
            quoted(&index_name(table, columns))?,
            list("", names)?,
            quoted(first)?
        ));
    }
    Ok(statements)
}

/// The statement that drops a table.
pub(super) fn dropping(schema: Option<&str>, table: &Table) -> Result<String, WarehouseError> {
    Ok(format!(
        "DROP TABLE IF EXISTS {}",
        qualified(schema, &table.name)?
    ))
}

/// The statement that creates the personal-data log over its two tables.
pub(super) fn log_view(create: &str, schema: Option<&str>) -> Result<String, WarehouseError> {
    let names = || internal::personal_data_log().columns.iter().skip(2);
    Ok(format!(
        "{create} {} AS SELECT s.\"customer_id\", s.\"event_id\", {} FROM {} AS s JOIN {} AS e ON e.\"id\" = s.\"event_id\"",
        qualified(schema, internal::LOG)?,
        list("e.", names().map(|column| column.name.as_ref()))?,
        qualified(schema, internal::SUBJECTS)?,
        qualified(schema, internal::EVENTS)?,
    ))
}

/// How the [`Shape`] of a table tells of an index that it has, by the index's name in SQL: `#` and that.
fn marked(table: &Table, columns: &[Cow<'static, str>]) -> String {
    format!("{INDEX}{}", index_name(table, columns))
}

/// Indexes are named after what they cover; PostgreSQL cuts names off at 63 bytes, so long ones end in a digest.
fn index_name(table: &Table, columns: &[Cow<'static, str>]) -> String {
    let mut name = format!("ix_{}", table.name);
    for column in columns {
        name.push('_');
        name.push_str(column);
    }
    if name.len() > 63 {
        let digest = Sha256::digest(name.as_bytes());
        name.truncate(46);
        for byte in digest.iter().take(8) {
            name.push_str(&format!("{byte:02x}"));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    const DIALECT: Dialect = Dialect {
        type_of: |_| "TEXT".to_owned(),
    };

    #[test]
    fn a_table_that_is_there_gains_the_columns_and_indexes_that_it_lacks_and_nothing_else() {
        let table = catalog::table("yclients_records").unwrap();
        let mut shape = whole(table);
        shape.retain(|name| !name.starts_with(INDEX));
        let asked = |shape: &Shape| definition(&DIALECT, None, table, Some(shape)).unwrap();
        let statements = asked(&shape);
        assert_eq!(statements.len(), table.indexes.len());
        assert!(
            statements
                .iter()
                .all(|one| one.starts_with("CREATE INDEX IF NOT EXISTS \"ix_"))
        );
        assert!(!is_whole(table, &shape));
        shape = whole(table);
        assert!(asked(&shape).is_empty() && is_whole(table, &shape));
        shape.remove("client_id");
        assert_eq!(asked(&shape).len(), 1);
        assert!(!is_whole(table, &shape));
    }
}
