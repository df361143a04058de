//! Lists that are read from endpoints that tell less, and their own ones that are asked for again.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    super::{Options, Poorer, poorer},
    asked, options, run,
};
use crate::{
    catalog,
    control::{Actor, RunState, Source, VendorToken, testing::beds},
    warehouse::Filter,
    yclients::{
        client::tests::{Scripted, fine, refusal},
        connect::{
            self, Entry, renew,
            tests::{Place, connected, place},
        },
    },
};

const TABLE: &str = "yclients_clients";
const OWN: &str = "/api/v1/clients/1050";
const POORER: &str = "/api/v1/company/1050/clients/search";

fn poor() -> Value {
    json!([{ "id": 1, "name": "Anna" }])
}

fn denied() -> Scripted {
    refusal(403, "x")
}

/// What a pull of the table, ordered by somebody, asks for; each path once in a row.
async fn pulled<const N: usize>(
    place: &Place,
    source: &Source,
    by: Actor,
    script: [Scripted; N],
) -> Vec<String> {
    place.server.answers(script);
    let order = Options {
        actor: by,
        ..options(&[TABLE])
    };
    let done = run(&place.services, &source.id, order).await;
    assert_eq!(done.unwrap().state, RunState::Done);
    let seen = place.server.seen();
    let mut paths: Vec<_> = seen.iter().map(|seen| seen.uri.path().to_owned()).collect();
    paths.dedup();
    paths
}

#[tokio::test]
async fn a_person_who_orders_a_table_that_is_read_poorly_has_its_own_list_asked_for_at_once() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let poorly = async |by: Actor| {
            let paths = pulled(&place, &source, by, [denied(), fine(&poor())]).await;
            place.bed.clock.advance(TimeDelta::hours(1));
            paths
        };
        assert_eq!(poorly(Actor::System).await, [OWN, POORER]);
        let by_time = pulled(&place, &source, Actor::System, [fine(&poor())]).await;
        assert_eq!(by_time, [POORER], "the vendor is not asked every time");
        place.bed.clock.advance(TimeDelta::hours(1));
        for _ in 0..2 {
            assert_eq!(poorly(Actor::CommandLine).await, [OWN, POORER]);
        }
        let known = async || {
            let warehouse = place.services.warehouses.open(&place.bed.subscription.id);
            let snapshot = warehouse.snapshot().await.unwrap();
            let whole = Filter::equal("surname", "Nowak");
            let table = catalog::table(TABLE).unwrap();
            snapshot.count(table, &whole).await.unwrap()
        };
        assert_eq!(known().await, 0);
        let whole = fine(&json!([{ "id": 1, "name": "Anna", "surname": "Nowak" }]));
        let paths = pulled(&place, &source, Actor::CommandLine, [whole]).await;
        assert_eq!(paths, [OWN]);
        let seen = place.server.seen();
        let is_of_changes = |uri: &str| uri.contains("changed_after");
        assert!(!is_of_changes(&seen[0].uri.to_string()), "all of it");
        assert_eq!(known().await, 1);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn after_somebody_signed_in_anew_a_list_that_was_denied_is_asked_for_at_once() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        let script = [denied(), fine(&poor())];
        let paths = pulled(&place, &source, Actor::System, script).await;
        assert_eq!(paths, [OWN, POORER]);
        asked(&place, &source, &[]).await;
        place.bed.clock.advance(TimeDelta::seconds(30));
        let before = asked(&place, &source, &[]).await;
        assert_eq!(before, [""; 0], "nothing is due");
        let account = [
            fine(&json!([{ "id": 1050, "title": "x" }])),
            fine(&json!([])),
        ];
        place.server.answers(account);
        let entry = Entry::Token(VendorToken::new("nowy"));
        let renewed = renew(&place.services, &source.id, entry, &Actor::CommandLine).await;
        renewed.unwrap();
        let uris = asked(&place, &source, &[]).await;
        let own = uris.iter().find(|uri| uri.starts_with(OWN));
        assert!(
            own.is_some_and(|uri| !uri.contains("changed_after")),
            "{uris:#?}"
        );
        assert!(uris.iter().all(|uri| !uri.starts_with(POORER)), "{uris:#?}");
        place.bed.close().await;
    }
}

/// The tables of the source that are read from lists which tell less.
async fn told(place: &Place, source: &Source) -> Vec<Poorer> {
    let views = connect::tables(&place.services, &source.id).await.unwrap();
    poorer(&place.services, &source.id, &views).await.unwrap()
}

#[tokio::test]
async fn a_table_says_that_it_is_read_poorly_until_its_own_list_is_read_again() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = connected(&place).await;
        assert_eq!(told(&place, &source).await, []);
        let refused_at = place.bed.now();
        let by = Actor::System;
        let script = [denied(), fine(&poor())];
        pulled(&place, &source, by.clone(), script).await;
        let clients = told(&place, &source).await;
        assert_eq!(clients.len(), 1, "{clients:?}");
        assert_eq!(
            (clients[0].table, clients[0].refused_at, clients[0].rows),
            (TABLE, Some(refused_at), false)
        );
        let missing = &clients[0].columns;
        assert!(missing.contains(&"surname") && !missing.contains(&"name"));
        let turned = async |on: bool| {
            let set = connect::set_table(&place.services, &source.id, TABLE, Some(on), None, &by);
            set.await.unwrap();
        };
        turned(false).await;
        assert_eq!(told(&place, &source).await, [], "it is off");
        turned(true).await;
        place.bed.clock.advance(TimeDelta::hours(24));
        pulled(&place, &source, by.clone(), [fine(&poor())]).await;
        assert_eq!(told(&place, &source).await, []);
        place.bed.close().await;
    }
}
