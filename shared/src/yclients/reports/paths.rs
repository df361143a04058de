use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use wynos_base::exact;

use super::{FieldType, Path, Step};

/// The most paths remembered of one kind of record; the vendor's records have some hundred.
const MOST_PATHS: usize = 2_000;
/// Fields nested deeper than this are one JSON value.
const DEEPEST: usize = 8;
/// Digits after the point that a sample may show, and that a column then keeps.
const MOST_DIGITS: u32 = 6;

/// Every path of some records, with what was met there: from this, fields are chosen, paths checked and types inferred. It
/// holds no values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Paths(BTreeMap<Path, Met>);

/// What was met at a path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// How often there was a value that was not null.
    pub values: u64,
    /// How many of them each kind of value was.
    pub kinds: BTreeMap<Kind, u64>,
    /// The most digits after the point of a number.
    #[serde(default)]
    pub digits: u32,
}

/// What kind of value something is, as far as that decides which types it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// True or false.
    Flag,
    /// The number 0 or 1, or a text that says so.
    Bit,
    /// A whole number.
    Integer,
    /// A text that is a whole number.
    IntegerText,
    /// Another number.
    Number,
    /// A text that is another number.
    NumberText,
    /// A text that is a day.
    Day,
    /// A text that is a moment.
    Moment,
    /// An empty text.
    Empty,
    /// Any other text.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Paths {
    /// Adds the paths of one record.
    pub fn add(&mut self, record: &Json) {
        self.walk(&Path::root(), record, 0);
    }

    /// What was met at a path.
    pub fn get(&self, path: &Path) -> Option<&Met> {
        self.0.get(path)
    }

    /// Every path, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Met)> {
        self.0.iter()
    }

    /// Whether no record was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Paths that are here and not there.
    pub fn beyond<'p>(&'p self, other: &'p Self) -> impl Iterator<Item = &'p Path> {
        self.0.keys().filter(|path| !other.0.contains_key(path))
    }

    /// Adds what was met elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (path, met) in &other.0 {
            if self.0.len() >= MOST_PATHS && !self.0.contains_key(path) {
                continue;
            }
            let here = self.0.entry(path.clone()).or_default();
            here.values += met.values;
            here.digits = here.digits.max(met.digits);
            for (kind, count) in &met.kinds {
                *here.kinds.entry(*kind).or_default() += count;
            }
        }
    }

    /// Adds paths that are not here yet, with what was met there.
    pub fn adopt(&mut self, other: &Self) {
        for (path, met) in &other.0 {
            if self.0.len() >= MOST_PATHS {
                return;
            }
            self.0.entry(path.clone()).or_insert_with(|| met.clone());
        }
    }

    /// The known path that looks most like one that is not.
    pub fn nearest(&self, path: &Path) -> Option<&Path> {
        let wanted = path.to_string();
        let likeness = |known: &&Path| {
            let known = known.to_string();
            let same_start = known
                .chars()
                .zip(wanted.chars())
                .take_while(|(a, b)| a == b)
                .count();
            let same_end = known
                .chars()
                .rev()
                .zip(wanted.chars().rev())
                .take_while(|(a, b)| a == b)
                .count();
            same_start + same_end
        };
        self.0
            .keys()
            .filter(|known| !known.is_root())
            .max_by_key(likeness)
            .filter(|known| likeness(known) > 2)
    }

    fn walk(&mut self, path: &Path, value: &Json, depth: usize) {
        if self.0.len() >= MOST_PATHS && !self.0.contains_key(path) {
            return;
        }
        let met = self.0.entry(path.clone()).or_default();
        met.see(value);
        if depth >= DEEPEST {
            return;
        }
        match value {
            Json::Object(fields) => {
                for (name, value) in fields {
                    let field = path.with(Step::Field(name.clone()));
                    // A name that no path can be written with stays inside its object.
                    if field.to_string().parse::<Path>().as_ref() == Ok(&field) {
                        self.walk(&field, value, depth + 1);
                    }
                }
            }
            Json::Array(items) => {
                for item in items {
                    self.walk(&path.with(Step::Each), item, depth + 1);
                }
            }
            _ => {}
        }
    }
}

impl Met {
    fn see(&mut self, value: &Json) {
        let Some(kind) = Kind::of(value) else { return };
        self.values += 1;
        *self.kinds.entry(kind).or_default() += 1;
        if matches!(kind, Kind::Number | Kind::NumberText) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), |text| digits_of(text).to_owned());
            let digits = text
                .parse::<rust_decimal::Decimal>()
                .map_or(0, |number| number.normalize().scale());
            self.digits = self.digits.max(digits.min(MOST_DIGITS));
        }
    }

    /// Whether any value that was met fits the type; a place where only nulls were met fits all.
    pub fn fits(&self, ty: FieldType) -> bool {
        self.kinds.is_empty() || self.kinds.keys().any(|kind| kind.fits(ty))
    }

    /// The type that takes all that was met, for a column at this path.
    pub fn infer(&self, path: &Path) -> FieldType {
        let all = |kinds: &[Kind]| {
            let mut met = self
                .kinds
                .keys()
                .filter(|kind| **kind != Kind::Empty)
                .peekable();
            met.peek().is_some() && met.all(|kind| kinds.contains(kind))
        };
        let is_id = path
            .last_name()
            .is_some_and(|name| name == "id" || name.ends_with("_id"));
        let has = |kind| self.kinds.contains_key(&kind);
        // Whole numbers that stand as texts in some records are numbers where any record has one; texts alone may be codes.
        let are_whole = is_id || has(Kind::Integer) || has(Kind::Bit);
        if all(&[Kind::Flag]) {
            FieldType::Boolean
        } else if are_whole && all(&[Kind::Bit, Kind::Integer, Kind::IntegerText]) {
            FieldType::Integer
        } else if (has(Kind::Number) || has(Kind::NumberText))
            && all(&[
                Kind::Bit,
                Kind::Integer,
                Kind::IntegerText,
                Kind::Number,
                Kind::NumberText,
            ])
        {
            FieldType::Decimal(self.digits.max(2))
        } else if all(&[Kind::Day]) {
            FieldType::Date
        } else if all(&[Kind::Moment]) {
            FieldType::Timestamp
        } else if self.kinds.keys().all(|kind| kind.is_text()) {
            FieldType::Text
        } else {
            FieldType::Json
        }
    }
}

