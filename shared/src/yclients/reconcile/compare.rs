//! Where two records differ. Pure.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::{
    gauge::{Gauge, Subject, Values},
    rows::{Held, Told, day_of},
};
use crate::control::text_enum::text_enum;

text_enum! {
    /// In what way a row differs.
    Kind {
        /// The vendor has it and it was not held.
        Missing = "missing",
        /// It was held and the vendor does not have it, or not on that day.
        Extra = "extra",
        /// Both have it, with other values.
        Differing = "differing",
    }
}

/// The field that says whether there is a row at all.
pub(super) const ROW: &str = "row";
/// What it says of a row that there is, of one that is held as deleted, and of one that is on another day at the vendor.
pub(super) const PRESENT: &str = "present";
pub(super) const DELETED: &str = "deleted";
pub(super) const MOVED: &str = "moved";
/// What is said in the place of a held value that is not of its column's type.
pub(super) const UNREADABLE: &str = "unreadable";

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Which of the subject's gauges: 0 is the records' own.
    pub gauge: usize,
    /// The record's id, and for lines their number behind a slash.
    pub key: String,
    pub kind: Kind,
    pub field: String,
    pub held: Option<String>,
    pub vendor: Option<String>,
}

/// What comparing a record comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is on neither side, or gone on both.
    Gone,
    /// Both sides have it alike.
    Agrees,
    /// They differ, as far as can be said before it is known what becomes of the record.
    Differs(Vec<Line>),
}

/// One side of a row: what it says of there being one, and its values where there is.
#[derive(Clone, Copy, Default)]
struct Side<'v> {
    word: Option<&'static str>,
    values: Option<&'v Values>,
}

impl<'v> Side<'v> {
    const fn there(values: &'v Values) -> Self {
        Self {
            word: Some(PRESENT),
            values: Some(values),
        }
    }

    const fn gone(word: Option<&'static str>) -> Self {
        Self { word, values: None }
    }
}

/// Compares a record that the vendor told of with the one that is held.
pub(super) fn compare(subject: &Subject, told: &Told, held: Option<&Held>, zone: Tz) -> Verdict {
    let living = held.filter(|held| held.living);
    let lines = match (told.deleted, living) {
        (true, None) => return Verdict::Gone,
        (true, Some(held)) => only_held(subject, told.id, held, Some(DELETED)),
        (false, None) => only_told(subject, told, held.is_some()),
        (false, Some(held)) => both(subject, told, held, zone),
    };
    if lines.is_empty() {
        Verdict::Agrees
    } else {
        Verdict::Differs(lines)
    }
}

/// What a record that only we have says; the word is what the vendor says of it instead.
pub(super) fn only_held(
    subject: &Subject,
    id: i64,
    held: &Held,
    word: Option<&'static str>,
) -> Vec<Line> {
    let vendor = Side::gone(word);
    let mut lines = Vec::new();
    let mut add = |at, gauge: &Gauge, key, values| {
        let sides = (Side::there(values), vendor);
        pair(&mut lines, (at, gauge), key, Kind::Extra, sides, |_| true);
    };
    add(0, &subject.main, id.to_string(), &held.values);
    for (at, (gauge, own)) in subject.lines.iter().zip(&held.lines).enumerate() {
        for (line, values) in own {
            add(at + 1, gauge, format!("{id}/{line}"), values);
        }
    }
    lines
}

fn only_told(subject: &Subject, told: &Told, tombstone: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |at, gauge: &Gauge, key, values| {
        // Lines are deleted with their record, which says so.
        let word = (tombstone && at == 0).then_some(DELETED);
        let sides = (Side::gone(word), Side::there(values));
        pair(&mut lines, (at, gauge), key, Kind::Missing, sides, |_| true);
    };
    add(0, &subject.main, told.id.to_string(), &told.values);
    for (at, (gauge, own)) in subject.lines.iter().zip(&told.lines).enumerate() {
        for (line, values) in own.iter().flatten() {
            add(at + 1, gauge, format!("{}/{line}", told.id), values);
        }
    }
    lines
}

