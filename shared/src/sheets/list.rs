use std::sync::Arc;

use super::{Cards, Convention, SheetError, prepared, read};
use crate::{
    catalog::{self, Column, ColumnType, Locale, Table, repair_shop},
    warehouse::{Filter, Scan},
};

/// The name of the column that holds a row's custom values.
pub(super) const CUSTOM_VALUES: &str = "custom_values";
/// What the names of custom fields begin with among a list's columns.
pub(super) const CUSTOM_PREFIX: &str = "custom:";
/// What lists show in place of a value of a PASSWORD field.
pub(super) const MASK: &str = "••••";

/// One of the shop's custom fields, as lists need it: the caller passes those of the table's form (and, for tickets, of the
/// device form), in the order they should be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomField {
    /// The field's id: the key of its value in a row's custom values.
    pub id: String,
    /// What people read.
    pub name: String,
    /// The type's stored value, such as `TEXT` or `PASSWORD`.
    pub ty: String,
}

impl CustomField {
    /// Whether it is a box to tick: its values are `1` and `0`.
    pub fn is_checkbox(&self) -> bool {
        self.ty == "CHECKBOX"
    }

    /// Whether its values are never shown.
    pub fn is_secret(&self) -> bool {
        self.ty == repair_shop::PASSWORD
    }
}

/// What a column of a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A column of the scan.
    Field,
    /// The value of the custom field at this position, out of the scan's custom values.
    Custom(usize),
}

/// A column of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListColumn {
    pub(super) path: String,
    pub(super) column: Column,
    pub(super) through: Option<Column>,
    pub(super) origin: Origin,
    /// Position among the columns of the scan.
    pub(super) source: usize,
}

impl ListColumn {
    /// The name in plain lists: a column, a path through a reference (`type_id.name`), or `custom:<name>`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The header of a localised list.
    pub fn label(&self, locale: Locale) -> String {
        label_of(&self.column, self.through.as_ref(), locale)
    }
}

/// The label of a column, or of one that is reached through a reference: what the reference is called when the column is
/// the referred row's name, and both otherwise. The reference itself is an id and says so.
pub(super) fn label_of(column: &Column, through: Option<&Column>, locale: Locale) -> String {
    let own = column.label.get(locale);
    match through {
        Some(reference) if is_name(&column.name) => reference.label.get(locale).to_owned(),
        Some(reference) => format!("{}: {own}", reference.label.get(locale)),
        None if column.reference.is_some() => format!("{own} (id)"),
        None => own.to_owned(),
    }
}

/// Whether a column is what people call the row.
pub(super) fn is_name(column: &str) -> bool {
    matches!(column, "name" | "display_name" | "person")
}

/// A table, or a prepared choice of its columns, with the rows it is about: what a CSV or XLSX file shows.
#[derive(Debug, Clone)]
pub struct List {
    name: String,
    table: Arc<Table>,
    columns: Vec<ListColumn>,
    scanned: Vec<String>,
    fields: Vec<CustomField>,
    subject: Option<usize>,
    filter: Filter,
}

impl List {
    /// The prepared list of this name (`repairs`, `tickets`, `warehouse`, `customers`), or every column of the catalog's
    /// table of this name.
    pub fn named(name: &str, fields: Vec<CustomField>) -> Result<Self, SheetError> {
        let (table, columns) = match prepared::list(name) {
            Some((table, columns)) => (catalog::table(table), columns),
            None => (catalog::table(name), &[] as &[&str]),
        };
        let table = table.ok_or_else(|| SheetError::UnknownList {
            name: name.to_owned(),
        })?;
        let mut list = Self::of(table, columns.iter().copied(), fields)?;
        name.clone_into(&mut list.name);
        Ok(list)
    }

    /// The same list with these of its table's columns instead, in this order.
    pub fn with_columns(&self, columns: &[&str]) -> Result<Self, SheetError> {
        let fields = self.fields.clone();
        let list = Self::of(&self.table, columns.iter().copied(), fields)?;
        Ok(Self {
            name: self.name.clone(),
            filter: self.filter.clone(),
            ..list
        })
    }

