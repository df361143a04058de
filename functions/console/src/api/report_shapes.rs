use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as JsonValue};
use utoipa::ToSchema;
use wynos::{
    control::{PlannedJob, Report},
    planner::JobSettings,
    yclients::reports::{Definition, Path, Preview, Target},
};

use super::{documents::Cost, reports::ReportInfo, source_shapes::said};
use crate::http::{Failure, Kind};

/// One report: how it was defined, in the words of an order, and what it takes to run it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneReport {
    #[serde(flatten)]
    report: ReportInfo,
    /// Only these fields, by path; all where the list is empty.
    fields: Vec<String>,
    /// The table of its own whose columns are those of a sample, where it has one.
    table: Option<String>,
    /// The YAML document that describes its tables, as its author wrote it, where it has one.
    description: Option<String>,
    /// What a run refreshes; `null` of a list that is always read whole, and where nothing refreshes it.
    period: Option<String>,
    /// When it is refreshed by itself; `null` for by hand only.
    schedule: Option<String>,
    /// What a refresh of its period would cost as far as is known, where each record costs a call: documents.
    cost: Option<Cost>,
}

/// What a report is to become. Its source, its kind and where its rows go stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportChange {
    /// 1 to 64 characters.
    pub(super) name: String,
    /// The fields of JSON rows, all where the list is empty; for a report with a `table` those that it is to have columns for
    /// too. As they are without it.
    pub(super) fields: Option<Vec<String>>,
    /// Another description of its tables, with more columns than the one before and everything that it said. As it is without it.
    pub(super) description: Option<String>,
    /// What a run refreshes: `last 7 days`, `last 2 months`, `since 2026-01-31`. As it is without it.
    pub(super) period: Option<String>,
    /// `every 2 hours`, `daily at 03:30`; `null` takes it away, so that it is refreshed by hand only. As it is without it.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    pub(super) schedule: Option<Option<String>>,
}

impl OneReport {
    /// A report as it is kept, with the job that refreshes it.
    pub(super) fn of(
        report: &Report,
        info: ReportInfo,
        job: Option<&PlannedJob>,
        cost: Option<Cost>,
    ) -> Result<Self, Failure> {
        let definition = serde_json::from_value::<Definition>(report.definition.clone());
        let definition = definition.map_err(|error| Failure::noted(Kind::Internal, &error))?;
        let (table, description) = match definition.target {
            Target::Json => (None, None),
            Target::Table { name } => (Some(name), None),
            Target::Description { yaml } => (None, Some(yaml)),
        };
        let settings = job.and_then(|job| JobSettings::read(job.kind, &job.settings).ok());
        let period = settings.and_then(|settings| settings.period());
        let period = period.filter(|_| report.kind.has_days());
        Ok(Self {
            report: info,
            fields: definition.fields.iter().map(Path::to_string).collect(),
            table,
            description,
            period: period.map(|period| period.to_string()),
            schedule: job.and_then(|job| Some(job.schedule.as_ref()?.to_string())),
            cost,
        })
    }
}

/// What a report would bring.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Shown {
    /// How many records were looked at.
    records: usize,
    /// Fields that can be chosen.
    fields: Vec<Field>,
    /// The tables, with their first rows.
    tables: Vec<ShownTable>,
    /// What a refresh of the period would cost as far as is known, where each record costs a call: documents.
    cost: Option<Cost>,
}

/// A field, or a column.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Field {
    name: String,
    r#type: String,
}

/// A table of a preview.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownTable {
    name: String,
    columns: Vec<Field>,
    #[schema(value_type = Vec<Object>)]
    rows: Vec<Map<String, JsonValue>>,
    /// How many rows the records make, without those that are left out.
    total: usize,
    /// Rows that are left out because a part of their key is missing.
    without_key: u64,
    /// Rows that are left out because another one has the same key, which then does not tell rows apart.
    same_key: u64,
    /// Records none of whose rows is made, since something else than a list stands where the rows are to come from, or something
    /// in the way of a condition or a key.
    unread_records: u64,
    /// Where the first of these records has that.
    unread_path: Option<String>,
}

impl Shown {
    pub(super) fn of(preview: Preview) -> Self {
        let field = |name: String, r#type: String| Field { name, r#type };
        let fields = preview.fields();
        let fields = fields.map(|(path, ty)| field(path.to_string(), ty.to_string()));
        Self {
            cost: preview.cost.map(Cost::from),
            records: preview.records,
            fields: fields.collect(),
            tables: preview
                .tables
                .into_iter()
                .map(|table| ShownTable {
                    name: table.name,
                    columns: table
                        .columns
                        .into_iter()
                        .map(|(name, ty)| field(name, ty))
                        .collect(),
                    rows: table.rows,
                    total: table.total,
                    without_key: table.without_key,
                    same_key: table.same_key,
                    unread_records: table.unread.as_ref().map_or(0, |(_, count)| *count),
                    unread_path: table.unread.map(|(path, _)| path.to_string()),
                })
                .collect(),
        }
    }
}
