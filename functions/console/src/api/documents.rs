//! Details of a source's documents: what they would cost, and orders of them.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wynos::{
    planner::Period,
    yclients::pull::{self, DetailsCost},
};

use super::{
    caller::{Reader, Writer},
    problem::Problem,
    source_work::History,
    sources::own_source,
};
use crate::{App, http::Failure};

/// Documents that something of these days speaks of; all without days. Days are the business's, both inclusive.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Days {
    /// The first day.
    from: Option<NaiveDate>,
    /// The last day.
    to: Option<NaiveDate>,
}

impl Days {
    fn period(&self) -> Result<Option<Period>, Failure> {
        match (self.from, self.to) {
            (None, None) => Ok(None),
            (Some(from), Some(to)) => Ok(Some(Period { from, to })),
            (Some(_), None) => Err(Failure::other_day("to")),
            (None, Some(_)) => Err(Failure::other_day("from")),
        }
    }
}

/// What asking the vendor one by one would cost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cost {
    /// Calls, one for each document.
    calls: u64,
    /// How long they take at least.
    minutes: u64,
    /// Documents that are passed by, since what somebody wrote into the place of their id is none.
    unreadable: u64,
}

impl From<DetailsCost> for Cost {
    fn from(cost: DetailsCost) -> Self {
        Self {
            calls: cost.calls,
            minutes: cost.minutes,
            unreadable: cost.unreadable,
        }
    }
}

/// What reading the details of documents would cost of which only the id is known.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/documents", tag = "sources",
    params(("id" = String, Path, description = "The source."), Days),
    responses((status = 200, body = Cost), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn details_cost(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    Query(days): Query<Days>,
) -> Result<Json<Cost>, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    let cost = pull::details_cost(&app.services, &source.id, days.period()?).await?;
    Ok(Json(cost.into()))
}

/// Orders these details: a call each.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/documents", tag = "sources", request_body = Days,
    params(("id" = String, Path, description = "The source.")),
    responses((status = 202, body = History), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn order_details(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<History>), Failure> {
    let days: Days = match body.is_empty() {
        true => Days::default(),
        false => serde_json::from_slice(&body).map_err(Failure::unreadable)?,
    };
    let source = own_source(&app, &caller, &id).await?;
    let period = days.period()?;
    let run = pull::order_details(&app.services, &source.id, period, caller.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_of_documents_that_are_passed_by() {
        let cost = Cost::from(DetailsCost {
            calls: 3,
            minutes: 1,
            unreadable: 2,
        });
        let told = serde_json::json!({ "calls": 3, "minutes": 1, "unreadable": 2 });
        assert_eq!(serde_json::to_value(cost).unwrap(), told);
    }
}
