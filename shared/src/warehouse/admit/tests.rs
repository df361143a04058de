use std::sync::Arc;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::{
    catalog::{Column, ColumnType, Table, TableGroup, label},
    warehouse::{Admit, Value},
};

/// A table of two contents, as exchange files and the vendor's bodies fill it.
fn table() -> Arc<Table> {
    let column = |name| Column::new(name, ColumnType::Text, label("", "", ""));
    Arc::new(Table {
        name: "things".into(),
        singular: "thing".into(),
        label: label("", "", ""),
        group: TableGroup::RepairShop,
        columns: vec![column("id"), column("a"), column("b")],
        key: vec!["id".into()],
        subject: None,
        indexes: Vec::new(),
        parent: None,
        facts: false,
        indicators: Vec::new(),
    })
}

/// One arriving body: what it says of each column (outside: whether it brings it) and when.
#[derive(Debug, Clone)]
struct Body {
    a: Option<Option<&'static str>>,
    b: Option<Option<&'static str>>,
    changed_at: Option<i64>,
    deleted: bool,
    observed_at: i64,
}

impl Body {
    fn full(a: &'static str, observed_at: i64) -> Self {
        Self {
            a: Some(Some(a)),
            b: Some(None),
            changed_at: None,
            deleted: false,
            observed_at,
        }
    }
}

fn instant(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

/// A row and the loads that wrote to it, decided about one body after another.
#[derive(Default)]
struct Store {
    row: Option<Vec<Value>>,
    load: i64,
}

impl Store {
    fn admit(&mut self, body: &Body, rule: Rule) -> Outcome {
        self.load += 1;
        let mut columns = vec!["id".to_owned()];
        let mut values = vec![Value::from("1")];
        for (name, said) in [("a", body.a), ("b", body.b)] {
            if let Some(said) = said {
                columns.push(name.to_owned());
                values.push(said.into());
            }
        }
        columns.extend(["_changed_at".to_owned(), "_deleted_at".to_owned()]);
        values.push(body.changed_at.map(instant).into());
        values.push(body.deleted.then(|| instant(body.observed_at)).into());
        let mut rows = Rows::new(columns.len());
        rows.push_values(&values);
        let admit = Admit {
            table: table(),
            source_id: "s".to_owned(),
            columns,
            rows,
            rule,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        };
        let gate = Gate::new(&admit, instant(body.observed_at), self.load).unwrap();
        let mut stored = Rows::new(gate.columns.len());
        stored.push_values(self.row.iter().flatten());
        let mut written = Rows::new(gate.columns.len());
        let arriving = admit.rows.get(0).unwrap();
        let Decision {
            outcome, verdict, ..
        } = decide(&gate, stored.get(0), arriving, &mut written);
        assert_eq!(written.len(), usize::from(verdict == Verdict::Write));
        match verdict {
            Verdict::Leave => {}
            Verdict::Touch => {
                let position = table().position("_observed_at").unwrap();
                self.row.as_mut().unwrap()[position] = instant(body.observed_at).into();
            }
            Verdict::Write => {
                let row = written.get(0).unwrap();
                self.row = Some(row.values().map(ValueRef::to_owned).collect());
            }
            Verdict::Erase => self.row = None,
        }
        outcome
    }

    fn get(&self, column: &str) -> Value {
        let position = table().position(column).unwrap();
        self.row
            .as_ref()
            .map_or(Value::Null, |row| row[position].clone())
    }

    /// What people see of the row, and whether it is living.
    fn seen(&self) -> (Value, Value, bool) {
        let living = self.get("_deleted_at") == Value::Null;
        (self.get("a"), self.get("b"), living)
    }
}

fn content() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![
        Just(None),
        Just(Some("x")),
        Just(Some("y")),
        Just(Some("z"))
    ]
}

/// Bodies whose times all differ; those of change exist for all or for none.
fn bodies(partial: bool) -> impl Strategy<Value = Vec<Body>> {
    let said = move || {
        let brings = any::<bool>().prop_map(move |brings| brings || !partial);
        (brings, content()).prop_map(|(brings, said)| brings.then_some(said))
    };
    let body = (said(), said(), any::<bool>(), any::<prop::sample::Index>());
    (prop::collection::vec(body, 1..8), any::<bool>()).prop_map(|(bodies, with_changes)| {
        let count = bodies.len();
        let bodies = bodies
            .into_iter()
            .enumerate()
            .map(|(place, (a, b, deleted, index))| {
                let place = place as i64;
                Body {
                    a,
                    b,
                    changed_at: with_changes
                        .then(|| 1_000 + index.index(count) as i64 * 10 + place),
                    deleted,
                    observed_at: 2_000 + place,
                }
            });
        bodies.collect()
    })
}

