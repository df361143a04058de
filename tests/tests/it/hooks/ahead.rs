//! Events and pages that say they changed at a time that was still to come.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::{BOTH, Bed, client, minute, order::pull_into};

/// A client as a list tells of it.
fn listed(changed: i64, name: &str) -> Json {
    json!({ "id": 1, "name": name, "last_change_date": minute(changed).to_rfc3339() })
}

/// An event that comes so many minutes after a fixed time.
async fn event(bed: &Bed, at: i64, status: &str, changed: i64, name: &str) -> Result<()> {
    bed.stack.clock.set(minute(at));
    bed.post(&client(1, status, Some(changed), json!({ "name": name })))
        .await?;
    bed.work().await
}

async fn read(bed: &Bed) -> Result<Vec<Vec<String>>> {
    bed.rows("yclients_clients", &["name", "_changed_at", "_deleted_at"])
        .await
}

fn living(name: &str, changed: Option<i64>) -> Vec<Vec<String>> {
    let at = |at: i64| format!("Timestamp({:?})", minute(at));
    let changed = changed.map_or_else(|| "Null".to_owned(), at);
    vec![vec![format!("Text({name:?})"), changed, "Null".to_owned()]]
}

/// Minutes of a year.
const YEAR: i64 = 525_600;
/// Minutes of a day.
const DAY: i64 = 1_440;

#[tokio::test]
async fn an_event_from_the_future_gives_way_to_the_next_change_by_any_way() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        event(&bed, 10, "update", YEAR, "forged").await?;
        assert_eq!(read(&bed).await?, living("forged", None));
        event(&bed, 12, "update", 11, "by event").await?;
        assert_eq!(read(&bed).await?, living("by event", Some(11)));
        event(&bed, 13, "update", YEAR, "forged").await?;
        assert_eq!(read(&bed).await?, living("forged", Some(11)));
        pull_into(&bed, "yclients_clients", minute(20), listed(14, "by list")).await?;
        assert_eq!(read(&bed).await?, living("by list", Some(14)));
        // A page may say such a time too.
        pull_into(&bed, "yclients_clients", minute(30), listed(YEAR, "forged")).await?;
        event(&bed, 32, "update", 31, "by event").await?;
        assert_eq!(read(&bed).await?, living("by event", Some(31)));
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_delete_from_the_future_is_one_of_now() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        event(&bed, 1, "update", 0, "there").await?;
        event(&bed, 10, "delete", YEAR, "there").await?;
        let deleted = format!("Timestamp({:?})", minute(10));
        let rows = read(&bed).await?;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0][2], deleted);
        pull_into(&bed, "yclients_clients", minute(20), listed(11, "back")).await?;
        assert_eq!(read(&bed).await?, living("back", Some(11)));
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_change_whose_offset_is_wrong_by_hours_orders_events_still() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        event(&bed, 10, "update", 10 + DAY, "newer").await?;
        event(&bed, 12, "update", 9 + DAY, "older").await?;
        assert_eq!(read(&bed).await?, living("newer", Some(10 + DAY)));
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn invariant_02_events_from_the_future_end_the_same_in_any_order() -> Result<()> {
    // What they say and when they came; they are let in in every order.
    let facts = [(10, 5, "first"), (11, YEAR, "forged"), (14, 12, "real")];
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let warehouse = bed.stack.services().warehouses.open(&bed.stack.shop);
        for order in orders {
            for place in order {
                let (at, changed, name) = facts[place];
                pull_into(&bed, "yclients_clients", minute(at), listed(changed, name)).await?;
            }
            assert_eq!(read(&bed).await?, living("real", Some(12)), "{order:?}");
            warehouse.erase().await?;
        }
        bed.end().await?;
    }
    Ok(())
}
