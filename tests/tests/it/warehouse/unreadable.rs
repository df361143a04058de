//! Rows into which somebody wrote by hand what is not of a column's type: a file of SQLite takes anything anywhere.

use std::sync::Arc;

use rusqlite::Connection;
use wynos::{
    catalog,
    warehouse::{Children, Filter, Rule, Scan, Value, Value::Null, Warehouse, Write},
};

use super::{
    admit, commit, hour, load,
    places::Place,
    rows,
    tables::{notes, vendor_copy},
};

/// Rows of a vendor, of which every other one is wanted.
async fn held(place: &Place, ids: std::ops::Range<i64>) -> Warehouse {
    let warehouse = place.warehouse();
    let all: Vec<[Value; 3]> = ids
        .map(|id| {
            let name = if id % 2 == 0 { "wanted" } else { "other" };
            [id.into(), name.into(), Null]
        })
        .collect();
    let page = admit(&vendor_copy(), Rule::Newest, ["id", "name", "note"], &all);
    commit(&warehouse, hour(8), page).await;
    warehouse
}

/// What the file itself says.
fn counted(place: &Place, condition: &str) -> i64 {
    let file = Connection::open(place.file().unwrap()).unwrap();
    let question = format!("SELECT COUNT(*) FROM {condition}");
    file.query_row(&question, [], |row| row.get(0)).unwrap()
}

fn write(place: &Place, statements: &str) {
    let file = Connection::open(place.file().unwrap()).unwrap();
    file.execute_batch(statements).unwrap();
}

/// Fractions lie among the whole numbers, text behind all of them.
const KEYS: &str = "UPDATE vendor_things SET id = id + 0.5 WHERE id IN (3, 7, 1001);
    UPDATE vendor_things SET id = 'number ' || id WHERE id IN (9, 11)";

#[tokio::test]
async fn rows_that_nothing_names_are_absent_with_the_others() {
    let place = Place::sqlite();
    let warehouse = held(&place, 0..2_500).await;
    write(&place, KEYS);
    write(
        &place,
        "UPDATE vendor_things SET _changed_at = 'x', _observed_at = '2026' WHERE id = 5",
    );
    let gone = Write::Absent {
        table: vendor_copy(),
        source_id: "local".to_owned(),
        filter: Filter::All,
        seen_since: hour(9),
    };
    let done = warehouse.commit(load(hour(9), vec![gone])).await.unwrap();
    assert_eq!(done.counts["vendor_things"]["absent"], 2_500);
    assert_eq!(
        counted(&place, "vendor_things WHERE _deleted_at IS NULL"),
        0
    );
    // Whoever takes the living ones out meets none of them any more.
    let snapshot = warehouse.snapshot().await.unwrap();
    let living = snapshot.count(&vendor_copy(), &Filter::All).await.unwrap();
    assert_eq!(living, 0);
}

#[tokio::test]
async fn a_new_filter_buries_rows_that_nothing_names_in_bounded_steps() {
    let place = Place::sqlite();
    let warehouse = held(&place, 0..25).await;
    // The first page is of nothing else: there is no key to go on from.
    write(
        &place,
        "UPDATE vendor_things SET id = id + 0.5 WHERE name = 'other' AND id < 17;
         UPDATE vendor_things SET id = 'x' WHERE id = 23",
    );
    let (mut after, mut steps, mut buried) = (None, 0, 0);
    loop {
        let write = Write::KeepOut {
            table: vendor_copy(),
            source_id: "local".to_owned(),
            filter: Filter::equal("name", "wanted"),
            after,
            limit: 3,
        };
        let done = warehouse.commit(load(hour(9), vec![write])).await.unwrap();
        let counts = done.counts.get("vendor_things");
        let out = counts.and_then(|counts| counts.get("kept_out")).copied();
        buried += out.unwrap_or(0);
        steps += 1;
        after = done.next;
        if after.is_none() {
            break;
        }
        assert!(steps < 25, "it comes to an end");
    }
    assert_eq!(buried, 12);
    let left = "vendor_things WHERE name = 'other' AND _deleted_at IS NULL";
    assert_eq!(counted(&place, left), 0);
    let kept = "vendor_things WHERE name = 'wanted' AND _deleted_at IS NULL";
    assert_eq!(counted(&place, kept), 13);
}

#[tokio::test]
async fn lines_that_nothing_names_go_with_their_parents() {
    let place = Place::sqlite();
    let warehouse = place.warehouse();
    let records = catalog::table("yclients_records").unwrap();
    let services = catalog::table("yclients_record_services").unwrap();
    let two = [[1.into(), Null], [2.into(), Null]];
    let mut body = admit(records, Rule::Newest, ["id", "comment"], &two);
    let line = |record: i64, line: i64| [Value::from(record), Value::from(line)];
    body.children = vec![Children {
        table: Arc::clone(services),
        columns: ["record_id", "line"].map(str::to_owned).to_vec(),
        rows: rows(&[line(1, 1), line(1, 2), line(1, 3), line(2, 1)]),
        counts: vec![Some(3), Some(1)],
    }];
    commit(&warehouse, hour(8), body).await;
    write(
        &place,
        "UPDATE yclients_record_services SET line = 'second' WHERE record_id = 1 AND line = 2;
         UPDATE yclients_record_services SET line = 'only' WHERE record_id = 2",
    );
    let gone = Write::Absent {
        table: Arc::clone(records),
        source_id: "local".to_owned(),
        filter: Filter::equal("id", 1),
        seen_since: hour(9),
    };
    warehouse.commit(load(hour(9), vec![gone])).await.unwrap();
    let left = |record: i64| {
        let living = "yclients_record_services WHERE _deleted_at IS NULL AND record_id =";
        counted(&place, &format!("{living} {record}"))
    };
    assert_eq!((left(1), left(2)), (0, 1));
}