fn time_of(body: &Body) -> (Option<i64>, i64) {
    (body.changed_at, body.observed_at)
}

proptest! {
    #[test]
    fn invariant_03_whole_bodies_in_any_order_end_as_the_newest(
        bodies in bodies(false),
        shuffled in any::<prop::sample::Index>(),
    ) {
        let mut order = bodies.clone();
        let by = shuffled.index(order.len());
        order.rotate_left(by);
        order.reverse();
        let mut store = Store::default();
        for body in &order {
            store.admit(body, Rule::Newest);
        }
        let newest = bodies.iter().max_by_key(|body| time_of(body)).unwrap();
        let says = |said: Option<Option<&'static str>>| Value::from(said.flatten());
        prop_assert_eq!(store.seen(), (says(newest.a), says(newest.b), !newest.deleted));
    }

    #[test]
    fn invariant_02_a_body_that_comes_again_changes_nothing(
        bodies in bodies(true),
        again in any::<prop::sample::Index>(),
    ) {
        let mut store = Store::default();
        for body in &bodies {
            store.admit(body, Rule::Newest);
        }
        let before = store.row.clone();
        let outcome = store.admit(again.get(&bodies), Rule::Newest);
        prop_assert!(!matches!(outcome, Outcome::New | Outcome::Conflict));
        if outcome != Outcome::Changed {
            prop_assert_eq!(&store.row, &before);
        }
        // What was seen once is never blanked, and a second redelivery finds nothing to do at all.
        let (a, b, _) = store.seen();
        let position = |name| table().position(name).unwrap();
        let before = before.unwrap();
        prop_assert!(a != Value::Null || before[position("a")] == Value::Null || outcome == Outcome::Changed);
        prop_assert!(b != Value::Null || before[position("b")] == Value::Null || outcome == Outcome::Changed);
        let settled = store.row.clone();
        store.admit(again.get(&bodies), Rule::Newest);
        prop_assert_eq!(store.row, settled);
    }

    #[test]
    fn invariant_03_partial_bodies_never_blank(bodies in bodies(true)) {
        let mut store = Store::default();
        for body in &bodies {
            let (a, b, _) = store.seen();
            let is_full = body.a.is_some() && body.b.is_some();
            store.admit(body, Rule::Newest);
            let (new_a, new_b, _) = store.seen();
            prop_assert!(is_full || a == Value::Null || new_a != Value::Null);
            prop_assert!(is_full || b == Value::Null || new_b != Value::Null);
        }
    }

    #[test]
    fn the_time_of_receipt_stays_and_that_of_observation_never_goes_back(bodies in bodies(true)) {
        let mut store = Store::default();
        let mut last = None;
        for body in bodies.iter().rev() {
            store.admit(body, Rule::Newest);
            let Value::Timestamp(observed) = store.get("_observed_at") else { panic!() };
            prop_assert!(last.is_none_or(|last| observed >= last));
            last = Some(observed);
            let first = bodies.last().unwrap().observed_at;
            prop_assert_eq!(store.get("_received_at"), Value::from(instant(first)));
        }
    }
}

#[test]
fn invariant_03_what_is_older_stays_old_after_a_body_without_a_time_of_change() {
    for deleted in [false, true] {
        let at = |a, changed_at, observed_at| Body {
            changed_at,
            ..Body::full(a, observed_at)
        };
        let mut store = Store::default();
        store.admit(&at("newest", Some(20), 100), Rule::Newest);
        let timeless = Body {
            a: None,
            b: Some(Some("mail")),
            deleted,
            ..at("", None, 101)
        };
        store.admit(&timeless, Rule::Newest);
        let outcome = store.admit(&at("old", Some(19), 102), Rule::Newest);
        assert_eq!(outcome, Outcome::Stale);
        assert_eq!(store.get("a"), Value::from("newest"));
        let outcome = store.admit(&at("newer", Some(21), 103), Rule::Newest);
        assert_eq!(outcome, Outcome::Changed);
        assert_eq!(store.get("a"), Value::from("newer"));
    }
}

/// More than a body may say that it changed after it was observed.
const TOO_FAR: i64 = 86_401;

fn changed(a: &'static str, changed_at: i64, observed_at: i64) -> Body {
    Body {
        changed_at: Some(changed_at),
        ..Body::full(a, observed_at)
    }
}

