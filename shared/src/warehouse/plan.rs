use std::{cmp::Ordering, collections::BTreeSet, ops::Range};

use chrono::{DateTime, Utc};

use super::{
    Admit, Outcome, Row, Rows, Rule, ValueRef, WarehouseError,
    admit::{Decision, Verdict, decide},
    away,
    children::Parents,
    gate::{Gate, Role},
    image,
    order::{Order, compare},
    session::Session,
    sql::{self, Shape},
    subjects::subject_column,
    swept::Recalled,
};
use crate::catalog::{self, Table};

/// What is to be done for one [`Admit`]: decided, not yet written.
#[derive(Debug)]
pub(super) struct Plan {
    /// For every arriving row, in order.
    pub outcomes: Vec<Outcome>,
    /// Whether parts of bodies came late, and told what is not kept.
    pub any_late: bool,
    /// Whole rows that are new.
    pub inserts: Rows,
    /// Whole rows in the place of stored ones.
    pub replaces: Rows,
    /// Primary keys of rows that were seen again as they are.
    pub touches: Rows,
    /// Primary keys of rows to be erased.
    pub erases: Rows,
    /// Rows that child rows may belong to, where the admission speaks of child tables.
    pub parents: Parents,
    /// Keys and images of the rows as they were, where the admission can be undone.
    pub images: Vec<(String, Option<String>)>,
    /// What written rows have in the column that tells their customer.
    pub subjects: BTreeSet<String>,
    /// What is remembered of swept rows of the arriving keys: of those that are new, nothing is from now on.
    pub remembered: Recalled,
}

/// Decides about every arriving row; the rows of one key one after another, each upon what the one before left.
pub(super) async fn plan<S: Session>(
    session: &mut S,
    admit: &Admit,
    observed_at: DateTime<Utc>,
    load_id: i64,
) -> Result<Plan, WarehouseError> {
    let gate = Gate::new(admit, observed_at, load_id)?;
    let order = Order::of(&gate, &admit.rows);
    let stored = match session.shape(&admit.table).await? {
        Some(shape) => stored_rows(session, &gate, &shape, &admit.rows, &order).await?,
        None => Rows::new(gate.columns.len()),
    };
    let away = away::away(session, &gate, &admit.rows, &order, &stored).await?;
    let mut plan = Planner::new(&gate, admit).run(&order, &stored, &away.places);
    plan.remembered = away.remembered;
    Ok(plan)
}

/// The stored rows of the arriving keys, in the order of the keys. Keys beyond the greatest one of the source are new: a
/// table that is filled in order pays one look-up a batch. A greatest key that cannot be read says nothing of others.
async fn stored_rows<S: Session>(
    session: &mut S,
    gate: &Gate<'_>,
    shape: &Shape,
    rows: &Rows,
    order: &Order,
) -> Result<Rows, WarehouseError> {
    let select = sql::greatest_key(session.schema(), gate.table, gate.source_id)?;
    let greatest = session.query("finding the greatest key", select).await?;
    let mut keys = Rows::new(gate.key.len());
    if let Some(greatest) = greatest.get(0) {
        for group in order.groups(gate, rows) {
            let Some(row) = order.row(rows, group.start) else {
                continue;
            };
            let key = gate
                .key
                .iter()
                .map(|&position| gate.arriving(row, position));
            if greatest.any_unreadable()
                || compare(key.clone(), greatest.values()) != Ordering::Greater
            {
                keys.push_row(key);
            }
        }
    }
    if keys.is_empty() {
        return Ok(Rows::new(gate.columns.len()));
    }
    let by: Vec<&str> = gate.table.key.iter().map(AsRef::as_ref).collect();
    session
        .lookup(gate.table, shape, gate.source_id, &by, &keys)
        .await
}

