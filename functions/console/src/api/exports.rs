use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wynos::{
    catalog::Locale,
    control::{Cursor, Delivery, DeliveryStatus, FileFormat},
    delivery::{self, Condition, Order},
    exchange::ProfileName,
    journal,
    yclients::reports,
};

use super::{
    List,
    caller::{Reader, Writer, idempotency_key},
};
use crate::{
    App,
    http::{Failure, Kind, language_from_header},
};

/// Items of a page when the caller does not say.
const DEFAULT_LIMIT: usize = 50;

/// What to export.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewExport {
    /// xml, csv, xlsx, sqlite or ords.
    format: String,
    /// The table of a list (csv, xlsx).
    table: Option<String>,
    /// Only these columns of a list, in this order.
    #[serde(default)]
    columns: Vec<String>,
    /// Only rows of a list whose columns have these values, each as text. A name that ends in `!=`, `<`, `<=`, `>`, `>=` or
    /// `~` (holds) compares so: `{"created_at>=": "2026-10-01"}`. Days are those of the business; an empty text is no value.
    #[serde(default, rename = "where")]
    conditions: BTreeMap<String, String>,
    /// The profile of an exchange file (xml): full, when not said, or basic.
    profile: Option<String>,
    /// The language and conventions of the file: pl, ru or en; the subscription's when not said.
    locale: Option<String>,
    /// What the data is taken out for; it is noted in the personal-data log.
    purpose: Option<String>,
}

/// An order that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// The export.
    id: String,
    /// How far it has come.
    status: &'static str,
}

/// A file that was ordered, and what became of it. Times are in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Export {
    /// The export.
    id: String,
    /// ordered, building, ready, claimed, expired or failed.
    status: &'static str,
    /// The format.
    format: &'static str,
    /// The table of a list.
    table: Option<String>,
    /// The profile of an exchange file.
    profile: Option<String>,
    /// The language of the file.
    locale: &'static str,
    /// What the data is taken out for.
    purpose: Option<String>,
    /// The name of the file, once it is ready.
    file_name: Option<String>,
    /// Bytes, once it is ready.
    size: Option<i64>,
    /// SHA-256 in hexadecimal, once it is ready.
    sha256: Option<String>,
    /// Rows per table, once it is ready.
    counts: BTreeMap<String, i64>,
    /// When it was ordered.
    ordered_at: DateTime<Utc>,
    /// By when it is likely to be ready, as other files of its format were; of one export that is under way.
    expected_at: Option<DateTime<Utc>>,
    /// When it was ready.
    ready_at: Option<DateTime<Utc>>,
    /// Until when the link can be claimed.
    expires_at: Option<DateTime<Utc>>,
    /// When it was claimed.
    claimed_at: Option<DateTime<Utc>>,
    /// Why it failed: a stable code.
    failure: Option<String>,
    /// Why it failed in the language of `Accept-Language`.
    failure_message: Option<String>,
    /// What the code is about, by name: `limit`, `table` and others.
    #[schema(value_type = Option<Object>)]
    failure_details: Option<serde_json::Value>,
}

impl Export {
    fn of(delivery: Delivery, now: DateTime<Utc>, headers: &HeaderMap) -> Self {
        let details = delivery.failure_details.as_ref();
        let locale = language_from_header(headers);
        let code = delivery.failure_code.as_ref();
        let message = code.map(|code| journal::reason(locale, code, details));
        Self {
            status: delivery.status_at(now).as_str(),
            id: delivery.id.to_string(),
            format: delivery.format.as_str(),
            table: delivery.table_name,
            profile: delivery.profile,
            locale: delivery.locale.code(),
            purpose: delivery.purpose,
            file_name: delivery.file_name,
            size: delivery.size,
            sha256: delivery.sha256,
            counts: delivery.counts,
            ordered_at: delivery.ordered_at,
            expected_at: None,
            ready_at: delivery.ready_at,
            expires_at: delivery.expires_at,
            claimed_at: delivery.claimed_at,
            failure: delivery.failure_code,
            failure_message: message,
            failure_details: delivery.failure_details,
        }
    }
}