fn both(subject: &Subject, told: &Told, held: &Held, zone: Tz) -> Vec<Line> {
    let mut lines = Vec::new();
    let ours = Side {
        word: Some(if held.knows_it_lives {
            PRESENT
        } else {
            UNREADABLE
        }),
        ..Side::there(&held.values)
    };
    let sides = (ours, Side::there(&told.values));
    let key = told.id.to_string();
    let tells = |mark: usize| told.tells.get(mark) == Some(&true);
    let main = (0, &subject.main);
    pair(&mut lines, main, key.clone(), Kind::Differing, sides, tells);
    let days = (day_of(held.at, zone), day_of(told.at, zone));
    if told.tells_at && (days.0 != days.1 || !held.knows_at) {
        lines.push(Line {
            gauge: 0,
            key,
            kind: Kind::Differing,
            field: subject.window.column.to_owned(),
            held: match held.knows_at {
                true => days.0.map(|day| day.to_string()),
                false => Some(UNREADABLE.to_owned()),
            },
            vendor: days.1.map(|day| day.to_string()),
        });
    }
    for (at, gauge) in subject.lines.iter().enumerate() {
        let (Some(ours), Some(Some(theirs))) = (held.lines.get(at), told.lines.get(at)) else {
            continue;
        };
        if ours != theirs {
            lines_of_both(&mut lines, (at + 1, gauge), told.id, ours, theirs);
        }
    }
    lines
}

fn lines_of_both(
    lines: &mut Vec<Line>,
    of: (usize, &Gauge),
    id: i64,
    ours: &[(i64, Values)],
    theirs: &[(i64, Values)],
) {
    let numbers: BTreeSet<i64> = ours.iter().chain(theirs).map(|(line, _)| *line).collect();
    let find = |side: &[(i64, Values)], number| {
        let found = side.binary_search_by_key(&number, |(line, _)| *line).ok()?;
        side.get(found).map(|(_, values)| *values)
    };
    for number in numbers {
        let (held, told) = (find(ours, number), find(theirs, number));
        let kind = match (held, told) {
            (None, _) => Kind::Missing,
            (_, None) => Kind::Extra,
            _ => Kind::Differing,
        };
        let side = |values| match values {
            Some(values) => Side::there(values),
            None => Side::default(),
        };
        let sides = (side(held.as_ref()), side(told.as_ref()));
        pair(lines, of, format!("{id}/{number}"), kind, sides, |_| true);
    }
}

