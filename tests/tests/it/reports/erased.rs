//! Somebody who is erased while a report is being refreshed.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use wynos::{
    control::{Actor, ReportKind},
    retention::{self, People, Person},
    warehouse::{Filter, internal},
};

use super::{FORMS, Form};
use crate::pull::{Bed, on_both, small};

impl Bed {
    async fn staged(&self) -> u64 {
        let warehouse = self.services().warehouses.open(&self.stack.shop);
        let snapshot = warehouse.snapshot().await.unwrap();
        snapshot
            .count(internal::report_stage(), &Filter::All)
            .await
            .unwrap()
    }

    /// A client with appointments at which something was used up, and the digits of their telephone.
    async fn somebody(&self, but: &[String]) -> (Person, String) {
        let lines = self.truth("yclients_record_consumables").await;
        let used: Vec<i64> = lines
            .iter()
            .filter_map(|line| line["record_id"].as_i64())
            .collect();
        let records = self.truth("yclients_records").await;
        let of_used = records
            .iter()
            .filter(|record| used.contains(&record["id"].as_i64().unwrap()));
        let ids: Vec<i64> = of_used
            .filter_map(|record| record["client_id"].as_i64())
            .collect();
        let clients = self.truth("yclients_clients").await;
        let known = clients
            .iter()
            .filter(|client| ids.contains(&client["id"].as_i64().unwrap()));
        let mut known = known.filter_map(|client| {
            let phone = client["phone"].as_str()?.trim_start_matches('+');
            Some((client["id"].to_string(), phone.to_owned()))
        });
        let (id, phone) = known
            .find(|(id, phone)| phone.len() > 6 && !but.contains(id))
            .unwrap();
        let people = People::Yclients;
        (Person { people, id }, phone)
    }

    /// Everything in the tables of reports, staged rows too, as text.
    async fn reported(&self) -> String {
        use futures::TryStreamExt;
        use wynos::{catalog, warehouse::Scan, yclients::reports};
        let services = self.services();
        let own = reports::tables(&services.control, &self.stack.shop)
            .await
            .unwrap();
        let shared = catalog::table("yclients_reports").unwrap();
        let snapshot = services
            .warehouses
            .open(&self.stack.shop)
            .snapshot()
            .await
            .unwrap();
        let mut text = String::new();
        for table in own.iter().chain([shared, internal::report_stage()]) {
            let batches: Vec<_> = snapshot
                .scan(Scan::of(table))
                .await
                .unwrap()
                .try_collect()
                .await
                .unwrap();
            for row in batches.iter().flat_map(|rows| rows.iter()) {
                text.push_str(&format!("{:?}\n", row.values().collect::<Vec<_>>()));
            }
        }
        text
    }
}

on_both! {
    async fn who_is_erased_while_a_report_is_refreshed_is_not_put_back(bed: Bed, small(150, "")) {
        let mut erased = Vec::new();
        for form in FORMS {
            let made = bed.report(ReportKind::Consumables, form).await;
            bed.refresh(&made).await;
            bed.live(30, TimeDelta::days(1));
            let (person, phone) = bed.somebody(&erased).await;
            assert!(form == Form::Described || bed.reported().await.contains(&phone), "{phone}");
            // Every answer takes its time: there is a moment when rows are staged and not yet put in place.
            bed.faults("slow=8").await;
            let over = AtomicBool::new(false);
            let refreshed = async {
                bed.refresh(&made).await;
                over.store(true, Ordering::SeqCst);
            };
            let forgotten = async {
                while bed.staged().await == 0 {
                    assert!(!over.load(Ordering::SeqCst), "nothing was staged");
                    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                }
                let services = bed.services();
                retention::erase(&services, &bed.stack.shop, &person, &Actor::System).await.unwrap();
            };
            tokio::join!(refreshed, Box::pin(forgotten));
            bed.faults("").await;
            let reported = bed.reported().await;
            let left: Vec<_> = reported.lines().filter(|line| line.contains(&phone)).collect();
            assert!(left.is_empty(), "{form:?} has {phone} of {person:?} again: {left:?}");
            assert_eq!(bed.staged().await, 0);
            // Nobody else's rows are the fewer for it.
            let held = bed.kept(&made).await;
            assert!(held.keys().eq(bed.expected(ReportKind::Consumables).await.keys()));
            erased.push(person.id);
        }
        bed.end().await;
    }
}
