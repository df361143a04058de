use std::cmp::Ordering;

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use wynos_base::exact;

use super::{
    ColumnShape, Condition, FieldType, Path, Source, TableShape,
    shape::{Test, variant_name},
};
use crate::warehouse::Value;

/// A record of the vendor, and what is known of it beside its content.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// What tells it apart among those of its kind and source.
    pub key: &'a str,
    /// The day it belongs to, in the branch's zone.
    pub day: Option<NaiveDate>,
    /// Its content.
    pub body: &'a Json,
    /// The ids of the clients of whom it speaks, with a space between; `None` where it speaks of nobody.
    pub people: Option<&'a str>,
}

/// The rows that come out of a record for one table, in the order of the table's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The rows.
    pub rows: Vec<Vec<Value>>,
    /// Values that fit neither their column nor a variant of it: the rows hold null in their place.
    pub misfits: Vec<Misfit>,
    /// Rows left out because a part of their key, or of that of a row above, is null or does not fit.
    pub keyless: u64,
    /// Where something else stands than the rows are to come from, or in the way of a condition or a key: which rows there are
    /// is not known then, and none is told.
    pub unread: Option<Path>,
}

/// A value that does not fit its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The column.
    pub column: String,
    /// The type of the variant column that would take it.
    pub variant: FieldType,
}

/// What one row is made of.
struct Place<'p, 'j> {
    record: &'j Json,
    row: &'j Json,
    line: i64,
    parent: Option<&'p Place<'p, 'j>>,
}

/// Goes down from the record to the rows, level by level, and numbers the rows of each.
struct Walk<'s, 'v> {
    shape: &'s TableShape,
    lines: Vec<i64>,
    visit: &'v mut dyn FnMut(&Place<'_, '_>),
    /// The first place where something else stands than the shape says.
    unread: Option<Path>,
}

impl Walk<'_, '_> {
    fn down(&mut self, level: usize, parent: Option<&Place<'_, '_>>, record: &Json) {
        let shape = self.shape;
        let ancestor = shape.lineage.get(level);
        let (rows, conditions) = match ancestor {
            Some(ancestor) => (&ancestor.rows, &ancestor.conditions),
            None => (&shape.rows, &shape.conditions),
        };
        let look = rows.look(parent.map_or(record, |parent| parent.row));
        if !look.amiss.is_empty() {
            self.unread.get_or_insert_with(|| shape.rows_at(level));
            return;
        }
        for row in look.found {
            let Some(line) = self.lines.get_mut(level) else {
                return;
            };
            *line += 1;
            let place = Place {
                record,
                row,
                line: *line,
                parent,
            };
            let mut is_met = true;
            for condition in conditions {
                let held = condition.source.held(&place);
                if held.amiss.is_some() {
                    let unread = || shape.place_of(level, &condition.source);
                    self.unread.get_or_insert_with(unread);
                    return;
                }
                is_met &= condition.is_met(held.value);
            }
            if !is_met {
                continue;
            }
            if ancestor.is_some() {
                self.down(level + 1, Some(&place), record);
            } else {
                (self.visit)(&place);
            }
        }
    }
}

impl TableShape {
    /// The rows that come out of a record. Nothing but the arguments decides.
    pub fn evaluate(&self, record: &Record<'_>, zone: Tz) -> Evaluated {
        let mut evaluated = Evaluated {
            rows: Vec::new(),
            misfits: Vec::new(),
            keyless: 0,
            unread: None,
        };
        let mut visit = |place: &Place<'_, '_>| self.add_row(record, place, zone, &mut evaluated);
        let mut walk = Walk {
            shape: self,
            lines: vec![0; self.lineage.len() + 1],
            visit: &mut visit,
            unread: None,
        };
        walk.down(0, None, record.body);
        match walk.unread.or_else(|| evaluated.unread.take()) {
            None => evaluated,
            unread => Evaluated {
                rows: Vec::new(),
                misfits: Vec::new(),
                keyless: 0,
                unread,
            },
        }
    }

    /// Where a source of rows at a level looks, seen from the record.
    fn place_of(&self, level: usize, source: &Source) -> Path {
        match source {
            Source::Row(path) => self.rows_at(level).join(path),
            Source::Record(path) => path.clone(),
            Source::Line => self.rows_at(level),
            Source::Parent(source) => self.place_of(level.saturating_sub(1), source),
        }
    }

    fn add_row(
        &self,
        record: &Record<'_>,
        place: &Place<'_, '_>,
        zone: Tz,
        evaluated: &mut Evaluated,
    ) {
        let mut values = vec![
            Value::Text(record.key.to_owned()),
            Value::Integer(place.line),
            record.day.into(),
        ];
        let mut whole_key = true;
        for column in &self.columns {
            let (value, misfit) = column.read(place, zone);
            // Without the key of the row above, which was left out for that, this one would belong to nothing.
            let is_key = column.key || matches!(column.source, Source::Parent(_));
            if is_key && value == Value::Null {
                whole_key = false;
                // Which row it is stands behind that: it is not known that there is none.
                if column.source.held(place).amiss.is_some() {
                    let unread = || self.place_of(self.lineage.len(), &column.source);
                    evaluated.unread.get_or_insert_with(unread);
                }
            }
            values.push(value);
            let mut taken = false;
            for variant in &column.variants {
                let takes = misfit.as_ref().filter(|(ty, _)| ty == variant);
                taken |= takes.is_some();
                values.push(takes.map_or(Value::Null, |(ty, value)| ty.as_variant(value)));
            }
            if let (false, Some((variant, _))) = (taken, misfit) {
                evaluated.misfits.push(Misfit {
                    column: column.name.clone(),
                    variant,
                });
            }
        }
        if whole_key {
            evaluated.rows.push(values);
        } else {
            evaluated.keyless += 1;
        }
    }
}

