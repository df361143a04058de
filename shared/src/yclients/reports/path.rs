use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::yclients::streams::is_positions;

/// The most steps of a path.
const MOST_STEPS: usize = 16;
/// The longest name of a field, in bytes.
const LONGEST_NAME: usize = 100;

/// Where something stands in a record: names of fields with points between, `[]` after a name for each element of the
/// array there. `client.phone`, `services[].cost`. The record itself is `.`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(Vec<Step>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The field of this name.
    Field(String),
    /// Each element of the array.
    Each,
}

/// What stands at a path of a record.
#[derive(Debug, PartialEq)]
pub(super) struct Look<'j> {
    /// The values there, nulls included; none where a field is missing.
    pub found: Vec<&'j Json>,
    /// What stands on the way in another shape than the path says: a text in the place of an object, an object in that of an
    /// array. What would be found behind it is not known.
    pub amiss: Vec<&'j Json>,
}

/// A text that is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no path: names of fields with points between, [] after an array, as in services[].cost"
)]
pub struct PathError(pub String);

impl Path {
    /// The record itself.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// Its steps.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether it leads to many places.
    pub fn is_many(&self) -> bool {
        self.0.contains(&Step::Each)
    }

    /// Whether it is the record itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// This path and then that one.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// This path and one step more.
    #[must_use]
    pub fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// What is left of it after that path; `None` when it does not begin with it.
    pub fn after(&self, other: &Self) -> Option<Self> {
        let rest = self.0.strip_prefix(other.0.as_slice())?;
        Some(Self(rest.to_vec()))
    }

    /// The name of the last field.
    pub fn last_name(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Each => None,
        })
    }

    /// What stands at the path, and what stands in its way.
    pub(super) fn look<'j>(&self, record: &'j Json) -> Look<'j> {
        let mut found = vec![record];
        let mut amiss = Vec::new();
        for step in &self.0 {
            let mut next = Vec::with_capacity(found.len());
            for value in found {
                match (step, value) {
                    (Step::Field(name), Json::Object(fields))
                        if fields.contains_key(name)
                            || is_number(name)
                            || !is_gapped_array(fields) =>
                    {
                        next.extend(fields.get(name));
                    }
                    (Step::Field(_), value) if is_nothing(value) => {}
                    (Step::Field(_), value) => amiss.push(value),
                    (Step::Each, value) => match elements(value) {
                        Some(items) => next.extend(items),
                        None => amiss.push(value),
                    },
                }
            }
            found = next;
        }
        Look { found, amiss }
    }
}

/// The elements of a list in whichever shape it came; `None` where it is none. An array whose positions have gaps comes as an
/// object that names them, an empty one as null, an empty object or text too (facts: §4).
pub(super) fn elements(value: &Json) -> Option<Vec<&Json>> {
    match value {
        Json::Array(items) => Some(items.iter().collect()),
        Json::Object(fields) if is_positions(fields.keys()) => {
            let mut items: Vec<_> = fields.iter().collect();
            items.sort_by_key(|(position, _)| (position.len(), *position));
            Some(items.into_iter().map(|(_, item)| item).collect())
        }
        value => is_nothing(value).then(Vec::new),
    }
}

