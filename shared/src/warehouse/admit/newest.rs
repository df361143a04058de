//! The newest fact wins.

use chrono::{DateTime, Utc};

use super::{Decision, Fill, Next, Verdict, compose, differs, would_change};
use crate::warehouse::{
    Outcome, Row, Rows, Rule, ValueRef,
    gate::{Gate, Role},
};

/// Decides about a fact of the origin.
pub(super) fn newest(
    gate: &Gate<'_>,
    stored: Option<Row<'_>>,
    arriving: Row<'_>,
    into: &mut Rows,
) -> Decision {
    let changed_at = gate.changed_at(arriving);
    let passing = matches!(gate.rule, Rule::Passing { .. });
    let is_part = !gate.full || passing;
    let mut next = Next {
        load_id: gate.load_id,
        changed_at,
        deleted_at: gate.brought(arriving, Role::DeletedAt),
        partial: is_part.then_some(!gate.speaks_of_lines),
        imported: None,
    };
    let Some(stored) = stored else {
        compose(gate, None, arriving, Fill::Overwrite, next, into);
        if kept_out(gate, into) {
            into.pop_row();
            return decided(Outcome::KeptOut, Verdict::Leave, false);
        }
        return decided(Outcome::New, Verdict::Write, true);
    };
    let only_parts_seen = !gate.stored(stored, Role::Partial).is_null();
    // Rows that belong to it, which nobody told of yet.
    let first_lines = !passing && tells_first_of_lines(gate, stored);
    let lines_unseen = lines_unseen(gate, stored) && !first_lines;
    next.partial = (only_parts_seen && !gate.full).then_some(lines_unseen);
    let stored_changed_at = gate.stored_changed_at(stored);
    if changed_at.is_null() {
        // What does not say when it changed wins by its arrival, and takes away nothing of what is known: what comes later
        // and is older than that stays old.
        next.changed_at = stored_changed_at;
    }
    let stored_observed_at = gate.stored(stored, Role::ObservedAt).as_timestamp();
    let observed_at = gate.observed_at(arriving);
    let later = stored_observed_at.is_none_or(|at| observed_at > at);

    let newer = match gate.rule {
        Rule::Asked => stored_observed_at.is_none_or(|at| observed_at >= at),
        _ => is_newer(
            (changed_at, Some(observed_at)),
            (stored_changed_at, stored_observed_at),
        ),
    };
    if passing || !newer {
        let later = later && !passing;
        return older(gate, stored, arriving, next, later, into);
    }
    let fill = if gate.full {
        Fill::Overwrite
    } else {
        Fill::KeepWhereNull
    };
    let out = falls_out(gate, stored, arriving, fill, &next, into);
    if out {
        next.deleted_at = gone(gate, stored, arriving, next.deleted_at);
    }
    let outcome = |outcome| if out { Outcome::KeptOut } else { outcome };
    let deleted_at = gate.stored(stored, Role::DeletedAt);
    if next.deleted_at != deleted_at || differs(gate, stored, arriving, fill) {
        compose(gate, Some(stored), arriving, fill, next, into);
        return decided(outcome(Outcome::Changed), Verdict::Write, true);
    }
    // Nothing new is said, but the order of facts moves: those between the two are stale from now on. Or the row did not know
    // yet of whom it speaks.
    // A time that is not believed goes, or it would be believed once it is reached.
    let moves = next.changed_at != gate.stored(stored, Role::ChangedAt)
        || (only_parts_seen && gate.full)
        || first_lines;
    if moves || names_others(gate, stored, arriving) {
        next.load_id = gate
            .stored(stored, Role::LoadId)
            .as_integer()
            .unwrap_or(gate.load_id);
        compose(gate, Some(stored), arriving, fill, next, into);
        return decided(outcome(Outcome::Unchanged), Verdict::Write, true);
    }
    let verdict = seen(gate, stored, observed_at, later, into);
    decided(outcome(Outcome::Unchanged), verdict, true)
}

/// Whether only parts of the row were seen, none of which told of rows that belong to it.
fn lines_unseen(gate: &Gate<'_>, stored: Row<'_>) -> bool {
    gate.stored(stored, Role::Partial) == ValueRef::Boolean(true)
}

/// Whether the body is the first that tells of rows that belong to its own.
fn tells_first_of_lines(gate: &Gate<'_>, stored: Row<'_>) -> bool {
    gate.speaks_of_lines && lines_unseen(gate, stored)
}

/// Whether the row is told to speak of other people than it knows.
fn names_others(gate: &Gate<'_>, stored: Row<'_>, arriving: Row<'_>) -> bool {
    let told = gate.brought(arriving, Role::People);
    !told.is_null() && told != gate.stored(stored, Role::People)
}

