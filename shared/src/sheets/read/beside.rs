use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::layout::Layout;
use crate::warehouse::Value;

/// Bytes of text in a row that is left out and still kept for its problem.
const LONGEST_KEPT: usize = 64 << 10;

/// What a row brings beside its values.
#[derive(Default)]
pub(super) struct Beside {
    /// Column, what the referred row is told by, and its text.
    pub(super) lookups: Vec<(usize, String, String)>,
    /// Masked columns, and fields inside of them.
    pub(super) kept: Vec<(String, Option<String>)>,
    /// Custom values by field.
    pub(super) custom: BTreeMap<String, String>,
    /// Column, what was expected and what was found.
    pub(super) problems: Vec<(String, String, String)>,
    /// Whether the row is a stock card in a list of deliveries, and none of them.
    pub(super) is_card: bool,
}

impl Beside {
    /// What could be read of a row that is left out.
    pub(super) fn readable(&self, layout: &Layout, values: &[Value]) -> Option<Map<String, Json>> {
        let lengths = values
            .iter()
            .map(|value| value.as_ref().as_str().map_or(0, str::len));
        if lengths.sum::<usize>() > LONGEST_KEPT {
            return None;
        }
        let columns = layout.columns.iter().zip(values);
        let told = columns.filter(|(_, value)| **value != Value::Null);
        let mut row: Map<String, Json> = told
            .map(|(column, value)| (column.name.to_string(), value.as_ref().to_json()))
            .collect();
        for (column, by, text) in &self.lookups {
            let path = format!("{}.{by}", layout.name_of(*column));
            row.insert(path, text.as_str().into());
        }
        if let Some(custom) = layout.custom.and_then(|at| layout.columns.get(at))
            && !self.custom.is_empty()
        {
            row.insert(custom.name.to_string(), json!(self.custom));
        }
        Some(row)
    }
}
