use std::{collections::BTreeMap, sync::Arc};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use wynos_base::exact;

use super::{DAY, FieldType, Misfit, Path, RECORD, Record, TableShape, chosen, unread::Unread};
use crate::{
    catalog::{self, Table},
    control::ReportId,
    planner::Period,
    warehouse::{Filter, Operator, Replacement, Rows, Tie, Value},
};

/// Which fields a report keeps, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The chosen fields; none for all.
    #[serde(default)]
    pub fields: Vec<Path>,
    /// Where its rows go.
    pub target: Target,
}

impl Definition {
    /// Whether something is to be known of the records before the report is made.
    pub fn needs_sample(&self) -> bool {
        self.target != Target::Json || !self.fields.is_empty()
    }
}

/// Where the rows of a report go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One JSON row per record in `yclients_reports`.
    Json,
    /// A table of its own, whose columns are those of a sample.
    Table {
        /// The name of the table.
        name: String,
    },
    /// Tables as a description says.
    Description {
        /// The description, as its author wrote it.
        yaml: String,
    },
}

/// The tables that a report's records become rows of.
pub(super) enum Output {
    Json {
        report: ReportId,
        fields: Vec<Path>,
        table: Arc<Table>,
    },
    Tables(Vec<TableShape>),
}

/// Rows of some records for one table: its declared columns, then of whom the record speaks.
pub(super) struct Batch {
    pub table: Arc<Table>,
    pub rows: Rows,
    /// Rows left out because a part of their key was missing.
    pub keyless: u64,
    /// Records that have something else in the place that the rows are to come from, and where: none of their rows is here.
    pub unread: BTreeMap<String, Path>,
}

/// What making rows of some records came to.
pub(super) struct Made {
    pub batches: Vec<Batch>,
    /// Tables and the variant columns that they got.
    pub variants: Vec<(String, Misfit)>,
    /// Rows left out because a part of their key was missing, by the records that they are of.
    pub keyless: BTreeMap<String, u64>,
}

impl Output {
    pub fn new(
        definition: &Definition,
        report: &ReportId,
        shapes: Vec<TableShape>,
    ) -> Option<Self> {
        match definition.target {
            Target::Json => Some(Self::Json {
                report: report.clone(),
                fields: definition.fields.clone(),
                table: Arc::clone(catalog::table("yclients_reports")?),
            }),
            Target::Table { .. } | Target::Description { .. } => Some(Self::Tables(shapes)),
        }
    }

    /// Adds a variant column to a table; nothing where it is there.
    pub fn add_variant(&mut self, table: &str, column: &str, variant: FieldType) {
        if let Self::Tables(shapes) = self {
            let own = shapes.iter_mut().find(|shape| shape.name == table);
            own.map(|shape| shape.add_variant(column, variant));
        }
    }

    /// The rows of these records. Values that fit no column get variant columns, in the shapes too.
    pub fn make(&mut self, records: &[Record<'_>], zone: Tz) -> Made {
        let mut made = Made {
            batches: Vec::new(),
            variants: Vec::new(),
            keyless: BTreeMap::new(),
        };
        match self {
            Self::Json {
                report,
                fields,
                table,
            } => {
                let mut rows = Rows::new(table.columns.len() + 1);
                for record in records {
                    rows.push_values(&[
                        Value::from(report.as_str()),
                        record.key.into(),
                        record.day.into(),
                        Value::Json(exact::to_string(&chosen(record.body, fields))),
                        record.people.into(),
                    ]);
                }
                let table = Arc::clone(table);
                made.batches.push(Batch {
                    table,
                    rows,
                    keyless: 0,
                    unread: BTreeMap::new(),
                });
            }
            Self::Tables(shapes) => {
                for shape in shapes {
                    made.of_shape(shape, records, zone);
                }
            }
        }
        made
    }

    /// What puts the staged rows of a run in the place of those of the period, but for rows of records that could not be read.
    pub fn replacements(
        &self,
        run: &str,
        source_id: &str,
        period: Option<Period>,
        asked: bool,
        unread: &BTreeMap<String, Unread>,
    ) -> Vec<Replacement> {
        let of = |table: Arc<Table>, record_column, day: &str, scope| Replacement {
            run: run.to_owned(),
            table,
            source_id: source_id.to_owned(),
            record_column,
            scope,
            period: days(day, period),
            asked,
            parent: None,
        };
        let above = |shape: &TableShape, shapes: &[TableShape]| {
            let name = shape.parent.as_deref()?;
            let parent = shapes.iter().find(|other| other.name == name)?;
            Some(Tie {
                table: Arc::new(parent.table()),
                link: shape.link_to(parent)?,
            })
        };
        match self {
            Self::Json { report, table, .. } => {
                let scope = Filter::equal("report", report.as_str());
                vec![of(Arc::clone(table), "key", "period", scope)]
            }
            Self::Tables(shapes) => {
                let unread = |shape: &TableShape| unread.get(&shape.name);
                shapes
                    .iter()
                    .filter(|shape| !unread(shape).is_some_and(Unread::is_whole))
                    .map(|shape| {
                        let scope = unread(shape).map_or(Filter::All, Unread::others);
                        Replacement {
                            parent: above(shape, shapes),
                            ..of(Arc::new(shape.table()), RECORD, DAY, scope)
                        }
                    })
                    .collect()
            }
        }
    }

    pub const fn record_column(&self) -> &'static str {
        match self {
            Self::Json { .. } => "key",
            Self::Tables(_) => RECORD,
        }
    }
}

impl Made {
    fn of_shape(&mut self, shape: &mut TableShape, records: &[Record<'_>], zone: Tz) {
        let mut found: BTreeMap<(String, String), Misfit> = BTreeMap::new();
        for record in records {
            for misfit in shape.evaluate(record, zone).misfits {
                found.insert((misfit.column.clone(), misfit.variant.to_string()), misfit);
            }
        }
        for misfit in found.into_values() {
            if shape.add_variant(&misfit.column, misfit.variant) {
                self.variants.push((shape.name.clone(), misfit));
            }
        }
        let table = Arc::new(shape.table());
        let mut rows = Rows::new(table.columns.len() + 1);
        let mut keyless = 0;
        let mut unread = BTreeMap::new();
        for record in records {
            let evaluated = shape.evaluate(record, zone);
            keyless += evaluated.keyless;
            if evaluated.keyless > 0 {
                let own = self.keyless.entry(record.key.to_owned()).or_default();
                *own += evaluated.keyless;
            }
            if let Some(path) = evaluated.unread {
                unread.insert(record.key.to_owned(), path);
            }
            for mut row in evaluated.rows {
                row.push(record.people.into());
                rows.push_values(&row);
            }
        }
        self.batches.push(Batch {
            table,
            rows,
            keyless,
            unread,
        });
    }
}

/// Rows of these days; all rows where there are none.
fn days(column: &str, period: Option<Period>) -> Filter {
    match period {
        None => Filter::All,
        Some(period) => Filter::compare(column, Operator::AtLeast, period.from)
            .and(Filter::compare(column, Operator::AtMost, period.to)),
    }
}