/// Adds what differs between two sides of one row.
fn pair(
    lines: &mut Vec<Line>,
    (at, gauge): (usize, &Gauge),
    key: String,
    kind: Kind,
    (held, vendor): (Side<'_>, Side<'_>),
    tells: impl Fn(usize) -> bool,
) {
    let mut add = |field: &str, held: Option<String>, vendor: Option<String>| {
        lines.push(Line {
            gauge: at,
            key: key.clone(),
            kind,
            field: field.to_owned(),
            held,
            vendor,
        });
    };
    if held.word != vendor.word {
        let word = |side: Side<'_>| side.word.map(str::to_owned);
        add(ROW, word(held), word(vendor));
    }
    for (place, mark) in gauge.marks.iter().enumerate().filter(|(at, _)| tells(*at)) {
        let of = |side: Side<'_>| side.values?.numbers.get(place).copied()?;
        let (ours, theirs) = (of(held), of(vendor));
        let unreadable = held
            .values
            .is_some_and(|values| values.unreadable.get(place) == Some(&true));
        if ours != theirs || unreadable {
            let text = |value: Option<_>| value.map(|value| mark.text(value));
            let ours = if unreadable {
                Some(UNREADABLE.to_owned())
            } else {
                text(ours)
            };
            add(&mark.column, ours, text(theirs));
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    const ZONE: Tz = Tz::Europe__Moscow;

    fn subject() -> Subject {
        let mut all = Subject::of(&["yclients_records".to_owned()], |_| true);
        all.remove(0)
    }

    fn values(numbers: &[i64]) -> Values {
        let mut values = Values::default();
        for (value, number) in values.numbers.iter_mut().zip(numbers) {
            *value = Some(Decimal::from(*number));
        }
        values
    }

    fn told(status: i64, lines: &[(i64, Values)]) -> Told {
        Told {
            id: 7,
            deleted: false,
            at: Some("2026-05-10T20:30:00Z".parse().unwrap()),
            tells_at: true,
            tells: vec![true],
            values: values(&[status]),
            lines: vec![Some(lines.to_vec()), None],
        }
    }

    fn held(status: i64, lines: &[(i64, Values)]) -> Held {
        Held {
            living: true,
            knows_it_lives: true,
            knows_at: true,
            at: Some("2026-05-10T09:00:00Z".parse().unwrap()),
            values: values(&[status]),
            lines: vec![lines.to_vec(), vec![(1, values(&[5]))]],
        }
    }

    fn short(verdict: Verdict) -> Vec<String> {
        let Verdict::Differs(lines) = verdict else {
            panic!("{verdict:?}");
        };
        let line = |line: Line| {
            let side = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            let (held, vendor) = (side(line.held), side(line.vendor));
            let Line {
                gauge,
                key,
                kind,
                field,
                ..
            } = line;
            format!("{gauge} {key} {kind} {field}: {held} {vendor}")
        };
        lines.into_iter().map(line).collect()
    }

    #[test]
    fn what_both_sides_have_alike_agrees_and_what_the_body_does_not_speak_of_does_not_count() {
        let lines = [(1, values(&[100, 1, 100, 100]))];
        let verdict = compare(&subject(), &told(1, &lines), Some(&held(1, &lines)), ZONE);
        assert_eq!(verdict, Verdict::Agrees);
    }

    #[test]
    fn every_field_that_differs_is_told_with_both_values() {
        let theirs = [
            (1, values(&[100, 1, 100, 100])),
            (2, values(&[50, 1, 50, 50])),
        ];
        let ours = [(1, values(&[90, 1, 100, 100])), (3, values(&[7, 1, 7, 7]))];
        let mut there = held(-1, &ours);
        there.at = Some("2026-05-10T21:30:00Z".parse().unwrap());
        assert_eq!(
            short(compare(&subject(), &told(1, &theirs), Some(&there), ZONE)),
            [
                "0 7 differing attendance: -1 1",
                "0 7 differing datetime: 2026-05-11 2026-05-10",
                "1 7/1 differing cost: 90.00 100.00",
                "1 7/2 missing row: - present",
                "1 7/2 missing cost: - 50.00",
                "1 7/2 missing amount: - 1.000000",
                "1 7/2 missing first_cost: - 50.00",
                "1 7/2 missing cost_per_unit: - 50.0000",
                "1 7/3 extra row: present -",
                "1 7/3 extra cost: 7.00 -",
                "1 7/3 extra amount: 1.000000 -",
                "1 7/3 extra first_cost: 7.00 -",
                "1 7/3 extra cost_per_unit: 7.0000 -",
            ]
        );
    }

    #[test]
    fn what_is_held_and_is_not_of_its_columns_type_differs_from_whatever_the_vendor_says() {
        let mut values_of_line = values(&[100, 1, 100]);
        let theirs = [(1, values_of_line)];
        values_of_line.unreadable[3] = true;
        let mut there = held(1, &[(1, values_of_line)]);
        let lines = short(compare(&subject(), &told(1, &theirs), Some(&there), ZONE));
        // The vendor says nothing of it either.
        assert_eq!(lines, ["1 7/1 differing cost_per_unit: unreadable -"]);
        there = held(1, &theirs);
        (there.knows_at, there.at, there.knows_it_lives) = (false, None, false);
        there.values.numbers[0] = None;
        there.values.unreadable[0] = true;
        let lines = short(compare(&subject(), &told(1, &theirs), Some(&there), ZONE));
        let expected = [
            "0 7 differing row: unreadable present",
            "0 7 differing attendance: unreadable 1",
            "0 7 differing datetime: unreadable 2026-05-10",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_tombstone_of_a_living_record_is_missing_and_a_deleted_one_that_lives_here_is_extra() {
        let mut tombstone = held(1, &[]);
        tombstone.living = false;
        assert_eq!(
            short(compare(&subject(), &told(1, &[]), Some(&tombstone), ZONE)),
            [
                "0 7 missing row: deleted present",
                "0 7 missing attendance: - 1"
            ]
        );
        let mut deleted = told(1, &[]);
        deleted.deleted = true;
        assert_eq!(
            compare(&subject(), &deleted, Some(&tombstone), ZONE),
            Verdict::Gone
        );
        assert_eq!(compare(&subject(), &deleted, None, ZONE), Verdict::Gone);
        let verdict = compare(&subject(), &deleted, Some(&held(1, &[])), ZONE);
        assert_eq!(short(verdict)[0], "0 7 extra row: present deleted");
    }
}
