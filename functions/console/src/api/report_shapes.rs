use serde::Serialize;
use serde_json::{Map, Value as JsonValue};
use utoipa::ToSchema;
use wynos::yclients::reports::Preview;

use super::documents::Cost;

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
}

impl Shown {
    pub(super) fn of(preview: Preview) -> Self {
        let field = |name: String, r#type: String| Field { name, r#type };
        let chosen = preview.paths.iter().filter(|(path, _)| !path.is_root());
        Self {
            cost: preview.cost.map(Cost::from),
            records: preview.records,
            fields: chosen
                .map(|(path, met)| field(path.to_string(), met.infer(path).to_string()))
                .collect(),
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
                })
                .collect(),
        }
    }
}
