use std::{collections::HashMap, sync::Arc};

use crate::{
    catalog::{Column, Storage, Table},
    warehouse::sql::Shape,
};

/// What a warehouse has of the catalog by now: a table comes with its first row, and a column that was declared later with the
/// next row that is written.
#[derive(Debug)]
pub(in crate::warehouse) enum There {
    /// Everything that is declared.
    All,
    /// These tables, by their names, with these columns.
    Only(HashMap<String, Arc<Shape>>),
}

impl There {
    /// Whether there is a table of this name.
    pub fn table(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(tables) => tables.contains_key(name),
        }
    }

    /// What a row of the table, `t`, has in a column: nothing, of the column's type, where the table is without it yet.
    pub fn own(&self, table: &Table, column: &Column) -> String {
        let lacks = match self {
            Self::All => false,
            Self::Only(tables) => {
                let shape = tables.get(table.name.as_ref());
                shape.is_some_and(|shape| !shape.contains(column.name.as_ref()))
            }
        };
        match lacks {
            true => format!("CAST(NULL AS {})", type_of(column.ty.storage())),
            false => format!("t.\"{}\"", column.name),
        }
    }
}

/// A type by the name that it has in PostgreSQL; SQLite takes any.
const fn type_of(storage: Storage) -> &'static str {
    match storage {
        Storage::Text => "text",
        Storage::Integer => "bigint",
        Storage::Decimal(_) => "numeric",
        Storage::Boolean => "boolean",
        Storage::Date => "date",
        Storage::Timestamp => "timestamptz",
        Storage::Json => "jsonb",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, warehouse::schema};

    #[test]
    fn a_column_that_a_table_is_without_is_nothing_of_its_type() {
        let table = catalog::table("yclients_records").unwrap();
        let column = table.column("create_date_local").unwrap();
        let mut shape = schema::whole(table);
        let of = |shape: &Shape| {
            let tables = HashMap::from([(table.name.to_string(), Arc::new(shape.clone()))]);
            There::Only(tables).own(table, column)
        };
        assert_eq!(of(&shape), "t.\"create_date_local\"");
        assert_eq!(There::All.own(table, column), of(&shape));
        shape.remove("create_date_local");
        assert_eq!(of(&shape), "CAST(NULL AS text)");
    }
}
