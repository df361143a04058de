//! A shop and a salon with somebody who will be erased, and a neighbour who will not.

use std::sync::Arc;

use futures::TryStreamExt;
use serde_json::json;

use super::bed::{day, table};
use crate::{
    catalog::{self, Table, system},
    import,
    planner::tests::bed::Plant,
    warehouse::{Admit, Children, Rows, Rule, Scan, Value, internal},
};

/// What must not be found anywhere.
pub(super) const SECRETS: [&str; 3] = ["Kowalska", "48501234567", "ola@kowalska.example"];

impl Plant {
    /// Everything that the warehouse holds, as text.
    pub(super) async fn dump(&self) -> String {
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

    pub(super) async fn clean(&self) {
        let dump = self.dump().await;
        for line in dump.lines() {
            for secret in SECRETS {
                assert!(!line.contains(secret), "{line}");
            }
        }
        assert!(dump.contains("Nowak"), "the neighbour is untouched");
    }

    pub(super) fn shop_rows<const N: usize>(
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

    pub(super) fn customers(&self, rule: Rule) -> Admit {
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

    pub(super) fn repairs(&self, rule: Rule) -> Vec<Admit> {
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

    pub(super) fn clients(&self, rule: Rule, changed: i64) -> Admit {
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

    pub(super) fn visits(&self, rule: Rule, changed: i64) -> Admit {
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

    pub(super) async fn raw(&self, id: &str) {
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
