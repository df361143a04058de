use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use super::{
    HookMessage,
    claims::{self, Contradiction},
    deletes,
    event::Event,
    hints, inbox,
    known::Known,
    merged::{Merged, Place, admit, append},
    parked::{self, Aside},
};
use crate::{
    SourceId,
    catalog::system,
    warehouse::{Row, Rows, ValueRef, Write},
    yclients::{
        decode::{Body, Context, Decoded},
        streams::{Stream, of_resource},
    },
};

/// The ends that events can come to, as they are counted: rows or hints, kept without a table, set aside as no use, waiting,
/// refused at a revoked address, of a table that is off, and of a source that is gone.
pub(super) const ENDS: &[&str] = &[
    "events",
    "kept",
    "parked",
    "waiting",
    "refused",
    "switched_off",
    "gone",
];

/// Reasons for keeping something that is as it should be and has no table.
const KEPT: &[&str] = &["no_table", "no_body"];

/// Resources that the vendor is known to send and that have no table (facts, section 3.2).
const WITHOUT_TABLE: &[&str] = &["loyalty_card", "schedule"];

/// What the events of one warehouse come to: everything that one load does.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    merged: Vec<Merged>,
    places: HashMap<Place, usize>,
    asides: Vec<Aside>,
    waiting: Vec<(HookMessage, String)>,
    deletes: BTreeMap<(SourceId, &'static str, i64), DateTime<Utc>>,
    hints: BTreeMap<(SourceId, &'static str, i64, bool), DateTime<Utc>>,
    /// Tables that bodies came of, with their sources.
    pub told: BTreeSet<(String, SourceId)>,
    /// Sources of which something is to be read again.
    pub hinted: BTreeSet<SourceId>,
    /// Sources whose events wait now.
    pub waits: BTreeSet<SourceId>,
    /// Per source: bodies that say they are of something else than their envelope, by ids alone.
    pub contradicted: BTreeMap<SourceId, Vec<String>>,
    /// Per source: how many events came to which end.
    pub counts: BTreeMap<SourceId, BTreeMap<String, i64>>,
}

impl Gathering {
    /// Takes a message's events in.
    pub fn take(&mut self, message: &HookMessage, known: Option<&Known>, id: &str) {
        if self.is_welcome(message, known) {
            self.take_honoured(message, known, id);
        }
    }

    /// Takes the events of a message in whose address was good when it came.
    pub fn take_honoured(&mut self, message: &HookMessage, known: Option<&Known>, id: &str) {
        let Some(known) = known else {
            // The source is gone, and its rows with it or on their way.
            return self.count(&message.source, "gone", message.events.len());
        };
        if let Some(unreadable) = &message.unreadable {
            let body = json!({ "bytes": unreadable.bytes, "line": unreadable.line, "column": unreadable.column,
                "sha256": unreadable.sha256 });
            return self.aside(message, "unreadable", String::new(), body, None);
        }
        if !known.loads {
            return self.wait(message, id);
        }
        for (place, event) in (0..).zip(&message.events) {
            // Of events that came together and claim one time of change, the last stands.
            let at = message.received_at + TimeDelta::microseconds(place);
            self.event(message, known, event, at);
        }
    }

    /// Keeps a message whose address is good for later.
    pub fn take_later(&mut self, message: &HookMessage, known: Option<&Known>, id: &str) {
        if self.is_welcome(message, known) {
            self.wait(message, id);
        }
    }

    fn is_welcome(&mut self, message: &HookMessage, known: Option<&Known>) -> bool {
        let (end, welcome) = match known {
            None => ("gone", false),
            Some(known) => ("refused", known.honours(message.key_version)),
        };
        if !welcome {
            self.count(&message.source, end, message.events.len());
        }
        welcome
    }

    fn wait(&mut self, message: &HookMessage, id: &str) {
        self.count(&message.source, "waiting", message.events.len());
        self.waits.insert(message.source.clone());
        self.waiting.push((message.clone(), id.to_owned()));
    }

    /// Takes one event in; `at` is when it came, told apart from others of its message.
    pub fn event(
        &mut self,
        message: &HookMessage,
        known: &Known,
        envelope: &Json,
        at: DateTime<Utc>,
    ) {
        let mut event = match Event::read(envelope) {
            Ok(event) => event,
            Err(reason) => {
                return self.aside(message, reason.0, String::new(), envelope.clone(), None);
            }
        };
        if event.company_id != known.branch.company_id {
            let resource = event.resource.clone();
            return self.aside(message, "other_company", resource, envelope.clone(), None);
        }
        let entity = event.resource_id.map(|id| id.to_string());
        self.count(&message.source, word_for(&event.resource), 1);
        let Some(stream) = of_resource(&event.resource) else {
            let resource = event.resource.clone();
            return self.aside(message, "no_table", resource, envelope.clone(), entity);
        };
        if !known.loads_table(stream.table) {
            return self.count(&message.source, "switched_off", 1);
        }
        if let (true, Some(_), Some(id)) = (known.hints, stream.one, event.resource_id) {
            self.count(&message.source, "events", 1);
            let source = message.source.clone();
            self.hinted.insert(source.clone());
            let entity = (source, stream.table, id, event.deleted);
            self.hints.insert(entity, message.received_at);
            return;
        }
        if event.records.is_empty() {
            let resource = event.resource.clone();
            return self.aside(message, "no_body", resource, envelope.clone(), entity);
        }
        self.believe(message, stream, &mut event, envelope);
        if event.records.is_empty() {
            return;
        }
        self.count(&message.source, "events", 1);
        self.decode(message, known, stream, &event, at);
    }

    /// Leaves the event what is of the entity and the company that its envelope names; anything else is set aside, each body in
    /// an envelope of its own.
    fn believe(
        &mut self,
        message: &HookMessage,
        stream: &Stream,
        event: &mut Event,
        envelope: &Json,
    ) {
        for record in std::mem::take(&mut event.records) {
            let (company, entity) = (event.company_id, event.resource_id);
            let Some(found) = claims::contradiction(&record, stream, company, entity) else {
                event.records.push(record);
                continue;
            };
            let named = entity.map_or_else(String::new, |id| format!(" {id}"));
            let told = match found {
                Contradiction::Company(other) => {
                    format!("{}{named}: company {company} ≠ {other}", event.resource)
                }
                Contradiction::Entity(other) => format!("{}{named} ≠ {other}", event.resource),
            };
            let source = message.source.clone();
            self.contradicted.entry(source).or_default().push(told);
            let mut alone = envelope.clone();
            if let Json::Object(fields) = &mut alone {
                fields.insert("data".to_owned(), record);
            }
            let resource = event.resource.clone();
            self.aside(message, found.reason(), resource, alone, None);
        }
    }

    /// Takes the records of an event in.
    pub fn decode(
        &mut self,
        message: &HookMessage,
        known: &Known,
        stream: &Stream,
        event: &Event,
        at: DateTime<Utc>,
    ) {
        let categories = known.services.as_ref();
        let context = Context {
            branch: &known.branch,
            observed_at: at,
            categories: categories.and_then(|known| known.by_service.as_deref()),
        };
        let body = if event.deleted {
            Body::Deleted
        } else {
            Body::Partial
        };
        let decoded = stream.decode(&context, &event.records, body);
        let unsure = !event.deleted && stream.one.is_some() && known.is_unsure_of(&decoded);
        if unsure {
            self.hint(message, stream, &decoded);
        }
        // A filter that would decide by what is not known yet is asked when the vendor has told.
        let waits = unsure && known.chooses_by_category(stream);
        for decoded in decoded {
            for unreadable in &decoded.unreadable {
                let resource = event.resource.clone();
                let body = unreadable.body.clone();
                self.aside(message, unreadable.reason, resource, body, None);
            }
            if waits {
                continue;
            }
            if event.deleted && decoded.table.name == stream.table {
                for id in ids(&decoded) {
                    let row = (message.source.clone(), stream.table, id);
                    self.deletes.insert(row, message.received_at);
                }
            }
            if !decoded.rows.is_empty() && known.loads_table(&decoded.table.name) {
                self.merge(message, known, decoded, at);
            }
        }
    }

    /// Has these rows read again: a service that they name is not known, and the reading asks for it first.
    fn hint(&mut self, message: &HookMessage, stream: &Stream, decoded: &[Decoded]) {
        let own = decoded
            .iter()
            .filter(|part| part.table.name == stream.table && !part.in_passing);
        for id in own.flat_map(ids) {
            let entity = (message.source.clone(), stream.table, id, false);
            self.hints.insert(entity, message.received_at);
            self.hinted.insert(message.source.clone());
        }
    }

    /// Adds rows to those that bring the same columns.
    fn merge(
        &mut self,
        message: &HookMessage,
        known: &Known,
        mut decoded: Decoded,
        at: DateTime<Utc>,
    ) {
        let observed_at = ValueRef::Timestamp(at);
        let mut rows = Rows::new(decoded.columns.len() + 1);
        for row in decoded.rows.iter() {
            rows.push_row(row.values().chain([observed_at]));
        }
        decoded.rows = rows;
        decoded.columns.push(system::OBSERVED_AT.to_owned());
        decoded
            .children
            .retain(|lines| known.loads_table(&lines.table.name));
        let mut columns = decoded.columns.clone();
        for lines in &decoded.children {
            columns.push(lines.table.name.to_string());
            columns.extend_from_slice(&lines.columns);
        }
        let place = (
            message.source.clone(),
            decoded.table.name.to_string(),
            columns,
        );
        let (source, table, _) = &place;
        self.told.insert((table.clone(), source.clone()));
        let there = self.places.get(&place).copied();
        match there.and_then(|at| self.merged.get_mut(at)) {
            Some(merged) => append(&mut merged.decoded, decoded),
            None => {
                self.places.insert(place.clone(), self.merged.len());
                let filter = known.filter(&decoded.table.name);
                self.merged.push(Merged {
                    place,
                    decoded,
                    filter,
                });
            }
        }
    }

    fn aside(
        &mut self,
        message: &HookMessage,
        reason: &'static str,
        table: String,
        body: Json,
        entity: Option<String>,
    ) {
        let end = if KEPT.contains(&reason) {
            "kept"
        } else {
            "parked"
        };
        self.count(&message.source, end, 1);
        self.asides.push(Aside {
            source: message.source.clone(),
            table,
            reason,
            body,
            entity,
            at: message.received_at,
        });
    }

    fn count(&mut self, source: &SourceId, end: &str, events: usize) {
        let counts = self.counts.entry(source.clone()).or_default();
        *counts.entry(end.to_owned()).or_default() += i64::try_from(events).unwrap_or(i64::MAX);
    }

    /// Why something of it is set aside, if anything is.
    pub fn refusal(&self) -> Option<&'static str> {
        self.asides.first().map(|aside| aside.reason)
    }

    /// Everything that the load is to do; what is left is counted and told by the caller.
    pub fn writes(&mut self) -> Result<Vec<Write>, serde_json::Error> {
        let mut writes = Vec::new();
        self.places.clear();
        for merged in std::mem::take(&mut self.merged) {
            writes.push(Write::Admit(admit(merged)));
        }
        writes.extend(parked::writes(std::mem::take(&mut self.asides)));
        writes.extend(inbox::keep(&std::mem::take(&mut self.waiting))?);
        for ((source, table, id), at) in std::mem::take(&mut self.deletes) {
            writes.push(deletes::mark(&source, table, id, at));
        }
        for ((source, table, id, deleted), at) in std::mem::take(&mut self.hints) {
            writes.push(hints::keep(&source, table, id, deleted, at));
        }
        Ok(writes)
    }
}

/// What an event is counted under: the vendor's word where it is one.
fn word_for(resource: &str) -> &str {
    let known = of_resource(resource).is_some() || WITHOUT_TABLE.contains(&resource);
    if known { resource } else { "unknown" }
}

/// The vendor's ids of the rows.
fn ids(decoded: &Decoded) -> Vec<i64> {
    let id = |row: Row<'_>| {
        let key = decoded.table.key.first()?;
        let position = decoded.columns.iter().position(|column| column == key)?;
        row.get(position).as_integer()
    };
    decoded.rows.iter().filter_map(id).collect()
}
