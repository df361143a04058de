//! Filters as people and programs write them: JSON whose values have the types of their columns.
//!
//! ```json
//! {"and": [{"column": "staff_id", "is": "equal", "value": 5}, {"column": "service_category_ids", "has": 12}]}
//! ```

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::SelectionError;
use crate::{
    catalog::{Storage, Table},
    warehouse::{Filter, Operator, Value},
};

/// Conditions inside conditions deeper than this are refused.
const DEEPEST: usize = 16;
/// More values than this in one condition are refused.
const MOST_VALUES: usize = 1_000;

const OPERATORS: [(&str, Operator); 7] = [
    ("equal", Operator::Equal),
    ("not_equal", Operator::NotEqual),
    ("less", Operator::Less),
    ("at_most", Operator::AtMost),
    ("greater", Operator::Greater),
    ("at_least", Operator::AtLeast),
    ("contains", Operator::Contains),
];

/// The filter of a table out of its JSON. Names the column or condition that cannot be understood.
pub fn from_json(table: &Table, json: &Json) -> Result<Filter, SelectionError> {
    read(table, json, DEEPEST)
}

fn read(table: &Table, json: &Json, depth: usize) -> Result<Filter, SelectionError> {
    let complain = |problem: String| SelectionError::Filter {
        table: table.name.to_string(),
        problem,
    };
    let Some(depth) = depth.checked_sub(1) else {
        return Err(complain("the conditions are nested too deeply".to_owned()));
    };
    let list = |json: &Json| -> Result<Vec<Filter>, SelectionError> {
        let conditions = json.as_array().filter(|all| all.len() <= MOST_VALUES);
        let conditions =
            conditions.ok_or_else(|| complain("a list of conditions is expected".to_owned()))?;
        conditions
            .iter()
            .map(|json| read(table, json, depth))
            .collect()
    };
    if json == "all" {
        return Ok(Filter::All);
    }
    if let Some(conditions) = json.get("and") {
        return Ok(Filter::And(list(conditions)?));
    }
    if let Some(conditions) = json.get("or") {
        return Ok(Filter::Or(list(conditions)?));
    }
    if let Some(condition) = json.get("not") {
        return Ok(Filter::Not(Box::new(read(table, condition, depth)?)));
    }
    let column = |name: Option<&Json>| -> Result<(String, Storage), SelectionError> {
        let name = name.and_then(Json::as_str).unwrap_or_default();
        let column = table.column(name);
        let column = column.ok_or_else(|| complain(format!("there is no column {name:?}")))?;
        Ok((name.to_owned(), column.ty.storage()))
    };
    for (word, make) in [
        ("null", Filter::IsNull as fn(String) -> Filter),
        ("not_null", Filter::IsNotNull),
    ] {
        if let Some(name) = json.get(word) {
            return Ok(make(column(Some(name))?.0));
        }
    }
    let (name, storage) = column(json.get("column"))?;
    let value_of = |json: &Json| {
        value(storage, json).ok_or_else(|| complain(format!("{name} cannot be {json}")))
    };
    if let Some(values) = json.get("in") {
        let values = values.as_array().filter(|all| all.len() <= MOST_VALUES);
        let values = values
            .ok_or_else(|| {
                complain(format!(
                    "{name} needs a list of at most {MOST_VALUES} values"
                ))
            })?
            .iter()
            .map(value_of)
            .collect::<Result<_, _>>()?;
        return Ok(Filter::In {
            column: name,
            values,
        });
    }
    if let Some(element) = json.get("has") {
        let value = match element {
            Json::Number(number) => number.as_i64().map(Value::Integer),
            Json::String(text) => Some(Value::from(text.as_str())),
            _ => None,
        };
        return match value {
            Some(value) if storage == Storage::Json => Ok(Filter::Has {
                column: name,
                value,
            }),
            _ => Err(complain(format!(
                "{name} is not a list that could hold {element}"
            ))),
        };
    }
    let word = json.get("is").and_then(Json::as_str).unwrap_or_default();
    let operator = OPERATORS.iter().find(|(name, _)| *name == word);
    let (_, operator) =
        operator.ok_or_else(|| complain(format!("{name} cannot be compared by {word:?}")))?;
    if *operator == Operator::Contains && storage != Storage::Text {
        return Err(complain(format!("{name} is not text")));
    }
    let value = value_of(json.get("value").unwrap_or(&Json::Null))?;
    Ok(Filter::Compare {
        column: name,
        operator: *operator,
        value,
    })
}

