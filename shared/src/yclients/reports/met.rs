use std::collections::BTreeMap;

use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use wynos_base::exact;

use super::{FieldType, Path, field_type::MOST_DIGITS, path::is_gapped_array};

/// Digits after the point that a number may show, and that a column then keeps: more are those of its binary form.
const MOST_OF_A_NUMBER: u32 = 6;

/// What was met at a path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// How often there was a value that was not null.
    pub values: u64,
    /// How many of them each kind of value was.
    pub kinds: BTreeMap<Kind, u64>,
    /// The most digits after the point of a number, as far as it can be known how it was sent.
    #[serde(default)]
    pub digits: u32,
    /// How many of the texts say yes or no: `0`, `1`, `false`, `true`.
    #[serde(default)]
    pub flags: u64,
}

/// What kind of value something is, as far as that decides which types it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// True or false.
    Flag,
    /// The number 0 or 1; a text that says so is [`Kind::IntegerText`].
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

impl Met {
    /// Adds one value.
    pub(super) fn see(&mut self, value: &Json) {
        let Some(kind) = Kind::of(value) else { return };
        self.values += 1;
        *self.kinds.entry(kind).or_default() += 1;
        self.flags += u64::from(says_yes_or_no(value));
        let digits = match kind {
            // A text has every digit that was sent: zeros at its end say how exact others may be.
            Kind::NumberText => number_in(value).map(|number| number.scale().min(MOST_DIGITS)),
            Kind::Number => {
                let number = number_in(value);
                number.map(|number| number.normalize().scale().min(MOST_OF_A_NUMBER))
            }
            _ => None,
        };
        self.digits = self.digits.max(digits.unwrap_or(0));
    }

    /// Whether any value that was met fits the type; a place where only nulls were met fits all.
    pub fn fits(&self, ty: FieldType) -> bool {
        // Texts that say yes or no are of no kind of their own.
        let says_so = ty == FieldType::Boolean && self.flags > 0;
        self.kinds.is_empty() || says_so || self.kinds.keys().any(|kind| kind.fits(ty))
    }

    /// The type for a column at this path, of which the catalog may declare one: that, where all that was met fits it, with no
    /// fewer digits than were sent.
    pub(super) fn infer_declared(&self, path: &Path, declared: Option<FieldType>) -> FieldType {
        let is_unmet = self.kinds.keys().all(|kind| *kind == Kind::Empty);
        let fits = |ty: FieldType| match ty {
            FieldType::Boolean => self.is_yes_or_no(),
            ty => self.kinds.keys().all(|kind| kind.fits(ty)),
        };
        match declared {
            Some(ty) if is_unmet => ty,
            // Anything fits it, and says nothing of what it is.
            Some(FieldType::Json) | None => self.infer(path),
            Some(FieldType::Decimal(digits)) if fits(FieldType::Decimal(digits)) => {
                FieldType::Decimal(digits.max(self.digits))
            }
            Some(ty) if fits(ty) => ty,
            Some(_) => self.infer(path),
        }
    }

    /// The type that takes all that was met, for a column at this path.
    pub fn infer(&self, path: &Path) -> FieldType {
        let all = |kinds: &[Kind]| self.are_all(kinds);
        let is_id = path
            .last_name()
            .is_some_and(|name| name == "id" || name.ends_with("_id"));
        let has = |kind| self.kinds.contains_key(&kind);
        // Whole numbers that stand as texts in some records are numbers where any record has one; texts alone may be codes.
        let are_whole = is_id || has(Kind::Integer) || has(Kind::Bit);
        if has(Kind::Flag) && self.is_yes_or_no() {
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

    /// Whether all that was met says yes or no, in whatever form.
    fn is_yes_or_no(&self) -> bool {
        let count = |kind| self.kinds.get(&kind).copied().unwrap_or(0);
        let texts_are_flags = count(Kind::IntegerText) + count(Kind::Text) == self.flags;
        texts_are_flags && self.are_all(&[Kind::Flag, Kind::Bit, Kind::IntegerText, Kind::Text])
    }

    /// Whether something but empty texts was met, and all of that is of these kinds.
    fn are_all(&self, kinds: &[Kind]) -> bool {
        let mut met = self
            .kinds
            .keys()
            .filter(|kind| **kind != Kind::Empty)
            .peekable();
        met.peek().is_some() && met.all(|kind| kinds.contains(kind))
    }
}

/// The number that a value is, or that its text says.
fn number_in(value: &Json) -> Option<Decimal> {
    match value {
        Json::Number(number) => number.to_string().parse().ok(),
        Json::String(text) => exact::number(text).unwrap_or(text).parse().ok(),
        _ => None,
    }
}

fn says_yes_or_no(value: &Json) -> bool {
    matches!(value.as_str(), Some("0" | "1" | "false" | "true"))
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
            Json::Object(fields) if is_gapped_array(fields) => Self::Array,
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
