//! Details of documents.

use serde_json::json;

use super::{
    super::{
        DOCUMENTS, details_cost, messages::PullMessage, on_message, order_details, report_cost, run,
    },
    held, options,
};
use crate::{
    control::{Actor, RunState, testing::sqlite_bed},
    journal::JournalFilter,
    planner::Period,
    yclients::{
        client::tests::fine,
        connect::tests::{connected, place},
    },
};

#[tokio::test]
async fn details_of_documents_cost_a_call_each_and_are_read_when_somebody_asks() {
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let movement = json!([
        { "id": 1, "document_id": 77, "create_date": "2026-05-10 10:00:00" },
        { "id": 2, "document_id": 78, "create_date": "2026-05-01 10:00:00" },
    ]);
    place
        .server
        .answers([fine(&movement), fine(&json!([])), fine(&json!([]))]);
    let movements = options(&["yclients_goods_transactions"]);
    run(&place.services, &source.id, movements).await.unwrap();
    let day = |day: &str| day.parse().unwrap();
    let period = Period {
        from: day("2026-05-09"),
        to: day("2026-05-10"),
    };
    let cost = async |period| {
        let cost = details_cost(&place.services, &source.id, period).await;
        cost.unwrap().calls
    };
    assert_eq!((cost(None).await, cost(Some(period)).await), (2, 1));
    let document = |id: i64, at: &str| fine(&json!({ "id": id, "number": 3, "create_date": at }));
    let seen = || -> Vec<String> {
        let seen = place.server.seen();
        seen.iter().map(|seen| seen.uri.path().to_owned()).collect()
    };
    let of = |id: i64| format!("/api/v1/storage_operations/documents/1050/{id}");
    place.server.answers([document(77, "2026-05-10 10:00:00")]);
    let ordered = order_details(&place.services, &source.id, Some(period), Actor::System).await;
    let message = PullMessage::of(source.id.clone(), ordered.unwrap().id, 0);
    on_message(&place.services, message).await.unwrap();
    assert_eq!(seen(), [of(77)]);
    assert_eq!((cost(None).await, cost(Some(period)).await), (1, 0));
    let of_report = report_cost(&place.services, &source.id, period).await;
    assert_eq!(of_report.unwrap().calls, 1, "each time");
    place.server.answers([document(78, "2026-05-01 10:00:00")]);
    let read = run(&place.services, &source.id, options(&[DOCUMENTS])).await;
    assert_eq!(read.unwrap().state, RunState::Done);
    assert_eq!(seen(), [of(78)]);
    assert_eq!((cost(None).await, held(&place, DOCUMENTS).await), (0, 2));
    let sources = place.services.control.sources(&source.subscription_id);
    let tables = sources.tables(&source.id).await.unwrap();
    let state = tables
        .iter()
        .find(|each| each.table_name == DOCUMENTS)
        .unwrap();
    assert_eq!(
        (state.outcome.as_deref(), state.next_at),
        (Some("done"), None),
        "nothing reads them by itself"
    );
}

#[tokio::test]
async fn documents_whose_id_is_none_are_passed_by_and_told_of() {
    // PostgreSQL keeps no text in the place of a number.
    let place = place(sqlite_bed().await).await;
    let source = connected(&place).await;
    let movement = |id: i64, document: i64| json!({ "id": id, "document_id": document, "create_date": "2026-05-10 10:00:00" });
    let movements = json!([
        movement(1, 76),
        movement(2, 77),
        movement(3, 78),
        movement(4, 79)
    ]);
    place
        .server
        .answers([fine(&movements), fine(&json!([])), fine(&json!([]))]);
    let movements = options(&["yclients_goods_transactions"]);
    run(&place.services, &source.id, movements).await.unwrap();
    let name = source.subscription_id.warehouse_name();
    let folder = place
        .services
        .settings
        .work_dir
        .with_file_name("warehouses");
    let file = rusqlite::Connection::open(folder.join(format!("{name}.sqlite"))).unwrap();
    let written = "UPDATE yclients_documents SET id = 'x' WHERE id = 77;
        UPDATE yclients_documents SET id = x'00' WHERE id = 78;
        UPDATE yclients_documents SET id = 76.5 WHERE id = 76";
    file.execute_batch(written).unwrap();
    let day = |day: &str| day.parse().unwrap();
    let period = Period {
        from: day("2026-05-09"),
        to: day("2026-05-10"),
    };
    let of_period = details_cost(&place.services, &source.id, Some(period)).await;
    let of_period = of_period.unwrap();
    assert_eq!((of_period.calls, of_period.unreadable), (1, 2));
    let ordered = order_details(&place.services, &source.id, None, Actor::System).await;
    let journal = place.services.control.journal(&source.subscription_id);
    let entries = journal.list(&JournalFilter::default(), None, 100).await;
    let entries = entries.unwrap().items;
    let told = entries
        .iter()
        .find(|entry| entry.code == "documents.ordered");
    assert_eq!(told.unwrap().counts["unreadable"], 2);
    let document = json!({ "id": 79, "number": 3, "create_date": "2026-05-10 10:00:00" });
    place.server.answers([fine(&document)]);
    let message = PullMessage::of(source.id.clone(), ordered.unwrap().id, 0);
    on_message(&place.services, message).await.unwrap();
    let seen = place.server.seen();
    let seen: Vec<&str> = seen.iter().map(|seen| seen.uri.path()).collect();
    assert_eq!(seen, ["/api/v1/storage_operations/documents/1050/79"]);
}
