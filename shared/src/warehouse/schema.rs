//! Statements that create tables and let them grow. Nothing is ever dropped, so that older programs keep working; only the
//! tables of reports go when their report is removed with its rows.

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

/// Statements that make a table be there with every stored column, its indexes and views; none where it is so already.
pub(super) fn definition(
    dialect: &Dialect,
    schema: Option<&str>,
    table: &Table,
    shape: Option<&Shape>,
) -> Result<Vec<String>, WarehouseError> {
    let name = qualified(schema, &table.name)?;
    let lacks = |column: &&Column| shape.is_none_or(|shape| !shape.contains(column.name.as_ref()));
    let missing: Vec<&Column> = table.stored_columns().filter(lacks).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
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
        let Some(first) = columns.first() else {
            continue;
        };
        let names = columns.iter().map(AsRef::as_ref);
        // Only rows that have a value are ever looked up, and half of a shop's customers have no tax id.
        statements.push(format!(
            "CREATE INDEX IF NOT EXISTS {} ON {name} ({}) WHERE {} IS NOT NULL",
            index_name(&table.name, columns.iter().map(AsRef::as_ref))?,
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

/// Indexes are named after what they cover; PostgreSQL cuts names off at 63 bytes, so long ones end in a digest.
fn index_name<'n>(
    table: &str,
    columns: impl Iterator<Item = &'n str>,
) -> Result<String, WarehouseError> {
    let mut name = format!("ix_{table}");
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
    quoted(&name)
}
