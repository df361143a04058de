use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::{
    ImportError,
    finding::{At, Finding, Severity},
    ledger::Ledger,
    secrets::{Custody, Stored},
    shape::{Custom, List, Shape},
};
use crate::warehouse::{Row, Value, ValueRef};

/// Looks at one row after the other: whether what it refers to is there, which ids change because rows were joined, and
/// how its secret values are kept.
pub(super) struct Judge<'a> {
    ledger: &'a Ledger,
    custody: Custody<'a>,
    /// Ids that neither the file nor the warehouse has.
    nowhere: BTreeMap<String, BTreeSet<String>>,
    /// Ids that the warehouse is still to be asked for.
    pub unasked: BTreeMap<String, BTreeSet<String>>,
    pub findings: Vec<Finding>,
}

/// What becomes of a row.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Values that come in instead of the row's own, by position, in ascending order.
    pub edits: Vec<(usize, Value)>,
    /// Whether the row stays out.
    pub rejected: bool,
}

/// Where a reference leads.
enum Led {
    /// To the row that it names.
    There,
    /// To the row that the named one was joined with.
    Elsewhere(String),
    Nowhere,
}

impl<'a> Judge<'a> {
    pub fn new(ledger: &'a Ledger, custody: Custody<'a>) -> Self {
        Self {
            ledger,
            custody,
            nowhere: BTreeMap::new(),
            unasked: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// Takes every id that was asked for and is still not known as being nowhere.
    pub fn asked(&mut self) {
        for (table, ids) in std::mem::take(&mut self.unasked) {
            self.nowhere.entry(table).or_default().extend(ids);
        }
        self.findings.clear();
    }

    /// Judges a row that will have this id. While [`Self::unasked`] holds anything afterwards, the judgement is not final.
    pub fn judge(
        &mut self,
        shape: &Shape,
        row: Row<'_>,
        id: &str,
        at: At<'_>,
        stored: Option<&Stored>,
    ) -> Result<Judged, ImportError> {
        let mut judged = Judged::default();
        for reference in &shape.references {
            let Some(named) = row.get(reference.position).as_str() else {
                continue;
            };
            match self.follow(&reference.target, named)? {
                Led::There => {}
                Led::Elsewhere(local) => {
                    judged.edits.push((reference.position, Value::Text(local)))
                }
                Led::Nowhere => {
                    judged.rejected |= reference.required;
                    let finding = self.dangling(shape, at, reference.required, &reference.target);
                    self.findings
                        .push(finding.field(reference.name.as_str()).found(named));
                    judged.edits.push((reference.position, Value::Null));
                }
            }
        }
        for list in &shape.lists {
            let kept = stored.and_then(|stored| stored.lists.get(&list.name));
            if let Some(text) = row.get(list.position).as_str()
                && let Some(edited) = self.list(shape, list, text, id, at, kept)?
            {
                judged.edits.push((list.position, Value::Json(edited)));
            }
        }
        if let Some(custom) = &shape.custom {
            let kept = stored.map(|stored| &stored.values);
            let text = row.get(custom.position).as_str();
            if let Some(edited) = self.custom_column(shape, custom, text, id, at, kept)? {
                judged.edits.push((custom.position, edited));
            }
        }
        judged.edits.sort_by_key(|(position, _)| *position);
        Ok(judged)
    }

    fn custom_column(
        &mut self,
        shape: &Shape,
        custom: &Custom,
        text: Option<&str>,
        id: &str,
        at: At<'_>,
        stored: Option<&Map<String, Json>>,
    ) -> Result<Option<Value>, ImportError> {
        if text.is_none() && !stored.is_some_and(|stored| self.custody.keeps_any(stored)) {
            return Ok(None);
        }
        let before = match text.map(serde_json::from_str::<Json>) {
            None => Map::new(),
            Some(Ok(Json::Object(values))) => values,
            Some(_) => {
                let finding = Finding::of(
                    Severity::Warning,
                    "custom_values_unreadable",
                    &shape.table.name,
                    &at,
                );
                self.findings.push(finding.field(custom.name.as_str()));
                return Ok(Some(Value::Null));
            }
        };
        let (after, changed) = self.custom_values(shape, &custom.name, before, id, at, stored)?;
        if !changed {
            return Ok(None);
        }
        let after = (!after.is_empty()).then(|| Value::Json(Json::Object(after).to_string()));
        Ok(Some(after.unwrap_or(Value::Null)))
    }

    /// The values with the ids of their fields as they are here and secret ones encrypted; whether that changed anything.
    fn custom_values(
        &mut self,
        shape: &Shape,
        path: &str,
        values: Map<String, Json>,
        id: &str,
        at: At<'_>,
        stored: Option<&Map<String, Json>>,
    ) -> Result<(Map<String, Json>, bool), ImportError> {
        let mut changed = false;
        let mut kept = Map::new();
        for (field, value) in values {
            let joined = self
                .ledger
                .joined("custom_fields", &field)?
                .map(|joined| joined.local_id);
            changed |= joined.is_some();
            let field = joined.unwrap_or(field);
            let Some(secret) = self.ledger.field(&field)? else {
                changed = true;
                let finding = self.dangling(shape, at, false, "custom_fields");
                self.findings.push(finding.field(path).found(&field));
                continue;
            };
            if !secret {
                kept.insert(field, value);
                continue;
            }
            changed = true;
            let before = stored
                .and_then(|stored| stored.get(&field))
                .and_then(Json::as_str);
            match self
                .custody
                .keep(&shape.table.name, id, &field, value.as_str(), before)
            {
                Ok(Some(sealed)) => {
                    kept.insert(field, Json::String(sealed));
                }
                Ok(None) => {}
                Err(_) => {
                    let finding =
                        Finding::of(Severity::Warning, "secret_not_kept", &shape.table.name, &at);
                    self.findings.push(finding.field(path).found(&field));
                }
            }
        }
        for (field, value) in stored.into_iter().flatten() {
            if !kept.contains_key(field) && self.custody.stays(value) {
                kept.insert(field.clone(), value.clone());
                changed = true;
            }
        }
        Ok((kept, changed))
    }

    fn list(
        &mut self,
        shape: &Shape,
        list: &List,
        text: &str,
        id: &str,
        at: At<'_>,
        stored: Option<&Vec<Map<String, Json>>>,
    ) -> Result<Option<String>, ImportError> {
        let Ok(Json::Array(records)) = serde_json::from_str::<Json>(text) else {
            return Ok(None);
        };
        let mut changed = false;
        let mut kept = Vec::with_capacity(records.len());
        for (index, record) in records.into_iter().enumerate() {
            let Json::Object(mut record) = record else {
                kept.push(record);
                continue;
            };
            let mut complete = true;
            for reference in &list.references {
                let Some(named) = record
                    .get(&reference.field)
                    .and_then(Json::as_str)
                    .map(str::to_owned)
                else {
                    continue;
                };
                match self.follow(&reference.target, &named)? {
                    Led::There => {}
                    Led::Elsewhere(local) => {
                        record.insert(reference.field.clone(), Json::String(local));
                        changed = true;
                    }
                    Led::Nowhere => {
                        complete &= !reference.required;
                        changed = true;
                        let finding = self.dangling(shape, at, false, &reference.target);
                        let field = format!("{}/{}", list.name, reference.field);
                        self.findings.push(finding.field(field).found(&named));
                        record.remove(&reference.field);
                    }
                }
            }
            if !complete {
                // What the list loses stays readable in the report.
                let finding =
                    Finding::of(Severity::Warning, "record_left_out", &shape.table.name, &at);
                let text = Json::Object(record).to_string();
                self.findings
                    .push(finding.field(list.name.as_str()).found(&text));
                continue;
            }
            if let Some(custom) = &list.custom
                && let Some(Json::Object(values)) = record.get(&custom.name).cloned()
            {
                let before = stored
                    .and_then(|records| records.get(index))
                    .and_then(|record| record.get(&custom.name))
                    .and_then(Json::as_object);
                let path = format!("{}/{}", list.name, custom.name);
                let (values, edited) = self.custom_values(shape, &path, values, id, at, before)?;
                changed |= edited;
                record.insert(custom.name.clone(), Json::Object(values));
            }
            kept.push(Json::Object(record));
        }
        Ok(changed.then(|| Json::Array(kept).to_string()))
    }

    fn follow(&mut self, table: &str, id: &str) -> Result<Led, ImportError> {
        let joined = self.ledger.joined(table, id)?.map(|joined| joined.local_id);
        let wanted = joined.as_deref().unwrap_or(id);
        if self.ledger.knows(table, wanted)? {
            return Ok(joined.map_or(Led::There, Led::Elsewhere));
        }
        if !self
            .nowhere
            .get(table)
            .is_some_and(|ids| ids.contains(wanted))
        {
            self.unasked
                .entry(table.to_owned())
                .or_default()
                .insert(wanted.to_owned());
        }
        Ok(Led::Nowhere)
    }

    fn dangling(&self, shape: &Shape, at: At<'_>, required: bool, target: &str) -> Finding {
        let (severity, code) = if required {
            (Severity::Error, "reference_missing")
        } else {
            (Severity::Warning, "reference_left_out")
        };
        Finding::of(severity, code, &shape.table.name, &at).expected(target)
    }
}

/// The row with its edits in place of its own values.
pub(super) fn edited<'v>(
    row: Row<'v>,
    edits: &'v [(usize, Value)],
) -> impl Iterator<Item = ValueRef<'v>> {
    let mut edits = edits.iter().peekable();
    row.values().enumerate().map(move |(position, value)| {
        match edits.next_if(|(edited, _)| *edited == position) {
            Some((_, value)) => value.as_ref(),
            None => value,
        }
    })
}
