//! What is left of a person who was erased, and what comes in about them afterwards.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use futures::TryStreamExt;
use serde_json::json;

use super::bed::{day, plants, table};
use crate::{
    catalog::{self, Table, system},
    control::{Actor, DeliveryStatus},
    import,
    planner::tests::bed::Plant,
    ports::ObjectKey,
    retention::{Person, erase, known_people, proof},
    warehouse::{
        Admit, Children, Conflict, Load, Outcome, Rows, Rule, Scan, Value, Write, internal,
        restoration,
    },
};

/// What must not be found anywhere.
const SECRETS: [&str; 3] = ["Kowalska", "48501234567", "ola@kowalska.example"];
const BY: Actor = Actor::CommandLine;

fn person(people: &'static str, id: &str) -> Person {
    Person {
        table: people,
        id: id.to_owned(),
    }
}

impl Plant {
    /// Everything that the warehouse holds, as text.
    async fn dump(&self) -> String {
        let internals: [&Arc<Table>; 12] = [
            internal::loads(),
            internal::outbox(),
            internal::state(),
            internal::parked(),
            internal::inbox(),
            internal::swept(),
            internal::erased(),
            internal::undo(),
            internal::personal_data_events(),
            internal::personal_data_subjects(),
            internal::report_stage(),
            import::problems(),
        ];
        let snapshot = self.warehouse().snapshot().await.unwrap();
        let mut dump = String::new();
        for table in catalog::tables().iter().chain(internals) {
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
                dump.push_str(&format!("{}: {}\n", table.name, values.join(" ")));
            }
        }
        dump
    }

    async fn clean(&self) {
        let dump = self.dump().await;
        for line in dump.lines() {
            for secret in SECRETS {
                assert!(!line.contains(secret), "{line}");
            }
        }
        assert!(dump.contains("Nowak"), "the neighbour is untouched");
    }

    fn shop_rows<const N: usize>(
        &self,
        name: &str,
        rule: Rule,
        columns: [&str; N],
        rows: &[[Value; N]],
    ) -> Admit {
        let mut all = Rows::new(N);
        rows.iter().for_each(|row| all.push_values(row));
        Admit {
            table: Arc::clone(table(name)),
            source_id: "local".to_owned(),
            columns: columns.map(str::to_owned).into(),
            rows: all,
            rule,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        }
    }

    fn customers(&self, rule: Rule) -> Admit {
        let person = |id: &str, name: &str, phone: &str| {
            [
                id.into(),
                name.into(),
                phone.into(),
                Value::Json(format!("{{\"x\":\"{name}\"}}")),
            ]
        };
        let rows = [
            person("c1", "Ola Kowalska", "48501234567"),
            person("c2", "Jan Nowak", "48111111111"),
        ];
        self.shop_rows(
            "customers",
            rule,
            ["id", "person", "phone", system::EXTRA],
            &rows,
        )
    }

    fn repairs(&self, rule: Rule) -> Vec<Admit> {
        let repairs = [
            ["r1".into(), "c1".into(), "Kowalska's screen".into()],
            ["r2".into(), "c2".into(), "Nowak's screen".into()],
        ];
        let actions = [["a1".into(), "r1".into(), "called 48501234567".into()]];
        let columns = ["id", "repair_id", "remarks"];
        vec![
            self.shop_rows(
                "repairs",
                rule.clone(),
                ["id", "customer_id", "issue"],
                &repairs,
            ),
            self.shop_rows("repair_actions", rule, columns, &actions),
        ]
    }

    fn clients(&self, rule: Rule, changed: i64) -> Admit {
        let client = |id: i64, name: &str, phone: &str| {
            [
                id.into(),
                name.into(),
                phone.into(),
                "ola@kowalska.example".into(),
                day(changed).into(),
            ]
        };
        let columns = ["id", "name", "phone", "email", system::CHANGED_AT];
        let mut rows = [
            client(7, "Ola Kowalska", "48501234567"),
            client(8, "Jan Nowak", "48222222222"),
        ];
        rows[1][3] = "jan@nowak.example".into();
        self.bodies("yclients_clients", rule, columns, &rows)
    }

    fn visits(&self, rule: Rule, changed: i64) -> Admit {
        let visit = |id: i64, client: i64, name: &str| {
            [
                id.into(),
                client.into(),
                name.into(),
                format!("{name} likes tea").into(),
                day(changed).into(),
            ]
        };
        let columns = [
            "id",
            "client_id",
            "client_name",
            "comment",
            system::CHANGED_AT,
        ];
        let rows = [visit(70, 7, "Ola Kowalska"), visit(80, 8, "Jan Nowak")];
        let mut admit = self.bodies("yclients_records", rule, columns, &rows);
        let mut lines = Rows::new(3);
        for (id, comment) in [(70, "for Kowalska"), (80, "for Nowak")] {
            lines.push_values(&[Value::Integer(id), Value::Integer(1), comment.into()]);
        }
        admit.children = vec![Children {
            table: Arc::clone(table("yclients_record_consumables")),
            columns: ["record_id", "line", "comment"].map(str::to_owned).to_vec(),
            rows: lines,
            counts: vec![Some(1), Some(1)],
        }];
        admit
    }

    async fn raw(&self, id: &str) {
        let body = json!({ "id": 70, "client": { "id": 7, "name": "Ola Kowalska", "phone": "48501234567" } });
        let parked = [
            id.into(),
            "yclients_records".into(),
            self.source_id().into(),
            "r".into(),
            Value::Json(body.to_string()),
            day(1).into(),
        ];
        self.insert(internal::parked(), &parked).await;
        let event = json!({ "events": [
            { "resource": "client", "resource_id": 7, "data": { "id": 7, "name": "Ola Kowalska" } },
            { "resource": "client", "resource_id": 8, "data": { "id": 8, "name": "Jan Nowak" } },
        ] });
        let waiting = [
            self.source_id().into(),
            day(1).into(),
            id.into(),
            Value::Json(event.to_string()),
        ];
        self.insert(internal::inbox(), &waiting).await;
    }
}

