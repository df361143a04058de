//! What a plan lets in.

use serde_json::json;
use wynos::warehouse::{Quota, Rule, Scan, Value, Value::Null, Warehouse, WarehouseError, Write};

use super::{admit, hour, load, on_both, places::Place, read, tables::vendor_copy};

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
        assert_eq!(told, [("usage", &json!({"month": "2026-05", "rows": 2, "limit": 3}))]);
    }
}
