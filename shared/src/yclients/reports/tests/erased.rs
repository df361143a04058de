//! Reports and people who are erased.

use std::sync::Arc;

use futures::FutureExt;
use serde_json::json;

use super::bed::*;
use crate::{
    catalog::{self, Table},
    control::{JobRunState, ReportKind},
    planner::Period,
    retention::{People, Person, erase},
    warehouse::{Admit, Filter, Load, Rows, Rule, Value, Write},
    yclients::reports::Target,
};

fn client(id: &str) -> Person {
    Person {
        people: People::Yclients,
        id: id.to_owned(),
    }
}

impl Desk {
    fn has_records(&self, records: Vec<serde_json::Value>) {
        let mut shop = self.shop.lock().unwrap();
        shop.lists.insert(format!("/records/{COMPANY}"), records);
    }

    async fn contents(&self) -> Vec<Vec<Value>> {
        let table = Arc::clone(catalog::table("yclients_reports").unwrap());
        self.rows(&table, &["key", "content"], Filter::All).await
    }

    /// A row of the copy.
    async fn copied(&self, table: &str, columns: &[&str], row: &[Value]) {
        self.admitted(catalog::table(table).unwrap(), columns, row)
            .await;
    }

    /// A row of any table.
    async fn admitted(&self, table: &Arc<Table>, columns: &[&str], row: &[Value]) {
        let mut rows = Rows::new(columns.len());
        rows.push_values(row);
        let admit = Admit {
            table: Arc::clone(table),
            source_id: self.source.id.to_string(),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows,
            rule: Rule::Newest,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        };
        let services = &self.plant.services;
        let load = Load {
            origin: "pull",
            run: "run".to_owned(),
            observed_at: services.clock.now(),
            writes: vec![Write::Admit(admit)],
            quota: None,
        };
        let warehouse = services.warehouses.open(&self.source.subscription_id);
        warehouse.commit(load).await.unwrap();
    }
}

#[tokio::test]
async fn a_run_that_read_somebody_who_is_erased_meanwhile_reads_again() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        desk.has_records(vec![
            record(1, "2026-01-20", json!({})),
            record(
                2,
                "2026-02-27",
                json!({ "client": { "id": 6, "name": "Ян" } }),
            ),
        ]);
        let (_, job) = desk
            .add(desk.order(ReportKind::Consumables, Target::Json))
            .await;
        let (of, subscription) = (services.clone(), shop.clone());
        let erasing = async move {
            let by = crate::control::Actor::CommandLine;
            erase(&of, &subscription, &client("5"), &by).await.unwrap();
        };
        // The first days are read and staged by then.
        desk.shop.lock().unwrap().meanwhile = Some(("2026-02-15".to_owned(), erasing.boxed()));
        let day = |text: &str| text.parse().unwrap();
        let period = Period {
            from: day("2026-01-15"),
            to: day("2026-02-28"),
        };
        let run = desk.run(&job, Some(period)).await;
        assert_eq!(run.state, JobRunState::Done, "{:?}", run.failure_code);
        assert!(desk.shop.lock().unwrap().meanwhile.is_none(), "it happened");
        let contents = format!("{:?}", desk.contents().await);
        assert_eq!(desk.contents().await.len(), 2, "{contents}");
        assert!(contents.contains("Ян"), "{contents}");
        assert!(!contents.contains("Ола"), "{contents}");
        desk.close().await;
    }
}

#[tokio::test]
async fn a_row_whose_key_is_personal_goes() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let of = |id: i64, phone: &str| json!({ "client": { "id": id, "phone": phone } });
        desk.has_records(vec![
            record(1, "2026-02-26", of(5, "79161234567")),
            record(2, "2026-02-27", of(6, "79990000000")),
        ]);
        let yaml = "tables:\n  - name: by_phone\n    columns:\n      \
             - { name: phone, path: client.phone, type: text, key: true }\n      \
             - { name: client_id, path: client.id, type: integer }\n";
        let target = Target::Description { yaml: yaml.into() };
        let (_, job) = desk.add(desk.order(ReportKind::Consumables, target)).await;
        assert_eq!(desk.done(&job).await, 2);
        let erased = erase(services, shop, &client("5"), &BY).await.unwrap();
        assert_eq!(erased.counts["by_phone"], 1);
        let table = desk.table("by_phone").await;
        let left = [vec![Value::from("79990000000")]];
        assert_eq!(desk.rows(&table, &["phone"], Filter::All).await, left);
        // The vendor goes on telling of them.
        desk.done(&job).await;
        assert_eq!(desk.rows(&table, &["phone"], Filter::All).await, left);
        desk.close().await;
    }
}

