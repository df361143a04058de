//! Filters as people and programs write them: JSON whose values have the types of their columns.
//!
//! ```json
//! {"and": [{"column": "staff_id", "is": "equal", "value": 5}, {"column": "service_category_ids", "has": 12}]}
//! ```

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::{FilterProblem, SelectionError};
use crate::{
    catalog::{Storage, Table},
    warehouse::{Filter, Operator, Value},
};

/// Conditions inside conditions deeper than this are refused.
const DEEPEST: usize = 16;
/// More values than this in one condition are refused.
const MOST_VALUES: usize = 1_000;
/// Characters of what cannot be understood that a message shows.
const SHOWN: usize = 60;
/// Bytes of a filter that is told as it is; of a longer one it is told only that there is one.
const TOLD: usize = 4_000;
/// What stands for something that is not told.
const UNTOLD: &str = "…";

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
    read(table, json, DEEPEST).map_err(|problem| SelectionError::Filter {
        table: table.name.to_string(),
        problem,
    })
}

fn read(table: &Table, json: &Json, depth: usize) -> Result<Filter, FilterProblem> {
    let depth = depth
        .checked_sub(1)
        .ok_or(FilterProblem::TooDeep(DEEPEST))?;
    if json == "all" {
        return Ok(Filter::All);
    }
    let no_condition = || FilterProblem::NoCondition(excerpt(json));
    let said = json.as_object().ok_or_else(no_condition)?;
    let column = |name: &Json| {
        let name = name.as_str().ok_or_else(no_condition)?;
        let column = table.column(name);
        let column = column.ok_or_else(|| FilterProblem::NoColumn(name.to_owned()))?;
        Ok((name.to_owned(), column.ty.storage()))
    };
    if let Some(name) = said.get("column") {
        let (name, storage) = column(name)?;
        return compared(said, name, storage);
    }
    let mut words = said.iter();
    let (word, of) = words.next().ok_or_else(no_condition)?;
    if let Some((other, _)) = words.next() {
        return Err(FilterProblem::Unexpected(other.clone()));
    }
    match word.as_str() {
        "and" => Ok(Filter::And(conditions(table, of, depth)?)),
        "or" => Ok(Filter::Or(conditions(table, of, depth)?)),
        "not" => Ok(Filter::Not(Box::new(read(table, of, depth)?))),
        "null" => Ok(Filter::IsNull(column(of)?.0)),
        "not_null" => Ok(Filter::IsNotNull(column(of)?.0)),
        _ => Err(no_condition()),
    }
}

fn conditions(table: &Table, json: &Json, depth: usize) -> Result<Vec<Filter>, FilterProblem> {
    let conditions = json.as_array().filter(|all| all.len() <= MOST_VALUES);
    conditions
        .ok_or(FilterProblem::NotAList(MOST_VALUES))?
        .iter()
        .map(|json| read(table, json, depth))
        .collect()
}

/// A condition on a column.
fn compared(
    said: &Map<String, Json>,
    column: String,
    storage: Storage,
) -> Result<Filter, FilterProblem> {
    let says = |words: &[&str]| {
        let unknown = |word: &&String| *word != "column" && !words.contains(&word.as_str());
        match said.keys().find(unknown) {
            Some(word) => Err(FilterProblem::Unexpected(word.clone())),
            None => Ok(()),
        }
    };
    if let Some(values) = said.get("in") {
        says(&["in"])?;
        return among(values, column, storage);
    }
    if let Some(element) = said.get("has") {
        says(&["has"])?;
        return having(element, column, storage);
    }
    says(&["is", "value"])?;
    let word = said.get("is").and_then(Json::as_str).unwrap_or_default();
    let Some((_, operator)) = OPERATORS.iter().find(|(name, _)| *name == word) else {
        return Err(FilterProblem::NoComparison {
            column,
            word: word.to_owned(),
            known: OPERATORS.map(|(name, _)| name).join(", "),
        });
    };
    if *operator == Operator::Contains && storage != Storage::Text {
        return Err(FilterProblem::NotText(column));
    }
    Ok(Filter::Compare {
        value: value_of(&column, storage, said.get("value").unwrap_or(&Json::Null))?,
        operator: *operator,
        column,
    })
}

fn among(values: &Json, column: String, storage: Storage) -> Result<Filter, FilterProblem> {
    let Some(values) = values.as_array().filter(|all| all.len() <= MOST_VALUES) else {
        return Err(FilterProblem::NoValues {
            column,
            most: MOST_VALUES,
        });
    };
    let values = values.iter().map(|json| value_of(&column, storage, json));
    Ok(Filter::In {
        values: values.collect::<Result<_, _>>()?,
        column,
    })
}

