use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::{Read, Seek},
    ops::ControlFlow,
    sync::Arc,
};

use super::{COLUMNS, ONLY_HERE, PREFIX, stored::Stored};
use crate::{
    catalog::{self, Table},
    sheets::{
        ReadSummary, RowProblem, SheetBatch, SheetError, SheetFile, SheetFormat, read::Record,
    },
    warehouse::{Rows, Value},
};

/// Rows of a batch at most.
const BATCH_ROWS: usize = 1_000;
/// Categories and fields that are remembered as given; one that is forgotten is given again, which changes nothing.
const MOST_REMEMBERED: usize = 10_000;
/// Columns without which a file is none of the standard.
const NEEDED: [&str; 3] = ["id", "product_category", "repair_status"];

/// Whether this is the header of a file of the standard.
pub fn is_ords(header: &[String]) -> bool {
    NEEDED
        .iter()
        .all(|name| header.iter().any(|text| text == name))
        && header.iter().any(|text| text == "data_provider")
}

/// Headers of such a file that the standard does not have: what their columns hold is left out.
pub fn unknown_columns(header: &[String]) -> impl Iterator<Item = &str> {
    let names = header.iter().map(String::as_str);
    names.filter(|name| !name.trim().is_empty() && !COLUMNS.contains(name))
}

/// Reads a file of the standard as batches of `custom_fields`, `dictionaries` and `repairs`, each before the rows that refer
/// to it, until told to stop. Ids are `ords:<id>`; no row has lookups or kept values.
///
/// Fails when the id, the category or the status has no column, or when the file cannot be read.
pub fn read_ords<R: Read + Seek>(
    file: &mut SheetFile<R>,
    take: &mut dyn FnMut(SheetBatch) -> ControlFlow<()>,
) -> Result<ReadSummary, SheetError> {
    let header = file.header().to_vec();
    if let Some(header) = NEEDED
        .into_iter()
        .find(|name| !header.iter().any(|text| text == name))
    {
        return Err(SheetError::MissingHeader { header });
    }
    let mut reader = Reader::new(header, file.format() == SheetFormat::Csv, take)?;
    let skipped = file.each_row(&mut |sheet, record| reader.row(sheet, record))?;
    if let Some(skipped_sheets) = skipped {
        let _stopped = reader.flush();
        reader.summary.skipped_sheets = skipped_sheets;
    }
    Ok(reader.summary)
}

struct Reader<'t> {
    header: Vec<String>,
    /// Whether a row without its last cells is a damaged one; in a workbook they are merely empty.
    exact: bool,
    fields: SheetBatch,
    categories: SheetBatch,
    repairs: SheetBatch,
    given: HashSet<String>,
    summary: ReadSummary,
    take: &'t mut dyn FnMut(SheetBatch) -> ControlFlow<()>,
}

impl<'t> Reader<'t> {
    fn new(
        header: Vec<String>,
        exact: bool,
        take: &'t mut dyn FnMut(SheetBatch) -> ControlFlow<()>,
    ) -> Result<Self, SheetError> {
        let mut reader = Self {
            header,
            exact,
            fields: batch("custom_fields", &["id", "form", "type", "name", "required"])?,
            categories: batch("dictionaries", &["id", "type", "name", "auxiliary_id"])?,
            repairs: batch(
                "repairs",
                &[
                    "id",
                    "rma",
                    "type_id",
                    "vendor",
                    "issue",
                    "status",
                    "created_at",
                    "custom_values",
                ],
            )?,
            given: HashSet::new(),
            summary: ReadSummary::default(),
            take,
        };
        for (name, label) in ONLY_HERE {
            reader.field(name, label, 1);
        }
        Ok(reader)
    }

