//! The one gate: what becomes of an arriving row. Pure; both databases use it and nothing else knows the order of facts.

mod newest;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    Conflict, Outcome, Row, Rows, Rule, ValueRef,
    gate::{Gate, Place, Role},
    json::merge_objects,
};

/// What was decided about one arriving row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decision {
    /// What becomes of it.
    pub outcome: Outcome,
    /// What the database must do.
    pub verdict: Verdict,
    /// Whether the row as kept is what this body says: only then do its children replace those that are there.
    pub stands: bool,
    /// Whether nobody has told of its children before: then this body's are taken though it is not the newest.
    pub fills: bool,
    /// Whether it is a part of a body that came after a later one, and tells of columns what is not kept: which of them the
    /// later one told of is not known.
    pub late: bool,
}

/// What the database must do for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Leave,
    /// Note that the row was seen now; its content stays.
    Touch,
    /// Write the row that was pushed.
    Write,
    /// Erase the row.
    Erase,
}

/// How arriving content meets stored content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// What arrives stands, nulls too.
    Overwrite,
    /// What arrives stands but for nulls.
    KeepWhereNull,
    /// What is stored stands but for nulls.
    OnlyNulls,
    /// What is stored stands but for nulls, and flags that are not set, of columns of which only rows of other tables tell.
    OnlyToldElsewhere,
}

/// The system columns of the row to be written that do not follow from content.
#[derive(Clone)]
struct Next<'v> {
    load_id: i64,
    changed_at: ValueRef<'v>,
    deleted_at: ValueRef<'v>,
    /// Nothing once a whole body was seen; else whether no part told of rows that belong to it yet.
    partial: Option<bool>,
    imported: Option<String>,
}

/// Decides about one arriving row. With [`Verdict::Write`] the whole row, every stored column, was pushed into `into`.
pub(super) fn decide(
    gate: &Gate<'_>,
    stored: Option<Row<'_>>,
    arriving: Row<'_>,
    into: &mut Rows,
) -> Decision {
    let (outcome, verdict) = match gate.rule {
        Rule::Newest | Rule::Ordered | Rule::Asked | Rule::Passing { .. } => {
            return newest::newest(gate, stored, arriving, into);
        }
        Rule::Change => {
            let (outcome, verdict) = change(gate, stored, arriving, into);
            return Decision {
                outcome,
                verdict,
                stands: true,
                fills: false,
                late: false,
            };
        }
        Rule::ThreeWay { made_at, conflict } => {
            three_way(gate, stored, arriving, *made_at, *conflict, into)
        }
        Rule::Undo { loads } => undo(gate, stored, arriving, loads, into),
    };
    Decision {
        outcome,
        verdict,
        stands: false,
        fills: false,
        late: false,
    }
}

fn change(
    gate: &Gate<'_>,
    stored: Option<Row<'_>>,
    arriving: Row<'_>,
    into: &mut Rows,
) -> (Outcome, Verdict) {
    let next = overwriting(gate, stored, arriving);
    let Some(row) = stored else {
        compose(gate, None, arriving, Fill::Overwrite, next, into);
        return (Outcome::New, Verdict::Write);
    };
    if same_content(gate, row, arriving) {
        return (Outcome::Unchanged, Verdict::Leave);
    }
    compose(gate, stored, arriving, Fill::Overwrite, next, into);
    (Outcome::Changed, Verdict::Write)
}

