use chrono_tz::Tz;
use serde_json::Value as Json;
use serde_saphyr::{Location, Spanned};

use super::{
    fault::{Fault, Problem},
    names::{TableNames, check_table_name, is_plain},
    text::{ColumnText, ConditionText, Document, TableText},
};
use crate::yclients::reports::{
    ColumnShape, FieldType, Path, Paths, Source, Step, TableShape,
    infer::MOST_COLUMNS,
    shape::{Ancestor, Condition, Test},
};

/// The most tables of a description.
const MOST_TABLES: usize = 20;
/// The most conditions on a table's rows.
const MOST_CONDITIONS: usize = 50;
/// Checks a document, and gathers what is wrong with it.
pub(super) struct Check<'a> {
    paths: &'a Paths,
    names: &'a TableNames,
    kept: &'a [TableShape],
    pub faults: Vec<Fault>,
}

impl<'a> Check<'a> {
    pub fn new(paths: &'a Paths, names: &'a TableNames, kept: &'a [TableShape]) -> Self {
        Self {
            paths,
            names,
            kept,
            faults: Vec::new(),
        }
    }

    pub fn document(&mut self, document: &Document) -> Vec<TableShape> {
        let mut shapes: Vec<TableShape> = Vec::new();
        match document.tables.as_slice() {
            [] => self.fault(Location::UNKNOWN, Problem::Nothing { what: "tables" }),
            tables if tables.len() > MOST_TABLES => {
                let what = "tables";
                self.fault(
                    Location::UNKNOWN,
                    Problem::TooMany {
                        what,
                        limit: MOST_TABLES,
                    },
                );
            }
            tables => {
                for table in tables {
                    if let Some(shape) = self.table(table, &shapes) {
                        shapes.push(shape);
                    }
                }
            }
        }
        shapes
    }

    fn table(&mut self, table: &Spanned<TableText>, above: &[TableShape]) -> Option<TableShape> {
        let text = &table.value;
        let name = text.name.value.clone();
        if let Err(problem) = check_table_name(&name, self.names) {
            self.fault(text.name.referenced, problem);
        }
        if above.iter().any(|other| other.name == name) {
            self.fault(text.name.referenced, Problem::Twice { name: name.clone() });
        }
        let full = self.rows(text)?;
        let mut shape = TableShape {
            name,
            parent: None,
            lineage: Vec::new(),
            rows: full.clone(),
            columns: Vec::new(),
            conditions: Vec::new(),
        };
        if let Some(parent) = &text.parent {
            self.parent(parent, above, &full, &mut shape)?;
        }
        if text.columns.is_empty() {
            self.fault(table.referenced, Problem::Nothing { what: "columns" });
        }
        if text.columns.len() > MOST_COLUMNS {
            let what = "columns";
            self.fault(
                table.referenced,
                Problem::TooMany {
                    what,
                    limit: MOST_COLUMNS,
                },
            );
            return None;
        }
        let has_key = text.columns.iter().any(|column| column.value.key);
        for link in &mut shape.columns {
            link.key = has_key;
        }
        for column in &text.columns {
            let name = &column.value.name;
            if shape.columns.iter().any(|other| other.name == name.value) {
                self.fault(
                    name.referenced,
                    Problem::Twice {
                        name: name.value.clone(),
                    },
                );
            }
            if let Some(column) = self.column(&shape.name, &column.value, &full) {
                shape.columns.push(column);
            }
        }
        if text.conditions.len() > MOST_CONDITIONS {
            let what = "conditions";
            self.fault(
                table.referenced,
                Problem::TooMany {
                    what,
                    limit: MOST_CONDITIONS,
                },
            );
            return None;
        }
        for condition in &text.conditions {
            if let Some(condition) = self.condition(condition, &full) {
                shape.conditions.push(condition);
            }
        }
        Some(shape)
    }

