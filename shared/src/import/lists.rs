use std::{
    collections::{BTreeMap, HashSet},
    ops::ControlFlow,
    sync::Arc,
};

use chrono_tz::Tz;

use super::{
    ImportError,
    assay::Assay,
    file::LocalFile,
    finding::{At, Finding, Severity, shorten},
    intake::{About, Sender, Tools},
    left_out::FileColumns,
    list_file::{ListOrder, open},
    names::Names,
    portion::Batch,
    same_key,
};
use crate::{
    SubscriptionId,
    catalog::{self, Table, repair_shop::LOCAL_SOURCE},
    sheets::{
        CustomField, ReadOptions, ReadSummary, RowProblem, SheetBatch, SheetError,
        ords::{read_ords, unknown_columns},
    },
    warehouse::{Filter, Rows, Scan, Value},
};

/// The most custom fields of one form.
const MAX_FIELDS: usize = 1_000;

/// Reads a list to its end.
pub(super) fn read_list(
    file: &LocalFile,
    order: &ListOrder,
    tools: &Tools,
    mut out: Sender,
) -> Result<(), ImportError> {
    let fields = fields_of(tools, &order.table)?;
    let mut sheet = order.open(file.path(), tools)?;
    let guess = sheet.guess(&order.table, &fields);
    let stated = order.mapping.clone();
    let unnamed = stated
        .as_ref()
        .map(|mapping| mapping.unnamed(sheet.header()));
    let unnamed = unnamed.unwrap_or_default();
    let mapping = &match stated {
        Some(mapping) => mapping.completed(&guess.mapping),
        None => guess.mapping,
    };
    out.begun(About::default())?;
    let columns = FileColumns {
        header: sheet.header(),
        samples: sheet.samples(),
        table: &order.table.name,
    };
    for finding in columns.left_out(&guess.questions, mapping, &unnamed) {
        out.note(finding)?;
    }
    let mut assay = tools.assay_list()?;
    let mut names = Names::new(&order.subscription, tools.before);
    let summary = feed(
        |take| sheet.read(&order.table, mapping, &fields, take),
        |batch| take_batch(batch, &mut assay, &mut names, &mut out),
    )?;
    tell_skipped(&summary, &order.table.name, &mut out)?;
    out.flush()
}

/// Reads a file of the Open Repair Data Standard to its end.
pub(super) fn read_open_repair(
    file: &LocalFile,
    zone: Tz,
    subscription: &SubscriptionId,
    tools: &Tools,
    mut out: Sender,
) -> Result<(), ImportError> {
    let options = ReadOptions::new(zone, subscription.as_str(), &tools.folder);
    let mut sheet = open(file.path(), options, &tools.progress)?;
    out.begun(About::default())?;
    let at = At {
        id: None,
        line: Some(1),
    };
    for name in unknown_columns(sheet.header()) {
        let finding = Finding::of(Severity::Warning, "column_unknown", "repairs", &at);
        out.note(finding.field(shorten(name)))?;
    }
    let mut assay = tools.assay_list()?;
    let mut names = Names::new(subscription, tools.before);
    let summary = feed(
        |take| read_ords(&mut sheet, take),
        |mut batch| {
            if batch.table.name != "repairs" {
                // What repairs refer to may be given more than once.
                drop_repeated(&mut batch, &assay)?;
            }
            take_batch(batch, &mut assay, &mut names, &mut out)
        },
    )?;
    tell_skipped(&summary, "repairs", &mut out)?;
    out.flush()
}

