use std::sync::{Arc, LazyLock};

use super::ProfileName;
use crate::{
    catalog::{self, Column, Table, TableGroup},
    warehouse::{Filter, Operator, Scan, Value},
};

/// What an exchange file carries, declared as data.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// One section per table, in the catalog's order.
    pub sections: Vec<Section>,
}

/// One table in an exchange file.
#[derive(Debug)]
pub struct Section {
    /// The table.
    pub table: Arc<Table>,
    /// The columns that files carry and reading gives, `id` first, in the catalog's order: what [`super::Writer`] takes.
    pub columns: Vec<SectionColumn>,
    /// Which rows are written.
    pub filter: Filter,
}

/// One column of a section.
#[derive(Debug, Clone)]
pub struct SectionColumn {
    /// The column, as the catalog declares it.
    pub column: Column,
    /// How its values change on the way.
    pub rewrite: Rewrite,
}

/// How a column's values change on their way into a file or out of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Rewrite {
    /// They stay as they are.
    Keep,
    /// A row without a phone is written with [`super::PLACEHOLDER_PHONE`]; reading takes that number as no phone,
    /// however it is spaced and with or without the country's prefix.
    PlaceholderPhone,
}

impl Profile {
    /// The profile of this name.
    pub fn of(name: ProfileName) -> &'static Self {
        static BASIC: LazyLock<Profile> = LazyLock::new(basic);
        static FULL: LazyLock<Profile> = LazyLock::new(full);
        match name {
            ProfileName::Basic => &BASIC,
            ProfileName::Full => &FULL,
        }
    }

    /// The section of this table.
    pub fn section(&self, table: &str) -> Option<&Section> {
        self.sections
            .iter()
            .find(|section| section.table.name == table)
    }
}

impl Section {
    /// The names of the columns that reading gives, `id` first; columns that the profile leaves out are not among them.
    pub fn read_columns(&self) -> Vec<String> {
        let name = |column: &SectionColumn| column.column.name.clone().into_owned();
        self.columns.iter().map(name).collect()
    }

    /// The question whose answer a [`super::Writer`] takes.
    pub fn scan(&self) -> Scan {
        Scan::of(&self.table)
            .columns(self.columns.iter().map(|column| column.column.name.clone()))
            .filter(self.filter.clone())
    }
}

/// Everything that the shop's tables hold, nothing replaced.
fn full() -> Profile {
    Profile {
        name: ProfileName::Full,
        sections: shop_tables().map(whole).collect(),
    }
}

/// The set of data and the limits that Serwisant Online's help page states for its own XML export.
fn basic() -> Profile {
    let sections = shop_tables()
        .filter_map(|table| {
            let mut section = whole(table);
            match section.table.name.as_ref() {
                "dictionaries" => {
                    section.filter = one_of(
                        "type",
                        &["REPAIR_SUBJECT_TYPE", "COMPONENT_TYPE", "CUSTOMER_GROUP"],
                    );
                }
                "custom_fields" => {
                    section.filter = one_of("form", &["REPAIR", "CUSTOMER"]);
                    section.leave_out(&["required"]);
                }
                "customers" => {
                    section.leave_out(&["consents"]);
                    section.rewrite("phone", Rewrite::PlaceholderPhone);
                }
                "repairs" => section.leave_out(&[
                    "additional_items",
                    "diagnosis",
                    "summary",
                    "offers",
                    "stock_links",
                ]),
                "part_deliveries" => {
                    section.filter = Filter::compare(
                        "quantity_left",
                        Operator::Greater,
                        rust_decimal::Decimal::ZERO,
                    );
                }
                "tickets" | "ticket_actions" => return None,
                _ => {}
            }
            Some(section)
        })
        .collect();
    Profile {
        name: ProfileName::Basic,
        sections,
    }
}

fn shop_tables() -> impl Iterator<Item = &'static Arc<Table>> {
    catalog::tables()
        .iter()
        .filter(|table| table.group == TableGroup::RepairShop && table.name != "personal_data_log")
}

fn whole(table: &Arc<Table>) -> Section {
    let columns = table.columns.iter().map(|column| SectionColumn {
        column: column.clone(),
        rewrite: Rewrite::Keep,
    });
    Section {
        table: Arc::clone(table),
        columns: columns.collect(),
        filter: Filter::All,
    }
}

fn one_of(column: &str, values: &[&str]) -> Filter {
    Filter::In {
        column: column.to_owned(),
        values: values.iter().copied().map(Value::from).collect(),
    }
}

impl Section {
    fn leave_out(&mut self, names: &[&str]) {
        self.columns
            .retain(|column| !names.contains(&column.column.name.as_ref()));
    }

    fn rewrite(&mut self, name: &str, rewrite: Rewrite) {
        let found = self
            .columns
            .iter_mut()
            .find(|column| column.column.name == name);
        if let Some(column) = found {
            column.rewrite = rewrite;
        }
    }
}
