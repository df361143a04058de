//! What imports set aside about somebody who is erased, and rows that change while they are cleaned.

use std::sync::Arc;

use futures::TryStreamExt;
use serde_json::{Value as Json, json};

use super::{
    bed::{day, plants},
    erasure::person,
};
use crate::{
    control::Actor,
    import,
    planner::tests::bed::Plant,
    retention::{People, erase},
    warehouse::{Filter, Rows, Rule, Scan, Value, Write, internal},
};

const BY: Actor = Actor::CommandLine;

impl Plant {
    /// A row of an import's file that was rejected.
    async fn rejected(&self, id: &str, table: &str, values: Json) {
        let body = json!({ "line": 3, "values": values });
        let row = [
            id.into(),
            table.into(),
            "local".into(),
            "import".into(),
            Value::Json(body.to_string()),
            day(1).into(),
        ];
        self.insert(internal::parked(), &row).await;
    }

    /// What an import found out about a row.
    async fn found(&self, import: &str, number: i64, table: &str, id: &str, text: &str) {
        let row = [
            import.into(),
            "apply".into(),
            number.into(),
            "conflict".into(),
            "conflict".into(),
            table.into(),
            id.into(),
            3.into(),
            "phone".into(),
            text.into(),
            text.into(),
        ];
        self.insert(import::problems(), &row).await;
    }

    /// Everything that an import keeps of rows of the customer `c1`, and of a neighbour.
    async fn leavings(&self, import: &str) {
        let id = |number: i64| format!("{import}:{number}");
        let own = json!({ "id": "c1", "person": "Ola Kowalska", "phone": "48501234567" });
        self.rejected(&id(1), "customers", own).await;
        let address = json!({ "id": "d1", "customer_id": "c1", "street": "Kowalska 5", "city": "48501234567" });
        self.rejected(&id(2), "customer_addresses", address).await;
        let action = json!({ "id": "a9", "repair_id": "r1", "remarks": "called Kowalska" });
        self.rejected(&id(3), "repair_actions", action).await;
        let repair = json!({ "id": "r9", "customer_id": "c1", "issue": "Kowalska's", "shoe": "48501234567" });
        self.rejected(&id(4), "repairs", repair).await;
        let other = json!({ "id": "c2", "person": "Jan Nowak", "phone": "no number" });
        self.rejected(&id(5), "customers", other).await;
        self.found(import, 1, "customers", "c1", "48501234567 x")
            .await;
        self.found(import, 2, "repairs", "r1", "Kowalska's screen")
            .await;
        self.found(import, 3, "repair_actions", "a1", "Kowalska")
            .await;
        self.found(import, 4, "customers", "c2", "Nowak's number")
            .await;
    }

    async fn bodies_of(&self, table: &'static Arc<crate::catalog::Table>) -> Vec<Vec<Value>> {
        let columns = table.columns.iter().map(|column| column.name.to_string());
        let snapshot = self.warehouse().snapshot().await.unwrap();
        let scan = Scan::of(table).columns(columns);
        let batches: Vec<Rows> = snapshot
            .scan(scan)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let rows = batches.iter().flat_map(Rows::iter);
        rows.map(|row| row.values().map(|value| value.to_owned()).collect())
            .collect()
    }
}

#[tokio::test]
async fn rows_that_imports_rejected_are_cleaned_before_and_after() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        plant.admit(day(1), plant.customers(Rule::Change)).await;
        for admit in plant.repairs(Rule::Change) {
            plant.admit(day(1), admit).await;
        }
        plant.leavings("before").await;
        // Of a repair that was rejected itself.
        let action = json!({ "id": "a10", "repair_id": "r9", "remarks": "Kowalska was not there" });
        plant.rejected("before:9", "repair_actions", action).await;
        let customer = person(People::Customers, "c1");
        let erased = erase(services, shop, &customer, &BY).await.unwrap();
        assert_eq!(
            (erased.counts["_parked"], erased.counts["_import_problems"]),
            (5, 3)
        );
        plant.clean().await;
        plant.leavings("after").await;
        plant.clean().await;
        let dump = plant.dump().await;
        let neighbours = dump.lines().filter(|line| line.contains("no number"));
        assert_eq!(neighbours.count(), 2);
        let neighbours = dump.lines().filter(|line| line.contains("Nowak's number"));
        assert_eq!(neighbours.count(), 2);
        let ids = dump.lines().filter(|line| line.contains("r9"));
        assert!(ids.count() >= 3, "ids stay");
        plant.close().await;
    }
}

#[tokio::test]
async fn a_row_that_changed_or_went_meanwhile_is_left_alone() {
    for plant in plants().await {
        let table = internal::inbox();
        let event = |id: &str, body: &str| -> [Value; 4] {
            let body = Value::Json(json!({ "said": body }).to_string());
            ["source".into(), day(1).into(), id.into(), body]
        };
        for id in ["as read", "changed", "gone"] {
            plant.insert(table, &event(id, "old")).await;
        }
        let mut read = Rows::new(4);
        let before = plant.bodies_of(table).await;
        before.iter().for_each(|row| read.push_values(row));
        let mut rows = Rows::new(4);
        for row in &before {
            let mut cleaned = row.clone();
            cleaned[3] = Value::Json("null".to_owned());
            rows.push_values(&cleaned);
        }
        let of = |ids: &[&str]| Write::Remove {
            table: Arc::clone(table),
            filter: Filter::In {
                column: "id".to_owned(),
                values: ids.iter().map(|id| Value::from(*id)).collect(),
            },
            limit: None,
        };
        plant.load(day(2), of(&["changed", "gone"])).await;
        plant.insert(table, &event("changed", "new")).await;
        let rewrite = Write::Rewrite {
            table: Arc::clone(table),
            read,
            rows,
        };
        plant.load(day(2), rewrite).await;
        let after = plant.bodies_of(table).await;
        let said: Vec<(String, bool, bool)> = after
            .iter()
            .map(|row| {
                let text = format!("{row:?}");
                let id = row[2].as_ref().as_str().unwrap().to_owned();
                (id, text.contains("old"), text.contains("new"))
            })
            .collect();
        let expected = [
            ("as read".to_owned(), false, false),
            ("changed".to_owned(), false, true),
        ];
        assert_eq!(said, expected);
        plant.close().await;
    }
}
