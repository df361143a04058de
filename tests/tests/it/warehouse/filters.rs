//! Which rows are let in at all.

use std::sync::Arc;

use wynos::{
    catalog,
    warehouse::{
        Admit, Children, Filter, Operator, Outcome, Rule, Scan, Value,
        Value::{Json, Null},
        Warehouse, Write,
    },
};

use super::{
    admit, at, commit, committed, hour, load, on_both,
    places::Place,
    read, rows,
    tables::{every_type, vendor_copy},
};

fn body(id: i64, name: Value, changed: u32) -> Admit {
    let mut admit = admit(
        &vendor_copy(),
        Rule::Newest,
        ["id", "name", "note", "_changed_at"],
        &[[id.into(), name, Null, hour(changed).into()]],
    );
    admit.filter = Some(Arc::new(Filter::equal("name", "wanted")));
    admit
}

async fn ids(warehouse: &Warehouse, with_deleted: bool) -> Vec<Value> {
    let mut scan = Scan::of(&vendor_copy()).columns(["id"]);
    scan.with_deleted = with_deleted;
    read(warehouse, scan).await.concat()
}

on_both! {
    async fn a_filter_keeps_rows_out_and_buries_those_that_fall_out(place: &Place) {
        let warehouse = place.warehouse();
        let wanted = || Value::from("wanted");
        assert_eq!(commit(&warehouse, hour(9), body(1, wanted(), 8)).await, [Outcome::New]);
        assert_eq!(commit(&warehouse, hour(9), body(2, "other".into(), 8)).await, [Outcome::KeptOut]);
        assert_eq!(commit(&warehouse, hour(9), body(3, Null, 8)).await, [Outcome::KeptOut]);
        assert_eq!(ids(&warehouse, true).await, [Value::from(1)]);
        // It falls out, stays out however often it is seen, and comes back when it is wanted again.
        assert_eq!(commit(&warehouse, hour(10), body(1, "other".into(), 9)).await, [Outcome::KeptOut]);
        assert!(ids(&warehouse, false).await.is_empty());
        let again = committed(&warehouse, hour(11), body(1, "other".into(), 9)).await;
        assert_eq!((again.admitted[0][0], again.load_id), (Outcome::KeptOut, 0));
        let deleted = Scan::of(&vendor_copy()).columns(["name", "_deleted_at"]).with_deleted();
        assert_eq!(read(&warehouse, deleted).await, [["other".into(), Value::from(hour(10))]]);
        assert_eq!(commit(&warehouse, hour(12), body(1, wanted(), 10)).await, [Outcome::Changed]);
        assert_eq!(ids(&warehouse, false).await, [Value::from(1)]);
        // An older body that would fall out says nothing.
        assert_eq!(commit(&warehouse, hour(13), body(1, "other".into(), 9)).await, [Outcome::Stale]);
        assert_eq!(ids(&warehouse, false).await, [Value::from(1)]);
    }

    async fn a_partial_body_is_judged_by_the_row_that_it_makes(place: &Place) {
        let warehouse = place.warehouse();
        commit(&warehouse, hour(9), body(1, "wanted".into(), 8)).await;
        let mut note = admit(
            &vendor_copy(), Rule::Newest, ["id", "note", "_changed_at"],
            &[[1.into(), "n".into(), Value::from(hour(9))]],
        );
        note.filter = Some(Arc::new(Filter::equal("name", "wanted")));
        assert_eq!(commit(&warehouse, hour(10), note).await, [Outcome::Changed]);
        assert_eq!(ids(&warehouse, false).await, [Value::from(1)]);
    }

    async fn child_rows_of_what_is_kept_out_are_not_seen(place: &Place) {
        let warehouse = place.warehouse();
        let records = catalog::table("yclients_records").unwrap();
        let services = catalog::table("yclients_record_services").unwrap();
        let body = |categories: &str, changed: u32| {
            let columns = ["id", "service_category_ids", "_changed_at"];
            let row = [1.into(), Json(categories.to_owned()), Value::from(hour(changed))];
            let mut admit = admit(records, Rule::Newest, columns, &[row]);
            let filter = Filter::Has { column: "service_category_ids".to_owned(), value: 5.into() };
            admit.filter = Some(Arc::new(filter));
            admit.children = vec![Children {
                table: Arc::clone(services),
                columns: ["record_id", "line"].map(str::to_owned).to_vec(),
                rows: rows(&[[Value::from(1), Value::from(1)]]),
                counts: vec![Some(1)],
            }];
            admit
        };
        let lines = || async { read(&warehouse, Scan::of(services).columns(["line"])).await.len() };
        commit(&warehouse, hour(9), body("[4]", 8)).await;
        assert_eq!(lines().await, 0);
        commit(&warehouse, hour(10), body("[4,5]", 9)).await;
        assert_eq!(lines().await, 1);
        commit(&warehouse, hour(11), body("[4]", 10)).await;
        assert_eq!(lines().await, 0);
        commit(&warehouse, hour(12), body("[5]", 11)).await;
        assert_eq!(lines().await, 1);
    }

    async fn a_new_filter_buries_what_is_there_in_bounded_steps(place: &Place) {
        let warehouse = place.warehouse();
        let all: Vec<[Value; 3]> = (0..25)
            .map(|id: i64| {
                let name = match id % 3 {
                    0 => "wanted".into(),
                    1 => "other".into(),
                    _ => Null,
                };
                [id.into(), name, Null]
            })
            .collect();
        let page = admit(&vendor_copy(), Rule::Newest, ["id", "name", "note"], &all);
        commit(&warehouse, hour(8), page).await;
        let (mut after, mut steps, mut buried) = (None, 0, 0);
        loop {
            let write = Write::KeepOut {
                table: vendor_copy(),
                source_id: "local".to_owned(),
                filter: Filter::equal("name", "wanted"),
                after,
                limit: 7,
            };
            let done = warehouse.commit(load(hour(9), vec![write])).await.unwrap();
            buried += done.counts["vendor_things"].get("kept_out").copied().unwrap_or(0);
            steps += 1;
            after = done.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((steps, buried), (3, 16));
        let left: Vec<Value> = (0..25).filter(|id| id % 3 == 0).map(|id: i64| id.into()).collect();
        assert_eq!(ids(&warehouse, false).await, left);
    }

    async fn memory_and_database_give_the_same_answers(place: &Place) {
        let warehouse = place.warehouse();
        let table = every_type();
        let columns = ["id", "text", "whole", "money", "flag", "day", "instant", "json"];
        let money = |text: &str| Value::Decimal(text.parse().unwrap());
        let day = |text: &str| Value::Date(text.parse().unwrap());
        let all: [[Value; 8]; 4] = [
            ["1".into(), "Żaba_%".into(), 5.into(), money("-1.50"), true.into(), day("2026-01-01"), hour(1).into(), Json("[1,\"a\"]".to_owned())],
            ["2".into(), "ABC".into(), (-5).into(), money("1.5"), false.into(), day("2026-01-02"), hour(2).into(), Json("{\"a\":1}".to_owned())],
            ["3".into(), "abcd".into(), 0.into(), money("100"), true.into(), day("2025-12-31"), at("2026-05-01T01:00:00.000001Z").into(), Json("1".to_owned())],
            ["4".into(), Null, Null, Null, Null, Null, Null, Null],
        ];
        use Operator::{AtLeast, AtMost, Contains, Equal, Greater, Less, NotEqual};
        let mut filters = vec![Filter::All, Filter::And(vec![]), Filter::Or(vec![])];
        for operator in [Equal, NotEqual, Less, AtMost, Greater, AtLeast] {
            for row in &all[..3] {
                for (name, value) in columns.iter().zip(row).take(7) {
                    filters.push(Filter::compare(*name, operator, value.clone()));
                }
            }
        }
        for text in ["bc", "BCD", "_", "%", "Ż", "ż"] {
            filters.push(Filter::compare("text", Contains, text));
        }
        for element in [Value::from(1), "a".into(), "1".into()] {
            filters.push(Filter::Has { column: "json".to_owned(), value: element });
        }
        for name in columns {
            filters.push(Filter::IsNull(name.to_owned()));
            filters.push(Filter::IsNotNull(name.to_owned()));
        }
        filters.push(Filter::In { column: "whole".to_owned(), values: vec![0.into(), 5.into()] });
        let inverted: Vec<Filter> =
            filters.iter().map(|filter| Filter::Not(Box::new(filter.clone()))).collect();
        filters.extend(inverted);

        commit(&warehouse, hour(9), admit(&table, Rule::Newest, columns, &all)).await;
        for filter in filters {
            let found = read(&warehouse, Scan::of(&table).columns(["id"]).filter(filter.clone())).await.concat();
            let mut new = admit(&table, Rule::Newest, columns, &all);
            new.source_id = "new".to_owned();
            new.filter = Some(Arc::new(filter.clone()));
            let outcomes = warehouse.weigh(new, hour(10)).await.unwrap();
            let let_in: Vec<Value> = all
                .iter()
                .zip(outcomes)
                .filter(|(_, outcome)| *outcome == Outcome::New)
                .map(|(row, _)| row[0].clone())
                .collect();
            assert_eq!(let_in, found, "{filter:?}");
        }
    }
}
