//! A client who was erased, and what the vendor goes on telling of them.

use chrono::TimeDelta;
use futures::TryStreamExt;
use wynos::{
    catalog,
    control::Actor,
    retention::{self, People, Person},
    warehouse::{Rows, Scan, Value, internal},
    yclients::connect,
};

use super::{Bed, on_both, small};

impl Bed {
    /// Everything that the warehouse holds of the vendor's, as text.
    async fn dump(&self) -> Vec<String> {
        let services = self.services();
        let warehouse = services.warehouses.open(&self.stack.shop);
        let snapshot = warehouse.snapshot().await.unwrap();
        let mut dump = Vec::new();
        let raw = [internal::parked(), internal::inbox(), internal::outbox()];
        for table in catalog::tables().iter().chain(raw) {
            let columns = table.stored_columns().map(|column| column.name.to_string());
            let scan = Scan::of(table).columns(columns).with_deleted();
            let batches: Vec<Rows> = snapshot
                .scan(scan)
                .await
                .unwrap()
                .try_collect()
                .await
                .unwrap();
            for row in batches.iter().flat_map(Rows::iter) {
                let values: Vec<String> = row.values().map(|value| format!("{value:?}")).collect();
                dump.push(format!("{}: {}", table.name, values.join(" ")));
            }
        }
        dump
    }

    async fn assert_nothing_of(&self, phone: &str) {
        for line in self.dump().await {
            assert!(!line.contains(phone), "{line}");
        }
    }
}

on_both! {
    async fn a_client_who_was_erased_stays_so_whatever_is_pulled(bed: Bed, small(120, "")) {
        bed.pull_through().await;
        bed.history().await;
        let clients = bed.rows("yclients_clients", &["id", "phone"]).await;
        let visits = bed.rows("yclients_records", &["client_id"]).await;
        let has_visits = |id: &Value| visits.iter().any(|visit| visit[0] == *id);
        let client = clients
            .iter()
            .find(|client| has_visits(&client[0]) && client[1] != Value::Null)
            .unwrap();
        let (Value::Integer(id), Value::Text(phone)) = (&client[0], &client[1]) else {
            panic!("{client:?}");
        };
        assert!(bed.dump().await.iter().any(|line| line.contains(phone)));
        let services = bed.services();
        let person = Person { people: People::Yclients, id: id.to_string() };
        let erased = retention::erase(&services, &bed.stack.shop, &person, &Actor::System).await.unwrap();
        assert!(erased.counts["yclients_records"] > 0, "{erased:?}");
        bed.assert_nothing_of(phone).await;
        for _ in 0..2 {
            bed.live(60, TimeDelta::hours(25));
            bed.pull_through().await;
            bed.assert_nothing_of(phone).await;
        }
        bed.history().await;
        bed.assert_nothing_of(phone).await;
        let after = bed.rows("yclients_clients", &["id"]).await;
        assert!(after.len() >= clients.len(), "the rows stay");
        // Nor does connecting the company again bring anything back, which reads it all anew.
        connect::remove(&services, &bed.source, false, &Actor::System).await.unwrap();
        bed.live(60, TimeDelta::days(3));
        let again = crate::pull::connect(&services, &bed.stack.shop, bed.company).await;
        assert_eq!(again, bed.source);
        bed.pull_through().await;
        bed.assert_nothing_of(phone).await;
        bed.end().await;
    }
}