/// A body that something newer is there of: it fills what was never seen, and is proof that the row is there.
fn older<'v>(
    gate: &Gate<'_>,
    stored: Row<'v>,
    arriving: Row<'v>,
    mut next: Next<'v>,
    later: bool,
    into: &mut Rows,
) -> Decision {
    let only_parts_seen = !gate.stored(stored, Role::Partial).is_null();
    let deleted_at = gate.stored(stored, Role::DeletedAt);
    let passing = matches!(gate.rule, Rule::Passing { .. });
    let fills = !passing && tells_first_of_lines(gate, stored);
    let late = !passing && tells_otherwise(gate, stored, arriving, only_parts_seen);
    let same = next.deleted_at == deleted_at && !differs(gate, stored, arriving, Fill::Overwrite);
    // Of a row that was seen as a whole, other rows may still tell what its own body never says.
    let (fill, adds) = match only_parts_seen {
        true => {
            let fill = Fill::OnlyNulls;
            (fill, differs(gate, stored, arriving, fill))
        }
        false => {
            let fill = Fill::OnlyToldElsewhere;
            (fill, would_change(gate, stored, arriving, fill))
        }
    };
    if fills || adds {
        next.changed_at = gate.stored_changed_at(stored);
        next.deleted_at = deleted_at;
        let out = falls_out(gate, stored, arriving, fill, &next, into);
        if out {
            next.deleted_at = gone(gate, stored, arriving, deleted_at);
        }
        compose(gate, Some(stored), arriving, fill, next, into);
        let outcome = if out {
            Outcome::KeptOut
        } else {
            Outcome::Changed
        };
        return Decision {
            late,
            fills,
            ..decided(outcome, Verdict::Write, false)
        };
    }
    let outcome = if same {
        Outcome::Unchanged
    } else {
        Outcome::Stale
    };
    let verdict = seen(gate, stored, gate.observed_at(arriving), later, into);
    Decision {
        late,
        ..decided(outcome, verdict, false)
    }
}

const fn decided(outcome: Outcome, verdict: Verdict, stands: bool) -> Decision {
    Decision {
        outcome,
        verdict,
        stands,
        fills: false,
        late: false,
    }
}

/// Whether a part of a body tells of columns what is not what they keep.
fn tells_otherwise(gate: &Gate<'_>, stored: Row<'_>, arriving: Row<'_>, fills: bool) -> bool {
    !gate.full
        && gate.columns.iter().enumerate().any(|(position, place)| {
            let Some(brought) = place.brought.filter(|_| place.role == Role::Content) else {
                return false;
            };
            let (ours, theirs) = (stored.get(position), gate.arriving(arriving, brought));
            !theirs.is_null() && theirs != ours && !(fills && ours.is_null())
        })
}

/// Notes that the row was seen later than before: for all rows of the load at once where all were seen at one time.
fn seen(
    gate: &Gate<'_>,
    stored: Row<'_>,
    observed_at: DateTime<Utc>,
    later: bool,
    into: &mut Rows,
) -> Verdict {
    if !later {
        return Verdict::Leave;
    }
    if !gate.brings_observation() {
        return Verdict::Touch;
    }
    for (place, value) in gate.columns.iter().zip(stored.values()) {
        into.push(match place.role {
            Role::ObservedAt => ValueRef::Timestamp(observed_at),
            _ => value,
        });
    }
    Verdict::Write
}

/// Whether the filter keeps out the row that a stored one would become.
fn falls_out<'v>(
    gate: &Gate<'_>,
    stored: Row<'v>,
    arriving: Row<'v>,
    fill: Fill,
    next: &Next<'v>,
    scratch: &mut Rows,
) -> bool {
    if gate.filter.is_none() {
        return false;
    }
    compose(gate, Some(stored), arriving, fill, next.clone(), scratch);
    let out = kept_out(gate, scratch);
    scratch.pop_row();
    out
}

/// Whether the filter keeps out the row that was just pushed.
fn kept_out(gate: &Gate<'_>, pushed: &Rows) -> bool {
    let last = pushed.len().checked_sub(1).and_then(|at| pushed.get(at));
    match (&gate.filter, last) {
        (Some(filter), Some(row)) => !filter.meets(row),
        _ => false,
    }
}

/// When a row that the filter keeps out was deleted: as before, as the body says, or now.
fn gone<'v>(
    gate: &Gate<'_>,
    stored: Row<'v>,
    arriving: Row<'v>,
    brought: ValueRef<'v>,
) -> ValueRef<'v> {
    [gate.stored(stored, Role::DeletedAt), brought]
        .into_iter()
        .find(|deleted_at| !deleted_at.is_null())
        .unwrap_or_else(|| ValueRef::Timestamp(gate.observed_at(arriving)))
}

/// By the origin's change time where both have one, else, or where it is the same, by the time of observation.
fn is_newer(
    (changed_at, observed_at): (ValueRef<'_>, Option<DateTime<Utc>>),
    (stored_changed_at, stored_observed_at): (ValueRef<'_>, Option<DateTime<Utc>>),
) -> bool {
    match (changed_at.as_timestamp(), stored_changed_at.as_timestamp()) {
        (Some(arriving), Some(stored)) if arriving != stored => arriving > stored,
        _ => stored_observed_at.is_none_or(|stored| observed_at >= Some(stored)),
    }
}
