//! A report's tables gain columns by another description.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ColumnShape, Declared, MOST_COLUMNS, Paths, ReportError, TableShape,
    description::{self, TableNames},
};
use crate::control::{Report, Tx};

/// Takes up another description of a report's tables: it says what is there already, and columns beside that, which fill with
/// the next refresh. `others` are the tables of other reports, `met` is what was met by these.
///
/// [`ReportError::Description`] with its faults; [`ReportError::Settled`] where it says anything else of what is there.
pub(super) async fn redescribe(
    tx: &mut Tx,
    report: &Report,
    own: &[String],
    others: BTreeSet<String>,
    yaml: &str,
    met: &Paths,
) -> Result<(), ReportError> {
    let mut paths: Paths = serde_json::from_value(report.known_paths.clone())?;
    paths.adopt_unseen(met);
    paths.adopt_unseen(&Declared::of(report.kind).paths());
    let mut writer = tx.reports(&report.subscription_id);
    let mut kept: BTreeMap<String, TableShape> = BTreeMap::new();
    for name in own {
        let structure = writer.structure(&report.id, name).await?;
        kept.insert(name.clone(), serde_json::from_value(structure)?);
    }
    let there: Vec<TableShape> = kept.values().cloned().collect();
    let shapes = description::read(yaml, &paths, &TableNames(others), &there)?;
    if shapes.len() != own.len() {
        return Err(ReportError::Settled);
    }
    for new in shapes {
        let name = new.name.clone();
        let there = kept.remove(&name).ok_or(ReportError::Settled)?;
        let widened = widened(there, new)?;
        let structure = serde_json::to_value(&widened)?;
        writer.note_structure(&report.id, &name, &structure).await?;
    }
    Ok(())
}

/// A table with the columns that it gains. What it has stays as it is, columns for values that did not fit included.
fn widened(mut kept: TableShape, new: TableShape) -> Result<TableShape, ReportError> {
    let same_rows = kept.parent == new.parent
        && kept.lineage == new.lineage
        && kept.rows == new.rows
        && kept.conditions == new.conditions;
    let there = |column: &ColumnShape| {
        let mut told = new.columns.iter();
        told.any(|new| {
            let (name, source, ty) = (&new.name, &new.source, new.ty);
            (name, source, ty) == (&column.name, &column.source, column.ty)
                && (new.key, &new.default) == (column.key, &column.default)
        })
    };
    if !same_rows || !kept.columns.iter().all(there) {
        return Err(ReportError::Settled);
    }
    let known: BTreeSet<String> = kept
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    let gained = new.columns.into_iter();
    for column in gained.filter(|column| !known.contains(&column.name)) {
        if column.key {
            return Err(ReportError::Settled);
        }
        kept.columns.push(column);
    }
    if kept.columns.len() > MOST_COLUMNS {
        return Err(ReportError::Wide);
    }
    Ok(kept)
}