    fn rows(&mut self, text: &TableText) -> Option<Path> {
        let Some(rows) = &text.rows else {
            return Some(Path::root());
        };
        let path = self.path(&rows.value, rows.referenced)?;
        if !path.is_root() && path.steps().last() != Some(&Step::Each) {
            let problem = Problem::RowsOfOne {
                path: path.to_string(),
            };
            self.fault(rows.referenced, problem);
            return None;
        }
        // An array that was empty in every record of the sample is known by itself, its elements are not.
        let array = path.steps().split_last().map(|(_, array)| array.to_vec());
        let known = path.is_root()
            || self.paths.get(&path).is_some()
            || array.is_some_and(|array| {
                let array = array
                    .into_iter()
                    .fold(Path::root(), |path, step| path.with(step));
                self.paths.get(&array).is_some()
            });
        if !known {
            self.unknown(&path, rows.referenced);
        }
        Some(path)
    }

    /// The parent's lineage and itself, and its key as columns.
    fn parent(
        &mut self,
        parent: &Spanned<String>,
        above: &[TableShape],
        full: &Path,
        shape: &mut TableShape,
    ) -> Option<()> {
        let name = parent.value.clone();
        let Some(found) = above.iter().find(|table| table.name == name) else {
            self.fault(parent.referenced, Problem::NoParent { name });
            return None;
        };
        let parents_rows = found.full_rows();
        let Some(rows) = full.after(&parents_rows).filter(|rest| !rest.is_root()) else {
            let rows = parents_rows.to_string();
            self.fault(
                parent.referenced,
                Problem::OutsideParent { parent: name, rows },
            );
            return None;
        };
        shape.lineage = found.lineage.clone();
        shape.lineage.push(Ancestor {
            rows: found.rows.clone(),
            conditions: found.conditions.clone(),
        });
        shape.rows = rows;
        let keys = found.columns.iter().filter(|column| column.key);
        shape.columns = keys
            .map(|column| ColumnShape {
                name: format!("{name}_{}", column.name),
                source: Source::Parent(Box::new(column.source.clone())),
                ty: column.ty,
                key: false,
                default: column.default.clone(),
                variants: Vec::new(),
            })
            .collect();
        if shape.columns.is_empty() {
            self.fault(
                parent.referenced,
                Problem::ParentWithoutKey { name: name.clone() },
            );
        }
        for link in &shape.columns {
            if !is_plain(&link.name) {
                let name = link.name.clone();
                self.faults
                    .push(at(parent.referenced, Problem::Name { name }));
            }
        }
        shape.parent = Some(name);
        Some(())
    }

    fn column(&mut self, table: &str, text: &ColumnText, rows: &Path) -> Option<ColumnShape> {
        let name = &text.name;
        if !is_plain(&name.value) {
            let problem = Problem::Name {
                name: name.value.chars().take(100).collect(),
            };
            self.fault(name.referenced, problem);
        }
        let source = self.source(&text.path.value, text.path.referenced);
        let Ok(ty) = text.ty.value.parse::<FieldType>() else {
            let ty = text.ty.value.chars().take(100).collect();
            self.fault(text.ty.referenced, Problem::Type { ty });
            return None;
        };
        let source = source?;
        if !self.is_kept(table, &name.value, &source, ty) {
            self.check_place(
                &source,
                rows,
                Some((ty, text.ty.referenced)),
                text.path.referenced,
            );
        }
        if let Some(default) = &text.default {
            let fits = ty.read(&default.value, Tz::UTC).is_some();
            if !fits {
                self.fault(default.referenced, Problem::Default { ty: ty.to_string() });
            }
        }
        let default = text.default.as_ref().map(|default| default.value.clone());
        Some(ColumnShape {
            name: name.value.clone(),
            source,
            ty,
            key: text.key,
            default: default.filter(|default| !default.is_null()),
            variants: Vec::new(),
        })
    }

