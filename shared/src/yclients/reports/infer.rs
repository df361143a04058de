use std::collections::BTreeSet;

use super::{ColumnShape, Declared, FieldType, Path, Paths, Source, Step, TableShape};

/// The most columns of a table.
pub const MOST_COLUMNS: usize = 300;
/// The longest name of a table or column that users give or that is made for them: what is added stays below the
/// databases' 63 bytes.
pub const LONGEST_NAME: usize = 48;

/// A table of one row per record, of these fields or, where none are chosen, of all that were met: plain values one column
/// each, arrays one JSON column each. Types are those that the catalog declares, where all of the sample fits them, and those of
/// the sample otherwise.
pub fn infer(name: &str, paths: &Paths, fields: &[Path], declared: &Declared) -> TableShape {
    let mut names = BTreeSet::new();
    let mut columns = Vec::new();
    for path in columns_of(paths, fields) {
        if columns.len() >= MOST_COLUMNS {
            break;
        }
        let ty = match paths.get(&path) {
            _ if path.is_many() => FieldType::Json,
            Some(met) => met.infer_declared(&path, declared.ty(&path)),
            None => declared.ty(&path).unwrap_or(FieldType::Text),
        };
        columns.push(column(path, ty, &mut names));
    }
    TableShape {
        name: name.to_owned(),
        parent: None,
        lineage: Vec::new(),
        rows: Path::root(),
        columns,
        conditions: Vec::new(),
    }
}

/// Adds columns for these fields to such a table; those that it has stay as they are. How many columns it has then: past
/// [`MOST_COLUMNS`] it cannot be kept.
pub(super) fn widen(
    shape: &mut TableShape,
    paths: &Paths,
    fields: &[Path],
    declared: &Declared,
) -> usize {
    let mut names: BTreeSet<String> = shape
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    for path in columns_of(paths, fields) {
        let source = Source::Row(path);
        if shape.columns.iter().any(|column| column.source == source) {
            continue;
        }
        let Source::Row(path) = source else { continue };
        let ty = match paths.get(&path) {
            Some(met) if !path.is_many() => met.infer_declared(&path, declared.ty(&path)),
            // Whatever is met there fits.
            _ => FieldType::Json,
        };
        let added = column(path, ty, &mut names);
        shape.columns.push(added);
    }
    shape.columns.len()
}

fn column(path: Path, ty: FieldType, names: &mut BTreeSet<String>) -> ColumnShape {
    ColumnShape {
        name: column_name(&path, names),
        source: Source::Row(path),
        ty,
        key: false,
        default: None,
        variants: Vec::new(),
    }
}

/// The paths that become columns: chosen objects are taken apart into their fields, and what stands in arrays stays there
/// unless it was chosen itself.
fn columns_of(paths: &Paths, fields: &[Path]) -> Vec<Path> {
    let has_fields = |path: &Path| {
        paths.iter().any(|(known, _)| {
            matches!(
                known.after(path).as_ref().map(Path::steps),
                Some([Step::Field(_), ..])
            )
        })
    };
    let mut chosen = Vec::new();
    for (path, _) in paths.iter() {
        let all = fields.is_empty() || fields.iter().any(Path::is_root);
        let wanted = all || fields.iter().any(|field| path.after(field).is_some());
        let itself = fields.contains(path);
        if wanted && !path.is_root() && (itself || !path.is_many()) && !has_fields(path) {
            chosen.push(path.clone());
        }
    }
    // What was chosen and is not in the sample reads null until it comes.
    let missing = fields
        .iter()
        .filter(|field| paths.get(field).is_none() && !field.is_root());
    chosen.extend(missing.cloned());
    chosen
}

/// A plain name made of a path, unlike those there are.
fn column_name(path: &Path, taken: &mut BTreeSet<String>) -> String {
    let mut plain = String::new();
    for character in path.to_string().to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' => plain.push(character),
            '[' => plain.push_str("_all"),
            _ if !plain.ends_with('_') => plain.push('_'),
            _ => {}
        }
    }
    let mut plain = plain.replace("__", "_").trim_matches('_').to_owned();
    if !plain.starts_with(|first: char| first.is_ascii_lowercase()) {
        plain.insert_str(0, "field_");
    }
    plain.truncate(LONGEST_NAME - 4);
    let mut name = plain.clone();
    for number in 2.. {
        if taken.insert(name.clone()) {
            break;
        }
        name = format!("{plain}_{number}");
    }
    name
}