impl ColumnShape {
    /// The column's value, and what was there where it does not fit.
    fn read(&self, place: &Place<'_, '_>, zone: Tz) -> (Value, Option<(FieldType, Json)>) {
        let Held { value, amiss } = self.source.held(place);
        let amiss = amiss.map(|amiss| (FieldType::variant_for(&amiss), amiss));
        let default = self.default.clone().filter(|_| amiss.is_none());
        let Some(found) = value.or(default) else {
            return (Value::Null, amiss);
        };
        // The vendor writes an empty array where there is no object.
        let nothing = self.ty != FieldType::Json && found.as_array().is_some_and(Vec::is_empty);
        if nothing {
            let default = self
                .default
                .as_ref()
                .and_then(|default| self.ty.read(default, zone));
            return (default.unwrap_or(Value::Null), amiss);
        }
        match self.ty.read(&found, zone) {
            Some(value) => (value, amiss),
            None => (Value::Null, Some((FieldType::variant_for(&found), found))),
        }
    }

    /// The name of its variant of that type.
    pub fn variant_name(&self, variant: FieldType) -> String {
        variant_name(&self.name, variant)
    }
}

/// What a source comes to in a place.
#[derive(Debug, Default)]
struct Held {
    /// What stands there: `None` where it is nothing or null, an array of all where the path leads to many.
    value: Option<Json>,
    /// What stands in the way of it in another shape than the path says.
    amiss: Option<Json>,
}

impl Held {
    fn at(path: &Path, of: &Json) -> Self {
        let look = path.look(of);
        let list = |values: &[&Json]| values.iter().map(|value| (*value).clone()).collect();
        let amiss = match look.amiss.as_slice() {
            [] => None,
            [one] => Some((*one).clone()),
            many => Some(Json::Array(list(many))),
        };
        let value = if path.is_many() {
            // Where nothing is found for what stands in the way, it is not known that there is nothing.
            let is_known = amiss.is_none() || !look.found.is_empty();
            is_known.then(|| Json::Array(list(&look.found)))
        } else {
            let first = look.found.first().filter(|value| !value.is_null());
            first.map(|value| (*value).clone())
        };
        Self { value, amiss }
    }
}

impl Source {
    fn held(&self, place: &Place<'_, '_>) -> Held {
        match self {
            Self::Row(path) => Held::at(path, place.row),
            Self::Record(path) => Held::at(path, place.record),
            Self::Line => Held {
                value: Some(place.line.into()),
                amiss: None,
            },
            Self::Parent(source) => place
                .parent
                .map_or_else(Held::default, |parent| source.held(parent)),
        }
    }
}

impl Condition {
    /// Whether what was found is what must be there.
    fn is_met(&self, found: Option<Json>) -> bool {
        let found = found.unwrap_or(Json::Null);
        match &self.test {
            Test::OneOf(values) => values.iter().any(|value| equal(&found, value)),
            Test::NoneOf(values) => !values.iter().any(|value| equal(&found, value)),
            Test::Above(value) => compare(&found, value) == Some(Ordering::Greater),
            Test::Below(value) => compare(&found, value) == Some(Ordering::Less),
            Test::Empty => is_empty(&found),
            Test::NotEmpty => !is_empty(&found),
        }
    }
}

/// Whether two values say the same: numbers by what they are worth, however they are written, and `1` as true.
fn equal(found: &Json, value: &Json) -> bool {
    let flag = |value: &Json| match value {
        Json::Bool(flag) => Some(*flag),
        Json::Number(number) if number.as_i64() == Some(1) => Some(true),
        Json::Number(number) if number.as_i64() == Some(0) => Some(false),
        _ => None,
    };
    let flags = (found.is_boolean() || value.is_boolean()).then(|| flag(found).zip(flag(value)));
    match flags.flatten() {
        Some((found, value)) => found == value,
        None => found == value || compare(found, value) == Some(Ordering::Equal),
    }
}

fn compare(found: &Json, value: &Json) -> Option<Ordering> {
    let number = |value: &Json| match value {
        Json::Number(number) => number.to_string().parse::<Decimal>().ok(),
        Json::String(text) => exact::number(text).unwrap_or(text).parse().ok(),
        _ => None,
    };
    if let Some((found, value)) = number(found).zip(number(value)) {
        return Some(found.cmp(&value));
    }
    let texts = found.as_str().zip(value.as_str());
    texts.map(|(found, value)| found.cmp(value))
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}