/// The custom fields whose values a table's rows hold, in the order people gave them.
pub(super) fn fields_of(tools: &Tools, table: &Table) -> Result<Vec<CustomField>, ImportError> {
    let forms: &[&str] = match table.name.as_ref() {
        "customers" => &["CUSTOMER"],
        "repairs" => &["REPAIR"],
        "tickets" => &["TICKET", "DEVICE"],
        _ => return Ok(Vec::new()),
    };
    let Some(fields) = catalog::table("custom_fields") else {
        return Ok(Vec::new());
    };
    let wanted = Filter::In {
        column: "form".to_owned(),
        values: forms.iter().copied().map(Value::from).collect(),
    };
    let scan = Scan::of(fields)
        .columns(["id", "name", "type"])
        .filter(wanted)
        .limit(MAX_FIELDS as u64);
    let mut found = Vec::new();
    tools.here.each(scan, |row| {
        let [id, name, ty] =
            [0, 1, 2].map(|column| row.get(column).as_str().unwrap_or_default().to_owned());
        found.push(CustomField { id, name, ty });
        Ok(())
    })?;
    Ok(found)
}

/// Reads with a taker that can fail: its error ends the reading and is what comes of it.
fn feed<T>(
    read: impl FnOnce(&mut dyn FnMut(SheetBatch) -> ControlFlow<()>) -> Result<T, SheetError>,
    mut take: impl FnMut(SheetBatch) -> Result<(), ImportError>,
) -> Result<T, ImportError> {
    let mut failed = None;
    let read = read(&mut |batch| match take(batch) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(read?),
    }
}

/// Notes that a list has nothing but its header, the sheets of a workbook that were not read, because they have another
/// header than the first one, rows short of cells, and stock cards among deliveries.
fn tell_skipped(summary: &ReadSummary, table: &str, out: &mut Sender) -> Result<(), ImportError> {
    if summary.rows + summary.rejected + summary.cards == 0 {
        let header = At {
            id: None,
            line: Some(1),
        };
        out.note(Finding::of(Severity::Warning, "no_rows", table, &header))?;
    }
    for sheet in &summary.skipped_sheets {
        let finding = Finding::of(Severity::Warning, "sheet_skipped", table, &At::default());
        out.note(finding.found(sheet))?;
    }
    if summary.short > 0 {
        let finding = Finding::of(Severity::Warning, "rows_short", table, &At::default());
        out.note(finding.found(&summary.short.to_string()))?;
    }
    if summary.cards > 0 {
        let finding = Finding::of(Severity::Warning, "cards_passed", table, &At::default());
        out.note(finding.found(&summary.cards.to_string()))?;
    }
    Ok(())
}

fn take_batch(
    mut batch: SheetBatch,
    assay: &mut Assay,
    names: &mut Names,
    out: &mut Sender,
) -> Result<(), ImportError> {
    for mut problem in std::mem::take(&mut batch.problems) {
        let row = problem.row.take();
        out.refuse(problem.line, refused(&problem), row, assay.ledger())?;
    }
    let (resolved, made) = names.resolve(&batch, assay, out)?;
    for made in made {
        out.portion(assay.take(made)?)?;
    }
    let columns = Arc::clone(&batch.columns);
    let mut values = resolved;
    keep_stored(&batch, &columns, assay, &mut values)?;
    let rows = with_values(&batch.rows, &values);
    let complete = Complete {
        table: &batch.table,
        columns: &columns,
    };
    let (rows, lines) = complete.only(rows, &batch.lines, assay, out)?;
    let repeated = same_key::repeated(&batch, &rows, &lines, assay)?;
    let otherwise = same_key::called_otherwise(&batch, &rows, &lines, &repeated, assay)?;
    assay.repeated = repeated;
    let mut portion = assay.take(Batch {
        table: batch.table,
        columns,
        rows,
        lines,
    })?;
    assay.repeated.clear();
    portion.findings.extend(otherwise);
    out.portion(portion)
}

/// Values to put into a batch, by row and column.
pub(super) type Puts = BTreeMap<(usize, usize), Value>;

fn with_values(rows: &Rows, puts: &Puts) -> Rows {
    if puts.is_empty() {
        return rows.clone();
    }
    let mut changed = Rows::new(rows.width());
    for (index, row) in rows.iter().enumerate() {
        for (column, value) in row.values().enumerate() {
            changed.push(puts.get(&(index, column)).map_or(value, Value::as_ref));
        }
    }
    changed
}

