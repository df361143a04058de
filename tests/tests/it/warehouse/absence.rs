//! Rows that are gone without a body that says so, and sources that are removed.

use std::sync::Arc;

use wynos::{
    catalog,
    warehouse::{Children, Filter, Outcome, Rule, Scan, Value, Value::Null, Warehouse, Write},
};

use super::{
    admit, commit, committed, hour, load, on_both, places::Place, read, rows, tables::vendor_copy,
};

fn page(names: &[(i64, &str)]) -> wynos::warehouse::Admit {
    let rows: Vec<[Value; 3]> = names
        .iter()
        .map(|(id, name)| [(*id).into(), (*name).into(), Null])
        .collect();
    admit(&vendor_copy(), Rule::Newest, ["id", "name", "note"], &rows)
}

fn absent(filter: Filter, since: u32) -> Write {
    Write::Absent {
        table: vendor_copy(),
        source_id: "local".to_owned(),
        filter,
        seen_since: hour(since),
    }
}

async fn living(warehouse: &Warehouse) -> Vec<Value> {
    read(warehouse, Scan::of(&vendor_copy()).columns(["id"]))
        .await
        .concat()
}

on_both! {
    async fn invariant_10_absence_buries_only_what_was_last_seen_before_the_list_began(place: &Place) {
        let warehouse = place.warehouse();
        commit(&warehouse, hour(8), page(&[(1, "a"), (2, "b"), (3, "c")])).await;
        // While the list that began at 10 was read, an event spoke of 3; the list had 1, unchanged.
        commit(&warehouse, hour(11), page(&[(3, "c")])).await;
        let list = load(hour(10), vec![Write::Admit(page(&[(1, "a")])), absent(Filter::All, 10)]);
        let done = warehouse.commit(list).await.unwrap();
        assert_eq!(done.counts["vendor_things"]["absent"], 1);
        assert_eq!(living(&warehouse).await, [1.into(), 3.into()] as [Value; 2]);
        let times = read(
            &warehouse,
            Scan::of(&vendor_copy()).columns(["name", "_deleted_at", "_observed_at"])
                .filter(Filter::equal("id", 2)).with_deleted(),
        ).await;
        assert_eq!(times, [["b".into(), hour(10).into(), hour(10).into()]] as [[Value; 3]; 1]);
        // What was seen before the list does not bring it back; what is seen after it does.
        assert_eq!(commit(&warehouse, hour(9), page(&[(2, "b")])).await, [Outcome::Stale]);
        assert_eq!(commit(&warehouse, hour(12), page(&[(2, "b")])).await, [Outcome::Changed]);
        assert_eq!(living(&warehouse).await.len(), 3);
    }

    async fn a_row_that_is_seen_again_unchanged_was_observed(place: &Place) {
        let warehouse = place.warehouse();
        let body = |changed: u32, name: &str| admit(
            &vendor_copy(), Rule::Newest, ["id", "name", "note", "_changed_at"],
            &[[1.into(), name.into(), Null, Value::from(hour(changed))]],
        );
        let observed = || async {
            let scan = Scan::of(&vendor_copy()).columns(["_observed_at", "_load_id"]);
            read(&warehouse, scan).await.concat()
        };
        commit(&warehouse, hour(8), body(7, "a")).await;
        // By the vendor's clock nothing is new; a list that was begun later still proves that it is there.
        let again = committed(&warehouse, hour(10), body(7, "a")).await;
        assert_eq!((again.load_id, again.admitted[0][0]), (0, Outcome::Unchanged));
        assert_eq!(observed().await, [hour(10).into(), Value::from(1)]);
        let older = committed(&warehouse, hour(11), body(6, "older")).await;
        assert_eq!(older.admitted[0][0], Outcome::Stale);
        assert_eq!(observed().await, [hour(11).into(), Value::from(1)]);
        commit(&warehouse, hour(9), body(7, "a")).await;
        assert_eq!(observed().await, [hour(11).into(), Value::from(1)]);
    }

    async fn absence_speaks_only_of_its_list_and_source(place: &Place) {
        let warehouse = place.warehouse();
        commit(&warehouse, hour(8), page(&[(1, "in"), (2, "out")])).await;
        let mut other = page(&[(1, "in")]);
        other.source_id = "other".to_owned();
        commit(&warehouse, hour(8), other).await;
        let of_list = absent(Filter::equal("name", "in"), 10);
        warehouse.commit(load(hour(10), vec![of_list])).await.unwrap();
        let scan = Scan::of(&vendor_copy()).columns(["_source_id", "id"]);
        let left = [["local".into(), Value::from(2)], ["other".into(), Value::from(1)]];
        assert_eq!(read(&warehouse, scan).await, left);
    }

    async fn many_absent_rows_go_in_one_load(place: &Place) {
        let warehouse = place.warehouse();
        let all: Vec<(i64, &str)> = (0..2_500).map(|id| (id, "x")).collect();
        commit(&warehouse, hour(8), page(&all)).await;
        let done = warehouse.commit(load(hour(9), vec![absent(Filter::All, 9)])).await.unwrap();
        assert_eq!(done.counts["vendor_things"]["absent"], 2_500);
        assert!(living(&warehouse).await.is_empty());
    }

    async fn absent_rows_take_their_child_rows_with_them(place: &Place) {
        let warehouse = place.warehouse();
        let records = catalog::table("yclients_records").unwrap();
        let services = catalog::table("yclients_record_services").unwrap();
        let mut body = admit(records, Rule::Newest, ["id", "comment"], &[[1.into(), Null], [2.into(), Null]]);
        body.children = vec![Children {
            table: Arc::clone(services),
            columns: ["record_id", "line"].map(str::to_owned).to_vec(),
            rows: rows(&[[Value::from(1), Value::from(1)], [Value::from(2), Value::from(1)]]),
            counts: vec![Some(1), Some(1)],
        }];
        commit(&warehouse, hour(8), body).await;
        let gone = Write::Absent {
            table: Arc::clone(records),
            source_id: "local".to_owned(),
            filter: Filter::equal("id", 1),
            seen_since: hour(9),
        };
        warehouse.commit(load(hour(9), vec![gone])).await.unwrap();
        let left = read(&warehouse, Scan::of(services).columns(["record_id"])).await;
        assert_eq!(left, [[Value::from(2)]]);
    }

    async fn a_removed_source_goes_in_bounded_steps_and_leaves_others_alone(place: &Place) {
        let warehouse = place.warehouse();
        let all: Vec<(i64, &str)> = (0..25).map(|id| (id, "x")).collect();
        commit(&warehouse, hour(8), page(&all)).await;
        let mut other = page(&[(1, "in")]);
        other.source_id = "other".to_owned();
        commit(&warehouse, hour(8), other).await;
        let step = || async {
            let write = Write::RemoveSource {
                table: vendor_copy(), source_id: "local".to_owned(), limit: 10,
            };
            let done = warehouse.commit(load(hour(9), vec![write])).await.unwrap();
            done.counts["vendor_things"].get("erased").copied().unwrap_or(0)
        };
        assert_eq!([step().await, step().await, step().await, step().await], [10, 10, 5, 0]);
        let left = read(&warehouse, Scan::of(&vendor_copy()).columns(["_source_id"])).await;
        assert_eq!(left, [["other".into()]] as [[Value; 1]; 1]);
        let internal = Write::RemoveSource {
            table: Arc::clone(wynos::warehouse::internal::state()),
            source_id: "local".to_owned(),
            limit: 1,
        };
        assert!(warehouse.commit(load(hour(9), vec![internal])).await.is_err());
    }
}
