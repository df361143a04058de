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
    /// These tables.
    Only(Tables),
}

/// Tables that there are, and what stands for a column that one is without.
#[derive(Debug)]
pub(in crate::warehouse) struct Tables {
    /// Their columns, by the names of the tables.
    pub shapes: HashMap<String, Arc<Shape>>,
    /// Nothing, of exactly the type that a column of this kind has: PostgreSQL changes none of a view's columns.
    pub nothing: fn(Storage) -> String,
}

impl There {
    /// Whether there is a table of this name.
    pub fn table(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(tables) => tables.shapes.contains_key(name),
        }
    }

    /// What a row of the table, `t`, has in a column: nothing, of the column's type, where the table is without it yet.
    pub fn own(&self, table: &Table, column: &Column) -> String {
        if let Self::Only(tables) = self
            && let Some(shape) = tables.shapes.get(table.name.as_ref())
            && !shape.contains(column.name.as_ref())
        {
            return (tables.nothing)(column.ty.storage());
        }
        format!("t.\"{}\"", column.name)
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
            let tables = Tables {
                shapes: HashMap::from([(table.name.to_string(), Arc::new(shape.clone()))]),
                nothing: |storage| format!("nothing of {storage:?}"),
            };
            There::Only(tables).own(table, column)
        };
        assert_eq!(of(&shape), "t.\"create_date_local\"");
        assert_eq!(There::All.own(table, column), of(&shape));
        shape.remove("create_date_local");
        assert_eq!(of(&shape), "nothing of Text");
    }
}