    /// Whether the table has this column already: what does not fit it has columns beside it.
    fn is_kept(&self, table: &str, name: &str, source: &Source, ty: FieldType) -> bool {
        let own = self.kept.iter().filter(|kept| kept.name == table);
        own.flat_map(|kept| &kept.columns)
            .any(|column| column.name == name && column.source == *source && column.ty == ty)
    }

    /// `$line`, `$.` and a path from the record, or a path from the row.
    fn source(&mut self, text: &str, location: Location) -> Option<Source> {
        if text == "$line" {
            return Some(Source::Line);
        }
        match text.strip_prefix("$.") {
            Some("") => Some(Source::Record(Path::root())),
            Some(rest) => self.path(rest, location).map(Source::Record),
            None => self.path(text, location).map(Source::Row),
        }
    }

    fn path(&mut self, text: &str, location: Location) -> Option<Path> {
        let path = text.parse();
        if path.is_err() {
            let path = text.chars().take(100).collect();
            self.fault(location, Problem::Path { path });
        }
        path.ok()
    }

    /// Checks that something stands where a column or condition looks, and that it fits the column.
    fn check_place(
        &mut self,
        source: &Source,
        rows: &Path,
        ty: Option<(FieldType, Location)>,
        location: Location,
    ) {
        let (full, is_many) = match source {
            Source::Row(path) => (rows.join(path), path.is_many()),
            Source::Record(path) => (path.clone(), path.is_many()),
            Source::Line | Source::Parent(_) => return,
        };
        // Nothing was met in an array that was always empty: whatever is said about its elements stands.
        let Some(met) = self.paths.get(&full) else {
            if !self.paths.is_in_empty_array(&full) {
                self.unknown(&full, location);
            }
            return;
        };
        let Some((ty, ty_location)) = ty else { return };
        if is_many && ty != FieldType::Json {
            let path = full.to_string();
            self.fault(location, Problem::Many { path });
        } else if !is_many && !met.fits(ty) {
            let problem = Problem::TypeDoesNotFit {
                path: full.to_string(),
                ty: ty.to_string(),
                fitting: met.infer(&full).to_string(),
            };
            self.fault(ty_location, problem);
        }
    }

    fn condition(&mut self, condition: &Spanned<ConditionText>, rows: &Path) -> Option<Condition> {
        let text = &condition.value;
        let source = self.source(&text.path.value, text.path.referenced)?;
        self.check_place(&source, rows, None, text.path.referenced);
        let tests = [
            text.equals.clone().map(|value| Test::OneOf(vec![value])),
            text.not.clone().map(|value| Test::NoneOf(vec![value])),
            text.one_of.clone().map(Test::OneOf),
            text.none_of.clone().map(Test::NoneOf),
            text.above.clone().map(Test::Above),
            text.below.clone().map(Test::Below),
            text.empty
                .map(|empty| if empty { Test::Empty } else { Test::NotEmpty }),
        ];
        let mut tests = tests.into_iter().flatten();
        let (Some(test), None) = (tests.next(), tests.next()) else {
            self.fault(condition.referenced, Problem::Tests);
            return None;
        };
        let compared: &[Json] = match &test {
            Test::OneOf(values) | Test::NoneOf(values) => values,
            Test::Above(value) | Test::Below(value) => std::slice::from_ref(value),
            Test::Empty | Test::NotEmpty => &[],
        };
        if compared
            .iter()
            .any(|value| value.is_array() || value.is_object())
            || compared.len() > MOST_COLUMNS
        {
            self.fault(condition.referenced, Problem::Comparison);
            return None;
        }
        Some(Condition { source, test })
    }

    fn unknown(&mut self, path: &Path, location: Location) {
        let nearest = self.paths.nearest(path).map(ToString::to_string);
        let path = path.to_string();
        self.fault(location, Problem::UnknownPath { path, nearest });
    }

    fn fault(&mut self, location: Location, problem: Problem) {
        self.faults.push(at(location, problem));
    }
}

fn at(location: Location, problem: Problem) -> Fault {
    Fault {
        line: location.line().max(1),
        column: location.column().max(1),
        problem,
    }
}
