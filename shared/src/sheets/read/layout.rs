use std::sync::Arc;

use super::{DateOrder, Mapping};
use crate::{
    catalog::{Column, ColumnType, Table, TableGroup},
    sheets::{
        CustomField, SheetError,
        list::{CUSTOM_PREFIX, CUSTOM_VALUES, resolve},
    },
};

/// Where the cells of a file's rows go, settled once per file.
pub(super) struct Layout {
    /// Columns of the rows that come out.
    pub(super) columns: Vec<Column>,
    pub(super) names: Arc<[String]>,
    /// What is done with each cell of the file.
    pub(super) actions: Vec<Action>,
    /// Texts for columns that the row leaves empty.
    pub(super) constants: Vec<(usize, String)>,
    /// Where the custom values go, when any are mapped.
    pub(super) custom: Option<usize>,
}

pub(super) enum Action {
    Skip,
    /// Into the row's column at this position.
    Into(usize, Option<DateOrder>),
    /// The column at this position refers to a row that is called so in its column `by`.
    Lookup {
        column: usize,
        by: String,
    },
    /// The value of the custom field with this id.
    Custom {
        field: String,
        secret: bool,
        checkbox: bool,
    },
}

impl Layout {
    /// For a mapping that has a column for each of the file's, in its order.
    pub(super) fn new(
        table: &Table,
        mapping: &Mapping,
        fields: &[CustomField],
    ) -> Result<Self, SheetError> {
        if table.group != TableGroup::RepairShop {
            return Err(SheetError::NotImportable {
                table: table.name.to_string(),
            });
        }
        if mapping.table != table.name {
            let reason = format!(
                "it is for `{}`, and the list is of `{}`",
                mapping.table, table.name
            );
            return Err(SheetError::Mapping { reason });
        }
        let mut layout = Self {
            columns: Vec::new(),
            names: Arc::new([]),
            actions: Vec::with_capacity(mapping.columns.len()),
            constants: Vec::new(),
            custom: None,
        };
        layout.take("id", table)?;
        // A customer's kind shows in the row when the file does not say it.
        if table.name == "customers" {
            layout.take("type", table)?;
        }
        let mut seen: Vec<&str> = Vec::new();
        for column in &mapping.columns {
            let Some(target) = column.target.as_deref() else {
                layout.actions.push(Action::Skip);
                continue;
            };
            if seen.contains(&target) {
                let reason = format!("two columns are mapped to `{target}`");
                return Err(SheetError::Mapping { reason });
            }
            seen.push(target);
            let action = layout.action(target, column.date_order, table, fields)?;
            layout.actions.push(action);
        }
        for (target, text) in &mapping.constants {
            let index = layout.take(target, table)?;
            layout.constants.push((index, text.clone()));
        }
        layout.names = layout
            .columns
            .iter()
            .map(|column| column.name.to_string())
            .collect();
        Ok(layout)
    }

    /// The cells of a row that go into columns of exact numbers.
    pub(super) fn numbers<'r>(&self, row: &'r [String]) -> impl Iterator<Item = &'r String> {
        self.actions.iter().zip(row).filter_map(|(action, text)| {
            let Action::Into(column, _) = action else {
                return None;
            };
            let ty = &self.columns.get(*column)?.ty;
            matches!(ty, ColumnType::Decimal { .. }).then_some(text)
        })
    }

    /// The row's column that a cell goes into; `None` where it goes nowhere.
    pub(super) fn column_of(&self, action: &Action) -> Option<&Column> {
        let index = match action {
            Action::Skip => None,
            Action::Into(column, _) | Action::Lookup { column, .. } => Some(*column),
            Action::Custom { .. } => self.custom,
        };
        self.columns.get(index?)
    }

    /// The name of the row's column at this position.
    pub(super) fn name_of(&self, column: usize) -> String {
        self.columns
            .get(column)
            .map(|column| column.name.to_string())
            .unwrap_or_default()
    }

    fn action(
        &mut self,
        target: &str,
        order: Option<DateOrder>,
        table: &Table,
        fields: &[CustomField],
    ) -> Result<Action, SheetError> {
        if let Some(id) = target.strip_prefix(CUSTOM_PREFIX) {
            let field = fields.iter().find(|field| field.id == id);
            let field = field.ok_or_else(|| unknown(table, target))?;
            if self.custom.is_none() {
                self.custom = Some(self.take_any(CUSTOM_VALUES, table)?);
            }
            return Ok(Action::Custom {
                field: field.id.clone(),
                secret: field.is_secret(),
                checkbox: field.is_checkbox(),
            });
        }
        let Some((reference, by)) = target.split_once('.') else {
            return Ok(Action::Into(self.take(target, table)?, order));
        };
        let (_, column) = resolve(table, target).ok_or_else(|| unknown(table, target))?;
        if column.ty != ColumnType::Text || by.contains('.') {
            // Shown for people; only the referred row's own texts tell which one is meant.
            return Ok(Action::Skip);
        }
        Ok(Action::Lookup {
            column: self.take(reference, table)?,
            by: by.to_owned(),
        })
    }

    fn take(&mut self, name: &str, table: &Table) -> Result<usize, SheetError> {
        match table.column(name) {
            Some(column) if column.ty != ColumnType::CustomValues => self.take_any(name, table),
            _ => Err(unknown(table, name)),
        }
    }

    fn take_any(&mut self, name: &str, table: &Table) -> Result<usize, SheetError> {
        if let Some(index) = self.columns.iter().position(|column| column.name == name) {
            return Ok(index);
        }
        let column = table.column(name).ok_or_else(|| unknown(table, name))?;
        self.columns.push(column.clone());
        Ok(self.columns.len() - 1)
    }
}

fn unknown(table: &Table, column: &str) -> SheetError {
    SheetError::UnknownColumn {
        table: table.name.to_string(),
        column: column.to_owned(),
    }
}
