use std::sync::Arc;

use crate::{
    catalog::{Column, ColumnType, Table},
    checks::{Home, RowChecks},
};

/// What a batch's columns mean for an import: where its ids, references, lists and custom values are.
#[derive(Debug)]
pub(super) struct Shape {
    pub table: Arc<Table>,
    pub columns: Arc<[String]>,
    /// Position of the id.
    pub id: usize,
    pub references: Vec<Reference>,
    pub lists: Vec<List>,
    pub custom: Option<Custom>,
    /// What is looked at only to warn.
    pub checks: RowChecks,
}

/// A column that names a row of another table.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub position: usize,
    pub name: String,
    pub target: String,
    pub required: bool,
}

/// A list whose records name rows of other tables or hold custom values.
#[derive(Debug)]
pub(super) struct List {
    pub position: usize,
    pub name: String,
    pub references: Vec<ListReference>,
    pub custom: Option<Custom>,
}

/// A field of a list's records that names a row of another table.
#[derive(Debug)]
pub(super) struct ListReference {
    pub field: String,
    pub target: String,
    pub required: bool,
}

/// Where custom values are, and the form their fields belong to.
#[derive(Debug)]
pub(super) struct Custom {
    /// Position of the column; for a list's records, of the list.
    pub position: usize,
    pub name: String,
    pub form: &'static str,
}

impl Shape {
    /// Looks at the columns once, for a business of this country; `None` where the id is not among them.
    pub fn of(table: &Arc<Table>, columns: &[String], home: Home) -> Option<Self> {
        let mut shape = Self {
            table: Arc::clone(table),
            columns: columns.into(),
            id: columns.iter().position(|name| name == "id")?,
            references: Vec::new(),
            lists: Vec::new(),
            custom: None,
            checks: RowChecks::new(&table.name, columns, home),
        };
        for (position, name) in columns.iter().enumerate() {
            let Some(column) = table.column(name) else {
                continue;
            };
            if let Some(target) = &column.reference {
                shape.references.push(Reference {
                    position,
                    name: name.clone(),
                    target: target.to_string(),
                    required: column.required,
                });
            }
            match &column.ty {
                ColumnType::List { fields, .. } => shape.lists.extend(list(position, name, fields)),
                ColumnType::CustomValues => {
                    shape.custom = Some(Custom {
                        position,
                        name: name.clone(),
                        form: form_of(&table.name),
                    });
                }
                _ => {}
            }
        }
        Some(shape)
    }

    /// Position of a column among those of the batch.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

fn list(position: usize, name: &str, fields: &[Column]) -> Option<List> {
    let references: Vec<_> = fields
        .iter()
        .filter_map(|field| {
            Some(ListReference {
                field: field.name.to_string(),
                target: field.reference.as_ref()?.to_string(),
                required: field.required,
            })
        })
        .collect();
    let custom = fields
        .iter()
        .find(|field| field.ty == ColumnType::CustomValues)
        .map(|field| Custom {
            position,
            name: field.name.to_string(),
            form: form_of(name),
        });
    (!references.is_empty() || custom.is_some()).then(|| List {
        position,
        name: name.to_owned(),
        references,
        custom,
    })
}

/// The form of custom fields whose values a table's rows, or a list's records, hold.
fn form_of(name: &str) -> &'static str {
    match name {
        "customers" => "CUSTOMER",
        "repairs" => "REPAIR",
        "tickets" => "TICKET",
        _ => "DEVICE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn shape(table: &str) -> Shape {
        let table = catalog::table(table).unwrap();
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| column.name.to_string())
            .collect();
        Shape::of(table, &columns, Home::Poland).unwrap()
    }

    #[test]
    fn references_are_found_in_columns_and_in_lists() {
        let repairs = shape("repairs");
        let targets: Vec<_> = repairs
            .references
            .iter()
            .map(|r| r.target.as_str())
            .collect();
        assert_eq!(
            targets,
            [
                "customers",
                "employees",
                "dictionaries",
                "customer_addresses",
                "customer_addresses"
            ]
        );
        assert_eq!(repairs.lists.len(), 1);
        assert_eq!(repairs.lists[0].references[0].target, "parts");
        assert!(repairs.lists[0].references[0].required);
        assert_eq!(repairs.custom.unwrap().form, "REPAIR");
        let tickets = shape("tickets");
        assert_eq!(tickets.lists[0].custom.as_ref().unwrap().form, "DEVICE");
    }

    #[test]
    fn every_reference_points_to_an_earlier_table() {
        // The ledger decides about a row when it comes: what it refers to must have come before.
        let names: Vec<_> = catalog::tables_of(catalog::TableGroup::RepairShop)
            .map(|table| table.name.to_string())
            .collect();
        for (index, name) in names.iter().enumerate() {
            let shape = shape(name);
            let lists = shape
                .lists
                .iter()
                .flat_map(|list| list.references.iter().map(|r| &r.target));
            for target in shape.references.iter().map(|r| &r.target).chain(lists) {
                assert!(names[..index].contains(target), "{name} refers to {target}");
            }
        }
    }
}
