//! Rows that belong to other rows: they come, change and go with their parents.

use std::{cmp::Ordering, ops::Range, sync::Arc};

use chrono::{DateTime, Utc};

use super::{
    Admit, Children, Outcome, Row, Rows, Rule, ValueRef, WarehouseError,
    admit::{Verdict, decide},
    gate::{Gate, Role},
    order::compare,
    session::Session,
    sql::misuse,
};
use crate::catalog::{self, system};

/// Parents as they will be, in the order of their keys.
#[derive(Debug)]
pub(super) struct Parents {
    /// The key, then `_changed_at` and `_deleted_at`.
    pub rows: Rows,
    /// For every parent: whether it is deleted otherwise than it was.
    pub turned: Vec<bool>,
    /// Which parent (by its place above) an arriving row (by its position) stands for, or fills, in the order they were decided.
    pub standing: Vec<(usize, usize)>,
}

/// What is to be done with the child rows of one table.
#[derive(Debug)]
pub(super) struct ChildPlan {
    /// Whole rows that are new.
    pub inserts: Rows,
    /// Whole rows in the place of stored ones.
    pub replaces: Rows,
    /// Primary keys of rows to be erased.
    pub erases: Rows,
    /// How many rows stay as they are.
    pub unchanged: usize,
}

impl Parents {
    /// None yet, of a key of so many columns.
    pub fn new(key: usize) -> Self {
        Self {
            rows: Rows::new(key + 2),
            turned: Vec::new(),
            standing: Vec::new(),
        }
    }
}

impl ChildPlan {
    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.inserts.is_empty() && self.replaces.is_empty() && self.erases.is_empty()
    }
}

/// Declared child tables that an admission does not name, where parents were deleted or came back.
pub(super) fn unspoken(admit: &Admit, parents: &Parents) -> Vec<Children> {
    if !parents.turned.contains(&true) {
        return Vec::new();
    }
    catalog::children_of(&admit.table)
        .filter(|table| {
            let mut named = admit.children.iter();
            named.all(|children| children.table.name != table.name)
        })
        .map(|table| Children {
            table: Arc::clone(table),
            columns: table.key.iter().map(ToString::to_string).collect(),
            rows: Rows::new(table.key.len()),
            counts: vec![None; admit.rows.len()],
        })
        .collect()
}

/// Decides about the child rows of one table.
pub(super) async fn plan<S: Session>(
    session: &mut S,
    admit: &Admit,
    children: &Children,
    parents: &Parents,
    observed_at: DateTime<Utc>,
    load_id: i64,
) -> Result<ChildPlan, WarehouseError> {
    let spoken = spoken(admit, children, parents)?;
    let arriving = arriving(admit, children, parents, &spoken)?;
    let gate = Gate::new(&arriving, observed_at, load_id)?;
    let shape = session.shape(gate.table).await?;
    let parent_key = admit.table.key.len();
    let mut keys = Rows::new(parent_key);
    for (place, parent) in parents.rows.iter().enumerate() {
        let is_spoken = spoken.get(place).is_some_and(Option::is_some);
        if is_spoken || parents.turned.get(place) == Some(&true) {
            keys.push_row(parent.values().take(parent_key));
        }
    }
    let stored = match shape {
        Some(shape) if !keys.is_empty() => {
            let by: Vec<&str> = children
                .table
                .key
                .iter()
                .take(parent_key)
                .map(AsRef::as_ref)
                .collect();
            session
                .lookup(gate.table, &shape, gate.source_id, &by, &keys)
                .await?
        }
        _ => Rows::new(gate.columns.len()),
    };
    Ok(merge(&gate, &arriving.rows, parents, &spoken, &stored))
}

/// For every parent: which of the child rows are its own, after the last standing body that speaks of them.
fn spoken(
    admit: &Admit,
    children: &Children,
    parents: &Parents,
) -> Result<Vec<Option<Range<usize>>>, WarehouseError> {
    let complain = |problem: &str| misuse(&children.table.name, problem);
    if children.rows.width() != children.columns.len() {
        return Err(complain("the rows are not as wide as their columns"));
    }
    if children.counts.len() != admit.rows.len() {
        return Err(complain("there is not a count for every parent"));
    }
    let mut ranges = Vec::with_capacity(children.counts.len());
    let mut start = 0;
    for count in &children.counts {
        let end = start + count.map_or(0, |count| count as usize);
        ranges.push(count.map(|_| start..end));
        start = end;
    }
    if start != children.rows.len() {
        return Err(complain("the counts are not those of the rows"));
    }
    let mut spoken = vec![None; parents.rows.len()];
    for &(parent, position) in &parents.standing {
        let range = ranges.get(position).cloned().flatten();
        if let (Some(entry), Some(range)) = (spoken.get_mut(parent), range) {
            *entry = Some(range);
        }
    }
    Ok(spoken)
}