#[tokio::test]
async fn nothing_of_a_customer_of_the_shop_is_left_or_comes_back() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        let mut first = plant.customers(Rule::Change);
        first.undo = Some("import1".to_owned());
        plant.admit(day(1), first).await;
        let mut second = plant.customers(Rule::Change);
        second.rows = Rows::new(4);
        second.rows.push_values(&[
            "c1".into(),
            "Aleksandra Kowalska".into(),
            Value::Null,
            Value::Null,
        ]);
        second.undo = Some("import2".to_owned());
        let load = plant.load(day(2), Write::Admit(second)).await.load_id;
        for admit in plant.repairs(Rule::Change) {
            plant.admit(day(2), admit).await;
        }
        plant
            .insert(
                import::problems(),
                &[
                    "import1".into(),
                    "apply".into(),
                    1.into(),
                    "warning".into(),
                    "x".into(),
                    "customers".into(),
                    "c1".into(),
                    1.into(),
                    "phone".into(),
                    "digits".into(),
                    "48501234567 x".into(),
                ],
            )
            .await;
        let known = known_people(services, shop, "c1").await.unwrap();
        assert_eq!(known, [person("customers", "c1")]);
        let erased = erase(services, shop, &known[0], &BY).await.unwrap();
        assert_eq!(erased.counts["customers"], 1);
        assert_eq!(
            (erased.counts["repairs"], erased.counts["repair_actions"]),
            (1, 1)
        );
        plant.clean().await;
        // Again, and again by every path.
        assert_eq!(
            erase(services, shop, &known[0], &BY).await.unwrap().proof,
            erased.proof
        );
        let three_way = |conflict| Rule::ThreeWay {
            made_at: None,
            conflict,
        };
        for rule in [
            Rule::Change,
            three_way(Conflict::KeepOurs),
            three_way(Conflict::TakeTheirs),
        ] {
            plant.admit(day(3), plant.customers(rule.clone())).await;
            for admit in plant.repairs(rule) {
                plant.admit(day(3), admit).await;
            }
            plant.clean().await;
        }
        // A part of a row that does not say whose it is.
        let part = plant.shop_rows(
            "repairs",
            Rule::Change,
            ["id", "diagnosis"],
            &[["r1".into(), "Kowalska".into()]],
        );
        plant.admit(day(4), part).await;
        plant.clean().await;
        let rule = Rule::Undo {
            loads: BTreeSet::from([load]),
        };
        let image = json!({ "id": "c1", "person": "Ola Kowalska" }).to_string();
        let entries = [("[\"local\",\"c1\"]", Some(image.as_str()))];
        for admit in restoration(table("customers"), &rule, entries).unwrap() {
            plant.admit(day(5), admit).await;
        }
        plant.clean().await;
        plant.close().await;
    }
}

