use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;
use wynos::{
    control::{Actor, RunState},
    journal::{self, JournalFilter},
    warehouse::Value,
    yclients::{hooks, selection},
};

use super::{assert_right, compare, found, ids_of, last_days, load};
use crate::pull::{Bed, on_both, small};

on_both! {
    async fn rows_that_a_filter_keeps_out_are_no_differences(bed: Bed, small(300, "")) {
        load(&bed).await;
        let services = bed.services();
        let accounts = bed.rows("yclients_finance_transactions", &["account_id"]).await;
        let Value::Integer(account) = accounts[0][0] else { panic!("{accounts:?}") };
        let set = |table: &'static str, filter: serde_json::Value| {
            let (services, source) = (&services, &bed.source);
            async move {
                selection::set_filter(services, source, table, Some(&filter), Actor::System).await.unwrap();
            }
        };
        // One that the vendor applies itself, and one that it does not.
        set("yclients_finance_transactions", json!({ "column": "account_id", "is": "equal", "value": account })).await;
        set("yclients_records", json!({ "column": "attendance", "is": "equal", "value": 1 })).await;
        bed.live(0, TimeDelta::minutes(1));
        bed.pull_through().await;
        bed.stack.clock.advance(TimeDelta::minutes(1));
        let days = last_days(&bed, 30);
        let kept = ids_of(&bed, "yclients_finance_transactions", "date", days).await;
        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Done);
        assert_eq!(found(&bed, &done.run).await, []);
        let money = &done.summary.tables["yclients_finance_transactions"];
        assert_eq!((money.rows_held, money.rows_vendor), (kept.len() as i64, kept.len() as i64));
        let status = &done.summary.tables["yclients_records"].totals["status"];
        assert_eq!(status["vendor"].as_object().unwrap().keys().collect::<Vec<_>>(), ["1"]);
        bed.end().await;
    }

    async fn rows_that_retention_removed_are_no_differences(bed: Bed, small(200, "")) {
        load(&bed).await;
        bed.live(0, TimeDelta::days(2));
        bed.sweep(&[]).await;
        bed.live(0, TimeDelta::minutes(1));
        let days = last_days(&bed, 30);
        let done = compare(&bed, days).await;
        assert_eq!(done.state, RunState::Done);
        assert_eq!(found(&bed, &done.run).await, []);
        assert!(done.summary.tables.values().all(|table| (table.rows_held, table.rows_vendor) == (0, 0)));
        assert!(bed.rows("yclients_records", &["id"]).await.is_empty());
        bed.end().await;
    }

    async fn deletes_that_came_by_webhook_are_asked_about(bed: Bed, small(300, "")) {
        load(&bed).await;
        let days = last_days(&bed, 30);
        let records = ids_of(&bed, "yclients_records", "datetime", days).await;
        let old = ids_of(&bed, "yclients_records", "datetime", (days.0 - TimeDelta::days(300), days.0 - TimeDelta::days(1))).await;
        let clients = bed.rows("yclients_clients", &["id"]).await;
        let Value::Integer(client) = clients[0][0] else { panic!("{clients:?}") };
        // Forged, with a time of change that no body of the vendor's will ever have.
        let forged = |resource: &str, id: i64| json!({
            "company_id": bed.company, "resource": resource, "resource_id": id, "status": "delete",
            "data": { "id": id, "last_change_date": "2099-01-01T00:00:00+0300" },
        });
        let services = bed.services();
        for body in [forged("record", records[0]), forged("record", old[0]), forged("client", client)] {
            let path = hooks::path(&services.keys.webhook, &bed.source, 1);
            let sent = crate::hooks::post(&bed.stack, &path, body.to_string()).await.unwrap();
            assert!(sent.is_success());
        }
        crate::hooks::work(&bed.stack.services()).await.unwrap();
        let is_there = async |table: &str, id: i64| {
            bed.rows(table, &["id"]).await.contains(&vec![Value::Integer(id)])
        };
        let journal = services.control.journal(&bed.stack.shop);
        journal::relay(&services, &bed.stack.shop).await.unwrap();
        let told = journal.list(&JournalFilter::default(), None, 3).await.unwrap().items;
        assert!(!is_there("yclients_records", records[0]).await, "{told:?}");
        assert!(!is_there("yclients_clients", client).await);
        bed.stack.clock.advance(TimeDelta::minutes(1));
        let done = compare(&bed, days).await;
        assert_eq!(done.summary.restored, 3, "{:#?}", done.summary);
        assert!(is_there("yclients_records", records[0]).await);
        assert!(is_there("yclients_records", old[0]).await);
        assert!(is_there("yclients_clients", client).await);
        assert_right(&bed).await;
        let snapshot = services.warehouses.open(&bed.stack.shop).snapshot().await.unwrap();
        let left = hooks::unconfirmed_deletes(&snapshot, &bed.source, None).await.unwrap();
        // It holds a connection, which the end of everything would wait for.
        drop(snapshot);
        assert_eq!(left, []);
        bed.end().await;
    }

    async fn a_delete_that_cannot_be_asked_about_does_not_keep_others_from_it(bed: Bed, small(300, "")) {
        load(&bed).await;
        let days = last_days(&bed, 30);
        let mut records = ids_of(&bed, "yclients_records", "datetime", days).await;
        // Marks are read in the order of their names.
        records.sort_by_key(ToString::to_string);
        let clients = bed.rows("yclients_clients", &["id"]).await;
        let clients: Vec<i64> = clients.iter().take(2).map(|row| match row[0] {
            Value::Integer(id) => id,
            _ => panic!("{row:?}"),
        }).collect();
        let services = bed.services();
        let path = hooks::path(&services.keys.webhook, &bed.source, 1);
        let ids = clients.iter().map(|id| ("client", *id)).chain(records.iter().take(3).map(|id| ("record", *id)));
        for (resource, id) in ids {
            let event = json!({
                "company_id": bed.company, "resource": resource, "resource_id": id, "status": "delete", "data": { "id": id },
            });
            assert!(crate::hooks::post(&bed.stack, &path, event.to_string()).await.unwrap().is_success());
        }
        crate::hooks::work(&bed.stack.services()).await.unwrap();
        bed.stack.clock.advance(TimeDelta::minutes(1));
        let left = async || {
            let snapshot = services.warehouses.open(&bed.stack.shop).snapshot().await.unwrap();
            let marks = hooks::unconfirmed_deletes(&snapshot, &bed.source, None).await.unwrap();
            marks.into_iter().map(|mark| mark.id).collect::<Vec<_>>()
        };
        assert_eq!(left().await.len(), 5);
        // The second record's answer cannot be read, and clients are refused.
        bed.next_faults(&json!([{ "fault": "truncate", "path": format!("/record/{}/{}", bed.company, records[1]), "times": 99 }])).await;
        bed.faults("forbidden=clients").await;
        let days = last_days(&bed, 2);
        compare(&bed, days).await;
        let mut expected = clients.clone();
        expected.push(records[1]);
        assert_eq!(left().await.into_iter().collect::<BTreeSet<_>>(), expected.into_iter().collect());
        let held = bed.rows("yclients_records", &["id"]).await;
        assert!(held.contains(&vec![Value::Integer(records[2])]));
        bed.end().await;
    }
}
