//! Which rows and columns of a list somebody ordered, as kept in control until the file is built.

use serde_json::{Map, Value as Json, json};

use crate::warehouse::{Filter, Operator, Value};

/// How deep conditions may be nested.
const MAX_DEPTH: usize = 16;

/// The most columns of a list.
const MAX_COLUMNS: usize = 1_000;

/// Which rows and columns of a list to take.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// Which rows.
    pub filter: Filter,
    /// Which columns, in order, as the list's writer names them; empty for the list's own choice.
    pub columns: Vec<String>,
    /// Whether names and values are written as they are stored, for programs, instead of for people.
    pub plain: bool,
}

/// A stored selection that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the selection of rows and columns is not one that can be read")]
pub struct SelectionError;

impl Selection {
    /// The selection as JSON: `{"columns": […], "filter": …, "plain": true}`, with what changes nothing left out.
    pub fn to_json(&self) -> Json {
        let mut object = Map::new();
        if !self.columns.is_empty() {
            object.insert("columns".to_owned(), json!(self.columns));
        }
        if self.filter != Filter::All {
            object.insert("filter".to_owned(), filter_to_json(&self.filter));
        }
        if self.plain {
            object.insert("plain".to_owned(), json!(true));
        }
        Json::Object(object)
    }

    /// Reads what [`Selection::to_json`] wrote.
    pub fn from_json(json: &Json) -> Result<Self, SelectionError> {
        let columns = match json.get("columns") {
            None => Vec::new(),
            Some(columns) => texts(columns)?,
        };
        if columns.len() > MAX_COLUMNS {
            return Err(SelectionError);
        }
        let filter = match json.get("filter") {
            None => Filter::All,
            Some(filter) => filter_from_json(filter, MAX_DEPTH)?,
        };
        let plain = json.get("plain") == Some(&json!(true));
        Ok(Self {
            filter,
            columns,
            plain,
        })
    }
}

fn filter_to_json(filter: &Filter) -> Json {
    let all = |filters: &[Filter]| filters.iter().map(filter_to_json).collect::<Vec<_>>();
    match filter {
        Filter::All => json!("all"),
        Filter::And(filters) => json!({ "and": all(filters) }),
        Filter::Or(filters) => json!({ "or": all(filters) }),
        Filter::Not(filter) => json!({ "not": filter_to_json(filter) }),
        Filter::Compare {
            column,
            operator,
            value,
        } => json!({ "column": column, "is": word(*operator), "value": value_to_json(value) }),
        Filter::In { column, values } => {
            let values: Vec<Json> = values.iter().map(value_to_json).collect();
            json!({ "column": column, "in": values })
        }
        Filter::Has { column, value } => {
            json!({ "column": column, "has": value_to_json(value) })
        }
        Filter::IsNull(column) => json!({ "null": column }),
        Filter::IsNotNull(column) => json!({ "not_null": column }),
    }
}

fn filter_from_json(json: &Json, depth: usize) -> Result<Filter, SelectionError> {
    if json == "all" {
        return Ok(Filter::All);
    }
    let depth = depth.checked_sub(1).ok_or(SelectionError)?;
    let inner = |json: &Json| -> Result<Vec<Filter>, SelectionError> {
        let filters = json.as_array().ok_or(SelectionError)?;
        filters
            .iter()
            .map(|filter| filter_from_json(filter, depth))
            .collect()
    };
    if let Some(filters) = json.get("and") {
        return Ok(Filter::And(inner(filters)?));
    }
    if let Some(filters) = json.get("or") {
        return Ok(Filter::Or(inner(filters)?));
    }
    if let Some(filter) = json.get("not") {
        return Ok(Filter::Not(Box::new(filter_from_json(filter, depth)?)));
    }
    if let Some(column) = json.get("null") {
        return Ok(Filter::IsNull(name(column)?));
    }
    if let Some(column) = json.get("not_null") {
        return Ok(Filter::IsNotNull(name(column)?));
    }
    let column = name(json.get("column").ok_or(SelectionError)?)?;
    if let Some(values) = json.get("in") {
        let values = values.as_array().ok_or(SelectionError)?;
        let values = values
            .iter()
            .map(value_from_json)
            .collect::<Result<_, _>>()?;
        return Ok(Filter::In { column, values });
    }
    if let Some(value) = json.get("has") {
        let value = value_from_json(value)?;
        return Ok(Filter::Has { column, value });
    }
    let word_of = json
        .get("is")
        .and_then(Json::as_str)
        .ok_or(SelectionError)?;
    let operator = OPERATORS
        .into_iter()
        .find(|operator| word(*operator) == word_of)
        .ok_or(SelectionError)?;
    let value = value_from_json(json.get("value").ok_or(SelectionError)?)?;
    Ok(Filter::Compare {
        column,
        operator,
        value,
    })
}

