//! Cursors, the outbox, loads, parked records and the personal-data log.

use std::sync::Arc;

use serde_json::json;
use wynos::warehouse::{
    Admit, Filter, Load, Operator, Rule, Scan, Value,
    Value::{Json, Null},
    Warehouse, Write, internal,
};

use super::{admit, hour, load, on_both, places::Place, read, rows, tables::notes};

fn note(id: &str, customer: &str, text: &str) -> Admit {
    let mut admit = admit(
        &notes(),
        Rule::Change,
        ["id", "customer_id", "text"],
        &[[id.into(), customer.into(), text.into()]],
    );
    admit.personal_data_event = Some("event-1".to_owned());
    admit
}

fn event(id: &str) -> Write {
    Write::Insert {
        table: Arc::clone(internal::personal_data_events()),
        rows: rows(&[[
            id.into(),
            hour(9).into(),
            "import".into(),
            "move".into(),
            Null,
            "account-1".into(),
            Json("{}".to_owned()),
        ]]),
    }
}

fn emit(kind: &'static str, payload: serde_json::Value) -> Write {
    Write::Emit { kind, payload }
}

async fn do_all(warehouse: &Warehouse, writes: Vec<Write>) {
    warehouse.commit(load(hour(9), writes)).await.unwrap();
}

