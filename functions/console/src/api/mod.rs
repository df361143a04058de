//! The REST API `/api/v1`: JSON for programs, by bearer tokens.

mod bi_login;
mod caller;
mod cursor;
mod delete;
mod docs;
mod documents;
mod erasures;
mod exports;
mod failures;
mod imports;
mod job_refusals;
mod jobs;
mod journal;
mod json;
mod naming;
mod once;
mod parked;
mod problem;
mod put;
mod reads;
mod reconciliations;
mod records;
mod report_shapes;
mod reports;
mod retention;
mod rows;
mod source_shapes;
mod source_tables;
mod source_work;
mod sources;
mod storage;
mod values;

#[cfg(test)]
pub(crate) use docs::Description;
pub(crate) use failures::FailureLimit;
pub(crate) use imports::read_digest;
pub(crate) use journal::{exported as journal_exported, read as read_word};
pub(crate) use problem::answer;
pub(crate) use reads::{NotedReads, note as note_read};
pub(crate) use rows::{list as table_rows, visible as visible_table};

use axum::{
    Router,
    routing::{delete, get, patch, post, put},
};
use serde::Serialize;
use utoipa::ToSchema;
use wynos::control::Page;

use crate::App;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// Where the next page begins: send it as `cursor`. `null` on the last page.
    pub(crate) next: Option<String>,
}

impl<T> List<T> {
    /// A page of what is kept, each row as programs read it.
    fn of<R>(page: Page<R>, item: impl FnMut(R) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(item).collect(),
            next: page.next.map(|cursor| cursor.encode()),
        }
    }
}

/// The routes of the API and of its description.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/openapi.json", get(docs::openapi))
        .route("/docs", get(docs::page))
        .route("/api/v1/exports", get(exports::list).post(exports::order))
        .route("/api/v1/exports/{id}", get(exports::show))
        .route("/api/v1/imports", get(imports::list).post(imports::begin))
        .route("/api/v1/imports/{id}", get(imports::show))
        .route("/api/v1/imports/{id}/start", post(imports::start))
        .route("/api/v1/imports/{id}/apply", post(imports::apply))
        .route("/api/v1/imports/{id}/undo", post(imports::undo))
        .route("/api/v1/parked", get(parked::list))
        .route("/api/v1/parked/{id}/replay", post(parked::replay))
        .route("/api/v1/journal", get(journal::list))
        .route("/api/v1/sources", get(sources::list).post(sources::add))
        .route(
            "/api/v1/sources/{id}",
            get(sources::show)
                .patch(sources::change)
                .delete(sources::remove),
        )
        .route("/api/v1/sources/{id}/credential", put(sources::renew))
        .route("/api/v1/sources/{id}/companies", get(sources::companies))
        .route(
            "/api/v1/sources/{id}/history",
            get(source_work::histories).post(source_work::order_history),
        )
        .route(
            "/api/v1/sources/{id}/documents",
            get(documents::details_cost).post(documents::order_details),
        )
        .route(
            "/api/v1/sources/{id}/webhook",
            get(source_work::webhook)
                .put(source_work::register)
                .post(source_work::rotate)
                .delete(source_work::unregister),
        )
        .route(
            "/api/v1/sources/{id}/webhook/earlier",
            delete(source_work::revoke),
        )
        .route("/api/v1/sources/{id}/tables", get(source_tables::list))
        .route(
            "/api/v1/sources/{id}/tables/{table}",
            patch(source_tables::change),
        )
        .route(
            "/api/v1/sources/{id}/tables/{table}/preview",
            post(source_tables::preview),
        )
        .route(
            "/api/v1/bi-login",
            post(bi_login::renew).delete(bi_login::revoke),
        )
        .route("/api/v1/storage", get(storage::show))
        .route("/api/v1/tables", get(rows::tables))
        .route("/api/v1/tables/{name}/rows", get(rows::rows))
        .route("/api/v1/erasures", post(erasures::erase))
        .route("/api/v1/jobs", get(jobs::list).post(jobs::add))
        .route(
            "/api/v1/jobs/{id}",
            get(jobs::show).put(jobs::edit).delete(jobs::remove),
        )
        .route("/api/v1/jobs/{id}/runs", get(jobs::runs))
        .route("/api/v1/jobs/{id}/preview", get(retention::preview))
        .route("/api/v1/jobs/{id}/run", post(jobs::run))
        .route("/api/v1/jobs/{id}/pause", post(jobs::pause))
        .route("/api/v1/jobs/{id}/resume", post(jobs::resume))
        .route(
            "/api/v1/reconciliations",
            get(reconciliations::list).post(reconciliations::order),
        )
        .route("/api/v1/reconciliations/{id}", get(reconciliations::show))
        .route(
            "/api/v1/reconciliations/{id}/days",
            get(reconciliations::days),
        )
        .route(
            "/api/v1/reconciliations/{id}/differences",
            get(reconciliations::differences),
        )
        .route("/api/v1/reports", get(reports::list).post(reports::add))
        .route("/api/v1/reports/preview", post(reports::preview))
        .route(
            "/api/v1/reports/{id}",
            get(reports::show)
                .put(reports::edit)
                .delete(reports::remove),
        )
        .route("/api/v1/{collection}", get(records::list))
        .route(
            "/api/v1/{collection}/{id}",
            get(records::show).put(put::put).delete(delete::delete),
        )
        .route("/api/{*path}", get(nothing).fallback(nothing))
}

/// The routes that give files of any size.
pub(crate) fn file_routes() -> Router<App> {
    Router::new()
        .route("/api/v1/imports/{id}/report", get(imports::report))
        .route("/api/v1/journal.csv", get(journal::csv))
        .route(
            "/api/v1/reconciliations/{id}/differences.csv",
            get(reconciliations::differences_csv),
        )
        .route(
            "/api/v1/reconciliations/{id}/days.csv",
            get(reconciliations::days_csv),
        )
}

async fn nothing() -> crate::http::Failure {
    crate::http::Failure::of(crate::http::Kind::NotFound)
}