struct Planner<'a> {
    gate: &'a Gate<'a>,
    admit: &'a Admit,
    /// Positions of the key among the stored columns.
    key: Vec<usize>,
    /// Position of the column that tells the customer.
    subject: Option<usize>,
    /// Whether rows of other tables may belong to the rows.
    has_children: bool,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn new(gate: &'a Gate<'a>, admit: &'a Admit) -> Self {
        let table: &Table = gate.table;
        let width = gate.columns.len();
        let subject = subject_column(table).and_then(|name| table.position(name));
        Self {
            gate,
            admit,
            key: table
                .key
                .iter()
                .filter_map(|name| table.position(name))
                .collect(),
            has_children: !admit.children.is_empty()
                || catalog::children_of(table).next().is_some(),
            subject: subject.filter(|_| admit.personal_data_event.is_some()),
            plan: Plan {
                outcomes: vec![Outcome::Unchanged; admit.rows.len()],
                any_late: false,
                inserts: Rows::new(width),
                replaces: Rows::new(width),
                touches: Rows::new(table.key.len() + 1),
                erases: Rows::new(table.key.len() + 1),
                parents: Parents::new(table.key.len()),
                images: Vec::new(),
                subjects: BTreeSet::new(),
                remembered: Recalled::default(),
            },
        }
    }

    fn run(mut self, order: &Order, stored: &Rows, away: &BTreeSet<usize>) -> Plan {
        let rows = &self.admit.rows;
        let mut next_stored = stored.iter().peekable();
        for group in order.groups(self.gate, rows) {
            let Some(first) = order.row(rows, group.start) else {
                continue;
            };
            if away.contains(&group.start) {
                for place in group {
                    self.note(order.position(place), Outcome::KeptOut, false);
                }
                continue;
            }
            let there = next_stored.next_if(|row| self.is_stored_at(*row, first));
            if group.len() == 1 {
                self.decide_one(order.position(group.start), there, first);
            } else {
                self.decide_in_turn(order, group, there);
            }
        }
        self.plan
    }

    fn is_stored_at(&self, stored: Row<'_>, arriving: Row<'_>) -> bool {
        let stored = self.key.iter().map(|&position| stored.get(position));
        let arriving = self
            .gate
            .key
            .iter()
            .map(|&at| self.gate.arriving(arriving, at));
        compare(stored, arriving) == Ordering::Equal
    }

    fn decide_one(&mut self, position: usize, there: Option<Row<'_>>, arriving: Row<'_>) {
        let target = match there {
            Some(_) => &mut self.plan.replaces,
            None => &mut self.plan.inserts,
        };
        let decision = decide(self.gate, there, arriving, target);
        let late = self.comes_late(position, decision);
        self.note(position, decision.outcome, late);
        match decision.verdict {
            Verdict::Leave => {}
            Verdict::Touch => self.touched(there),
            Verdict::Write => self.written(there),
            Verdict::Erase => self.erased(there),
        }
        self.stand(&[(position, decision)], there);
    }

    fn decide_in_turn(&mut self, order: &Order, group: Range<usize>, there: Option<Row<'_>>) {
        let width = self.gate.columns.len();
        let (mut current, mut fresh) = (Rows::new(width), Rows::new(width));
        if let Some(row) = there {
            current.push_copy(row);
        }
        let mut decisions = Vec::with_capacity(group.len());
        for place in group {
            let Some(arriving) = order.row(&self.admit.rows, place) else {
                continue;
            };
            let decision = decide(self.gate, current.get(0), arriving, &mut fresh);
            let position = order.position(place);
            let late = self.comes_late(position, decision);
            self.note(position, decision.outcome, late);
            decisions.push((position, decision));
            if matches!(decision.verdict, Verdict::Write | Verdict::Erase) {
                std::mem::swap(&mut current, &mut fresh);
                fresh.clear();
            }
        }
        let did = |verdict| {
            decisions
                .iter()
                .any(|(_, decision)| decision.verdict == verdict)
        };
        match (current.get(0), there) {
            (Some(row), _) if did(Verdict::Write) || did(Verdict::Erase) => {
                let target = match there {
                    Some(_) => &mut self.plan.replaces,
                    None => &mut self.plan.inserts,
                };
                target.push_row(row.values());
                self.written(there);
            }
            (None, Some(_)) => self.erased(there),
            _ if did(Verdict::Touch) => self.touched(there),
            _ => {}
        }
        self.stand(&decisions, there);
    }

    /// Remembers the row that was just decided about as one that child rows may belong to.
    fn stand(&mut self, decisions: &[(usize, Decision)], there: Option<Row<'_>>) {
        if !self.has_children {
            return;
        }
        let written = decisions
            .iter()
            .any(|(_, decision)| decision.verdict == Verdict::Write);
        let target = match there {
            Some(_) => &self.plan.replaces,
            None => &self.plan.inserts,
        };
        let row = if written { last_of(target) } else { there };
        let Some(row) = row else {
            return;
        };
        let deleted_at = self.gate.stored(row, Role::DeletedAt);
        let was = there.map_or(deleted_at, |row| self.gate.stored(row, Role::DeletedAt));
        let parents = &mut self.plan.parents;
        let place = parents.rows.len();
        for (position, decision) in decisions {
            if decision.stands || decision.fills {
                parents.standing.push((place, *position));
            }
        }
        parents.turned.push(was != deleted_at);
        parents
            .rows
            .push_row(self.key.iter().map(|&position| row.get(position)));
        parents.rows.push(self.gate.stored(row, Role::ChangedAt));
        parents.rows.push(deleted_at);
    }

    /// Whether a part of a body came late and tells of columns, or of rows that belong to its own, what is not kept.
    fn comes_late(&self, position: usize, decision: Decision) -> bool {
        let lost_lines = !decision.stands
            && !decision.fills
            && !self.gate.full
            && matches!(self.gate.rule, Rule::Newest | Rule::Ordered | Rule::Asked)
            && matches!(
                decision.outcome,
                Outcome::Stale | Outcome::Unchanged | Outcome::Changed
            );
        let mut lines = self.admit.children.iter();
        decision.late
            || (lost_lines
                && lines.any(|lines| lines.counts.get(position).is_some_and(Option::is_some)))
    }

    fn note(&mut self, position: usize, outcome: Outcome, late: bool) {
        if let Some(place) = self.plan.outcomes.get_mut(position) {
            *place = outcome;
        }
        self.plan.any_late |= late;
    }

    /// Remembers what a row that was just put into the plan was, and whom it speaks of.
    fn written(&mut self, there: Option<Row<'_>>) {
        let target = match there {
            Some(_) => &self.plan.replaces,
            None => &self.plan.inserts,
        };
        let Some(row) = last_of(target) else {
            return;
        };
        for row in there.into_iter().chain([row]) {
            let subject = self.subject.and_then(|position| row.get(position).as_str());
            self.plan.subjects.extend(subject.map(str::to_owned));
        }
        if self.admit.undo.is_some() {
            let key = image::key_of(self.gate.source_id, self.gate.table, row);
            let image = there.map(|row| image::image_of(self.gate.table, row));
            self.plan.images.push((key, image));
        }
    }

    fn touched(&mut self, there: Option<Row<'_>>) {
        if let Some(row) = there {
            let key = self.key.iter().map(|&position| row.get(position));
            self.plan.touches.push(ValueRef::Text(self.gate.source_id));
            self.plan.touches.push_row(key);
        }
    }

    fn erased(&mut self, there: Option<Row<'_>>) {
        let Some(row) = there else {
            return;
        };
        let subject = self.subject.and_then(|position| row.get(position).as_str());
        self.plan.subjects.extend(subject.map(str::to_owned));
        self.plan.erases.push(ValueRef::Text(self.gate.source_id));
        self.plan
            .erases
            .push_row(self.key.iter().map(|&position| row.get(position)));
        if self.admit.undo.is_some() {
            let key = image::key_of(self.gate.source_id, self.gate.table, row);
            let image = image::image_of(self.gate.table, row);
            self.plan.images.push((key, Some(image)));
        }
    }
}

impl Plan {
    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.inserts.is_empty() && self.replaces.is_empty() && self.erases.is_empty()
    }

    /// The images as rows of [`super::internal::undo`].
    pub fn undo_rows(&self, import: &str, table: &str) -> Rows {
        let mut rows = Rows::new(4);
        for (key, image) in &self.images {
            rows.push_row([
                ValueRef::Text(import),
                ValueRef::Text(table),
                ValueRef::Text(key),
                image.as_deref().map_or(ValueRef::Null, ValueRef::Json),
            ]);
        }
        rows
    }
}

fn last_of(rows: &Rows) -> Option<Row<'_>> {
    rows.len().checked_sub(1).and_then(|last| rows.get(last))
}