/// Whole columns that the file masks stay as they are here.
fn keep_stored(
    batch: &SheetBatch,
    columns: &[String],
    assay: &Assay,
    puts: &mut Puts,
) -> Result<(), ImportError> {
    let kept: Vec<_> = batch
        .kept
        .iter()
        .filter(|kept| kept.field.is_none())
        .collect();
    let id_of = |row: usize| batch.rows.get(row).and_then(|row| row.get(0).as_str());
    let names: HashSet<&str> = kept.iter().map(|kept| kept.column.as_str()).collect();
    for name in names {
        let Some(position) = columns.iter().position(|column| column == name) else {
            continue;
        };
        let ids = kept
            .iter()
            .filter(|kept| kept.column == name)
            .filter_map(|kept| id_of(kept.row));
        let stored = assay.here().rows(&batch.table, &["id", name], ids)?;
        for kept in kept.iter().filter(|kept| kept.column == name) {
            let row = stored
                .iter()
                .find(|row| row.get(0).as_str() == id_of(kept.row));
            if let Some(row) = row {
                puts.insert((kept.row, position), row.get(1).to_owned());
            }
        }
    }
    Ok(())
}

/// A list that lacks a required column changes rows that are here and makes none.
struct Complete<'a> {
    table: &'a Arc<Table>,
    columns: &'a [String],
}

impl Complete<'_> {
    fn only(
        &self,
        rows: Rows,
        lines: &[u64],
        assay: &Assay,
        out: &mut Sender,
    ) -> Result<(Rows, Vec<u64>), ImportError> {
        let required = self.table.columns.iter().filter(|column| column.required);
        let missing = required
            .map(|column| column.name.as_ref())
            .find(|name| !self.columns.iter().any(|c| c == name));
        let Some(missing) = missing else {
            return Ok((rows, lines.to_vec()));
        };
        let ids = rows.iter().filter_map(|row| row.get(0).as_str());
        let here = assay.here().rows(self.table, &["id"], ids)?;
        let here: HashSet<&str> = here.iter().filter_map(|row| row.get(0).as_str()).collect();
        let mut kept = (Rows::new(rows.width()), Vec::new());
        for (row, line) in rows.iter().zip(lines) {
            let id = row.get(0).as_str();
            if id.is_some_and(|id| here.contains(id)) {
                kept.0.push_row(row.values());
                kept.1.push(*line);
                continue;
            }
            let at = At {
                id,
                line: Some(*line),
            };
            let finding =
                Finding::of(Severity::Error, "missing", &self.table.name, &at).field(missing);
            let columns = self.columns.iter().zip(row.values());
            let told = columns.filter(|(_, value)| !value.is_null());
            let row = told.map(|(name, value)| (name.clone(), value.to_json()));
            out.refuse(*line, finding, Some(row.collect()), assay.ledger())?;
        }
        Ok(kept)
    }
}

fn drop_repeated(batch: &mut SheetBatch, assay: &Assay) -> Result<(), ImportError> {
    let mut rows = Rows::new(batch.rows.width());
    let mut lines = Vec::new();
    for (row, line) in batch.rows.iter().zip(&batch.lines) {
        let id = row.get(0).as_str().unwrap_or_default();
        if !assay.ledger().has_arrived(&batch.table.name, id)? {
            rows.push_row(row.values());
            lines.push(*line);
        }
    }
    batch.rows = rows;
    batch.lines = lines;
    Ok(())
}

fn refused(problem: &RowProblem) -> Finding {
    let at = At {
        id: problem.id.as_deref(),
        line: Some(problem.line),
    };
    Finding::of(Severity::Error, "list_value", &problem.entity, &at)
        .field(problem.field.as_str())
        .expected(&problem.expected)
        .found(&problem.found)
}

/// The source of the shop's own rows, for conditions.
pub(super) fn local() -> Filter {
    Filter::equal(crate::catalog::system::SOURCE_ID, LOCAL_SOURCE)
}
