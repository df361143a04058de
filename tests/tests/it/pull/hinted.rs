//! Webhooks and pulls of one source together.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use wynos::{
    control::Actor,
    jobs,
    ports::QueueName,
    warehouse::Value,
    yclients::{
        connect::{self, Change},
        hooks, pull, selection,
    },
};
use wynos_webhook::Receiver;

use super::{Bed, on_both, options, small, truth::differences};

/// Tables whose rows webhooks speak of.
const TOLD_OF: [&str; 9] = [
    "yclients_staff",
    "yclients_services",
    "yclients_clients",
    "yclients_goods",
    "yclients_records",
    "yclients_record_services",
    "yclients_record_labels",
    "yclients_goods_transactions",
    "yclients_finance_transactions",
];

impl Bed {
    /// What the vendor has sent since the beginning: envelopes, in the order they left.
    async fn sent(&self, after: u64) -> (Vec<Json>, u64) {
        let (mut envelopes, mut last) = (Vec::new(), after);
        let url = format!("{}/sandbox/webhooks", self.sandbox.control_url);
        let company = self.company;
        let asked = format!("{url}?after={after}&limit=100000&company={company}");
        let answer = reqwest::get(asked).await.unwrap().text().await.unwrap();
        let answer: Json = serde_json::from_str(&answer).unwrap();
        for sent in answer["webhooks"].as_array().unwrap() {
            last = last.max(sent["number"].as_u64().unwrap());
            match &sent["body"] {
                Json::Array(several) => envelopes.extend(several.iter().cloned()),
                one => envelopes.push(one.clone()),
            }
        }
        (envelopes, last)
    }

    /// Calls that the vendor has counted so far.
    async fn calls(&self) -> u64 {
        let url = format!("{}/sandbox/limits", self.sandbox.control_url);
        let answer: Json = reqwest::get(url).await.unwrap().json().await.unwrap();
        let all = answer["calls"].as_object().unwrap();
        all.values().map(sum).sum()
    }

    /// Takes a webhook in at the source's address.
    async fn post(&self, body: &Json) {
        use axum::{body::Body, http::Request};
        use tower::ServiceExt;
        let services = self.services();
        let keys = services.keys.webhook.clone();
        let path = hooks::path(&keys, &self.source, 1);
        let receiver = Receiver::new(services.queue.clone(), keys, services.clock.clone());
        let request = Request::post(path).body(Body::from(body.to_string()));
        let answer = wynos_webhook::router(receiver).oneshot(request.unwrap());
        assert!(answer.await.unwrap().status().is_success());
    }

    /// Works off the events, and the pulls that they ask for when that is due.
    async fn work(&self) {
        let services = self.services();
        for (queue, wait) in [(QueueName::Ingest, 0), (QueueName::Pull, 11)] {
            self.stack.clock.advance(TimeDelta::seconds(wait));
            loop {
                let hidden = Duration::from_secs(60);
                let received = services.queue.receive(queue, 100, hidden).await.unwrap();
                if received.is_empty() {
                    break;
                }
                for message in received {
                    let receipt = message.receipt.clone();
                    jobs::run(&services, queue, message).await.unwrap();
                    services.queue.ack(queue, &receipt).await.unwrap();
                }
            }
        }
    }

    async fn are_hints(&self) {
        let change = Change {
            hints: Some(true),
            ..Change::default()
        };
        connect::change(&self.services(), &self.source, &change, &Actor::System)
            .await
            .unwrap();
    }
}

fn sum(value: &Json) -> u64 {
    match value {
        Json::Number(number) => number.as_u64().unwrap_or(0),
        Json::Object(fields) => fields.values().map(sum).sum(),
        _ => 0,
    }
}

async fn assert_equal(bed: &Bed, tables: &[&str]) {
    let found = differences(bed, tables).await;
    let shown: Vec<_> = found.iter().take(30).collect();
    assert!(found.is_empty(), "{} differences: {shown:#?}", found.len());
}

