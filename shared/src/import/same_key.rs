//! Rows of a list without ids are told apart by a key in what they hold: a family's telephone stands for one customer.
//! What falls together so is told with the key and the other row.

use std::collections::HashMap;

use super::{
    ImportError,
    assay::Assay,
    finding::{At, Finding, Severity},
};
use crate::{
    sheets::SheetBatch,
    warehouse::{Row, Rows},
};

/// Columns that say who a customer is, and that two of one key may differ in.
const NAMES: [&str; 2] = ["person", "company_name"];

/// By line: why rows of the batch are left out that have the key of an earlier row of the file.
pub(super) fn repeated(
    batch: &SheetBatch,
    rows: &Rows,
    lines: &[u64],
    assay: &Assay,
) -> Result<HashMap<u64, Finding>, ImportError> {
    let mut found = HashMap::new();
    for (row, line) in rows.iter().zip(lines) {
        let (Some(by), Some(id)) = (batch.keys.get(line), row.get(0).as_str()) else {
            continue;
        };
        let Some(first) = assay.ledger().made_before(&batch.table.name, id, *line)? else {
            continue;
        };
        let at = At {
            id: Some(id),
            line: Some(*line),
        };
        let finding = |code| {
            Finding::of(Severity::Error, code, &batch.table.name, &at)
                .expected(&format!("line {first}"))
        };
        let finding = match value_of(batch, row, by) {
            Some(value) => finding("repeated_key").field(by.join(", ")).found(&value),
            None => finding("repeated_content"),
        };
        found.insert(*line, finding);
    }
    Ok(found)
}

/// Warns of rows that are taken for a customer here by their key alone, and call them otherwise.
pub(super) fn called_otherwise(
    batch: &SheetBatch,
    rows: &Rows,
    lines: &[u64],
    repeated: &HashMap<u64, Finding>,
    assay: &Assay,
) -> Result<Vec<Finding>, ImportError> {
    let mut findings = Vec::new();
    let told = NAMES.map(|name| batch.columns.iter().position(|column| column == name));
    let by_key = |line: &u64| {
        let by = batch.keys.get(line).filter(|by| !by.is_empty());
        by.filter(|_| !repeated.contains_key(line))
    };
    if batch.table.name != "customers" || told == [None; 2] {
        return Ok(findings);
    }
    let keyed = rows.iter().zip(lines);
    let ids = keyed.filter_map(|(row, line)| by_key(line).and_then(|_| row.get(0).as_str()));
    let here = assay
        .here()
        .rows(&batch.table, &["id", NAMES[0], NAMES[1]], ids)?;
    let here: HashMap<&str, Row<'_>> = here
        .iter()
        .filter_map(|row| Some((row.get(0).as_str()?, row)))
        .collect();
    for (row, line) in rows.iter().zip(lines) {
        let (Some(by), Some(id)) = (by_key(line), row.get(0).as_str()) else {
            continue;
        };
        let mut names = told.iter().enumerate().filter_map(|(index, column)| {
            let stored = here.get(id)?.get(index + 1).as_str()?;
            Some((stored, row.get((*column)?).as_str()?))
        });
        let differing = names.find(|(ours, theirs)| {
            let (ours, theirs) = (words(ours), words(theirs));
            !ours.is_empty() && !theirs.is_empty() && ours != theirs
        });
        if let Some((ours, theirs)) = differing {
            let at = At {
                id: Some(id),
                line: Some(*line),
            };
            let finding = Finding::of(Severity::Warning, "other_name", &batch.table.name, &at);
            findings.push(finding.field(by.join(", ")).expected(ours).found(theirs));
        }
    }
    Ok(findings)
}

fn value_of(batch: &SheetBatch, row: Row<'_>, by: &[&str]) -> Option<String> {
    let values = by.iter().map(|name| {
        let column = batch.columns.iter().position(|column| column == name)?;
        row.get(column).as_str()
    });
    let values: Option<Vec<&str>> = values.collect();
    values
        .filter(|values| !values.is_empty())
        .map(|values| values.join(", "))
}

/// What a name says, whatever its order and case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    words.sort();
    words
}
