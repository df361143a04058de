//! An erasure in a file into which somebody wrote by hand what is not of a column's type: it goes on to its end, and takes
//! what nothing names.

use rusqlite::Connection;
use serde_json::json;

use super::{bed::day, erasure::person};
use crate::{
    control::{Actor, sources_testing::connected_first, testing::sqlite_bed},
    planner::tests::bed::{Plant, plant},
    retention::{People, erase},
    warehouse::{Rule, Value},
    yclients::client::VendorSettings,
};

const BY: Actor = Actor::CommandLine;

/// PostgreSQL keeps none of these values.
async fn on_a_file() -> Plant {
    let bed = sqlite_bed().await;
    connected_first(&bed).await;
    plant(bed, VendorSettings::default())
}

impl Plant {
    fn file(&self) -> Connection {
        let name = self.bed.subscription.id.warehouse_name();
        let folder = self.folder.path().join("warehouses");
        Connection::open(folder.join(format!("{name}.sqlite"))).unwrap()
    }

    /// What the file itself says.
    fn counted(&self, condition: &str) -> i64 {
        let question = format!("SELECT COUNT(*) FROM {condition}");
        let counted = self.file().query_row(&question, [], |row| row.get(0));
        counted.unwrap()
    }
}

#[tokio::test]
async fn a_client_is_erased_whatever_somebody_wrote_into_their_rows_and_those_of_others() {
    let plant = on_a_file().await;
    plant.admit(day(1), plant.clients(Rule::Newest, 1)).await;
    plant.admit(day(1), plant.visits(Rule::Newest, 1)).await;
    let content = |id: i64, name: &str| {
        let client = json!({ "client": { "id": id, "name": name } });
        Value::Json(client.to_string())
    };
    let report = |key: &str, content: Value| ["rep".into(), key.into(), Value::Null, content];
    let reports = [
        report("70", content(7, "Ola Kowalska")),
        report("71", content(7, "Ola Kowalska")),
        report("80", content(8, "Jan Nowak")),
    ];
    let columns = ["report", "key", "period", "content"];
    let reports = plant.bodies("yclients_reports", Rule::Newest, columns, &reports);
    plant.admit(day(1), reports).await;
    plant.raw("a").await;
    let written = "
        UPDATE yclients_clients SET _changed_at = 'x', phone = x'00' WHERE id = 8;
        UPDATE yclients_records SET id = 'of Kowalska' WHERE id = 70;
        UPDATE yclients_records SET _changed_at = 'x', datetime = 'x' WHERE id = 80;
        UPDATE yclients_record_consumables SET line = 'x' WHERE record_id = 80;
        UPDATE yclients_reports SET key = x'00' WHERE key = '71';
        UPDATE yclients_reports SET period = x'00', content = x'00' WHERE key = '80';
        UPDATE _parked SET at = 'x'";
    plant.file().execute_batch(written).unwrap();
    let client = person(People::Yclients, "7");
    let erased = erase(&plant.services, &plant.bed.subscription.id, &client, &BY)
        .await
        .unwrap();
    // What could not be named is told with the others.
    let told = |table: &str| erased.counts.get(table).copied();
    assert_eq!(told("yclients_clients"), Some(1));
    assert_eq!(told("yclients_records"), Some(1));
    assert_eq!(told("yclients_record_consumables"), Some(1));
    assert_eq!(told("yclients_reports"), Some(2));
    assert_eq!(told("_parked"), Some(1));
    assert_eq!(plant.journal("retention.erased").await, 1);
    for (table, of_others) in [
        ("yclients_clients WHERE name", 1),
        ("yclients_records WHERE client_name", 1),
        ("yclients_record_consumables WHERE comment", 1),
        ("yclients_records WHERE CAST(id AS TEXT)", 0),
        ("_parked WHERE body", 0),
    ] {
        let says = |word: &str| plant.counted(&format!("{table} LIKE '%{word}%'"));
        assert_eq!((says("Kowalska"), says("Nowak")), (0, of_others), "{table}");
    }
    let left = ["yclients_clients", "yclients_records", "yclients_reports"];
    let left = left.map(|table| plant.counted(table));
    assert_eq!(left, [2, 1, 2], "only what nothing names is gone");
    plant.close().await;
}

#[tokio::test]
async fn a_customer_is_erased_with_what_belongs_to_a_row_that_nothing_names() {
    let plant = on_a_file().await;
    plant.admit(day(1), plant.customers(Rule::Change)).await;
    for admit in plant.repairs(Rule::Change) {
        plant.admit(day(1), admit).await;
    }
    let written = "
        UPDATE customers SET _received_at = 'x' WHERE id = 'c2';
        UPDATE repairs SET id = x'00' WHERE id = 'r1';
        UPDATE repairs SET _changed_at = 'x' WHERE id = 'r2'";
    plant.file().execute_batch(written).unwrap();
    let customer = person(People::Customers, "c1");
    let erased = erase(&plant.services, &plant.bed.subscription.id, &customer, &BY)
        .await
        .unwrap();
    assert_eq!(erased.counts["customers"], 1);
    assert_eq!(
        (erased.counts["repairs"], erased.counts["repair_actions"]),
        (1, 1)
    );
    assert_eq!(plant.counted("repairs"), 1);
    assert_eq!(plant.counted("repairs WHERE issue LIKE '%Nowak%'"), 1);
    // The action stays, without what was said to the customer.
    assert_eq!(plant.counted("repair_actions WHERE remarks IS NULL"), 1);
    assert_eq!(plant.counted("customers WHERE person LIKE '%Nowak%'"), 1);
    plant.close().await;
}