#[tokio::test]
async fn chosen_fields_are_erased_by_record_and_by_telephone() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let of = |id: i64, name: &str, phone: &str| json!({ "client": { "id": id, "name": name, "phone": phone } });
        desk.has_records(vec![
            record(1, "2026-02-26", of(5, "Ола", "")),
            record(2, "2026-02-27", of(9, "Ола", "+7 916 123-45-67")),
            record(3, "2026-02-28", of(6, "Ян", "79990000000")),
        ]);
        let mut order = desk.order(ReportKind::Consumables, Target::Json);
        order.definition.fields = ["client.name", "client.phone"]
            .map(|path| path.parse().unwrap())
            .into();
        let (_, job) = desk.add(order).await;
        assert_eq!(desk.done(&job).await, 3);
        // Another report with a record of the same number, which is something else.
        has(&desk.shop, ReportKind::Services, &[1]);
        let (_, services_job) = desk
            .add(desk.order(ReportKind::Services, Target::Json))
            .await;
        desk.done(&services_job).await;
        let (client_columns, record_columns) = (["id", "phone"], ["id", "client_id"]);
        let row = [5.into(), "79161234567".into()];
        desk.copied("yclients_clients", &client_columns, &row).await;
        let row = [1.into(), 5.into()];
        desk.copied("yclients_records", &record_columns, &row).await;
        let erased = erase(services, shop, &client("5"), &BY).await.unwrap();
        assert_eq!(erased.counts["yclients_reports"], 2);
        let contents = desk.contents().await;
        assert_eq!(contents.len(), 4);
        let said = format!("{contents:?}");
        assert!(!said.contains("Ола"), "{said}");
        assert!(said.contains("Ян") && said.contains("Стрижка"), "{said}");
        desk.close().await;
    }
}

#[tokio::test]
async fn rows_are_found_by_whom_their_record_spoke_of_when_nothing_else_tells() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        desk.has_records(vec![
            record(1, "2026-02-26", json!({})),
            record(
                2,
                "2026-02-27",
                json!({ "client": { "id": 6, "name": "Ян" } }),
            ),
        ]);
        let mut order = desk.order(ReportKind::Consumables, Target::Json);
        order.definition.fields = vec!["client.name".parse().unwrap()];
        let (_, by_name) = desk.add(order).await;
        let yaml = "tables:\n  - name: names\n    columns:\n      \
             - { name: who, path: client.name, type: text }\n";
        let target = Target::Description { yaml: yaml.into() };
        let (_, names) = desk.add(desk.order(ReportKind::Consumables, target)).await;
        for job in [&by_name, &names] {
            assert_eq!(desk.done(job).await, 2);
        }
        let erased = erase(services, shop, &client("5"), &BY).await.unwrap();
        assert_eq!(erased.counts["yclients_reports"], 1);
        assert_eq!(erased.counts["names"], 1);
        let said = format!("{:?}", desk.contents().await);
        assert!(!said.contains("Ола") && said.contains("Ян"), "{said}");
        let table = desk.table("names").await;
        let rows = desk.rows(&table, &["who", "_people"], Filter::All).await;
        let left = [
            [Value::Null, "5".into()].to_vec(),
            ["Ян".into(), "6".into()].to_vec(),
        ];
        assert_eq!(rows, left);
        desk.close().await;
    }
}

#[tokio::test]
async fn rows_of_an_earlier_version_are_found_by_the_id_and_learn_of_whom_they_speak() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        desk.has_records(vec![record(2, "2026-02-27", json!({}))]);
        let yaml = "tables:\n  - name: visits\n    columns:\n      \
             - { name: customer, path: client.id, type: integer }\n      \
             - { name: who, path: client.name, type: text }\n";
        let target = Target::Description { yaml: yaml.into() };
        let (_, job) = desk.add(desk.order(ReportKind::Consumables, target)).await;
        let table = desk.table("visits").await;
        // Without what rows know now.
        let columns = ["_record", "_line", "_day", "customer", "who"];
        let old = |record: &str, day: &str, customer: i64, who: &str| {
            let day = Value::Date(day.parse().unwrap());
            [record.into(), 1.into(), day, customer.into(), who.into()]
        };
        for row in [
            old("1", "2026-01-20", 6, "Ян"),
            old("2", "2026-02-27", 5, "Ола"),
        ] {
            desk.admitted(&table, &columns, &row).await;
        }
        assert_eq!(desk.done(&job).await, 1);
        let rows = desk.rows(&table, &["who", "_people"], Filter::All).await;
        let now = [
            vec!["Ян".into(), Value::Null],
            vec!["Ола".into(), "5".into()],
        ];
        assert_eq!(rows, now, "the same row learnt it");
        let erased = erase(services, shop, &client("6"), &BY).await.unwrap();
        assert_eq!(erased.counts["visits"], 1, "by the column of the id");
        let rows = desk.rows(&table, &["who"], Filter::All).await;
        assert_eq!(rows, [vec![Value::Null], vec!["Ола".into()]]);
        desk.close().await;
    }
}
