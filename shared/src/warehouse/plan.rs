use std::{cmp::Ordering, collections::BTreeSet, ops::Range};

use chrono::{DateTime, Utc};

use super::{
    Admit, Outcome, Row, Rows, Value, ValueRef, WarehouseError,
    admit::{Verdict, decide},
    gate::Gate,
    image,
    session::Session,
    sql::{self, Shape},
};
use crate::catalog::Table;

/// What is to be done for one [`Admit`]: decided, not yet written.
#[derive(Debug)]
pub(super) struct Plan {
    /// For every arriving row, in order.
    pub outcomes: Vec<Outcome>,
    /// Whole rows that are new.
    pub inserts: Rows,
    /// Whole rows in the place of stored ones.
    pub replaces: Rows,
    /// Primary keys of rows to be erased.
    pub erases: Rows,
    /// Keys and images of the rows as they were, where the admission can be undone.
    pub images: Vec<(String, Option<String>)>,
    /// Customers that written rows speak of.
    pub subjects: BTreeSet<String>,
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
    Ok(Planner::new(&gate, admit).run(&order, &stored))
}

/// The stored rows of the arriving keys, in the order of the keys. Keys beyond the greatest one of the source are new: a
/// table that is filled in order pays one look-up a batch.
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
            if compare(key.clone(), greatest.values()) != Ordering::Greater {
                keys.push_row(key);
            }
        }
    }
    if keys.is_empty() {
        return Ok(Rows::new(gate.columns.len()));
    }
    session
        .lookup(gate.table, shape, gate.source_id, &keys)
        .await
}

/// Arriving rows in the order of their keys; rows of one key stay in the order they came.
struct Order {
    /// `None` where they came in that order, without doubles.
    sorted: Option<Vec<usize>>,
    len: usize,
}

impl Order {
    fn of(gate: &Gate<'_>, rows: &Rows) -> Self {
        let key = |row: Row<'_>, other: Row<'_>| compare_arriving(gate, row, other);
        let ascending = rows
            .iter()
            .zip(rows.iter().skip(1))
            .all(|(row, next)| key(row, next) == Ordering::Less);
        let sorted = (!ascending).then(|| {
            let mut sorted: Vec<usize> = (0..rows.len()).collect();
            sorted.sort_by(|&a, &b| match (rows.get(a), rows.get(b)) {
                (Some(a), Some(b)) => key(a, b),
                _ => Ordering::Equal,
            });
            sorted
        });
        Self {
            sorted,
            len: rows.len(),
        }
    }

    /// The position among the arriving rows of the one that is at this place in the order.
    fn position(&self, place: usize) -> usize {
        self.sorted
            .as_ref()
            .map_or(place, |sorted| sorted.get(place).copied().unwrap_or(place))
    }

    fn row<'r>(&self, rows: &'r Rows, place: usize) -> Option<Row<'r>> {
        rows.get(self.position(place))
    }

    /// Places of rows with the same key, key by key.
    fn groups<'o>(
        &'o self,
        gate: &'o Gate<'_>,
        rows: &'o Rows,
    ) -> impl Iterator<Item = Range<usize>> + 'o {
        let mut start = 0;
        std::iter::from_fn(move || {
            let first = self.row(rows, start).filter(|_| start < self.len)?;
            let mut end = start + 1;
            while self.sorted.is_some()
                && end < self.len
                && self
                    .row(rows, end)
                    .is_some_and(|row| compare_arriving(gate, first, row) == Ordering::Equal)
            {
                end += 1;
            }
            let group = start..end;
            start = end;
            Some(group)
        })
    }
}