#[tokio::test]
async fn nothing_of_a_client_is_left_or_comes_back() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        plant.admit(day(1), plant.clients(Rule::Newest, 1)).await;
        plant.admit(day(1), plant.visits(Rule::Newest, 1)).await;
        plant.raw("before").await;
        let content = json!({ "client": { "id": 7, "name": "Ola Kowalska" } }).to_string();
        let report = ["rep".into(), "70".into(), Value::Null, Value::Json(content)];
        let columns = ["report", "key", "period", "content"];
        plant
            .admit(
                day(1),
                plant.bodies("yclients_reports", Rule::Newest, columns, &[report]),
            )
            .await;
        let client = person("yclients_clients", "7");
        let erased = erase(services, shop, &client, &BY).await.unwrap();
        assert_eq!(erased.counts["yclients_reports"], 1);
        assert_eq!(erased.counts["yclients_record_consumables"], 1);
        plant.clean().await;
        plant.raw("after").await;
        for (rule, changed) in [
            (Rule::Newest, 1),
            (Rule::Newest, 3),
            (Rule::Ordered, 4),
            (Rule::Passing, 5),
        ] {
            let outcomes = plant
                .admit(day(changed), plant.clients(rule.clone(), changed))
                .await;
            assert!(!outcomes.contains(&Outcome::New));
            plant.admit(day(changed), plant.visits(rule, changed)).await;
            plant.clean().await;
        }
        // Another source of the same company knows the same client.
        let mut elsewhere = plant.clients(Rule::Newest, 9);
        elsewhere.source_id.push('x');
        plant.admit(day(9), elsewhere).await;
        plant.clean().await;
        assert_eq!(plant.ids("yclients_records").await, [70, 80]);
        plant.close().await;
    }
}

#[tokio::test]
async fn the_log_goes_on_under_a_hash_and_files_are_taken_back() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        plant.admit(day(1), plant.customers(Rule::Change)).await;
        let delivery = plant.bed.ready(&plant.bed.owner).await;
        let key: ObjectKey = delivery.object_key.clone().unwrap();
        let event = format!("export:{}:{}", delivery.id, delivery.attempt.max(1));
        plant
            .insert(
                internal::personal_data_subjects(),
                &[event.as_str().into(), "c1".into()],
            )
            .await;
        let client = person("customers", "c1");
        let erased = erase(services, shop, &client, &BY).await.unwrap();
        assert_eq!(
            (
                erased.counts["deliveries"],
                erased.counts["personal_data_log"]
            ),
            (1, 1)
        );
        let now = services
            .control
            .deliveries(shop)
            .get(&delivery.id)
            .await
            .unwrap();
        assert_eq!(
            (now.status, now.failure_code.as_deref()),
            (DeliveryStatus::Failed, Some("export.erased"))
        );
        assert!(services.objects.head(&key).await.unwrap().is_none());
        assert_eq!(erased.proof, proof(services, shop, &client));
        let dump = plant.dump().await;
        let of_log: Vec<&str> = dump
            .lines()
            .filter(|line| line.starts_with("_personal_data_subjects"))
            .collect();
        assert_eq!(of_log.len(), 2);
        assert!(of_log.iter().all(|line| line.contains(&erased.proof)));
        assert_eq!(plant.journal("retention.erased").await, 1);
        plant.bed.clock.advance(TimeDelta::seconds(1));
        plant.close().await;
    }
}

#[tokio::test]
async fn nobody_else_pays_for_the_erased() {
    for plant in plants().await {
        let load = Load {
            origin: "pull",
            run: "run".to_owned(),
            observed_at: day(1),
            writes: vec![Write::Admit(plant.clients(Rule::Newest, 1))],
            quota: None,
        };
        plant.warehouse().commit(load).await.unwrap();
        let people = [
            person("yclients_clients", "7"),
            person("yclients_clients", "8"),
        ];
        assert!(
            plant
                .warehouse()
                .erased(people.clone().into())
                .await
                .unwrap()
                .is_empty()
        );
        let shop = &plant.bed.subscription.id;
        erase(&plant.services, shop, &people[0], &BY).await.unwrap();
        let erased = plant
            .warehouse()
            .erased(people.clone().into())
            .await
            .unwrap();
        assert_eq!(erased, BTreeSet::from([people[0].clone()]));
        plant.close().await;
    }
}
