//! What a plan lets in.

use serde_json::json;
use wynos::warehouse::{Quota, Rule, Scan, Value, Value::Null, Warehouse, WarehouseError, Write};

use super::{admit, hour, load, on_both, places::Place, read, tables::vendor_copy};

/// Rows of this many kilobytes of text, while the plan allows so many bytes.
async fn fill(
    warehouse: &Warehouse,
    ids: std::ops::Range<i64>,
    bytes: u64,
) -> Result<(), WarehouseError> {
    // Text that PostgreSQL cannot make smaller.
    let mut state = 1_u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    let rows: Vec<[Value; 3]> = ids
        .map(|id| {
            let text: String = (0..20_000).map(|_| noise()).collect();
            [id.into(), Value::from(text), Null]
        })
        .collect();
    let page = admit(&vendor_copy(), Rule::Newest, ["id", "name", "note"], &rows);
    let mut load = load(hour(9), vec![Write::Admit(page)]);
    load.quota = Some(Quota {
        month: "2026-05".to_owned(),
        rows: 1_000,
        bytes,
    });
    warehouse.commit(load).await.map(|_| ())
}

async fn pull(
    warehouse: &Warehouse,
    month: &str,
    rows: &[(i64, &str)],
) -> Result<Option<u64>, WarehouseError> {
    let rows: Vec<[Value; 3]> = rows
        .iter()
        .map(|(id, name)| [(*id).into(), (*name).into(), Null])
        .collect();
    let page = admit(&vendor_copy(), Rule::Newest, ["id", "name", "note"], &rows);
    let cursor = Write::PutState {
        key: "cursor".to_owned(),
        value: Some(json!(rows.len())),
    };
    let mut load = load(hour(9), vec![Write::Admit(page), cursor]);
    load.quota = Some(Quota {
        month: month.to_owned(),
        rows: 3,
        bytes: u64::MAX,
    });
    Ok(warehouse.commit(load).await?.used)
}

on_both! {
    async fn rows_are_counted_exactly_and_too_many_are_refused_whole(place: &Place) {
        let warehouse = place.warehouse();
        assert_eq!(pull(&warehouse, "2026-05", &[(1, "a"), (2, "b")]).await.unwrap(), Some(2));
        // Rows that say what is there already are not counted.
        assert_eq!(pull(&warehouse, "2026-05", &[(1, "a"), (2, "b")]).await.unwrap(), Some(2));
        let refused = pull(&warehouse, "2026-05", &[(2, "c"), (3, "d")]).await.unwrap_err();
        assert!(
            matches!(refused, WarehouseError::OverQuota { used: 2, rows: 3, more: 2, .. }),
            "{refused}"
        );
        // Nothing of it is there, the cursor neither.
        let names = read(&warehouse, Scan::of(&vendor_copy()).columns(["name"])).await.concat();
        assert_eq!(names, ["a", "b"].map(Value::from));
        assert_eq!(warehouse.state("cursor").await.unwrap(), Some(json!(2)));
        assert_eq!(pull(&warehouse, "2026-05", &[(2, "c")]).await.unwrap(), Some(3));
        // The next month begins anew.
        assert_eq!(pull(&warehouse, "2026-06", &[(3, "d"), (4, "e")]).await.unwrap(), Some(2));
    }

    async fn what_was_used_is_told_with_the_rows(place: &Place) {
        let warehouse = place.warehouse();
        pull(&warehouse, "2026-05", &[(1, "a"), (2, "b")]).await.unwrap();
        pull(&warehouse, "2026-05", &[(1, "a"), (2, "b")]).await.unwrap();
        pull(&warehouse, "2026-05", &[(2, "b"), (3, "c"), (4, "d")]).await.unwrap_err();
        let told = warehouse.outbox(0, 10).await.unwrap();
        let told: Vec<_> = told.iter().map(|entry| (entry.kind.as_str(), &entry.payload)).collect();
        let stored = told[0].1["bytes"].as_u64().unwrap();
        let said = json!({"month": "2026-05", "rows": 2, "limit": 3, "bytes": stored, "bytes_limit": u64::MAX});
        assert_eq!(told, [("usage", &said)]);
    }

    async fn a_warehouse_at_its_limit_lets_nothing_more_in_until_there_is_room(place: &Place) {
        let warehouse = place.warehouse();
        assert_eq!(warehouse.stored_bytes().await.unwrap(), 0);
        fill(&warehouse, 0..100, 2_000_000).await.unwrap();
        let first = warehouse.stored_bytes().await.unwrap();
        assert!((1_900_000..4_000_000).contains(&first), "{first}");
        // It is looked at before a load: this one goes in where the limit is above, and the next does not.
        fill(&warehouse, 100..150, first + 1).await.unwrap();
        let limit = first + 500_000;
        let stored = warehouse.stored_bytes().await.unwrap();
        assert!(stored > limit, "{stored}");
        let refused = fill(&warehouse, 150..160, limit).await.unwrap_err();
        let WarehouseError::OverStorage { used, bytes } = refused else { panic!("{refused}") };
        assert_eq!((used, bytes), (stored, limit));
        // What says nothing new goes in all the same; so does what is new, with a larger plan.
        fill(&warehouse, 0..10, limit).await.unwrap();
        fill(&warehouse, 150..160, 100_000_000).await.unwrap();
        let kept = read(&warehouse, Scan::of(&vendor_copy()).columns(["id"])).await;
        assert_eq!(kept.len(), 160);
    }
}