fn having(element: &Json, column: String, storage: Storage) -> Result<Filter, FilterProblem> {
    let value = match element {
        Json::Number(number) => number.as_i64().map(Value::Integer),
        Json::String(text) => Some(Value::from(text.as_str())),
        _ => None,
    };
    match value.filter(|_| storage == Storage::Json) {
        Some(value) => Ok(Filter::Has { column, value }),
        None => Err(FilterProblem::HoldsNothing {
            column,
            value: excerpt(element),
        }),
    }
}

fn value_of(column: &str, storage: Storage, json: &Json) -> Result<Value, FilterProblem> {
    value(storage, json).ok_or_else(|| FilterProblem::NoValue {
        column: column.to_owned(),
        value: excerpt(json),
    })
}

/// The beginning of what somebody wrote, to be shown to them.
fn excerpt(json: &Json) -> String {
    json.to_string().chars().take(SHOWN).collect()
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

/// The same for people who may read what was done and not whom it was about: without the values of personal columns.
pub(super) fn told(table: &Table, filter: &Filter) -> Json {
    let told = without_personal(table, filter);
    if told.to_string().len() > TOLD {
        return json!(UNTOLD);
    }
    told
}

fn without_personal(table: &Table, filter: &Filter) -> Json {
    let all = |filters: &[Filter]| {
        let filters = filters.iter().map(|one| without_personal(table, one));
        filters.collect::<Vec<_>>()
    };
    match filter {
        Filter::And(filters) => json!({ "and": all(filters) }),
        Filter::Or(filters) => json!({ "or": all(filters) }),
        Filter::Not(filter) => json!({ "not": without_personal(table, filter) }),
        Filter::Compare { column, .. } | Filter::In { column, .. } | Filter::Has { column, .. } => {
            let mut written = to_json(filter);
            let is_personal = table.column(column).is_none_or(|column| column.personal);
            if let Some(said) = written.as_object_mut().filter(|_| is_personal) {
                let values = said
                    .iter_mut()
                    .filter(|(word, _)| matches!(word.as_str(), "value" | "in" | "has"));
                values.for_each(|(_, value)| *value = json!(UNTOLD));
            }
            written
        }
        Filter::All | Filter::IsNull(_) | Filter::IsNotNull(_) => to_json(filter),
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
    fn a_filter_is_told_without_what_it_says_of_people() {
        let records = catalog::table("yclients_records").unwrap();
        let phone = |value: &str| json!({"column": "client_phone", "is": "equal", "value": value});
        let written = |phone: Json| {
            json!({"or": [
                {"column": "staff_id", "in": [1, 2]},
                {"not": {"and": [phone, {"null": "client_phone"}]}},
            ]})
        };
        let filter = from_json(records, &written(phone("+79161234567"))).unwrap();
        assert_eq!(told(records, &filter), written(phone("…")));
        let among = json!({"column": "client_phone", "in": ["+79161234567"]});
        let among = from_json(records, &among).unwrap();
        let shown = json!({"column": "client_phone", "in": "…"});
        assert_eq!(told(records, &among), shown);
        let ids: Vec<i64> = (100_000..101_000).collect();
        let long = from_json(records, &json!({"column": "staff_id", "in": ids})).unwrap();
        assert_eq!(told(records, &long), json!("…"));
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
            (json!({}), "{} is no condition"),
            (json!(["staff_id"]), "no condition"),
            (json!({"staff_id": 5}), "no condition"),
            (json!({"column": 5, "has": 5}), "no condition"),
            (json!({"and": [], "or": []}), "“or”"),
            (
                json!({"column": "staff_id", "is": "equal", "value": 5, "or": []}),
                "“or”",
            ),
            (json!({"column": "staff_id", "in": [1], "has": 5}), "“has”"),
            (json!({"column": "staff_id", "is": "equal"}), "staff_id"),
        ] {
            let problem = from_json(records, &written).unwrap_err().to_string();
            assert!(problem.contains(named), "{problem}");
        }
        let mut deep = json!("all");
        for _ in 0..20 {
            deep = json!({ "not": deep });
        }
        let problem = from_json(records, &deep).unwrap_err().to_string();
        assert!(problem.contains("16 deep"), "{problem}");
    }
}