/// Where to go on in a list.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Paging {
    /// Items of a page, 1 to 200; 50 when not said.
    pub(super) limit: Option<usize>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
}

impl Paging {
    /// The number of items and the place to begin at.
    pub(crate) fn read(&self) -> Result<(usize, Option<Cursor>), Failure> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=200).contains(&limit) {
            return Err(Failure::field("limit"));
        }
        let cursor = self.cursor.as_deref().map(Cursor::decode).transpose();
        Ok((limit, cursor.map_err(|_| Kind::InvalidCursor)?))
    }
}

/// Exports, newest first.
#[utoipa::path(get, path = "/api/v1/exports", tag = "exports", params(Paging), responses((status = 200, body = List<Export>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(paging): Query<Paging>,
    headers: HeaderMap,
) -> Result<Json<List<Export>>, Failure> {
    let (limit, from) = paging.read()?;
    let found = app
        .services
        .control
        .deliveries(caller.subscription())
        .list(from.as_ref(), limit)
        .await?;
    let now = app.services.clock.now();
    Ok(Json(List::of(found, |delivery| {
        Export::of(delivery, now, &headers)
    })))
}

/// One export.
#[utoipa::path(
    get, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "The export.")),
    responses((status = 200, body = Export), (status = 404, body = super::problem::Problem))
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Export>, Failure> {
    let id = id.parse().map_err(|_| Kind::NotFound)?;
    let delivery = app
        .services
        .control
        .deliveries(caller.subscription())
        .get(&id)
        .await?;
    let expected_at = match delivery.status {
        DeliveryStatus::Ordered | DeliveryStatus::Building => {
            delivery::expected_at(&app.services, &delivery).await?
        }
        _ => None,
    };
    let export = Export::of(delivery, app.services.clock.now(), &headers);
    Ok(Json(Export {
        expected_at,
        ..export
    }))
}

/// Orders a file. The file is handed over to an owner of the subscription, who signs in to take it, once.
#[utoipa::path(
    post, path = "/api/v1/exports", tag = "exports", request_body = NewExport,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt to place this order.")),
    responses(
        (status = 202, body = Accepted),
        (status = 409, description = "The key was used for another order.", body = super::problem::Problem),
        (status = 422, description = "A field's value cannot be used.", body = super::problem::Problem)
    )
)]
pub(crate) async fn order(
    State(app): State<App>,
    caller: Writer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Accepted>), Failure> {
    let new: NewExport = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let format: FileFormat = new
        .format
        .parse()
        .map_err(|_| Failure::one_of("format", FileFormat::ALL.iter().map(|one| one.as_str())))?;
    let control = &app.services.control;
    let subscription = control.subscription(caller.subscription()).await?;
    let locale = match &new.locale {
        Some(tag) => Locale::parse(tag).ok_or_else(|| {
            Failure::one_of("locale", Locale::ALL.iter().map(|locale| locale.code()))
        })?,
        None => subscription.locale,
    };
    let zone = subscription.time_zone.parse().unwrap_or(Tz::UTC);
    let profile = match new.profile.as_deref() {
        None | Some("full") => ProfileName::Full,
        Some("basic") if format == FileFormat::Xml => ProfileName::Basic,
        Some(_) => return Err(Failure::field("profile")),
    };
    let mut order = Order {
        table: new.table,
        profile,
        locale,
        purpose: new.purpose,
        idempotency_key: idempotency_key(&headers)?,
        ..Order::new(caller.subscription().clone(), caller.actor(), format)
    };
    let conditions = new
        .conditions
        .iter()
        .map(|(key, value)| Condition::keyed(key, value));
    let reports = reports::tables(&app.services.control, caller.subscription()).await?;
    order.narrow(new.columns, conditions, zone, &reports)?;
    let delivery = delivery::order(&app.services, order).await?;
    let accepted = Accepted {
        id: delivery.id.to_string(),
        status: delivery.status.as_str(),
    };
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}
