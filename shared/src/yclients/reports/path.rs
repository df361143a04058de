use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

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

    /// What stands at the path; nothing where a field is missing, or the place has another shape. An empty array in the
    /// place of an object is how the vendor says that there is none.
    pub fn find<'j>(&self, record: &'j Json) -> Vec<&'j Json> {
        let mut found = vec![record];
        for step in &self.0 {
            found = match step {
                Step::Field(name) => found.iter().filter_map(|value| value.get(name)).collect(),
                Step::Each => found
                    .iter()
                    .filter_map(|value| value.as_array())
                    .flatten()
                    .collect(),
            };
        }
        found
    }

    /// The one thing at the path: `None` where there is none or null, an array of all where the path leads to many.
    pub fn value(&self, record: &Json) -> Option<Json> {
        let found = self.find(record);
        if self.is_many() {
            return Some(Json::Array(found.into_iter().cloned().collect()));
        }
        found
            .into_iter()
            .next()
            .filter(|value| !value.is_null())
            .cloned()
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
        let value = |text: &str| {
            let path: Path = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
            path.value(&record)
        };
        assert_eq!(value("client.phone"), Some(json!("1")));
        assert_eq!(value("services[].cost"), Some(json!([5, null])));
        assert_eq!(value("staff.name"), None);
        assert_eq!(value("services.cost"), None);
        assert_eq!(value("."), Some(record.clone()));
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