const OPERATORS: [Operator; 7] = [
    Operator::Equal,
    Operator::NotEqual,
    Operator::Less,
    Operator::AtMost,
    Operator::Greater,
    Operator::AtLeast,
    Operator::Contains,
];

const fn word(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "equal",
        Operator::NotEqual => "not_equal",
        Operator::Less => "less",
        Operator::AtMost => "at_most",
        Operator::Greater => "greater",
        Operator::AtLeast => "at_least",
        Operator::Contains => "contains",
    }
}

fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(flag) => json!({ "boolean": flag }),
        Value::Integer(number) => json!({ "integer": number }),
        Value::Decimal(number) => json!({ "decimal": number.to_string() }),
        Value::Text(text) => json!({ "text": text }),
        Value::Date(day) => json!({ "date": day.to_string() }),
        Value::Timestamp(at) => json!({ "timestamp": at.timestamp_micros() }),
        Value::Json(text) => json!({ "json": text }),
    }
}

fn value_from_json(json: &Json) -> Result<Value, SelectionError> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    let (kind, inner) = json
        .as_object()
        .and_then(|object| object.iter().next())
        .ok_or(SelectionError)?;
    let text = inner.as_str();
    let value = match kind.as_str() {
        "boolean" => inner.as_bool().map(Value::Boolean),
        "integer" => inner.as_i64().map(Value::Integer),
        "decimal" => text.and_then(|text| text.parse().ok()).map(Value::Decimal),
        "text" => text.map(Value::from),
        "date" => text.and_then(|text| text.parse().ok()).map(Value::Date),
        "timestamp" => inner
            .as_i64()
            .and_then(chrono::DateTime::from_timestamp_micros)
            .map(Value::Timestamp),
        "json" => text.map(|text| Value::Json(text.to_owned())),
        _ => None,
    };
    value.ok_or(SelectionError)
}

fn texts(json: &Json) -> Result<Vec<String>, SelectionError> {
    json.as_array()
        .ok_or(SelectionError)?
        .iter()
        .map(name)
        .collect()
}

fn name(json: &Json) -> Result<String, SelectionError> {
    json.as_str().map(str::to_owned).ok_or(SelectionError)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn every_selection_reads_back() {
        let values = [
            Value::Null,
            Value::Boolean(true),
            Value::Integer(i64::MIN),
            Value::Decimal(Decimal::new(-1_234_500, 4)),
            Value::from("Łódź \"x\""),
            Value::Date(NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()),
            Value::Timestamp(DateTime::from_timestamp_micros(1_795_525_500_123_456).unwrap()),
            Value::Json("{}".to_owned()),
        ];
        let compared = OPERATORS
            .into_iter()
            .zip(values.clone())
            .map(|(operator, value)| Filter::compare("a.b", operator, value));
        let mut filters: Vec<Filter> = compared.collect();
        filters.push(Filter::In {
            column: "x".to_owned(),
            values: values.to_vec(),
        });
        filters.push(Filter::Or(vec![
            Filter::All,
            Filter::IsNull("y".to_owned()),
        ]));
        filters.push(Filter::IsNotNull("z".to_owned()));
        filters.push(Filter::Not(Box::new(Filter::Has {
            column: "list".to_owned(),
            value: Value::Integer(7),
        })));
        let selection = Selection {
            filter: Filter::And(filters),
            columns: vec!["id".to_owned(), "person".to_owned()],
            plain: true,
        };
        let json: Json = serde_json::from_str(&selection.to_json().to_string()).unwrap();
        assert_eq!(Selection::from_json(&json).unwrap(), selection);
        assert_eq!(Selection::default().to_json(), json!({}));
    }

    #[test]
    fn nonsense_and_bottomless_nesting_are_refused() {
        let mut deep = json!("all");
        for _ in 0..100 {
            deep = json!({ "and": [deep] });
        }
        for filter in [
            deep,
            json!(1),
            json!({}),
            json!({ "column": "a" }),
            json!({ "column": "a", "is": "like", "value": null }),
            json!({ "column": "a", "is": "less", "value": { "integer": "1" } }),
        ] {
            assert_eq!(
                Selection::from_json(&json!({ "filter": filter })),
                Err(SelectionError)
            );
        }
    }
}