fn three_way(
    gate: &Gate<'_>,
    stored: Option<Row<'_>>,
    arriving: Row<'_>,
    made_at: Option<DateTime<Utc>>,
    conflict: Conflict,
    into: &mut Rows,
) -> (Outcome, Verdict) {
    let digest = gate.digest(arriving);
    let mut write = |stored: Option<Row<'_>>, digest: &str| {
        let mut next = overwriting(gate, stored, arriving);
        next.imported = Some(format!("{}:{digest}", gate.load_id));
        compose(gate, stored, arriving, Fill::Overwrite, next, into);
    };
    let Some(ours) = stored else {
        write(None, &digest);
        return (Outcome::New, Verdict::Write);
    };
    if same_content(gate, ours, arriving) {
        return (Outcome::Unchanged, Verdict::Leave);
    }
    let last = gate.stored(ours, Role::Imported).as_str();
    let (last_load, last_digest) = last.and_then(|text| text.split_once(':')).unzip();
    if last_digest == Some(digest.as_str()) {
        return (Outcome::Unchanged, Verdict::Leave);
    }
    let deleted_here = !gate.stored(ours, Role::DeletedAt).is_null();
    let ours_untouched = last_load.and_then(|load| load.parse().ok())
        == gate.stored(ours, Role::LoadId).as_integer();
    let ours_known_to_file = made_at.is_some_and(|made_at| {
        [Role::ObservedAt, Role::ChangedAt]
            .into_iter()
            .filter_map(|role| gate.stored(ours, role).as_timestamp())
            .all(|at| at <= made_at)
    });
    if !deleted_here && (ours_untouched || ours_known_to_file) {
        write(stored, &digest);
        return (Outcome::Changed, Verdict::Write);
    }
    match conflict {
        Conflict::KeepOurs => (Outcome::Conflict, Verdict::Leave),
        Conflict::TakeTheirs => {
            write(stored, &digest);
            (Outcome::Conflict, Verdict::Write)
        }
    }
}

fn undo(
    gate: &Gate<'_>,
    stored: Option<Row<'_>>,
    arriving: Row<'_>,
    loads: &BTreeSet<i64>,
    into: &mut Rows,
) -> (Outcome, Verdict) {
    let Some(stored) = stored else {
        let gone = if only_key(gate, arriving) {
            Outcome::Unchanged
        } else {
            Outcome::Touched
        };
        return (gone, Verdict::Leave);
    };
    let last = gate.stored(stored, Role::LoadId).as_integer();
    if !last.is_some_and(|load| loads.contains(&load)) {
        return (Outcome::Touched, Verdict::Leave);
    }
    if only_key(gate, arriving) {
        return (Outcome::Undone, Verdict::Erase);
    }
    restore(gate, stored, arriving, into);
    (Outcome::Undone, Verdict::Write)
}

/// System columns of a row that is written whatever was there.
fn overwriting<'v>(gate: &Gate<'_>, stored: Option<Row<'v>>, arriving: Row<'v>) -> Next<'v> {
    let imported = stored.and_then(|row| gate.stored(row, Role::Imported).as_str());
    Next {
        load_id: gate.load_id,
        changed_at: gate.brought(arriving, Role::ChangedAt),
        deleted_at: gate.brought(arriving, Role::DeletedAt),
        partial: None,
        imported: imported.map(str::to_owned),
    }
}

fn same_content(gate: &Gate<'_>, stored: Row<'_>, arriving: Row<'_>) -> bool {
    gate.stored(stored, Role::DeletedAt) == gate.brought(arriving, Role::DeletedAt)
        && !differs(gate, stored, arriving, Fill::Overwrite)
}

/// Whether any column of the content would change, or holds what is not of its type and is said anew.
fn differs(gate: &Gate<'_>, stored: Row<'_>, arriving: Row<'_>, fill: Fill) -> bool {
    is_mended(gate, stored) || would_change(gate, stored, arriving, fill)
}

/// Whether something is stored that is not of its column's type, where the row that is written has a value: what the body
/// brings, and what the system keeps itself.
fn is_mended(gate: &Gate<'_>, stored: Row<'_>) -> bool {
    stored.any_unreadable()
        && gate.columns.iter().enumerate().any(|(position, place)| {
            let own = !matches!(place.role, Role::Content | Role::Extra | Role::People);
            stored.is_unreadable(position) && (own || place.brought.is_some())
        })
}

fn would_change(gate: &Gate<'_>, stored: Row<'_>, arriving: Row<'_>, fill: Fill) -> bool {
    gate.columns.iter().enumerate().any(|(position, place)| {
        let Some(brought) = place.brought else {
            return false;
        };
        let (ours, theirs) = (stored.get(position), gate.arriving(arriving, brought));
        match place.role {
            Role::Content => pick(*place, ours, theirs, fill) != ours,
            Role::Extra => merged(ours, theirs, fill).as_deref() != ours.as_str(),
            _ => false,
        }
    })
}

