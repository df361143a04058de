//! What goes at night.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::bed::{day, plants};
use crate::{
    catalog::Table,
    control::Actor,
    journal::{Category, JournalFilter, NewEntry, Severity},
    planner::tests::bed::Plant,
    ports::{Envelope, ParkedPage, QueueName},
    retention::{SWEEP, fan_out, sweep},
    warehouse::{Filter, Rows, Value, Write, internal},
};

impl Plant {
    pub(super) async fn insert(&self, table: &'static Arc<Table>, row: &[Value]) {
        let mut rows = Rows::new(table.columns.len());
        rows.push_values(row);
        let table = Arc::clone(table);
        self.load(day(1), Write::Insert { table, rows }).await;
    }

    async fn noted(&self, at: DateTime<Utc>, code: &str) {
        let entry = NewEntry {
            at,
            category: Category::Problem,
            severity: Severity::Info,
            source_id: None,
            actor: Actor::System,
            code: code.to_owned(),
            counts: std::collections::BTreeMap::new(),
            details: json!({}),
            dedupe_key: code.to_owned(),
        };
        let mut tx = self.services.control.begin().await.unwrap();
        tx.append_journal(&self.bed.subscription.id, &entry)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn codes(&self) -> Vec<String> {
        let journal = self.services.control.journal(&self.bed.subscription.id);
        let page = journal
            .list(&JournalFilter::default(), None, 200)
            .await
            .unwrap();
        page.items.into_iter().map(|entry| entry.code).collect()
    }

    async fn count(&self, table: &Arc<Table>) -> u64 {
        let snapshot = self.warehouse().snapshot().await.unwrap();
        snapshot.count(table, &Filter::All).await.unwrap()
    }
}

#[tokio::test]
async fn every_subscription_is_sent_off_once_a_night() {
    for plant in plants().await {
        let services = &plant.services;
        assert_eq!(
            fan_out(&services.dispatcher()).await.unwrap(),
            0,
            "it was made after the night had begun"
        );
        plant.bed.clock.set("2026-03-02T00:59:59Z".parse().unwrap());
        assert_eq!(fan_out(&services.dispatcher()).await.unwrap(), 0);
        plant.bed.clock.set("2026-03-02T01:00:00Z".parse().unwrap());
        assert_eq!(fan_out(&services.dispatcher()).await.unwrap(), 1);
        plant.bed.clock.advance(TimeDelta::hours(20));
        assert_eq!(fan_out(&services.dispatcher()).await.unwrap(), 0);
        let queue = QueueName::Retention;
        let messages = services
            .queue
            .receive(queue, 10, Duration::from_secs(60))
            .await
            .unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].envelope.kind, SWEEP);
        let receipt = messages[0].receipt.clone();
        crate::jobs::run(services, queue, messages.into_iter().next().unwrap())
            .await
            .unwrap();
        services.queue.ack(queue, &receipt).await.unwrap();
        plant.bed.clock.advance(TimeDelta::days(3));
        assert_eq!(
            fan_out(&services.dispatcher()).await.unwrap(),
            1,
            "nights that were missed are caught up once"
        );
        plant.close().await;
    }
}

#[tokio::test]
async fn what_is_over_goes_and_what_is_not_stays() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        let now = plant.bed.now();
        let ago = |days| now - TimeDelta::days(days);
        plant.noted(ago(401), "work.put-aside").await;
        plant.noted(ago(399), "job.created").await;
        for (id, days) in [("old", 91), ("new", 89)] {
            let parked = [
                id.into(),
                "t".into(),
                "s".into(),
                "r".into(),
                Value::Json("{}".to_owned()),
                ago(days).into(),
            ];
            plant.insert(internal::parked(), &parked).await;
        }
        for (run, days) in [("old", 93), ("new", 91)] {
            let first = ago(days).date_naive();
            let texts =
                |texts: &[&str]| -> Vec<Value> { texts.iter().map(|&text| text.into()).collect() };
            let mut compared = texts(&[run, "t"]);
            compared.extend([first.into(), "s".into(), "checked".into(), Value::Null]);
            compared.extend([1, 1, 0, 0, 1].map(Value::Integer));
            compared.extend([Value::Json("{}".to_owned()), ago(days).into()]);
            plant.insert(internal::reconciled_days(), &compared).await;
            let mut differs = texts(&[run, "t"]);
            differs.extend([first.into(), "k".into(), "f".into()]);
            differs.extend(texts(&["s", "differing", "1", "2"]));
            differs.extend([Value::Boolean(true), ago(days).into()]);
            plant.insert(internal::differences(), &differs).await;
        }
        for (id, days) in [("old", 1_831), ("new", 1_829)] {
            let event = [
                id.into(),
                ago(days).into(),
                "export".into(),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Null,
            ];
            plant.insert(internal::personal_data_events(), &event).await;
            for customer in ["c1", "c2"] {
                plant
                    .insert(
                        internal::personal_data_subjects(),
                        &[id.into(), customer.into()],
                    )
                    .await;
            }
        }
        let killed = [("killed", 8), ("running", 6)].map(|(event, days)| Write::PutState {
            key: format!("export/begun/{event}"),
            value: Some(json!({ "at": ago(days) })),
        });
        for note in killed {
            plant.load(day(1), note).await;
        }
        for days in [15, 13] {
            plant.bed.clock.set(ago(days));
            let envelope = Envelope {
                version: 1,
                kind: "x".to_owned(),
                subscription: shop.clone(),
                body: json!({}),
            };
            services
                .queue
                .send(QueueName::Mail, envelope, Duration::ZERO, None)
                .await
                .unwrap();
            let received = services
                .queue
                .receive(QueueName::Mail, 1, Duration::from_secs(60))
                .await
                .unwrap();
            services
                .queue
                .park(QueueName::Mail, &received[0].receipt, "r".to_owned())
                .await
                .unwrap();
        }
        plant.bed.clock.set(now);
        let swept = sweep(services, shop).await.unwrap();
        let expected = [
            ("journal", 1),
            ("parked_messages", 1),
            ("parked_records", 1),
            ("personal_data_log", 1),
            ("reconciliations", 2),
            ("unfinished_files", 1),
        ];
        let expected = expected.map(|(what, rows)| (what.to_owned(), rows));
        assert_eq!(swept.into_iter().collect::<Vec<_>>(), expected);
        let codes = plant.codes().await;
        assert!(
            codes.contains(&"job.created".to_owned())
                && codes.contains(&"retention.swept".to_owned())
        );
        assert!(!codes.contains(&"work.put-aside".to_owned()));
        assert_eq!(plant.count(internal::parked()).await, 1);
        assert_eq!(plant.count(internal::reconciled_days()).await, 1);
        assert_eq!(plant.count(internal::differences()).await, 1);
        assert_eq!(plant.count(internal::personal_data_events()).await, 1);
        assert_eq!(plant.count(internal::personal_data_subjects()).await, 2);
        let page = ParkedPage {
            subscription: Some(shop.clone()),
            after: None,
            limit: 10,
        };
        assert_eq!(
            services
                .queue
                .parked(QueueName::Mail, page)
                .await
                .unwrap()
                .len(),
            1
        );
        assert!(sweep(services, shop).await.unwrap().is_empty());
        plant.close().await;
    }
}
