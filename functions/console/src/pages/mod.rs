//! The web console's pages, one file per concern.

mod account;
mod address;
mod documents;
mod download;
mod export_form;
mod exports;
mod failure;
mod filter;
mod import;
mod import_state;
mod imports;
mod job;
mod job_form;
mod jobs;
mod journal;
mod mapping;
mod overview;
mod parked;
mod people;
mod personal;
mod reading;
mod reconciliation;
mod reconciliations;
mod report;
mod report_form;
mod retention;
mod rows;
mod setup;
mod sign_in;
mod source;
mod sources;
mod upload;
mod webhook;
mod words;

pub(crate) use failure::failure_page;

use axum::{
    Router,
    routing::{get, post},
};

use crate::App;

/// The routes of the console's pages.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(overview::start))
        .route("/setup", get(setup::form).post(setup::create))
        .route("/sign-in", get(sign_in::form).post(sign_in::check))
        .route("/sign-out", post(sign_in::out))
        .route("/account", get(account::form))
        .route("/account/language", post(account::language))
        .route("/account/password", post(account::password))
        .route("/d/{token}", get(download::look).post(download::claim))
        .route("/s/{subscription}", get(overview::show))
        .route(
            "/s/{subscription}/exports",
            get(exports::list).post(exports::order),
        )
        .route("/s/{subscription}/exports/new", get(export_form::form))
        .route("/s/{subscription}/exports/{id}", get(exports::show))
        .route("/s/{subscription}/imports", get(imports::list))
        .route("/s/{subscription}/imports/new", get(imports::form))
        .route("/s/{subscription}/imports/begin", post(upload::begin))
        .route("/s/{subscription}/imports/{id}", get(import::show))
        .route(
            "/s/{subscription}/imports/{id}/uploaded",
            post(upload::uploaded),
        )
        .route(
            "/s/{subscription}/imports/{id}/validate",
            post(import::validate),
        )
        .route(
            "/s/{subscription}/imports/{id}/mapping",
            post(mapping::choose),
        )
        .route("/s/{subscription}/imports/{id}/apply", post(import::apply))
        .route("/s/{subscription}/imports/{id}/undo", post(import::undo))
        .route(
            "/s/{subscription}/sources",
            get(sources::list).post(sources::sign_in),
        )
        .route("/s/{subscription}/sources/new", get(sources::form))
        .route(
            "/s/{subscription}/sources/choose/{credential}",
            get(sources::choose),
        )
        .route("/s/{subscription}/sources/connect", post(sources::connect))
        .route("/s/{subscription}/sources/{id}", get(source::show))
        .route(
            "/s/{subscription}/sources/{id}/settings",
            post(source::settings),
        )
        .route(
            "/s/{subscription}/sources/{id}/tables",
            post(source::tables),
        )
        .route(
            "/s/{subscription}/sources/{id}/tables/{table}",
            get(filter::form).post(filter::change),
        )
        .route(
            "/s/{subscription}/sources/{id}/documents",
            get(documents::show).post(documents::order),
        )
        .route(
            "/s/{subscription}/sources/{id}/webhook",
            get(webhook::show).post(webhook::change),
        )
        .route("/s/{subscription}/sources/{id}/pull", post(reading::now))
        .route(
            "/s/{subscription}/sources/{id}/history",
            post(reading::history),
        )
        .route("/s/{subscription}/sources/{id}/state", post(source::state))
        .route("/s/{subscription}/sources/{id}/renew", post(source::renew))
        .route(
            "/s/{subscription}/sources/{id}/remove",
            post(source::remove),
        )
        .route(
            "/s/{subscription}/jobs",
            get(jobs::list).post(job_form::add),
        )
        .route("/s/{subscription}/jobs/new", get(job_form::form))
        .route(
            "/s/{subscription}/jobs/{id}",
            get(job::show).post(job::change),
        )
        .route("/s/{subscription}/jobs/{id}/edit", post(job::edit))
        .route(
            "/s/{subscription}/retention",
            get(retention::form).post(retention::change),
        )
        .route("/s/{subscription}/tables/{table}", get(rows::show))
        .route("/s/{subscription}/reports", post(report_form::add))
        .route("/s/{subscription}/reports/new", get(report_form::form))
        .route("/s/{subscription}/reports/{id}", get(report::show))
        .route("/s/{subscription}/reports/{id}/edit", post(report::edit))
        .route(
            "/s/{subscription}/reports/{id}/remove",
            post(report::remove),
        )
        .route(
            "/s/{subscription}/sources/{id}/reconciliations",
            get(reconciliations::list).post(reconciliations::order),
        )
        .route(
            "/s/{subscription}/reconciliations/{id}",
            get(reconciliation::show),
        )
        .route(
            "/s/{subscription}/parked",
            get(parked::list).post(parked::replay),
        )
        .route("/s/{subscription}/journal", get(journal::list))
        .route(
            "/s/{subscription}/personal-data",
            get(personal::show).post(personal::erase),
        )
        .route(
            "/s/{subscription}/people",
            get(people::show).post(people::add),
        )
        .route("/s/{subscription}/people/{account}", post(people::change))
        .route("/s/{subscription}/tokens", post(people::make_token))
        .route(
            "/s/{subscription}/tokens/{id}/revoke",
            post(people::revoke_token),
        )
}

/// The routes that take or give files of any size, and any time that they need.
pub(crate) fn file_routes() -> Router<App> {
    Router::new()
        .route("/s/{subscription}/journal.csv", get(journal::csv))
        .route("/s/{subscription}/parked.csv", get(parked::csv))
        .route("/s/{subscription}/imports", post(upload::form))
        .route(
            "/s/{subscription}/imports/{id}/report.csv",
            get(import::report),
        )
        .route(
            "/s/{subscription}/reconciliations/{id}/differences.csv",
            get(reconciliation::differences_csv),
        )
        .route(
            "/s/{subscription}/reconciliations/{id}/days.csv",
            get(reconciliation::days_csv),
        )
}