    /// A list of these columns of a table, in this order; of every declared column when none is given. A column is named as
    /// in a [`Scan`]; `custom:<id or name>` is one custom field, and `custom_values` stands for all of them.
    pub fn of<'c>(
        table: &Arc<Table>,
        columns: impl IntoIterator<Item = &'c str>,
        fields: Vec<CustomField>,
    ) -> Result<Self, SheetError> {
        let mut list = Self {
            name: table.name.to_string(),
            table: Arc::clone(table),
            columns: Vec::new(),
            scanned: Vec::new(),
            fields,
            subject: None,
            filter: Filter::All,
        };
        let mut any = false;
        for column in columns {
            any = true;
            list.add(column)?;
        }
        if !any {
            for column in &table.columns {
                list.add(&column.name)?;
            }
        }
        list.subject = subject_path(table).map(|path| list.scan_position(path));
        Ok(list)
    }

    /// Shows only rows that meet this condition.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// The list's name: a prepared list's, or the table's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call the list.
    pub fn title(&self, locale: Option<Locale>) -> &str {
        match locale {
            None => &self.name,
            Some(locale) => prepared::title(&self.name)
                .unwrap_or(&self.table.label)
                .get(locale),
        }
    }

    /// The table it is about.
    pub const fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The columns that are written, in order.
    pub fn columns(&self) -> &[ListColumn] {
        &self.columns
    }

    /// The custom fields it knows.
    pub fn fields(&self) -> &[CustomField] {
        &self.fields
    }

    /// The scan whose rows the writers take. It can have columns that are not written: custom values, and the customer.
    pub fn scan(&self) -> Scan {
        Scan::of(&self.table)
            .columns(self.scanned.iter().cloned())
            .filter(self.filter.clone())
    }

    /// The rows that the list shows besides those of its scan; none but in the prepared list of the warehouse.
    pub fn cards(&self) -> Option<Cards> {
        (self.name == prepared::WAREHOUSE).then(|| Cards::of(&self.scanned, &self.filter))
    }

    /// Where in a row of the scan the id of the customer is whom the row speaks of; `None` for rows that speak of none.
    /// Each customer in a finished file belongs into the personal-data log.
    pub const fn subject(&self) -> Option<usize> {
        self.subject
    }

    /// The header row: labels, or in a plain list the paths. No two are equal.
    pub fn header(&self, convention: Convention) -> Vec<String> {
        let mut header: Vec<String> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let text = match (convention.locale(), self.field_of(column)) {
                (None, _) => column.path.clone(),
                // A field that is called like a column says that it is a field.
                (Some(_), Some(field)) if read::is_known(&self.table, &field.name) => {
                    column.path.clone()
                }
                (Some(locale), _) => column.label(locale),
            };
            let taken = header.contains(&text);
            header.push(match self.field_of(column) {
                Some(field) if taken => format!("{CUSTOM_PREFIX}{}", field.id),
                _ if taken => column.path.clone(),
                _ => text,
            });
        }
        header
    }

    /// The custom field that a column shows.
    pub(super) fn field_of(&self, column: &ListColumn) -> Option<&CustomField> {
        match column.origin {
            Origin::Custom(index) => self.fields.get(index),
            Origin::Field => None,
        }
    }

    fn add(&mut self, path: &str) -> Result<(), SheetError> {
        if path == CUSTOM_VALUES && self.table.column(path).is_some() {
            for index in 0..self.fields.len() {
                // One that was named before stands where it was named.
                let named = |column: &ListColumn| matches!(column.origin, Origin::Custom(other) if other == index);
                if !self.columns.iter().any(named) {
                    self.add_field(index);
                }
            }
            return Ok(());
        }
        if let Some(name) = path.strip_prefix(CUSTOM_PREFIX) {
            let index = self
                .fields
                .iter()
                .position(|field| field.id == name)
                .or_else(|| self.fields.iter().position(|field| field.name == name));
            let index = index.ok_or_else(|| self.unknown(path))?;
            self.add_field(index);
            return Ok(());
        }
        let (through, column) = resolve(&self.table, path).ok_or_else(|| self.unknown(path))?;
        if column.ty == ColumnType::CustomValues {
            return Err(self.unknown(path));
        }
        let source = self.scan_position(path.to_owned());
        self.columns.push(ListColumn {
            path: path.to_owned(),
            column,
            through,
            origin: Origin::Field,
            source,
        });
        Ok(())
    }

    fn add_field(&mut self, index: usize) {
        let Some(name) = self.fields.get(index).map(|field| field.name.clone()) else {
            return;
        };
        let source = self.scan_position(CUSTOM_VALUES.to_owned());
        self.columns.push(ListColumn {
            path: format!("{CUSTOM_PREFIX}{name}"),
            column: Column {
                name: name.clone().into(),
                ty: ColumnType::Text,
                label: catalog::Label {
                    en: name.clone().into(),
                    pl: name.clone().into(),
                    ru: name.into(),
                },
                required: false,
                reference: None,
                personal: true,
                identifier: true,
                told_elsewhere: false,
            },
            through: None,
            origin: Origin::Custom(index),
            source,
        });
    }

    fn scan_position(&mut self, path: String) -> usize {
        if let Some(index) = self.scanned.iter().position(|scanned| *scanned == path) {
            return index;
        }
        self.scanned.push(path);
        self.scanned.len() - 1
    }

    fn unknown(&self, path: &str) -> SheetError {
        SheetError::UnknownColumn {
            table: self.table.name.to_string(),
            column: path.to_owned(),
        }
    }
}

/// References that the path of a column goes through at most.
const MOST_STEPS: usize = 2;

/// The column that a path names, with the last reference it goes through.
pub(super) fn resolve(table: &Table, path: &str) -> Option<(Option<Column>, Column)> {
    let (mut table, mut name) = (table, path);
    let mut through = None;
    for _ in 0..MOST_STEPS {
        let Some((by, rest)) = name.split_once('.') else {
            break;
        };
        let reference = table.column(by)?;
        table = catalog::table(reference.reference.as_deref()?)?;
        (through, name) = (Some(reference), rest);
    }
    let column = match through {
        None => table.stored_columns().find(|column| column.name == name)?,
        Some(_) => table.column(name)?,
    };
    Some((through.cloned(), column.clone()))
}

/// The path to the customer a row speaks of: its own, or that of the row it belongs to.
fn subject_path(table: &Table) -> Option<String> {
    if let Some(subject) = &table.subject {
        return Some(subject.to_string());
    }
    table.columns.iter().find_map(|column| {
        let parent = catalog::table(column.reference.as_deref()?)?;
        let subject = parent.subject.as_ref()?;
        Some(format!("{}.{subject}", column.name))
    })
}
