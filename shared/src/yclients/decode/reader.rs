use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json};
use wynos_base::{exact, hooks::scrub};

use super::{
    Body, Context, Decoded, DecodedChildren, Unreadable,
    cell::{Cell, Kind},
    lines,
    plan::{Plan, plan},
    read::{Values, push},
    walk::{Found, relation},
};
use crate::{
    catalog::{self, system},
    warehouse::{Rows, ValueRef, believed},
    yclients::streams::{Stream, stream},
};

/// The table of documents: rows of others name them by their ids.
const DOCUMENTS: &str = "yclients_documents";

/// Reads bodies of a stream, and what they tell of other tables.
pub(super) fn read<'a>(
    stream: &Stream,
    context: &Context<'_>,
    bodies: impl Iterator<Item = &'a Json>,
    body: Body,
) -> Vec<Decoded> {
    let Some(plan) = plan(stream) else {
        return Vec::new();
    };
    let mut reader = Reader {
        plan,
        context,
        body,
        groups: Vec::new(),
        unreadable: Vec::new(),
        documents: BTreeSet::new(),
        told: vec![Vec::new(); plan.told.len()],
        scratch: String::new(),
    };
    let mut room = Room::default();
    for body in bodies {
        match relation(body) {
            Some(fields) => reader.body(body, fields, &mut room),
            None => reader.set_aside(body, None, "not_an_object"),
        }
    }
    reader.finish()
}

struct Reader<'c, 'a> {
    plan: &'static Plan,
    context: &'c Context<'c>,
    body: Body,
    groups: Vec<Group>,
    unreadable: Vec<Unreadable>,
    documents: BTreeSet<i64>,
    told: Vec<Vec<&'a Json>>,
    scratch: String,
}

/// Rows of bodies that bring the same columns.
struct Group {
    brings: Brings,
    decoded: Decoded,
}

/// Which columns a row has: a bit per declared one, and the system's.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Brings {
    columns: u128,
    changed_at: bool,
    deleted_at: bool,
}

/// Room that every body uses again.
#[derive(Default)]
struct Room<'a> {
    found: Found<'a>,
    values: Values<'a>,
    lines: lines::Room<'a>,
}