struct Planner<'a> {
    gate: &'a Gate<'a>,
    admit: &'a Admit,
    /// Positions of the key among the stored columns.
    key: Vec<usize>,
    /// Position of the column that names the customer.
    subject: Option<usize>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn new(gate: &'a Gate<'a>, admit: &'a Admit) -> Self {
        let table: &Table = gate.table;
        let width = gate.columns.len();
        let subject = table
            .subject
            .as_deref()
            .and_then(|name| table.position(name));
        Self {
            gate,
            admit,
            key: table
                .key
                .iter()
                .filter_map(|name| table.position(name))
                .collect(),
            subject: subject.filter(|_| admit.personal_data_event.is_some()),
            plan: Plan {
                outcomes: vec![Outcome::Unchanged; admit.rows.len()],
                inserts: Rows::new(width),
                replaces: Rows::new(width),
                erases: Rows::new(table.key.len() + 1),
                images: Vec::new(),
                subjects: BTreeSet::new(),
            },
        }
    }

    fn run(mut self, order: &Order, stored: &Rows) -> Plan {
        let rows = &self.admit.rows;
        let mut next_stored = stored.iter().peekable();
        for group in order.groups(self.gate, rows) {
            let Some(first) = order.row(rows, group.start) else {
                continue;
            };
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
        let (outcome, verdict) = decide(self.gate, there, arriving, target);
        self.note(position, outcome);
        match verdict {
            Verdict::Leave => {}
            Verdict::Write => self.written(there),
            Verdict::Erase => self.erased(there),
        }
    }

    fn decide_in_turn(&mut self, order: &Order, group: Range<usize>, there: Option<Row<'_>>) {
        let width = self.gate.columns.len();
        let (mut current, mut fresh) = (Rows::new(width), Rows::new(width));
        current.push_row(there.into_iter().flat_map(Row::values));
        let mut touched = false;
        for place in group {
            let Some(arriving) = order.row(&self.admit.rows, place) else {
                continue;
            };
            let (outcome, verdict) = decide(self.gate, current.get(0), arriving, &mut fresh);
            self.note(order.position(place), outcome);
            if verdict != Verdict::Leave {
                touched = true;
                std::mem::swap(&mut current, &mut fresh);
                fresh.clear();
            }
        }
        if !touched {
            return;
        }
        match (current.get(0), there) {
            (Some(row), Some(_)) => self.plan.replaces.push_row(row.values()),
            (Some(row), None) => self.plan.inserts.push_row(row.values()),
            (None, Some(_)) => return self.erased(there),
            (None, None) => return,
        }
        self.written(there);
    }

    fn note(&mut self, position: usize, outcome: Outcome) {
        if let Some(place) = self.plan.outcomes.get_mut(position) {
            *place = outcome;
        }
    }

    /// Remembers what a row that was just put into the plan was, and whom it speaks of.
    fn written(&mut self, there: Option<Row<'_>>) {
        let target = match there {
            Some(_) => &self.plan.replaces,
            None => &self.plan.inserts,
        };
        let Some(row) = target
            .len()
            .checked_sub(1)
            .and_then(|last| target.get(last))
        else {
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

    /// The customers as rows of [`super::internal::personal_data_subjects`].
    pub fn subject_rows(&self, event: &str) -> Rows {
        let mut rows = Rows::new(2);
        for customer in &self.subjects {
            rows.push_values(&[Value::from(event), Value::from(customer.as_str())]);
        }
        rows
    }
}

fn compare_arriving(gate: &Gate<'_>, row: Row<'_>, other: Row<'_>) -> Ordering {
    compare(
        gate.key
            .iter()
            .map(|&position| gate.arriving(row, position)),
        gate.key
            .iter()
            .map(|&position| gate.arriving(other, position)),
    )
}

/// Keys in the order both databases give them.
fn compare<'v>(
    key: impl Iterator<Item = ValueRef<'v>>,
    other: impl Iterator<Item = ValueRef<'v>>,
) -> Ordering {
    key.zip(other)
        .map(|pair| match pair {
            (ValueRef::Text(a), ValueRef::Text(b)) => a.cmp(b),
            (ValueRef::Integer(a), ValueRef::Integer(b)) => a.cmp(&b),
            (ValueRef::Decimal(a), ValueRef::Decimal(b)) => a.cmp(&b),
            (ValueRef::Boolean(a), ValueRef::Boolean(b)) => a.cmp(&b),
            (ValueRef::Date(a), ValueRef::Date(b)) => a.cmp(&b),
            (ValueRef::Timestamp(a), ValueRef::Timestamp(b)) => a.cmp(&b),
            (ValueRef::Json(a), ValueRef::Json(b)) => a.cmp(b),
            _ => Ordering::Equal,
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}