/// The child rows as if they came by themselves, each with its parent's times of change and deletion. Those that replace
/// nothing keep their place, so that the ranges hold.
fn arriving(
    admit: &Admit,
    children: &Children,
    parents: &Parents,
    spoken: &[Option<Range<usize>>],
) -> Result<Admit, WarehouseError> {
    let times = [system::CHANGED_AT, system::DELETED_AT];
    let own: Vec<usize> = (0..children.columns.len())
        .filter(|&position| {
            let name = children.columns.get(position);
            !name.is_some_and(|name| times.contains(&name.as_str()))
        })
        .collect();
    let names = own.iter().filter_map(|&at| children.columns.get(at));
    let columns: Vec<String> = names.cloned().chain(times.map(str::to_owned)).collect();
    let key_parts = key_parts(admit, children, &columns)?;
    let mut owner = vec![None; children.rows.len()];
    for (parent, range) in spoken.iter().enumerate() {
        for entry in range
            .clone()
            .and_then(|range| owner.get_mut(range))
            .into_iter()
            .flatten()
        {
            *entry = parents.rows.get(parent);
        }
    }
    let mut rows = Rows::new(columns.len());
    for (row, parent) in children.rows.iter().zip(owner) {
        rows.push_row(own.iter().map(|&at| row.get(at)));
        let width = parents.rows.width();
        let time = |back: usize| parent.map_or(ValueRef::Null, |row| row.get(width - back));
        rows.push(time(2));
        rows.push(time(1));
        if let (Some(parent), Some(row)) = (
            parent,
            rows.len().checked_sub(1).and_then(|at| rows.get(at)),
        ) {
            let own = key_parts.iter().map(|&at| row.get(at));
            if compare(own, parent.values().take(key_parts.len())) != Ordering::Equal {
                return Err(misuse(
                    &children.table.name,
                    "a row does not have its parent's key",
                ));
            }
        }
    }
    Ok(Admit {
        table: children.table.clone(),
        source_id: admit.source_id.clone(),
        columns,
        rows,
        rule: Rule::Change,
        undo: None,
        personal_data_event: None,
        children: Vec::new(),
        filter: None,
    })
}

/// Where the child rows bring their parent's key.
fn key_parts(
    admit: &Admit,
    children: &Children,
    columns: &[String],
) -> Result<Vec<usize>, WarehouseError> {
    let table = &children.table;
    if table.key.len() <= admit.table.key.len() {
        return Err(misuse(
            &table.name,
            "its key is not longer than its parent's",
        ));
    }
    let parts = table.key.iter().take(admit.table.key.len());
    parts
        .map(|name| columns.iter().position(|column| column == name))
        .collect::<Option<_>>()
        .ok_or_else(|| misuse(&table.name, "the rows arrive without their key"))
}

fn merge(
    gate: &Gate<'_>,
    rows: &Rows,
    parents: &Parents,
    spoken: &[Option<Range<usize>>],
    stored: &Rows,
) -> ChildPlan {
    let width = gate.columns.len();
    let mut plan = ChildPlan {
        inserts: Rows::new(width),
        replaces: Rows::new(width),
        erases: Rows::new(gate.table.key.len() + 1),
        unchanged: 0,
    };
    let key: Vec<usize> = gate
        .table
        .key
        .iter()
        .filter_map(|name| gate.table.position(name))
        .collect();
    let parent_key = parents.rows.width() - 2;
    let mut stored = stored.iter().peekable();
    for (parent, range) in parents.rows.iter().zip(spoken) {
        let mut there = Vec::new();
        while let Some(row) = stored.next_if(|row| {
            let own = key.iter().take(parent_key).map(|&at| row.get(at));
            compare(own, parent.values().take(parent_key)) == Ordering::Equal
        }) {
            there.push(row);
        }
        match range {
            Some(range) => replace(gate, rows, range.clone(), &key, there, &mut plan),
            None => {
                let deleted_at = parent.get(parents.rows.width() - 1);
                restamp(gate, deleted_at, &there, &mut plan);
            }
        }
    }
    plan
}

/// The rows of one parent become those of its body; equal ones stay untouched.
fn replace<'v>(
    gate: &Gate<'_>,
    rows: &'v Rows,
    range: Range<usize>,
    key: &[usize],
    there: Vec<Row<'v>>,
    plan: &mut ChildPlan,
) {
    let arriving_key = |row: Row<'v>| gate.key.iter().map(move |&at| gate.arriving(row, at));
    let mut wanted: Vec<Row<'v>> = range.filter_map(|at| rows.get(at)).collect();
    wanted.sort_by(|a, b| compare(arriving_key(*a), arriving_key(*b)));
    let mut there = there.into_iter().peekable();
    let mut wanted = wanted.into_iter().peekable();
    while let Some(row) = wanted.next() {
        let same =
            |other: &Row<'v>| compare(arriving_key(*other), arriving_key(row)) == Ordering::Equal;
        if wanted.peek().is_some_and(same) {
            continue;
        }
        let stored_key =
            |other: &Row<'v>| compare(key.iter().map(|&at| other.get(at)), arriving_key(row));
        while let Some(gone) = there.next_if(|other| stored_key(other) == Ordering::Less) {
            erase(gate, key, gone, plan);
        }
        let stored = there.next_if(|other| stored_key(other) == Ordering::Equal);
        let target = match stored {
            Some(_) => &mut plan.replaces,
            None => &mut plan.inserts,
        };
        let decision = decide(gate, stored, row, target);
        if decision.verdict == Verdict::Leave && decision.outcome == Outcome::Unchanged {
            plan.unchanged += 1;
        }
    }
    for gone in there {
        erase(gate, key, gone, plan);
    }
}

fn erase(gate: &Gate<'_>, key: &[usize], row: Row<'_>, plan: &mut ChildPlan) {
    plan.erases.push(ValueRef::Text(gate.source_id));
    plan.erases.push_row(key.iter().map(|&at| row.get(at)));
}

/// Rows that the body does not speak of are deleted, and come back, with their parent.
pub(super) fn restamp(
    gate: &Gate<'_>,
    deleted_at: ValueRef<'_>,
    there: &[Row<'_>],
    plan: &mut ChildPlan,
) {
    for row in there {
        if gate.stored(*row, Role::DeletedAt) == deleted_at {
            continue;
        }
        for (place, value) in gate.columns.iter().zip(row.values()) {
            plan.replaces.push(match place.role {
                Role::DeletedAt => deleted_at,
                Role::LoadId => ValueRef::Integer(gate.load_id),
                _ => value,
            });
        }
    }
}
