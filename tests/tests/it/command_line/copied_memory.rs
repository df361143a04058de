//! The memory of whoever reads a vendor does not grow with what comes.

use std::process::Command;

use axum::{Json, Router, extract::Query, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};
use wynos::{SourceId, SubscriptionId, catalog, ports::Clock, warehouse::Filter};
use wynos_tests::program::{Backend, Installation};

use super::memory::peak_of;
use crate::{
    assembled::assembled,
    hooks::{COMPANY, connect_by},
};

/// Clients of a page: more than a megabyte of them.
const PAGE: u64 = 200;
/// Pages, and six times as many: held in memory, the rest would take more than 32 MiB.
const FEW: u64 = 4;
const MANY: u64 = 6 * FEW;
/// What the rest may add: caches that fill up to their bounds, not data.
const ALLOWANCE_KIB: u64 = 20 * 1024;

/// A client with a long comment.
fn fat(id: u64) -> Value {
    let comment = format!("{id} ").repeat(8_000 / 6);
    json!({ "id": id, "name": format!("Client {id}"), "comment": comment, "last_change_date": "2026-03-01T10:00:00+0300" })
}

#[derive(Deserialize)]
struct Asked {
    page: u64,
}

/// A vendor with so many pages of clients.
async fn vendor(pages: u64) -> String {
    let list = move |Query(asked): Query<Asked>| async move {
        let first = (asked.page - 1) * PAGE + 1;
        let some = (first..first + PAGE).filter(|_| asked.page <= pages);
        let data: Vec<Value> = some.map(fat).collect();
        Json(json!({ "success": true, "data": data, "meta": { "total_count": pages * PAGE } }))
    };
    let router = Router::new().route("/api/v1/clients/{company}", get(list));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/api/v1")
}

struct Salon {
    wynos: Installation,
    shop: SubscriptionId,
    source: SourceId,
}

impl Salon {
    async fn new(backend: Backend) -> Self {
        let wynos = Installation::new(backend).await.unwrap();
        let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
        let shop: SubscriptionId = shop.parse().unwrap();
        let services = assembled(&wynos.data_dir(), wynos.database(), Clock::System).await;
        let source = connect_by(&services, &shop, COMPANY).await.unwrap().id;
        services.control.close().await;
        Self {
            wynos,
            shop,
            source,
        }
    }

    async fn clients(&self) -> u64 {
        let (data, database) = (self.wynos.data_dir(), self.wynos.database());
        let services = assembled(&data, database, Clock::System).await;
        let snapshot = services.warehouses.open(&self.shop).snapshot().await;
        let table = catalog::table("yclients_clients").unwrap();
        let count = snapshot.unwrap().count(table, &Filter::All).await.unwrap();
        services.control.close().await;
        count
    }
}

/// The most memory that a pull of so many pages held, in KiB.
async fn of_a_pull(backend: Backend, pages: u64) -> u64 {
    let salon = Salon::new(backend).await;
    let pull = [
        "pull",
        "--source",
        salon.source.as_str(),
        "--table",
        "yclients_clients",
    ];
    let mut command: Command = salon.wynos.command(pull);
    command
        .env("WYNOS_YCLIENTS_BASE_URL", vendor(pages).await)
        .env("WYNOS_YCLIENTS_PARTNER_TOKEN", "partner");
    let peak = tokio::task::spawn_blocking(move || peak_of(&mut command)).await;
    assert_eq!(salon.clients().await, pages * PAGE, "all of them came");
    peak.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_09_memory_of_pulls_does_not_grow_with_the_data() {
    for backend in Backend::ALL {
        let (few, many) = (
            of_a_pull(backend, FEW).await,
            of_a_pull(backend, MANY).await,
        );
        println!("{backend:?}: {few} KiB, six times the pages {many} KiB");
        assert!(
            many <= few + ALLOWANCE_KIB,
            "{backend:?}: {few} KiB, then {many} KiB"
        );
    }
}