fn pick<'v>(place: Place, ours: ValueRef<'v>, theirs: ValueRef<'v>, fill: Fill) -> ValueRef<'v> {
    let set = ValueRef::Boolean(true);
    // Such rows have no common order, and none of them is the row itself. What their flags tell of is done once and for all, as
    // a receipt is printed: whoever knows of it knows more, in whatever order they come.
    if place.told_elsewhere && fill != Fill::Overwrite && (ours == set || theirs == set) {
        return set;
    }
    let take = match fill {
        Fill::Overwrite => true,
        Fill::KeepWhereNull => !theirs.is_null(),
        Fill::OnlyNulls => ours.is_null(),
        Fill::OnlyToldElsewhere => place.told_elsewhere && ours.is_null(),
    };
    if take { theirs } else { ours }
}

/// Unknown fields are merged one by one, as columns are.
fn merged<'v>(ours: ValueRef<'v>, theirs: ValueRef<'v>, fill: Fill) -> Option<Cow<'v, str>> {
    match (ours.as_str(), theirs.as_str(), fill) {
        (_, theirs, Fill::Overwrite) => theirs.map(Cow::Borrowed),
        (ours, _, Fill::OnlyToldElsewhere) => ours.map(Cow::Borrowed),
        (ours, None, _) => ours.map(Cow::Borrowed),
        (None, theirs, _) => theirs.map(Cow::Borrowed),
        (Some(ours), Some(theirs), Fill::KeepWhereNull) => Some(merge_objects(ours, theirs)),
        (Some(ours), Some(theirs), Fill::OnlyNulls) => Some(merge_objects(theirs, ours)),
    }
}

/// Pushes the row as it will be kept.
fn compose(
    gate: &Gate<'_>,
    stored: Option<Row<'_>>,
    arriving: Row<'_>,
    fill: Fill,
    next: Next<'_>,
    into: &mut Rows,
) {
    let observed = gate.observed_at(arriving);
    let observed_at = ValueRef::Timestamp(observed);
    for (position, place) in gate.columns.iter().enumerate() {
        let ours = stored.map_or(place.unsaid, |row| row.get(position));
        let theirs = place
            .brought
            .map(|brought| gate.arriving(arriving, brought));
        let value = match place.role {
            Role::Key => theirs.unwrap_or(ours),
            Role::Content => theirs.map_or(ours, |theirs| pick(*place, ours, theirs, fill)),
            Role::SourceId => ValueRef::Text(gate.source_id),
            Role::LoadId => ValueRef::Integer(next.load_id),
            Role::ReceivedAt if ours.is_null() => observed_at,
            Role::ReceivedAt => ours,
            Role::ObservedAt => match ours.as_timestamp() {
                Some(ours) if ours > observed => ValueRef::Timestamp(ours),
                _ => observed_at,
            },
            Role::ChangedAt => next.changed_at,
            Role::DeletedAt => next.deleted_at,
            Role::Extra => {
                let extra = match theirs {
                    Some(theirs) => merged(ours, theirs, fill),
                    None => ours.as_str().map(Cow::Borrowed),
                };
                into.push(extra.as_deref().map_or(ValueRef::Null, ValueRef::Json));
                continue;
            }
            Role::Partial => next.partial.map_or(ValueRef::Null, ValueRef::Boolean),
            Role::People => theirs.unwrap_or(ours),
            Role::Imported => next
                .imported
                .as_deref()
                .map_or(ValueRef::Null, ValueRef::Text),
        };
        into.push(value);
    }
}

fn only_key(gate: &Gate<'_>, arriving: Row<'_>) -> bool {
    gate.columns
        .iter()
        .filter(|place| !matches!(place.role, Role::Key | Role::SourceId))
        .filter_map(|place| place.brought)
        .all(|position| arriving.get(position).is_null())
}

/// Pushes the row as the image says it was, its load and digest too: then a later undo of an earlier import, and the
/// three-way comparison, find what they left. Only the times of receipt and observation stay.
fn restore(gate: &Gate<'_>, stored: Row<'_>, arriving: Row<'_>, into: &mut Rows) {
    for (position, place) in gate.columns.iter().enumerate() {
        let ours = stored.get(position);
        let value = match (place.role, place.brought) {
            (Role::SourceId | Role::ReceivedAt | Role::ObservedAt, _) | (_, None) => ours,
            (Role::LoadId, Some(_)) if gate.brought(arriving, Role::LoadId).is_null() => {
                ValueRef::Integer(gate.load_id)
            }
            (_, Some(brought)) => gate.arriving(arriving, brought),
        };
        into.push(value);
    }
}