    fn row(&mut self, sheet: &str, record: &Record) -> Result<ControlFlow<()>, SheetError> {
        let short = self.exact && record.len() < self.header.len();
        if short || record.len() > self.header.len() {
            let expected = format!("{} cells", self.header.len());
            self.reject(
                record.line,
                "row",
                expected,
                format!("{} cells", record.len()),
            );
        } else {
            let cells: Vec<String> = record.texts();
            let cell = |name: &str| {
                self.header
                    .iter()
                    .position(|text| text == name)
                    .and_then(|index| cells.get(index))
                    .map_or("", String::as_str)
            };
            let broken =
                (0..record.len()).find_map(|index| Some((index, record.get(index).lacks()?)));
            if let Some((index, expected)) = broken {
                let field = self.header.get(index).cloned().unwrap_or_default();
                let found = record.shown(sheet, index);
                self.reject(record.line, &field, expected.to_owned(), found);
            } else if cell("id").is_empty() {
                self.reject(record.line, "id", "an id".to_owned(), String::new());
            } else {
                let stored = Stored::of_cells(cell);
                let number = cell("product_category_id").to_owned();
                self.keep(record.line, stored, number);
            }
        }
        if self.repairs.rows.len() >= BATCH_ROWS || self.repairs.problems.len() >= BATCH_ROWS {
            return Ok(self.flush());
        }
        Ok(ControlFlow::Continue(()))
    }

    fn keep(&mut self, line: u64, stored: Stored, number: String) {
        if let (Some(id), Some(name)) = (&stored.type_id, &stored.type_name)
            && self.is_new(id)
        {
            let values: [Value; 4] = [
                id.as_str().into(),
                "REPAIR_SUBJECT_TYPE".into(),
                name.as_str().into(),
                Some(number).filter(|number| !number.is_empty()).into(),
            ];
            push(&mut self.categories, line, &values);
        }
        for name in stored.custom.keys() {
            self.field(name, name, line);
        }
        let custom: BTreeMap<String, &String> = stored
            .custom
            .iter()
            .map(|(name, text)| (format!("{PREFIX}{name}"), text))
            .collect();
        let custom = match serde_json::to_string(&custom) {
            Ok(json) if !custom.is_empty() => Value::Json(json),
            _ => Value::Null,
        };
        let rma = stored.id.strip_prefix(PREFIX).unwrap_or_default();
        let values: [Value; 8] = [
            stored.id.as_str().into(),
            rma.into(),
            stored.type_id.clone().into(),
            stored.vendor.clone().into(),
            stored.issue.clone().into(),
            stored.status.as_str().into(),
            stored.created_at.into(),
            custom,
        ];
        push(&mut self.repairs, line, &values);
        self.summary.rows += 1;
    }

    /// Gives the custom field of a column, the first time it is needed.
    fn field(&mut self, name: &str, label: &str, line: u64) {
        let id = format!("{PREFIX}{name}");
        if !COLUMNS.contains(&name) || !self.is_new(&id) {
            return;
        }
        let values: [Value; 5] = [
            id.into(),
            "REPAIR".into(),
            "TEXT".into(),
            label.into(),
            false.into(),
        ];
        push(&mut self.fields, line, &values);
    }

    fn is_new(&mut self, id: &str) -> bool {
        if self.given.contains(id) {
            return false;
        }
        if self.given.len() < MOST_REMEMBERED {
            self.given.insert(id.to_owned());
        }
        true
    }

    fn reject(&mut self, line: u64, field: &str, expected: String, found: String) {
        self.summary.rejected += 1;
        self.repairs.problems.push(RowProblem {
            sheet: String::new(),
            line,
            entity: "repairs".to_owned(),
            id: None,
            field: field.to_owned(),
            expected,
            found,
            row: None,
        });
    }

    fn flush(&mut self) -> ControlFlow<()> {
        for batch in [&mut self.fields, &mut self.categories, &mut self.repairs] {
            if batch.rows.is_empty() && batch.problems.is_empty() {
                continue;
            }
            let next = SheetBatch {
                rows: Rows::new(batch.rows.width()),
                lines: Vec::new(),
                problems: Vec::new(),
                ..batch.clone()
            };
            (self.take)(std::mem::replace(batch, next))?;
        }
        ControlFlow::Continue(())
    }
}

fn batch(table: &str, columns: &[&str]) -> Result<SheetBatch, SheetError> {
    let table: &Arc<Table> = catalog::table(table).ok_or_else(|| SheetError::UnknownList {
        name: table.to_owned(),
    })?;
    Ok(SheetBatch {
        table: Arc::clone(table),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        sheet: String::new(),
        rows: Rows::new(columns.len()),
        lines: Vec::new(),
        keys: HashMap::new(),
        lookups: Vec::new(),
        kept: Vec::new(),
        problems: Vec::new(),
    })
}

fn push(batch: &mut SheetBatch, line: u64, values: &[Value]) {
    batch.rows.push_values(values);
    batch.lines.push(line);
}
