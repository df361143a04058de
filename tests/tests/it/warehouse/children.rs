//! Rows that belong to other rows.

use std::sync::Arc;

use wynos::{
    catalog::{self, Table},
    warehouse::{Admit, Children, Outcome, Rows, Rule, Scan, Value, Value::Null, Warehouse, Write},
};

use super::{admit, commit, committed, everything, hour, load, on_both, places::Place, read};

fn records() -> &'static Arc<Table> {
    catalog::table("yclients_records").unwrap()
}

fn services() -> &'static Arc<Table> {
    catalog::table("yclients_record_services").unwrap()
}

/// Bodies of records, each with its hour of change and the titles of its services; `None`: it does not speak of them.
fn bodies(of: &[(i64, u32, Option<&[&str]>)]) -> Admit {
    let parents: Vec<[Value; 3]> = of
        .iter()
        .map(|(id, changed, _)| [(*id).into(), "x".into(), hour(*changed).into()])
        .collect();
    let mut rows = Rows::new(3);
    for (id, _, titles) in of {
        for (line, title) in titles.unwrap_or_default().iter().enumerate() {
            rows.push_values(&[(*id).into(), (line as i64 + 1).into(), (*title).into()]);
        }
    }
    let mut admit = admit(
        records(),
        Rule::Newest,
        ["id", "comment", "_changed_at"],
        &parents,
    );
    admit.children = vec![Children {
        table: Arc::clone(services()),
        columns: ["record_id", "line", "title"].map(str::to_owned).to_vec(),
        rows,
        counts: of
            .iter()
            .map(|(.., titles)| titles.map(|titles| titles.len() as u32))
            .collect(),
    }];
    admit
}

/// The living services: record, line, title.
async fn titles(warehouse: &Warehouse) -> Vec<(i64, String)> {
    let scan = Scan::of(services()).columns(["record_id", "title"]);
    let rows = read(warehouse, scan).await;
    let rows = rows.into_iter().map(|row| match row.as_slice() {
        [Value::Integer(id), Value::Text(title)] => (*id, title.clone()),
        other => panic!("{other:?}"),
    });
    rows.collect()
}

fn expected(of: &[(i64, &str)]) -> Vec<(i64, String)> {
    of.iter()
        .map(|(id, title)| (*id, (*title).to_owned()))
        .collect()
}

