//! Lines inside a body: the rows of child tables.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use super::{
    Context, DecodedChildren,
    cell::{Cell, Kind},
    extra,
    plan::Child,
    read::{Values, push},
    walk::{Found, relation},
};
use crate::{
    warehouse::{Rows, ValueRef},
    yclients::streams::is_positions,
};

/// Room that every line uses again.
#[derive(Default)]
pub(super) struct Room<'a> {
    found: Found<'a>,
    values: Values<'a>,
    scratch: String,
}

/// Reads the lines of one row into the child table's rows, and returns how many they are; `None` where the body does not
/// speak of them. What is no line goes aside into the row's own `_extra`.
pub(super) fn read<'a>(
    child: &Child,
    index: usize,
    parent: i64,
    context: &Context<'_>,
    body: &mut Found<'a>,
    room: &mut Room<'a>,
    into: &mut DecodedChildren,
) -> Option<u32> {
    let value = body.children.get(index).copied().flatten()?;
    let Some(items) = items(value) else {
        body.surprise(child.path.to_owned(), value);
        return None;
    };
    let mut count = 0;
    for (position, item) in items.into_iter().enumerate() {
        let Some(fields) = relation(item) else {
            body.surprise(format!("{}.{position}", child.path), item);
            continue;
        };
        count += 1;
        let Room {
            found,
            values,
            scratch,
        } = room;
        found.begin(child.paths.len(), 0, 0);
        found.walk(&child.root, fields, "");
        values.read(
            &child.columns,
            &child.paths,
            found,
            context.branch.time_zone,
        );
        if let (Some(service), Some(categories)) = (child.service, context.categories) {
            give_category(child, service, categories, values);
        }
        into.rows.push(ValueRef::Integer(parent));
        into.rows.push(ValueRef::Integer(count.into()));
        for cell in &values.cells {
            push(&mut into.rows, cell, scratch);
        }
        push_extra(&mut into.rows, found, scratch);
        body.surprises += found.surprises;
    }
    Some(count)
}

/// Adds `_extra` to the row being built.
pub(super) fn push_extra(rows: &mut Rows, found: &mut Found<'_>, scratch: &mut String) {
    scratch.clear();
    rows.push(match extra::write_object(&mut found.extra, scratch) {
        true => ValueRef::Json(scratch),
        false => ValueRef::Null,
    });
}

/// The items of a list, whichever shape it has; `None` where it is none.
pub(super) fn items(value: &Json) -> Option<Vec<&Json>> {
    match value {
        Json::Null => Some(Vec::new()),
        Json::Array(items) => Some(items.iter().collect()),
        Json::Object(fields) if fields.is_empty() => Some(Vec::new()),
        Json::Object(fields) if is_positions(fields.keys()) => {
            let mut items: Vec<_> = fields.iter().collect();
            items.sort_by_key(|(position, _)| (position.len(), *position));
            Some(items.into_iter().map(|(_, item)| item).collect())
        }
        Json::Object(_) => Some(vec![value]),
        _ => None,
    }
}

/// The distinct categories of services, by their ids.
pub(super) fn service_categories(
    services: &Json,
    categories: &HashMap<i64, i64>,
    context: &Context<'_>,
) -> BTreeSet<i64> {
    let id = |item| {
        let fields = relation(item)?;
        let id = fields.get("id").or_else(|| fields.get("service_id"))?;
        match Kind::Id.read(id, context.branch.time_zone)? {
            Cell::Integer(id) => categories.get(&id).copied(),
            _ => None,
        }
    };
    items(services)
        .into_iter()
        .flatten()
        .filter_map(id)
        .collect()
}

fn give_category<'a>(
    child: &Child,
    service: usize,
    categories: &HashMap<i64, i64>,
    values: &mut Values<'a>,
) {
    let Cell::Integer(service) = *values.get(service) else {
        return;
    };
    let given = child
        .columns
        .iter()
        .position(|column| column.kind == Kind::Given);
    if let (Some(column), Some(&category)) = (given, categories.get(&service)) {
        values.give(column, Cell::Integer(category));
    }
}