/// Whether an object is an array whose positions have gaps, and not values by their codes, which may be numbers too: custom fields
/// come as `{"12": "x"}` (facts: §2.2, §4). Codes begin at 1, and plain values stand behind them.
pub(super) fn is_gapped_array(fields: &Map<String, Json>) -> bool {
    let is_plain = |value: &Json| !value.is_array() && !value.is_object();
    let are_codes = !fields.contains_key("0") && fields.values().all(is_plain);
    is_positions(fields.keys()) && !are_codes
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the vendor says so that there is no object, or no list, there.
fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str(".");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if position == 0 => formatter.write_str(name)?,
                Step::Field(name) => write!(formatter, ".{name}")?,
                Step::Each => formatter.write_str("[]")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let refuse = || PathError(text.chars().take(200).collect());
        if text == "." {
            return Ok(Self::root());
        }
        let mut steps = Vec::new();
        for part in text.split('.') {
            let name = part.trim_end_matches("[]");
            let plain = name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
            let leads_on = !name.is_empty() || (steps.is_empty() && !part.is_empty());
            if !plain || !leads_on || name.len() > LONGEST_NAME {
                return Err(refuse());
            }
            if !name.is_empty() {
                steps.push(Step::Field(name.to_owned()));
            }
            let arrays = (part.len() - name.len()) / 2;
            steps.extend(std::iter::repeat_n(Step::Each, arrays));
        }
        if steps.len() > MOST_STEPS {
            return Err(refuse());
        }
        Ok(Self(steps))
    }
}

impl TryFrom<String> for Path {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_read_back_and_lead_to_what_is_there() {
        let record = json!({ "client": { "phone": "1" }, "services": [{ "cost": 5 }, { "cost": null }, {}], "staff": [] });
        let found = |text: &str| {
            let path: Path = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
            let look = path.look(&record);
            let found: Vec<Json> = look.found.into_iter().cloned().collect();
            (found, look.amiss.len())
        };
        assert_eq!(found("client.phone"), (vec![json!("1")], 0));
        assert_eq!(found("services[].cost"), (vec![json!(5), Json::Null], 0));
        for nothing in ["staff.name", "staff[]", "nothing[].at.all"] {
            assert_eq!(found(nothing), (vec![], 0), "{nothing}");
        }
        for amiss in ["services.cost", "client.phone.code", "client[]"] {
            assert_eq!(found(amiss), (vec![], 1), "{amiss}");
        }
        assert_eq!(found("."), (vec![record.clone()], 0));
    }

    #[test]
    fn an_array_with_gaps_is_an_array_in_the_order_of_its_positions() {
        let record = json!({ "services": { "10": { "id": 3 }, "0": { "id": 1 }, "2": { "id": 2 } }, "none": {} });
        let ids: Path = "services[].id".parse().unwrap();
        let look = ids.look(&record);
        assert_eq!(look.found, [&json!(1), &json!(2), &json!(3)]);
        assert!(look.amiss.is_empty());
        let of_one: Path = "services.id".parse().unwrap();
        assert_eq!(of_one.look(&record).amiss.len(), 1, "it is no object");
        let by_name: Path = "services.10.id".parse().unwrap();
        assert_eq!(by_name.look(&record).found, [&json!(3)]);
        assert_eq!(elements(&record["none"]), Some(vec![]));
        assert_eq!(elements(&json!({ "id": 1 })), None);
        assert_eq!(elements(&json!("1")), None);
    }

    #[test]
    fn values_by_codes_that_are_numbers_are_fields_of_which_one_may_be_missing() {
        let record = json!({ "custom_fields": { "12": "x" }, "services": { "2": { "id": 1 } } });
        for missing in [
            "custom_fields.13",
            "custom_fields.gender",
            "custom_fields.13.code",
            "services.3.id",
        ] {
            let path: Path = missing.parse().unwrap();
            let nothing = Look {
                found: vec![],
                amiss: vec![],
            };
            assert_eq!(path.look(&record), nothing, "{missing}");
        }
        let one: Path = "custom_fields.12".parse().unwrap();
        assert_eq!(one.look(&record).found, [&json!("x")]);
        let of_one: Path = "services.id".parse().unwrap();
        assert_eq!(of_one.look(&record).amiss.len(), 1);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            "a..b",
            ".a",
            "a.",
            "a b",
            "a;drop table x",
            "a[0]",
            "a'",
            "[",
            "a.[]",
            "\"a\"",
        ] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
        assert!("[].id".parse::<Path>().is_ok());
        assert!(vec!["a"; 17].join(".").parse::<Path>().is_err());
    }
}