on_both! {
    async fn child_rows_become_those_of_the_body_that_stands(place: &Place) {
        let warehouse = place.warehouse();
        let first = bodies(&[(2, 8, Some(&["cut", "wash", "dry"])), (1, 8, Some(&["shave"]))]);
        let done = committed(&warehouse, hour(9), first).await;
        assert_eq!(done.counts["yclients_record_services"]["new"], 4);
        // Fewer lines, one of them equal.
        let done = committed(&warehouse, hour(10), bodies(&[(2, 9, Some(&["cut", "perm"]))])).await;
        let counts = &done.counts["yclients_record_services"];
        assert_eq!((counts["unchanged"], counts["changed"], counts["erased"]), (1, 1, 1));
        let now = expected(&[(1, "shave"), (2, "cut"), (2, "perm")]);
        assert_eq!(titles(&warehouse).await, now);
        // The one that is equal was not touched.
        let scan = Scan::of(services()).columns(["line", "_load_id"]);
        let loads = read(&warehouse, scan).await;
        let [one, two, three] = [[1, 1], [1, 1], [2, 2]].map(|row| row.map(Value::from).to_vec());
        assert_eq!(loads, [one, two, three]);
        // None at all is a fact, too.
        commit(&warehouse, hour(11), bodies(&[(2, 10, Some(&[]))])).await;
        assert_eq!(titles(&warehouse).await, expected(&[(1, "shave")]));
    }

    async fn invariant_03_an_older_body_never_touches_child_rows(place: &Place) {
        let warehouse = place.warehouse();
        commit(&warehouse, hour(12), bodies(&[(1, 9, Some(&["new"]))])).await;
        let older = bodies(&[(1, 8, Some(&["old", "older"]))]);
        assert_eq!(commit(&warehouse, hour(13), older).await, [Outcome::Unchanged]);
        assert_eq!(titles(&warehouse).await, expected(&[(1, "new")]));
        // The same fact again, with other lines: as new as what is there.
        commit(&warehouse, hour(14), bodies(&[(1, 9, Some(&["mended"]))])).await;
        assert_eq!(titles(&warehouse).await, expected(&[(1, "mended")]));
        // Of several bodies in one batch the newest counts, whatever their order.
        let batch = bodies(&[
            (1, 11, Some(&["newest"])), (1, 10, Some(&["middle"])), (2, 10, Some(&["a"])),
            (2, 11, None),
        ]);
        commit(&warehouse, hour(15), batch).await;
        assert_eq!(titles(&warehouse).await, expected(&[(1, "newest"), (2, "a")]));
    }

    async fn a_body_that_does_not_speak_of_child_rows_leaves_them(place: &Place) {
        let warehouse = place.warehouse();
        commit(&warehouse, hour(9), bodies(&[(1, 8, Some(&["cut"]))])).await;
        commit(&warehouse, hour(10), bodies(&[(1, 9, None)])).await;
        assert_eq!(titles(&warehouse).await, expected(&[(1, "cut")]));
    }

    async fn invariant_02_children_that_come_again_change_nothing(place: &Place) {
        let warehouse = place.warehouse();
        let page = || bodies(&[(1, 8, Some(&["cut", "wash"])), (2, 8, Some(&[]))]);
        committed(&warehouse, hour(9), page()).await;
        let before = everything(&warehouse, services()).await;
        let again = committed(&warehouse, hour(9), page()).await;
        assert_eq!(again.load_id, 0);
        assert_eq!(everything(&warehouse, services()).await, before);
    }

    async fn invariant_10_child_rows_are_deleted_and_come_back_with_their_parent(place: &Place) {
        let warehouse = place.warehouse();
        commit(&warehouse, hour(9), bodies(&[(1, 8, Some(&["cut"])), (2, 8, Some(&["wash"]))])).await;
        // An event that says only that the record is gone, and names no child table.
        let gone = admit(
            records(), Rule::Newest, ["id", "_changed_at", "_deleted_at"],
            &[[1.into(), hour(9).into(), Value::from(hour(9))]],
        );
        assert_eq!(commit(&warehouse, hour(10), gone).await, [Outcome::Changed]);
        assert_eq!(titles(&warehouse).await, expected(&[(2, "wash")]));
        let kept = read(&warehouse, Scan::of(services()).columns(["title"]).with_deleted()).await;
        assert_eq!(kept.len(), 2);
        let back = admit(
            records(), Rule::Newest, ["id", "_changed_at", "_deleted_at"],
            &[[1.into(), hour(10).into(), Null]],
        );
        assert_eq!(commit(&warehouse, hour(11), back).await, [Outcome::Changed]);
        assert_eq!(titles(&warehouse).await, expected(&[(1, "cut"), (2, "wash")]));
    }

    async fn child_rows_that_are_not_their_parents_are_refused(place: &Place) {
        let warehouse = place.warehouse();
        let spoil = |spoil: fn(&mut Children)| {
            let mut admit = bodies(&[(1, 8, Some(&["cut"]))]);
            spoil(&mut admit.children[0]);
            admit
        };
        let wrong = [
            spoil(|children| children.counts = vec![Some(2)]),
            spoil(|children| children.counts = vec![]),
            spoil(|children| {
                children.rows = Rows::new(3);
                children.rows.push_values(&[7.into(), 1.into(), "x".into()]);
            }),
            spoil(|children| children.columns.truncate(2)),
        ];
        for admit in wrong {
            let load = load(hour(9), vec![Write::Admit(admit)]);
            assert!(warehouse.commit(load).await.is_err());
        }
        assert!(warehouse.snapshot().await.unwrap().tables().await.unwrap().is_empty());
    }
}