#[test]
fn invariant_03_a_change_that_was_still_to_come_is_ordered_by_its_arrival_in_any_order() {
    let bodies = [
        changed("first", 90, 100),
        changed("forged", 101 + TOO_FAR, 101),
        changed("real", 102, 103),
    ];
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for order in orders {
        let mut store = Store::default();
        for place in order {
            store.admit(&bodies[place], Rule::Newest);
        }
        assert_eq!(store.get("a"), "real".into(), "{order:?}");
        assert_eq!(store.get("_changed_at"), instant(102).into(), "{order:?}");
    }
}

#[test]
fn a_change_within_a_day_of_its_arrival_is_believed() {
    let mut store = Store::default();
    store.admit(&changed("offset", 100 + 86_400, 100), Rule::Newest);
    assert_eq!(store.get("_changed_at"), instant(100 + 86_400).into());
    let older = changed("older", 200, 201);
    assert_eq!(store.admit(&older, Rule::Newest), Outcome::Stale);
}

#[test]
fn a_row_that_holds_a_change_still_to_come_is_corrected_by_the_next_fact() {
    let column = table().position("_changed_at").unwrap();
    for next in [changed("real", 200, 201), Body::full("real", 201)] {
        for said in ["real", "forged"] {
            let mut store = Store::default();
            store.admit(&changed(said, 90, 100), Rule::Newest);
            // As it was taken before such times were refused.
            store.row.as_mut().unwrap()[column] = instant(1_000_000_000).into();
            store.admit(&next, Rule::Newest);
            assert_eq!(store.get("a"), "real".into());
            let changed_at = next.changed_at.map(instant);
            assert_eq!(store.get("_changed_at"), changed_at.into());
        }
    }
    // What was observed before it fills nothing, and leaves it to the next.
    let mut store = Store::default();
    store.admit(&changed("forged", 90, 100), Rule::Newest);
    store.row.as_mut().unwrap()[column] = instant(1_000_000_000).into();
    let earlier = changed("earlier", 80, 99);
    assert_eq!(store.admit(&earlier, Rule::Newest), Outcome::Stale);
    let real = changed("real", 85, 101);
    assert_eq!(store.admit(&real, Rule::Newest), Outcome::Changed);
    assert_eq!(store.get("a"), "real".into());
}

#[test]
fn a_change_wins_over_whatever_is_there_and_may_blank() {
    let mut store = Store::default();
    store.admit(&Body::full("vendor", 100), Rule::Newest);
    let mut change = Body::full("ours", 50);
    assert_eq!(store.admit(&change, Rule::Change), Outcome::Changed);
    assert_eq!(store.get("a"), "ours".into());
    change.a = Some(None);
    assert_eq!(store.admit(&change, Rule::Change), Outcome::Changed);
    assert_eq!(store.get("a"), Value::Null);
    assert_eq!(store.admit(&change, Rule::Change), Outcome::Unchanged);
    change.deleted = true;
    assert_eq!(store.admit(&change, Rule::Change), Outcome::Changed);
    assert!(!store.seen().2);
    change.deleted = false;
    assert_eq!(store.admit(&change, Rule::Change), Outcome::Changed);
    assert!(store.seen().2);
}

#[test]
fn three_ways_are_compared_by_who_wrote_last() {
    let mut store = Store::default();
    let file = |conflict| Rule::ThreeWay {
        made_at: None,
        conflict,
    };
    let keep = || file(Conflict::KeepOurs);
    assert_eq!(store.admit(&Body::full("1", 10), keep()), Outcome::New);
    assert_eq!(
        store.admit(&Body::full("1", 11), keep()),
        Outcome::Unchanged
    );
    assert_eq!(store.admit(&Body::full("2", 12), keep()), Outcome::Changed);
    assert_eq!(
        store.admit(&Body::full("ours", 13), Rule::Change),
        Outcome::Changed
    );
    assert_eq!(
        store.admit(&Body::full("2", 14), keep()),
        Outcome::Unchanged
    );
    assert_eq!(store.admit(&Body::full("3", 15), keep()), Outcome::Conflict);
    assert_eq!(store.get("a"), "ours".into());
    let take = file(Conflict::TakeTheirs);
    assert_eq!(store.admit(&Body::full("3", 16), take), Outcome::Conflict);
    assert_eq!(store.get("a"), "3".into());
    assert_eq!(store.admit(&Body::full("4", 17), keep()), Outcome::Changed);
}