on_both! {
    async fn invariant_07_a_subject_without_its_event_is_invisible(place: &Place) {
        let warehouse = place.warehouse();
        let log = || Scan::of(internal::personal_data_log()).columns(["customer_id", "kind", "actor"]);
        assert!(read(&warehouse, log()).await.is_empty());
        let writes = vec![
            Write::Admit(note("n1", "c1", "a")),
            Write::Admit(note("n2", "c2", "a")),
        ];
        do_all(&warehouse, writes).await;
        assert!(read(&warehouse, log()).await.is_empty());
        do_all(&warehouse, vec![event("another")]).await;
        assert!(read(&warehouse, log()).await.is_empty());
        do_all(&warehouse, vec![event("event-1")]).await;
        let line = |customer: &str| vec![Value::from(customer), "import".into(), "account-1".into()];
        assert_eq!(read(&warehouse, log()).await, [line("c1"), line("c2")]);
        let one = log().filter(Filter::equal("customer_id", "c2"));
        assert_eq!(read(&warehouse, one).await, [line("c2")]);
    }

    async fn only_rows_that_changed_are_logged_for_both_customers(place: &Place) {
        let warehouse = place.warehouse();
        let mut plain = note("n1", "c1", "a");
        plain.personal_data_event = None;
        do_all(&warehouse, vec![Write::Admit(plain), event("event-1")]).await;
        do_all(&warehouse, vec![Write::Admit(note("n1", "c1", "a"))]).await;
        let subjects = || Scan::of(internal::personal_data_subjects()).columns(["customer_id"]);
        assert!(read(&warehouse, subjects()).await.is_empty());
        // The row passes from one customer to another: both are told.
        do_all(&warehouse, vec![Write::Admit(note("n1", "c2", "a"))]).await;
        assert_eq!(read(&warehouse, subjects()).await, [["c1".into()], ["c2".into()]] as [[Value; 1]; 2]);
    }

    async fn cursors_are_kept_with_the_rows_they_speak_of(place: &Place) {
        let warehouse = place.warehouse();
        let put = |value| Write::PutState { key: "cursor".to_owned(), value };
        do_all(&warehouse, vec![put(Some(json!({"page": 1, "at": "żółw"})))]).await;
        assert_eq!(warehouse.state("cursor").await.unwrap(), Some(json!({"page": 1, "at": "żółw"})));
        assert_eq!(warehouse.state("other").await.unwrap(), None);
        do_all(&warehouse, vec![put(Some(json!([2])))]).await;
        assert_eq!(warehouse.state("cursor").await.unwrap(), Some(json!([2])));
        // A load that fails moves no cursor and tells nobody.
        let wrong = admit(&notes(), Rule::Change, ["id", "text"], &[["a".into(), Value::from(1)]]);
        let failing = load(
            hour(9), vec![put(Some(json!(3))), emit("fact", json!(1)), Write::Admit(wrong)],
        );
        assert!(warehouse.commit(failing).await.is_err());
        assert_eq!(warehouse.state("cursor").await.unwrap(), Some(json!([2])));
        assert_eq!(warehouse.outbox(0, 10).await.unwrap(), []);
        do_all(&warehouse, vec![put(None)]).await;
        assert_eq!(warehouse.state("cursor").await.unwrap(), None);
    }

    async fn outbox_entries_have_ids_that_never_come_again(place: &Place) {
        let warehouse = place.warehouse();
        do_all(&warehouse, vec![emit("mail", json!({"to": 1})), emit("usage", json!(2))]).await;
        do_all(&warehouse, vec![emit("mail", json!(null))]).await;
        let entries = warehouse.outbox(0, 10).await.unwrap();
        let kinds: Vec<_> = entries.iter().map(|entry| (entry.id, entry.kind.as_str())).collect();
        assert_eq!(kinds, [(1, "mail"), (2, "usage"), (3, "mail")]);
        assert_eq!(entries[0].payload, json!({"to": 1}));
        assert_eq!(warehouse.outbox(1, 1).await.unwrap(), [entries[1].clone()]);
        warehouse.forget_outbox(3).await.unwrap();
        assert_eq!(warehouse.outbox(0, 10).await.unwrap(), []);
        do_all(&warehouse, vec![emit("mail", json!(4))]).await;
        assert_eq!(warehouse.outbox(0, 10).await.unwrap()[0].id, 4);
    }

    async fn loads_are_numbered_and_counted(place: &Place) {
        let warehouse = place.warehouse();
        do_all(&warehouse, vec![emit("nothing to number", json!(1))]).await;
        let batch = |texts: [&str; 2]| {
            let [a, b] = texts.map(Value::from);
            admit(&notes(), Rule::Change, ["id", "text"], &[["a".into(), a], ["b".into(), b]])
        };
        do_all(&warehouse, vec![Write::Admit(batch(["1", "1"]))]).await;
        do_all(&warehouse, vec![Write::Admit(batch(["1", "1"]))]).await;
        let last = warehouse.commit(Load {
            origin: "api",
            run: "run-2".to_owned(),
            observed_at: hour(10),
            writes: vec![Write::Admit(batch(["1", "2"]))], quota: None, });
        assert_eq!(last.await.unwrap().load_id, 2);
        let loads = Scan::of(internal::loads()).columns(["id", "origin", "run", "counts"]);
        let counts = |text: &str| Json(text.to_owned());
        let expected: [[Value; 4]; 2] = [
            [1.into(), "import".into(), "run-1".into(), counts(r#"{"shop_notes":{"new":2}}"#)],
            [2.into(), "api".into(), "run-2".into(), counts(r#"{"shop_notes":{"changed":1,"unchanged":1}}"#)],
        ];
        assert_eq!(read(&warehouse, loads).await, expected);
    }

    async fn internal_rows_are_inserted_once_and_removed_by_condition(place: &Place) {
        let warehouse = place.warehouse();
        let park = |ids: &[&str], reason: &str| {
            let values: Vec<[Value; 6]> = ids
                .iter()
                .map(|id| {
                    let body = Json(r#"{"a":1}"#.to_owned());
                    [(*id).into(), "t".into(), "s".into(), reason.into(), body, hour(9).into()]
                })
                .collect();
            Write::Insert { table: Arc::clone(internal::parked()), rows: rows(&values) }
        };
        let reasons = || Scan::of(internal::parked()).columns(["id", "reason"]);
        do_all(&warehouse, vec![park(&["1", "2"], "first"), park(&["2", "3"], "second")]).await;
        let expected: [[Value; 2]; 3] = [
            ["1".into(), "first".into()], ["2".into(), "first".into()], ["3".into(), "second".into()],
        ];
        assert_eq!(read(&warehouse, reasons()).await, expected);
        let remove = |filter, limit| Write::Remove {
            table: Arc::clone(internal::parked()), filter, limit,
        };
        do_all(&warehouse, vec![remove(Filter::All, Some(1))]).await;
        let left = |id: &str| Filter::compare("id", Operator::AtMost, id);
        do_all(&warehouse, vec![remove(left("2"), None)]).await;
        assert_eq!(read(&warehouse, reasons()).await, expected[2..]);
        // The shop's own rows go another way.
        let wrong = [
            Write::Remove { table: notes(), filter: Filter::All, limit: None },
            Write::Insert { table: notes(), rows: rows(&[[Value::from("a")]]) },
            Write::Insert { table: Arc::clone(internal::state()), rows: rows(&[["a".into(), Value::from(1)]]) },
            Write::Insert { table: Arc::clone(internal::personal_data_log()), rows: rows(&[["a".into(), Value::from("b")]]) },
        ];
        for write in wrong {
            assert!(warehouse.commit(load(hour(9), vec![write])).await.is_err());
        }
    }
}