on_both! {
    async fn a_hint_has_its_entity_read_again_though_it_tells_nothing(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.history().await;
        let (_, last) = bed.sent(0).await;
        bed.are_hints().await;
        bed.live(12, TimeDelta::seconds(1));
        let (events, _) = bed.sent(last).await;
        assert!(events.len() > 5, "{}", events.len());
        let calls = bed.calls().await;
        for event in &events {
            // Not a word of what it is now; twice.
            let mut event = event.clone();
            event["data"] = json!([]);
            bed.post(&json!([event, event])).await;
        }
        bed.work().await;
        assert_equal(&bed, &TOLD_OF).await;
        // One each at most, and the lists of movements and money, which tell more than one alone.
        let read = bed.calls().await - calls;
        assert!(read <= events.len() as u64 + 8, "{read} calls for {} events", events.len());
        // It was heeded: nothing is left to be read.
        let calls = bed.calls().await;
        pull::run(&bed.services(), &bed.source, options()).await.unwrap();
        assert_eq!(bed.calls().await, calls);
        bed.end().await;
    }

    async fn many_hints_are_heeded_by_reading_the_list(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.history().await;
        let (_, last) = bed.sent(0).await;
        bed.are_hints().await;
        bed.live(150, TimeDelta::seconds(1));
        let (events, _) = bed.sent(last).await;
        bed.post(&json!(events)).await;
        let calls = bed.calls().await;
        bed.work().await;
        assert_equal(&bed, &TOLD_OF).await;
        let read = bed.calls().await - calls;
        assert!(read < events.len() as u64 / 2, "{read} calls for {} events", events.len());
        bed.end().await;
    }

    async fn a_hint_outlives_the_message_that_was_to_heed_it(bed: Bed, small(100, "")) {
        bed.pull_through().await;
        bed.history().await;
        let (_, last) = bed.sent(0).await;
        bed.are_hints().await;
        bed.live(10, TimeDelta::seconds(1));
        let (events, _) = bed.sent(last).await;
        bed.post(&json!(events)).await;
        let services = bed.services();
        let hidden = Duration::from_secs(60);
        let received = services.queue.receive(QueueName::Ingest, 100, hidden).await.unwrap();
        for (_, outcome) in hooks::ingest(&services, received).await {
            outcome.unwrap();
        }
        // The vendor is away when they are read, and the message is lost; the next pull finds them.
        bed.faults("reset=1").await;
        let failed = pull::run(&services, &bed.source, options()).await.unwrap();
        assert!(!failed.failures.is_empty());
        bed.faults("").await;
        pull::run(&services, &bed.source, options()).await.unwrap();
        assert_equal(&bed, &TOLD_OF).await;
        bed.end().await;
    }

    async fn a_movement_of_long_ago_that_a_hint_says_is_deleted_is_gone(bed: Bed, small(400, "")) {
        bed.pull_through().await;
        bed.history().await;
        bed.are_hints().await;
        let long_ago = bed.stack.clock.now() - TimeDelta::days(10);
        let movements = bed.rows("yclients_goods_transactions", &["id", "create_date"]).await;
        let old = movements.iter().filter(|row| crate::pull::instant(&row[1]) < long_ago);
        let ids: Vec<i64> = old.filter_map(|row| if let Value::Integer(id) = row[0] { Some(id) } else { None }).collect();
        let [deleted, unknown, there, ..] = ids[..] else { panic!("{ids:?}") };
        bed.stack.clock.advance(TimeDelta::seconds(1));
        bed.sandbox.take_back_goods(bed.company, deleted);
        // One that the vendor does not even know by its number.
        let renamed = format!("UPDATE @yclients_goods_transactions SET id = 999000111 WHERE id = {unknown}");
        bed.stack.tamper(&[renamed]).await.unwrap();
        let event = |id: i64| json!({
            "company_id": bed.company, "resource": "goods_operations_sale", "resource_id": id, "status": "delete", "data": [],
        });
        bed.stack.clock.advance(TimeDelta::minutes(1));
        bed.post(&json!([event(deleted), event(999_000_111), event(there)])).await;
        bed.work().await;
        let held = bed.rows("yclients_goods_transactions", &["id"]).await;
        let is_held = |id: i64| held.contains(&vec![Value::Integer(id)]);
        assert!(!is_held(deleted) && !is_held(999_000_111) && is_held(there));
        // They were heeded: nothing is left to be read.
        let calls = bed.calls().await;
        pull::run(&bed.services(), &bed.source, options()).await.unwrap();
        assert_eq!(bed.calls().await, calls);
        bed.end().await;
    }

    async fn webhooks_obey_the_filter_of_their_table(bed: Bed, small(120, "")) {
        bed.pull_through().await;
        bed.history().await;
        let staff = bed.rows("yclients_records", &["staff_id"]).await;
        let Value::Integer(kept) = staff[0][0] else { panic!("{staff:?}") };
        let filter = json!({ "column": "staff_id", "is": "equal", "value": kept });
        let (services, source) = (bed.services(), &bed.source);
        selection::set_filter(&services, source, "yclients_records", Some(&filter), Actor::System)
            .await
            .unwrap();
        bed.pull_through().await;
        let others = async || {
            let staff = bed.rows("yclients_records", &["staff_id"]).await;
            staff.iter().filter(|row| row[0] != Value::Integer(kept)).count()
        };
        assert_eq!(others().await, 0);
        let (_, last) = bed.sent(0).await;
        bed.live(80, TimeDelta::seconds(1));
        let (events, _) = bed.sent(last).await;
        let of_others = |event: &&Json| {
            event["resource"] == "record" && event["data"]["staff_id"] != json!(kept)
        };
        assert!(events.iter().filter(of_others).count() > 3);
        bed.post(&json!(events)).await;
        bed.work().await;
        assert_eq!(others().await, 0);
        bed.end().await;
    }

    async fn an_event_that_names_an_unknown_service_waits_for_its_category(bed: Bed, small(120, "")) {
        bed.pull_through().await;
        let categories = bed.rows("yclients_services", &["category_id"]).await;
        let Value::Integer(category) = categories[0][0] else { panic!("{categories:?}") };
        let filter = json!({ "column": "service_category_ids", "has": category });
        let (services, source) = (bed.services(), &bed.source);
        selection::set_filter(&services, source, "yclients_records", Some(&filter), Actor::System)
            .await
            .unwrap();
        bed.pull_through().await;
        let (_, last) = bed.sent(0).await;
        bed.live(0, TimeDelta::minutes(1));
        let (_, record) = bed.sandbox.book_new_service(bed.company, category).unwrap();
        let (events, _) = bed.sent(last).await;
        // That of the service is lost.
        let of_record: Vec<_> = events.iter().filter(|event| event["resource"] == "record").collect();
        assert_eq!(of_record.len(), 1, "{events:?}");
        bed.post(of_record[0]).await;
        bed.work().await;
        let held = bed.rows("yclients_records", &["id", "service_category_ids"]).await;
        let expected = vec![Value::Integer(record), Value::Json(format!("[{category}]"))];
        assert!(held.contains(&expected), "{held:?}");
        // It was heeded, and its service is known: the same event asks for nothing more.
        let calls = bed.calls().await;
        bed.post(of_record[0]).await;
        bed.work().await;
        assert_eq!(bed.calls().await, calls);
        bed.end().await;
    }

    async fn a_webhook_leaves_the_categories_that_a_pull_filled(bed: Bed, small(120, "")) {
        bed.pull_through().await;
        bed.history().await;
        let (_, last) = bed.sent(0).await;
        bed.live(80, TimeDelta::seconds(1));
        let (events, _) = bed.sent(last).await;
        let records = events.iter().filter(|event| event["resource"] == "record");
        assert!(records.count() > 5);
        bed.post(&json!(events)).await;
        bed.work().await;
        assert_equal(&bed, &["yclients_records", "yclients_record_services"]).await;
        bed.end().await;
    }
}
