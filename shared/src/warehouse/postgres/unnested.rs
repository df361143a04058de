use super::value::array_type;
use crate::{
    catalog::{Column, Storage, Table},
    warehouse::{
        WarehouseError,
        sql::{list, quoted},
    },
};

/// Columns sent as arrays, one parameter each, and read as a table `u`.
pub(super) struct Unnested {
    pub table: String,
    pub chosen: String,
    /// That the rows of `t` are those of `u`.
    pub equal: String,
}

impl Unnested {
    pub fn new(columns: &[&Column], first: usize) -> Result<Self, WarehouseError> {
        let mut arrays = Vec::new();
        let mut chosen = Vec::new();
        let mut equal = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            let storage = column.ty.storage();
            let name = quoted(&column.name)?;
            let cast = if storage == Storage::Json {
                "::jsonb"
            } else {
                ""
            };
            arrays.push(format!("${}::{}", first + index, array_type(storage)));
            chosen.push(format!("u.{name}{cast}"));
            equal.push(format!("t.{name} = u.{name}{cast}"));
        }
        let names = list("", columns.iter().map(|column| column.name.as_ref()))?;
        Ok(Self {
            table: format!("UNNEST({}) AS u({names})", arrays.join(", ")),
            chosen: chosen.join(", "),
            equal: equal.join(" AND "),
        })
    }
}

/// The columns of these names, as far as the table has them.
pub(super) fn columns_of<'t>(
    table: &'t Table,
    names: impl Iterator<Item = &'t str>,
) -> Vec<&'t Column> {
    names
        .filter_map(|name| table.stored_columns().find(|column| column.name == name))
        .collect()
}