#[tokio::test]
async fn a_removed_source_goes_whatever_stands_in_its_keys() {
    let place = Place::sqlite();
    let warehouse = held(&place, 0..25).await;
    let mut other = admit(&vendor_copy(), Rule::Newest, ["id"], &[[1.into()]]);
    other.source_id = "other".to_owned();
    commit(&warehouse, hour(8), other).await;
    write(&place, KEYS);
    write(
        &place,
        "UPDATE vendor_things SET id = x'00' WHERE _source_id = 'other'",
    );
    let step = || async {
        let write = Write::RemoveSource {
            table: vendor_copy(),
            source_id: "local".to_owned(),
            limit: 10,
        };
        let done = warehouse.commit(load(hour(9), vec![write])).await.unwrap();
        let counts = done.counts["vendor_things"].get("erased").copied();
        counts.unwrap_or(0)
    };
    assert_eq!(
        [step().await, step().await, step().await, step().await],
        [10, 10, 5, 0]
    );
    assert_eq!(counted(&place, "vendor_things"), 1);
}

#[tokio::test]
async fn only_rows_that_nothing_names_are_erased_as_such() {
    let place = Place::sqlite();
    let warehouse = held(&place, 0..2_500).await;
    write(&place, KEYS);
    let erase = |filter| Write::EraseUnnamed {
        table: vendor_copy(),
        filter,
    };
    let none = erase(Filter::equal("name", "wanted"));
    let done = warehouse.commit(load(hour(9), vec![none])).await.unwrap();
    assert_eq!((done.load_id, counted(&place, "vendor_things")), (0, 2_500));
    let all = erase(Filter::equal("name", "other"));
    let done = warehouse.commit(load(hour(9), vec![all])).await.unwrap();
    assert_eq!(done.counts["vendor_things"]["erased"], 5);
    let left = "vendor_things WHERE typeof(id) = 'integer'";
    assert_eq!(counted(&place, left), 2_495);
    assert_eq!(counted(&place, "vendor_things"), 2_495);
}

#[tokio::test]
async fn a_list_that_is_no_list_meets_no_filter_and_stops_none() {
    let place = Place::sqlite();
    let warehouse = place.warehouse();
    let records = catalog::table("yclients_records").unwrap();
    let list = |id: i64, list: &str| [id.into(), Value::Json(list.to_owned())];
    let columns = ["id", "service_category_ids"];
    let all = [list(1, "[4,5]"), list(2, "[4]"), list(3, "[5]")];
    let page = admit(records, Rule::Newest, columns, &all);
    commit(&warehouse, hour(8), page).await;
    write(
        &place,
        "UPDATE yclients_records SET service_category_ids = 'five' WHERE id = 3",
    );
    let five = Filter::Has {
        column: "service_category_ids".to_owned(),
        value: 5.into(),
    };
    // As the preview of a filter asks.
    let snapshot = warehouse.snapshot().await.unwrap();
    let count = async |filter: &Filter| snapshot.count(records, filter).await.unwrap();
    assert_eq!((count(&Filter::All).await, count(&five).await), (3, 1));
    let out = Write::KeepOut {
        table: Arc::clone(records),
        source_id: "local".to_owned(),
        filter: five,
        after: None,
        limit: 10,
    };
    let done = warehouse.commit(load(hour(9), vec![out])).await.unwrap();
    assert_eq!(done.counts["yclients_records"]["kept_out"], 2);
}

#[tokio::test]
async fn keys_of_text_that_are_no_text_are_buried_too() {
    let place = Place::sqlite();
    let warehouse = place.warehouse();
    let two = [["a".into()], [Value::from("b")]];
    commit(
        &warehouse,
        hour(8),
        admit(&notes(), Rule::Newest, ["id"], &two),
    )
    .await;
    write(&place, "UPDATE shop_notes SET id = x'ff' WHERE id = 'b'");
    let gone = Write::Absent {
        table: notes(),
        source_id: "local".to_owned(),
        filter: Filter::All,
        seen_since: hour(9),
    };
    let done = warehouse.commit(load(hour(9), vec![gone])).await.unwrap();
    assert_eq!(done.counts["shop_notes"]["absent"], 2);
    let living = Scan::of(&notes()).columns(["id"]);
    assert!(super::read(&warehouse, living).await.is_empty());
}
