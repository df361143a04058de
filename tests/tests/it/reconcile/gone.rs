//! Rows that the vendor has deleted, and what it says of them when it is asked.

use chrono::TimeDelta;
use serde_json::json;
use wynos::{control::RunState, warehouse::Value, yclients::hooks};

use super::{assert_right, compare, found, ids_of, last_days, load, rows_of};
use crate::pull::{Bed, on_both, small};

const MOVEMENTS: &str = "yclients_goods_transactions";

on_both! {
    async fn movements_that_were_deleted_stay_so_or_become_so(bed: Bed, small(400, "")) {
        load(&bed).await;
        let days = last_days(&bed, 40);
        // Pulls read the last seven days again, these not.
        let old = (days.0, days.1 - TimeDelta::days(9));
        let movements = ids_of(&bed, MOVEMENTS, "create_date", old).await;
        let (told, untold) = (movements[0], movements[1]);
        bed.sandbox.take_back_goods(bed.company, told);
        bed.sandbox.take_back_goods(bed.company, untold);
        let event = json!({
            "company_id": bed.company, "resource": "goods_operations_sale", "resource_id": told, "status": "delete",
            "data": { "id": told },
        });
        let services = bed.services();
        let path = hooks::path(&services.keys.webhook, &bed.source, 1);
        bed.stack.clock.advance(TimeDelta::minutes(1));
        assert!(crate::hooks::post(&bed.stack, &path, event.to_string()).await.unwrap().is_success());
        crate::hooks::work(&bed.stack.services()).await.unwrap();
        let held = async |id: i64| bed.rows(MOVEMENTS, &["id"]).await.contains(&vec![Value::Integer(id)]);
        assert!(!held(told).await && held(untold).await);

        bed.stack.clock.advance(TimeDelta::minutes(1));
        let done = compare(&bed, days).await;
        assert_eq!((done.state, done.summary.restored), (RunState::Done, 0), "{:#?}", done.summary);
        assert!(!held(told).await && !held(untold).await);
        let mut differences = found(&bed, &done.run).await;
        // A record may have had it too.
        differences.retain(|one| one.table == MOVEMENTS);
        let expected = format!("goods_transactions {untold} extra");
        assert_eq!(rows_of(&differences).into_iter().collect::<Vec<_>>(), [expected]);
        assert!(differences.iter().any(|one| one.vendor.as_deref() == Some("deleted")));
        assert_right(&bed).await;
        let snapshot = services.warehouses.open(&bed.stack.shop).snapshot().await.unwrap();
        let left = hooks::unconfirmed_deletes(&snapshot, &bed.source, None).await.unwrap();
        drop(snapshot);
        assert_eq!(left, []);

        bed.stack.clock.advance(TimeDelta::minutes(1));
        let again = compare(&bed, days).await;
        assert_eq!(found(&bed, &again.run).await, []);
        bed.end().await;
    }

    async fn a_week_of_which_hundreds_were_deleted_can_be_read(bed: Bed, small(1_200, "")) {
        load(&bed).await;
        let days = last_days(&bed, 7);
        let held = bed.rows(MOVEMENTS, &["id"]).await;
        let ids = held.iter().take(220).map(|row| match row[0] {
            Value::Integer(id) => id,
            _ => panic!("{row:?}"),
        });
        let ids: Vec<i64> = ids.collect();
        assert_eq!(ids.len(), 220);
        for id in &ids {
            bed.sandbox.take_back_goods(bed.company, *id);
        }
        // All of them are held as of one day.
        let day = (days.0 + TimeDelta::days(2)).and_hms_opt(9, 0, 0).unwrap();
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let moved = format!("UPDATE @{MOVEMENTS} SET create_date = '{day}+00:00' WHERE id IN ({})", ids.join(", "));
        bed.stack.tamper(&[moved]).await.unwrap();
        bed.stack.clock.advance(TimeDelta::minutes(1));
        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Done, "{:#?}", done.summary);
        assert!(done.summary.tables[MOVEMENTS].extra >= 220, "{:#?}", done.summary);
        let wrong = crate::pull::truth::differences(&bed, &[MOVEMENTS]).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
        bed.end().await;
    }
}
