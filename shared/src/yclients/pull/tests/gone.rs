//! Records of which an event tells, and that the vendor does not have any more.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{asked, held, hooks, options, received, run};
use crate::{
    control::{Actor, RunState, Source, testing::beds},
    yclients::{
        client::tests::{Scripted, fine, refusal},
        connect::{
            Change, change,
            tests::{Place, connected, place},
        },
    },
};

const TABLE: &str = "yclients_records";

async fn hint(place: &Place, source: &Source, id: i64, status: &str) {
    let event: Value = json!({
        "company_id": 1050, "resource": "record", "resource_id": id, "status": status, "data": [],
    });
    let message = received(place, source, &id.to_string(), place.bed.now(), &event);
    for (_, outcome) in hooks::ingest(&place.services, vec![message]).await {
        outcome.unwrap();
    }
}

/// What a pull of these tables asks for, by path.
async fn pulled<const N: usize>(
    place: &Place,
    source: &Source,
    tables: &[&str],
    script: [Scripted; N],
) -> Vec<String> {
    place.bed.clock.advance(TimeDelta::seconds(20));
    place.server.answers(script);
    let done = run(&place.services, &source.id, options(tables)).await;
    assert_eq!(done.unwrap().state, RunState::Done);
    let seen = place.server.seen();
    seen.iter().map(|seen| seen.uri.path().to_owned()).collect()
}

#[tokio::test]
async fn a_record_that_an_event_names_and_the_vendor_does_not_have_is_gone() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        asked(&place, &source, &[]).await;
        // None of them has a day: no window of days names them.
        let visits: Vec<Value> = (7..10)
            .map(|id| json!({ "id": id, "comment": "x" }))
            .collect();
        pulled(&place, &source, &[TABLE], [fine(&json!(visits))]).await;
        assert_eq!(held(&place, TABLE).await, 3);
        let hints = Change {
            hints: Some(true),
            ..Change::default()
        };
        let changed = change(&place.services, &source.id, &hints, &Actor::CommandLine).await;
        changed.unwrap();
        let unknown = || refusal(404, "Запись не найдена");
        hint(&place, &source, 7, "update").await;
        let paths = pulled(&place, &source, &[], [unknown()]).await;
        assert_eq!(paths, ["/api/v1/record/1050/7"]);
        assert_eq!(held(&place, TABLE).await, 2);
        // It is heeded once, and of others nothing was said.
        assert_eq!(pulled(&place, &source, &[], [unknown()]).await, [""; 0]);
        // The list is to be read too, and says nothing of it.
        hint(&place, &source, 8, "delete").await;
        let paths = pulled(&place, &source, &[TABLE], [unknown(), fine(&json!([]))]).await;
        assert_eq!(paths[0], "/api/v1/record/1050/8");
        assert_eq!(held(&place, TABLE).await, 1);
        // Something on the way says that there is no such page: that is no word of the vendor's about the record.
        hint(&place, &source, 9, "update").await;
        place.bed.clock.advance(TimeDelta::seconds(20));
        let page = b"<html>404 Not Found</html>".to_vec();
        place.server.answers([Scripted(404, Vec::new(), page)]);
        run(&place.services, &source.id, options(&[]))
            .await
            .unwrap();
        assert_eq!(place.server.seen().len(), 1);
        assert_eq!(held(&place, TABLE).await, 1);
        // The hint stands, and is heeded when the vendor speaks.
        pulled(&place, &source, &[], [unknown()]).await;
        assert_eq!(held(&place, TABLE).await, 0);
        place.bed.close().await;
    }
}
