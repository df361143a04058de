//! The business as it is, in the catalog's column names: what a perfect copy holds.

mod compare;
mod line;
mod lists;
mod money;
mod people;
mod records;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use serde::Deserialize;

use crate::{model::Salon, world::Shared};

pub use compare::Comparison;

/// The tables that have a truth.
pub const TABLES: [&str; 17] = [
    "yclients_companies",
    "yclients_staff",
    "yclients_service_categories",
    "yclients_services",
    "yclients_clients",
    "yclients_records",
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_record_labels",
    "yclients_labels",
    "yclients_goods",
    "yclients_goods_categories",
    "yclients_storages",
    "yclients_accounts",
    "yclients_goods_transactions",
    "yclients_finance_transactions",
    "yclients_documents",
];

/// Rows of the model that are written between two looks at the world.
const CHUNK: usize = 2_000;

/// Which rows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    company: Option<i64>,
}

/// `GET /sandbox/truth/{table}?company=ID`: JSON lines, one object a row.
pub async fn serve(
    State(shared): State<Arc<Shared>>,
    Path(table): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    let Some(table) = TABLES.into_iter().find(|known| *known == table) else {
        return (StatusCode::NOT_FOUND, "no such table").into_response();
    };
    let salons = shared
        .world()
        .business
        .salons
        .iter()
        .map(|salon| salon.company.id)
        .collect::<Vec<_>>();
    let wanted = salons
        .into_iter()
        .filter(move |id| which.company.is_none_or(|company| company == *id));
    let begin = (shared, wanted, None::<(i64, usize)>);
    let chunks = stream::unfold(begin, move |(shared, mut wanted, at)| async move {
        let (company, first) = match at {
            Some(at) => at,
            None => (wanted.next()?, 0),
        };
        let (lines, more) = {
            let world = shared.world();
            let salon = world.business.salon(company)?;
            let mut lines = String::new();
            let more = chunk(salon, table, first..first + CHUNK, &mut lines);
            (lines, more)
        };
        let next = more.then_some((company, first + CHUNK));
        Some((
            Ok::<_, std::convert::Infallible>(lines),
            (shared, wanted, next),
        ))
    });
    (
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(chunks),
    )
        .into_response()
}

/// All of one company's rows of a table, a JSON object a line.
fn lines(shared: &Shared, table: &str, company: i64) -> String {
    let world = shared.world();
    let mut lines = String::new();
    if let Some(salon) = world.business.salon(company) {
        let mut first = 0;
        while chunk(salon, table, first..first + CHUNK, &mut lines) {
            first += CHUNK;
        }
    }
    lines
}

/// Writes some rows of a table and says whether there are more of them.
fn chunk(salon: &Salon, table: &str, places: std::ops::Range<usize>, lines: &mut String) -> bool {
    match table {
        "yclients_companies" => lists::company(salon, lines),
        "yclients_staff" => people::staff(salon, places, lines),
        "yclients_service_categories" => lists::service_categories(salon, places, lines),
        "yclients_services" => lists::services(salon, places, lines),
        "yclients_clients" => people::clients(salon, places, lines),
        "yclients_records" => records::records(salon, places, lines),
        "yclients_record_services" => records::services(salon, places, lines),
        "yclients_record_consumables" => records::consumables(salon, places, lines),
        "yclients_record_labels" => records::labels(salon, places, lines),
        "yclients_labels" => lists::labels(salon, places, lines),
        "yclients_goods" => lists::goods(salon, places, lines),
        "yclients_goods_categories" => lists::goods_categories(salon, places, lines),
        "yclients_storages" => lists::storages(salon, places, lines),
        "yclients_accounts" => lists::accounts(salon, places, lines),
        "yclients_goods_transactions" => money::goods_transactions(salon, places, lines),
        "yclients_finance_transactions" => money::finance_transactions(salon, places, lines),
        "yclients_documents" => money::documents(salon, places, lines),
        _ => false,
    }
}
