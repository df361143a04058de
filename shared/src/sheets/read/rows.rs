use std::{ops::ControlFlow, sync::Arc};

use super::{
    Kept, Lookup, Mapping, ReadOptions, ReadSummary, RowProblem, SheetBatch,
    batch::{beginning, empty},
    beside::Beside,
    key,
    layout::{Action, Layout},
    number::Signs,
    parse::{self, Cell, Reading},
    record::{RawCell, Record},
};
use crate::{
    catalog::Table,
    checks::phone,
    sheets::{custom, guard::TextKind, list::MASK},
    warehouse::Value,
};

/// Rows of a batch at most, and bytes of their text.
const BATCH_ROWS: usize = 1_000;
const BATCH_BYTES: usize = 1 << 20;

/// Makes typed rows of records and hands them on in batches.
pub(super) struct RowReader<'a> {
    table: &'a Arc<Table>,
    layout: &'a Layout,
    options: &'a ReadOptions,
    mapping: &'a Mapping,
    signs: Signs,
    batch: SheetBatch,
    values: Vec<Value>,
    pub(super) summary: ReadSummary,
    take: &'a mut dyn FnMut(SheetBatch) -> ControlFlow<()>,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(
        table: &'a Arc<Table>,
        layout: &'a Layout,
        options: &'a ReadOptions,
        mapping: &'a Mapping,
        signs: Signs,
        take: &'a mut dyn FnMut(SheetBatch) -> ControlFlow<()>,
    ) -> Self {
        Self {
            batch: empty(table, layout, ""),
            table,
            layout,
            options,
            mapping,
            signs,
            values: Vec::new(),
            summary: ReadSummary::default(),
            take,
        }
    }

    /// Takes one row of a file whose header has this many cells.
    pub(super) fn row(&mut self, sheet: &str, record: &Record, exact: bool) -> ControlFlow<()> {
        if sheet != self.batch.sheet {
            self.flush()?;
            sheet.clone_into(&mut self.batch.sheet);
        }
        let width = self.layout.actions.len();
        let too_long = (width..record.len()).any(|index| record.get(index) != RawCell::Empty);
        // Spreadsheets leave out the separators of empty cells at the end.
        self.summary.short += u64::from(exact && record.len() < width);
        let mut beside = Beside::default();
        self.values.clear();
        if too_long {
            beside.problems.push((
                "row".to_owned(),
                format!("{width} cells"),
                format!("{} cells", record.len()),
            ));
        } else {
            self.read(record, &mut beside);
        }
        self.keep(record, beside);
        if self.batch.rows.len() >= BATCH_ROWS
            || self.batch.problems.len() >= BATCH_ROWS
            || self.batch.rows.text_len() >= BATCH_BYTES
        {
            return self.flush();
        }
        ControlFlow::Continue(())
    }

    /// Hands on what is gathered.
    pub(super) fn flush(&mut self) -> ControlFlow<()> {
        if self.batch.rows.is_empty() && self.batch.problems.is_empty() {
            return ControlFlow::Continue(());
        }
        let next = empty(self.table, self.layout, &self.batch.sheet);
        (self.take)(std::mem::replace(&mut self.batch, next))
    }

    fn read(&mut self, record: &Record, beside: &mut Beside) {
        self.values.resize(self.layout.columns.len(), Value::Null);
        for (index, action) in self.layout.actions.iter().enumerate() {
            let raw = record.get(index);
            if let (Some(expected), Some(column)) = (raw.lacks(), self.layout.column_of(action)) {
                let found = beginning(&record.shown(&self.batch.sheet, index));
                let problem = (column.name.to_string(), expected.to_owned(), found);
                beside.problems.push(problem);
                continue;
            }
            match action {
                Action::Skip => {}
                Action::Into(column, order) => {
                    let how = Reading {
                        guarded: self.mapping.guarded,
                        zone: self.options.zone,
                        order: *order,
                        signs: self.signs,
                        namespace: &self.options.namespace,
                    };
                    self.cell(*column, raw, how, beside);
                }
                Action::Lookup { column, by } => {
                    let kind = if by.ends_with("phone") {
                        TextKind::Phone
                    } else {
                        TextKind::Free
                    };
                    let text = parse::text(raw, kind, self.mapping.guarded);
                    let none = kind == TextKind::Phone && phone::is_placeholder(&text);
                    if !none && !text.trim().is_empty() {
                        beside.lookups.push((*column, by.clone(), text));
                    }
                }
                Action::Custom {
                    field,
                    secret,
                    checkbox,
                } => {
                    let mut text = parse::text(raw, TextKind::Identifier, self.mapping.guarded);
                    if *checkbox && let Some(value) = custom::ticked(&text) {
                        value.clone_into(&mut text);
                    }
                    if *secret && text == MASK {
                        let column = crate::sheets::list::CUSTOM_VALUES.to_owned();
                        beside.kept.push((column, Some(field.clone())));
                    } else if !text.is_empty() {
                        beside.custom.insert(field.clone(), text);
                    }
                }
            }
        }
        if self.brings_nothing(beside) {
            beside.problems.push((
                "row".to_owned(),
                "a value in a column that is known".to_owned(),
                String::new(),
            ));
            return;
        }
        beside.is_card = self.is_card(beside);
        if !beside.is_card {
            self.complete(beside);
        }
    }

    /// Whether the row tells of a part and of no delivery, as the list of the warehouse shows parts that have none.
    fn is_card(&self, beside: &Beside) -> bool {
        let is_part = |index: usize| {
            let column = self.layout.columns.get(index);
            column.is_some_and(|column| column.name == "part_id")
        };
        let mut values = self.values.iter().enumerate();
        self.table.name == "part_deliveries"
            && self.layout.constants.is_empty()
            && values.all(|(index, value)| *value == Value::Null || is_part(index))
            && beside.lookups.iter().all(|(index, ..)| is_part(*index))
            && beside.problems.is_empty()
    }

    /// Whether all that the row holds stands in columns that are left out.
    fn brings_nothing(&self, beside: &Beside) -> bool {
        let blank = |value: &Value| match value {
            Value::Null => true,
            Value::Text(text) => text.trim().is_empty(),
            _ => false,
        };
        self.values.iter().all(blank)
            && beside.lookups.is_empty()
            && beside.kept.is_empty()
            && beside.custom.is_empty()
            && beside.problems.is_empty()
    }

    fn cell(&mut self, index: usize, raw: RawCell<'_>, how: Reading<'_>, beside: &mut Beside) {
        let Some(column) = self.layout.columns.get(index) else {
            return;
        };
        match parse::cell(raw, column, how) {
            Ok(Cell::Value(value)) => {
                if let Some(place) = self.values.get_mut(index) {
                    *place = value;
                }
            }
            Ok(Cell::Kept) => beside.kept.push((column.name.to_string(), None)),
            Err(expected) => {
                let found = beginning(&raw.to_string());
                beside
                    .problems
                    .push((column.name.to_string(), expected, found));
            }
        }
    }

    /// Fills in constants, custom values and the customer's kind, and looks for what is missing.
    fn complete(&mut self, beside: &mut Beside) {
        for (index, text) in &self.layout.constants {
            if self.values.get(*index) == Some(&Value::Null) {
                let how = Reading {
                    guarded: false,
                    zone: self.options.zone,
                    order: None,
                    signs: Signs::default(),
                    namespace: &self.options.namespace,
                };
                self.cell(*index, RawCell::Text(text), how, beside);
            }
        }
        if let Some(place) = self
            .layout
            .custom
            .and_then(|index| self.values.get_mut(index))
            && !beside.custom.is_empty()
            && let Ok(json) = serde_json::to_string(&beside.custom)
        {
            *place = Value::Json(json);
        }
        // An id in the file says more than a name beside it.
        beside
            .lookups
            .retain(|(index, ..)| self.values.get(*index) == Some(&Value::Null));
        if self.table.name == "customers" {
            self.customer_type();
        }
        for (index, column) in self.layout.columns.iter().enumerate() {
            let given = self.values.get(index) != Some(&Value::Null)
                || beside.lookups.iter().any(|(column, ..)| *column == index)
                || beside
                    .problems
                    .iter()
                    .any(|(field, ..)| *field == column.name);
            if column.required && column.name != "id" && !given {
                let problem = (column.name.to_string(), "a value".to_owned(), String::new());
                beside.problems.push(problem);
            }
        }
    }

    fn customer_type(&mut self) {
        let at = |name: &str| {
            self.layout
                .columns
                .iter()
                .position(|column| column.name == name)
        };
        let given = |name: &str| {
            at(name).is_some_and(|index| {
                self.values
                    .get(index)
                    .is_some_and(|value| *value != Value::Null)
            })
        };
        let kind = if given("company_name") {
            "BUSINESS"
        } else {
            "PERSONAL"
        };
        if let Some(place) = at("type").and_then(|index| self.values.get_mut(index))
            && *place == Value::Null
        {
            *place = kind.into();
        }
    }

    fn keep(&mut self, record: &Record, beside: Beside) {
        if beside.is_card {
            self.summary.cards += 1;
            return;
        }
        let id = match self.values.first() {
            Some(Value::Text(id)) => Some(id.clone()),
            _ => None,
        };
        if !beside.problems.is_empty() {
            self.summary.rejected += 1;
            let sheet = self.batch.sheet.clone();
            let mut row = beside.readable(self.layout, &self.values);
            let problems = beside
                .problems
                .into_iter()
                .map(|(field, expected, found)| RowProblem {
                    sheet: sheet.clone(),
                    line: record.line,
                    entity: self.table.name.to_string(),
                    id: id.clone(),
                    field,
                    expected,
                    found,
                    row: row.take(),
                });
            self.batch.problems.extend(problems);
            return;
        }
        if id.is_none() {
            let (id, by) = self.derived_id(&beside);
            self.batch.keys.insert(record.line, by);
            if let Some(place) = self.values.first_mut() {
                *place = Value::Text(id);
            }
        }
        let row = self.batch.rows.len();
        self.batch.rows.push_values(&self.values);
        self.batch.lines.push(record.line);
        self.summary.rows += 1;
        for (column, by, text) in beside.lookups {
            let column = self.layout.name_of(column);
            self.batch.lookups.push(Lookup {
                row,
                column,
                by,
                text,
            });
        }
        let kept = beside.kept.into_iter();
        self.batch
            .kept
            .extend(kept.map(|(column, field)| Kept { row, column, field }));
    }

    fn derived_id(&self, beside: &Beside) -> (String, &'static [&'static str]) {
        let mut content: Vec<(&str, String)> = self
            .layout
            .columns
            .iter()
            .zip(&self.values)
            .filter(|(_, value)| **value != Value::Null)
            .map(|(column, value)| (column.name.as_ref(), key::text_of(value)))
            .collect();
        for (_, by, text) in &beside.lookups {
            content.push((by, text.clone()));
        }
        content.sort();
        key::derived(&self.table.name, &self.options.namespace, &content)
    }
}