/// The value of a column's type. Numbers with digits after the point may come as text, so that none are lost.
fn value(storage: Storage, json: &Json) -> Option<Value> {
    match (storage, json) {
        (Storage::Text, Json::String(text)) => Some(text.as_str().into()),
        (Storage::Integer, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (Storage::Boolean, Json::Bool(flag)) => Some((*flag).into()),
        (Storage::Decimal(_), Json::Number(number)) => number
            .to_string()
            .parse::<Decimal>()
            .ok()
            .map(Value::Decimal),
        (Storage::Decimal(_), Json::String(text)) => text.parse().ok().map(Value::Decimal),
        (Storage::Date, Json::String(text)) => text.parse().ok().map(Value::Date),
        (Storage::Timestamp, Json::String(text)) => {
            let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
            Some(Value::Timestamp(at.to_utc()))
        }
        _ => None,
    }
}

/// The JSON that [`from_json`] reads.
pub fn to_json(filter: &Filter) -> Json {
    let all = |filters: &[Filter]| filters.iter().map(to_json).collect::<Vec<_>>();
    match filter {
        Filter::All => json!("all"),
        Filter::And(filters) => json!({ "and": all(filters) }),
        Filter::Or(filters) => json!({ "or": all(filters) }),
        Filter::Not(filter) => json!({ "not": to_json(filter) }),
        Filter::Compare {
            column,
            operator,
            value,
        } => {
            let word = OPERATORS.iter().find(|(_, known)| known == operator);
            let word = word.map_or("equal", |(word, _)| word);
            json!({ "column": column, "is": word, "value": plain(value) })
        }
        Filter::In { column, values } => {
            json!({ "column": column, "in": values.iter().map(plain).collect::<Vec<_>>() })
        }
        Filter::Has { column, value } => json!({ "column": column, "has": plain(value) }),
        Filter::IsNull(column) => json!({ "null": column }),
        Filter::IsNotNull(column) => json!({ "not_null": column }),
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(flag) => json!(flag),
        Value::Integer(number) => json!(number),
        Value::Decimal(number) => json!(number.to_string()),
        Value::Text(text) | Value::Json(text) => json!(text),
        Value::Date(day) => json!(day.to_string()),
        Value::Timestamp(at) => json!(at.to_rfc3339()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn filters_read_back_as_they_were_written() {
        let records = catalog::table("yclients_records").unwrap();
        let written = json!({"or": [
            {"column": "service_category_ids", "has": 12},
            {"not": {"column": "staff_id", "in": [1, 2]}},
            {"and": [
                {"column": "comment", "is": "contains", "value": "vip"},
                {"column": "datetime", "is": "at_least", "value": "2026-01-01T00:00:00+00:00"},
                {"column": "online", "is": "equal", "value": true},
                {"null": "client_id"}, {"not_null": "visit_id"}, "all",
            ]},
        ]});
        let filter = from_json(records, &written).unwrap();
        assert_eq!(to_json(&filter), written);
        let services = catalog::table("yclients_record_services").unwrap();
        let money = json!({"column": "cost", "is": "greater", "value": "10.50"});
        assert_eq!(to_json(&from_json(services, &money).unwrap()), money);
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        let records = catalog::table("yclients_records").unwrap();
        for (written, named) in [
            (
                json!({"column": "staff", "is": "equal", "value": 5}),
                "staff",
            ),
            (
                json!({"column": "staff_id", "is": "equal", "value": "5"}),
                "staff_id",
            ),
            (
                json!({"column": "staff_id", "is": "like", "value": 5}),
                "like",
            ),
            (
                json!({"column": "staff_id", "is": "contains", "value": 5}),
                "staff_id",
            ),
            (json!({"column": "staff_id", "has": 5}), "staff_id"),
            (json!({"and": 5}), "list"),
            (json!({}), "column"),
            (json!({"column": "staff_id", "is": "equal"}), "staff_id"),
        ] {
            let problem = from_json(records, &written).unwrap_err().to_string();
            assert!(problem.contains(named), "{problem}");
        }
        let mut deep = json!("all");
        for _ in 0..20 {
            deep = json!({ "not": deep });
        }
        assert!(from_json(records, &deep).is_err());
    }
}