impl<'a> Reader<'_, 'a> {
    fn body(&mut self, body: &'a Json, fields: &'a Map<String, Json>, room: &mut Room<'a>) {
        let (plan, zone) = (self.plan, self.context.branch.time_zone);
        let Room {
            found,
            values,
            lines: line_room,
        } = room;
        found.begin(plan.paths.len(), plan.children.len(), plan.told.len());
        found.walk(&plan.root, fields, "");
        values.read(&plan.columns, &plan.paths, found, zone);
        let Cell::Integer(id) = *values.get(plan.id) else {
            let told = fields.get("id").or_else(|| fields.get("good_id"));
            return self.set_aside(body, told, "no_id");
        };
        if id == 0 {
            return self.set_aside(body, fields.get("id"), "no_id");
        }
        self.categories(found, values);
        self.told(found);
        let group = self.group(values.present);
        let Some(Group { brings, decoded }) = self.groups.get_mut(group) else {
            return;
        };
        for (index, child) in plan.children.iter().enumerate() {
            if let Some(children) = decoded.children.get_mut(index) {
                let count = lines::read(child, index, id, self.context, found, line_room, children);
                children.counts.push(count);
            }
        }
        for (index, cell) in values.cells.iter().enumerate() {
            if brings.columns & (1 << index) != 0 {
                push(&mut decoded.rows, cell, &mut self.scratch);
            }
        }
        let changed_at = plan.changed_at.and_then(|column| values.instant(column));
        if brings.changed_at {
            decoded.rows.push(instant(changed_at));
        }
        if brings.deleted_at {
            let flagged = plan
                .deleted
                .is_some_and(|column| *values.get(column) == Cell::Boolean(true));
            let deleted = flagged || self.body == Body::Deleted;
            let observed_at = self.context.observed_at;
            let at = believed(changed_at, observed_at).unwrap_or(observed_at);
            decoded.rows.push(instant(deleted.then_some(at)));
        }
        lines::push_extra(&mut decoded.rows, found, &mut self.scratch);
        decoded.surprises += found.surprises;
        for &column in &plan.documents {
            if let Cell::Integer(document) = *values.get(column) {
                self.documents.insert(document);
            }
        }
    }

    /// Fills in the categories of a record's services, where its body speaks of services and they are known.
    fn categories(&self, found: &Found<'a>, values: &mut Values<'a>) {
        let Some(categories) = self.context.categories else {
            return;
        };
        let given = |column: &super::plan::Source| column.kind == Kind::Given;
        let Some(column) = self.plan.columns.iter().position(given) else {
            return;
        };
        for (child, value) in self.plan.children.iter().zip(&found.children) {
            if let (true, Some(value)) = (child.service.is_some(), value) {
                let ids = lines::service_categories(value, categories, self.context);
                values.give(column, Cell::Ids(ids));
            }
        }
    }

    /// Remembers rows of other tables.
    fn told(&mut self, found: &mut Found<'a>) {
        for index in 0..self.plan.told.len() {
            let Some(value) = found.told.get(index).copied().flatten() else {
                continue;
            };
            match (lines::items(value), self.told.get_mut(index)) {
                (Some(items), Some(told)) => told.extend(items),
                _ => {
                    let path = self.plan.told.get(index).map_or("", |told| told.path);
                    found.surprise(path.to_owned(), value);
                }
            }
        }
    }

    /// The group of rows that a body with these columns belongs to.
    fn group(&mut self, present: u128) -> usize {
        let brings = self.brings(present);
        let known = self.groups.iter().position(|group| group.brings == brings);
        known.unwrap_or_else(|| {
            let decoded = self.empty(brings);
            self.groups.push(Group { brings, decoded });
            self.groups.len() - 1
        })
    }

    fn brings(&self, present: u128) -> Brings {
        let has = |column: Option<usize>| {
            column.is_some_and(|column| self.body == Body::Full || present & (1 << column) != 0)
        };
        Brings {
            columns: match self.body {
                Body::Full => present | !self.plan.told_elsewhere,
                Body::Partial | Body::Deleted => present | 1 << self.plan.id,
            },
            changed_at: has(self.plan.changed_at),
            deleted_at: has(self.plan.deleted) || self.body == Body::Deleted,
        }
    }

    fn empty(&self, brings: Brings) -> Decoded {
        let bit = |index: &usize| brings.columns & (1 << index) != 0;
        let columns = self.plan.columns.iter().enumerate();
        let mut names: Vec<String> = columns
            .filter(|(index, _)| bit(index))
            .map(|(_, column)| column.name.clone())
            .collect();
        let system = [
            (brings.changed_at, system::CHANGED_AT),
            (brings.deleted_at, system::DELETED_AT),
            (true, system::EXTRA),
        ];
        names.extend(
            system
                .into_iter()
                .filter(|(brought, _)| *brought)
                .map(|(_, name)| name.to_owned()),
        );
        let children = self.plan.children.iter().map(|child| DecodedChildren {
            table: Arc::clone(&child.table),
            columns: child.names.clone(),
            rows: Rows::new(child.names.len()),
            counts: Vec::new(),
        });
        Decoded {
            table: Arc::clone(&self.plan.table),
            rows: Rows::new(names.len()),
            columns: names,
            children: children.collect(),
            unreadable: Vec::new(),
            surprises: 0,
            in_passing: false,
        }
    }

    fn set_aside(&mut self, body: &Json, id: Option<&Json>, reason: &'static str) {
        let mut body = body.clone();
        scrub(&mut body);
        let id = id.filter(|id| id.is_string() || id.is_number());
        self.unreadable.push(Unreadable {
            id: id.map(|id| match id.as_str() {
                Some(text) => exact::number(text).unwrap_or(text).to_owned(),
                None => id.to_string(),
            }),
            reason,
            body,
        });
    }

    fn finish(mut self) -> Vec<Decoded> {
        if self.groups.is_empty() && !self.unreadable.is_empty() {
            self.group(0);
        }
        let mut all: Vec<Decoded> = self.groups.into_iter().map(|group| group.decoded).collect();
        if let Some(first) = all.first_mut() {
            first.unreadable = self.unreadable;
        }
        for (told, bodies) in self.plan.told.iter().zip(self.told) {
            if let Some(stream) = stream(told.table).filter(|_| !bodies.is_empty()) {
                let told = read(stream, self.context, bodies.into_iter(), Body::Partial);
                all.extend(told.into_iter().map(in_passing));
            }
        }
        all.extend(named_documents(&self.documents));
        all
    }
}

fn in_passing(decoded: Decoded) -> Decoded {
    Decoded {
        in_passing: true,
        ..decoded
    }
}

/// Documents of which nothing but the id is known.
fn named_documents(ids: &BTreeSet<i64>) -> Option<Decoded> {
    let table = catalog::table(DOCUMENTS).filter(|_| !ids.is_empty())?;
    let mut rows = Rows::new(1);
    rows.push_row(ids.iter().map(|&id| ValueRef::Integer(id)));
    Some(Decoded {
        table: Arc::clone(table),
        columns: table.key.iter().map(ToString::to_string).collect(),
        rows,
        children: Vec::new(),
        unreadable: Vec::new(),
        surprises: 0,
        in_passing: true,
    })
}

fn instant(at: Option<DateTime<Utc>>) -> ValueRef<'static> {
    at.map_or(ValueRef::Null, ValueRef::Timestamp)
}