/// The digits of a number that only a text holds.
fn digits_of(text: &str) -> &str {
    exact::number(text).unwrap_or(text)
}

impl Kind {
    /// The kind of a value; `None` for null.
    fn of(value: &Json) -> Option<Self> {
        Some(match value {
            Json::Null => return None,
            Json::Bool(_) => Self::Flag,
            Json::Number(number) if matches!(number.as_i64(), Some(0 | 1)) => Self::Bit,
            Json::Number(number) if number.is_i64() => Self::Integer,
            Json::Number(_) => Self::Number,
            Json::Array(_) => Self::Array,
            Json::Object(_) => Self::Object,
            Json::String(text) if exact::number(text).is_some() => Self::Number,
            Json::String(text) if text.is_empty() || text.starts_with("0000-00-00") => Self::Empty,
            Json::String(_) => Self::of_text(value),
        })
    }

    fn of_text(value: &Json) -> Self {
        // Which zone it is in does not decide whether it is a moment.
        let reads = |ty: FieldType| ty.read(value, Tz::UTC).is_some();
        if reads(FieldType::Integer) {
            Self::IntegerText
        } else if reads(FieldType::Decimal(12))
            && value.as_str().is_some_and(|text| text.contains('.'))
        {
            Self::NumberText
        } else if reads(FieldType::Date) {
            Self::Day
        } else if reads(FieldType::Timestamp) {
            Self::Moment
        } else {
            Self::Text
        }
    }

    const fn is_text(self) -> bool {
        matches!(
            self,
            Self::IntegerText
                | Self::NumberText
                | Self::Day
                | Self::Moment
                | Self::Empty
                | Self::Text
        )
    }

    fn fits(self, ty: FieldType) -> bool {
        match ty {
            FieldType::Json => true,
            FieldType::Text => self.is_text(),
            FieldType::Integer => matches!(
                self,
                Self::Bit | Self::Integer | Self::IntegerText | Self::Empty
            ),
            FieldType::Decimal(_) => matches!(
                self,
                Self::Bit
                    | Self::Integer
                    | Self::IntegerText
                    | Self::Number
                    | Self::NumberText
                    | Self::Empty
            ),
            FieldType::Boolean => matches!(
                self,
                Self::Flag | Self::Bit | Self::IntegerText | Self::Empty
            ),
            FieldType::Date => matches!(self, Self::Day | Self::Empty),
            FieldType::Timestamp => matches!(self, Self::Moment | Self::Empty),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> Paths {
        let mut paths = Paths::default();
        paths.add(&json!({
            "id": "7", "visit_id": 12, "online": true, "paid_full": 1, "length": 3600, "duration": 2700, "flag": "1", "cost": "1000.00", "amount": 2,
            "date": "2019-01-16 16:00:00", "day": "2019-01-16", "phone": "79996373955", "name": "Ола", "staff": [],
            "birth": "", "services": [{ "id": 1, "cost": 5.5 }, { "id": 2, "title": "x" }], "comment": null, "a b": 1,
            "client": { "id": 5 },
        }));
        paths.add(&json!({ "id": "8", "amount": 1.125, "staff": { "id": 9 }, "birth": "1970-01-01", "name": 5, "duration": "3600", "flag": 0 }));
        paths
    }

    #[test]
    fn types_are_inferred_from_what_was_met() {
        let paths = sample();
        let infer = |text: &str| {
            let path: Path = text.parse().unwrap();
            paths.get(&path).unwrap().infer(&path).to_string()
        };
        let expected = [
            ("id", "integer"),
            ("visit_id", "integer"),
            ("online", "boolean"),
            ("paid_full", "integer"),
            ("length", "integer"),
            ("duration", "integer"),
            ("flag", "integer"),
            ("cost", "decimal(2)"),
            ("amount", "decimal(3)"),
            ("date", "timestamp"),
            ("day", "date"),
            ("birth", "date"),
            ("phone", "text"),
            ("name", "json"),
            ("staff", "json"),
            ("services", "json"),
            ("services[].cost", "decimal(2)"),
            ("comment", "text"),
            ("client.id", "integer"),
        ];
        for (path, ty) in expected {
            assert_eq!(infer(path), ty, "{path}");
        }
        assert!(!paths.iter().any(|(path, _)| path.to_string().contains(' ')));
    }

    #[test]
    fn new_paths_are_told_and_near_ones_suggested() {
        let mut more = sample();
        more.add(&json!({ "tip": 5, "client": { "vip": true } }));
        let known = sample();
        let new: Vec<_> = more.beyond(&known).map(ToString::to_string).collect();
        assert_eq!(new, ["client.vip", "tip"]);
        let near = |text: &str| {
            known
                .nearest(&text.parse().unwrap())
                .map(ToString::to_string)
        };
        assert_eq!(near("servises[].cost").as_deref(), Some("services[].cost"));
        assert_eq!(near("q"), None);
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<Paths>(&text).unwrap(), known);
        assert!(!text.contains("Ола"), "no values are kept");
    }
}
