use std::{collections::BTreeMap, str::FromStr};

use axum::{
    Json,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wynos::{
    SourceId, SubscriptionId, access,
    catalog::Locale,
    control::{Actor, Cursor},
    i18n,
    journal::{self, Category, Entry, JournalFilter, Severity},
    zone::start_of_day,
};

use super::{List, caller::Reader};
use crate::{
    App,
    http::{Failure, Kind, language_wished_for},
};

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JournalEntry {
    /// The entry.
    id: String,
    /// When, in UTC.
    at: DateTime<Utc>,
    /// What it is about: export, import, load, access, settings, problem …
    category: &'static str,
    /// info, warning or error.
    severity: &'static str,
    /// The source that it concerns.
    source: Option<String>,
    /// Who did it: `account:ID`, `token:ID`, `cli` or `system`.
    actor: String,
    /// What happened: a stable name.
    code: String,
    /// What happened, in the language of `Accept-Language`, else in the subscription's.
    message: String,
    /// Numbers by name.
    counts: BTreeMap<String, i64>,
    /// What else is known.
    #[schema(value_type = Object)]
    details: serde_json::Value,
}

impl JournalEntry {
    fn of(locale: Locale, entry: Entry) -> Self {
        Self {
            message: journal::message(locale, &entry),
            id: entry.id.to_string(),
            at: entry.at,
            category: entry.category.as_str(),
            severity: entry.severity.as_str(),
            source: entry.source_id,
            actor: entry.actor.to_string(),
            code: entry.code,
            counts: entry.counts,
            details: entry.details,
        }
    }
}

/// Which entries; what is not said does not matter.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Only those of this category.
    category: Option<String>,
    /// Only those of this severity.
    severity: Option<String>,
    /// Only those about this source.
    source: Option<String>,
    /// Only what this actor did, or `account` for all people and `token` for all programs.
    actor: Option<String>,
    /// Only this code, or those that begin with it and a dot: `export` means `export.ordered` too.
    code: Option<String>,
    /// Only what happened at that time or later: `2026-01-31T08:00:00Z`, or a day of the subscription's zone, from its beginning.
    since: Option<String>,
    /// Only what happened before that time; or up to that day of the subscription's zone, the day included.
    until: Option<String>,
    /// Entries of a page, 1 to 200; 50 when not said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A time that a program names, or a day.
#[derive(Debug, Clone, Copy)]
enum Point {
    Time(DateTime<Utc>),
    Day(NaiveDate),
}

impl Point {
    fn read(field: &str, text: Option<&str>) -> Result<Option<Self>, Failure> {
        let Some(said) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let time = said.parse().map(Self::Time);
        let point = time.or_else(|_| said.parse().map(Self::Day));
        point
            .map(Some)
            .map_err(|_| Failure::said(field, |locale| i18n::text(locale, "problem-journal-time")))
    }

    const fn is_day(self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// When it begins.
    fn start(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Time(at) => at,
            Self::Day(day) => start_of_day(day, zone),
        }
    }

    /// When it is over: a time is as it begins.
    fn end(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Time(at) => at,
            Self::Day(day) => start_of_day(day.succ_opt().unwrap_or(day), zone),
        }
    }
}

impl Wanted {
    async fn filter(&self, app: &App, shop: &SubscriptionId) -> Result<JournalFilter, Failure> {
        let since = Point::read("since", self.since.as_deref())?;
        let until = Point::read("until", self.until.as_deref())?;
        let zone = match since.into_iter().chain(until).any(Point::is_day) {
            true => {
                let subscription = app.services.control.subscription(shop).await?;
                // It was checked when the subscription was made.
                subscription.time_zone.parse().unwrap_or(Tz::UTC)
            }
            false => Tz::UTC,
        };
        let since = since.map(|since| since.start(zone));
        let until = until.map(|until| until.end(zone));
        let period = since.zip(until);
        if period.is_some_and(|(since, until)| since >= until) {
            return Err(Failure::field("until"));
        }
        let categories = Category::ALL.iter().map(|category| category.as_str());
        let severities = Severity::ALL.iter().map(|severity| severity.as_str());
        Ok(JournalFilter {
            category: read("category", self.category.as_deref())
                .map_err(|_| Failure::one_of("category", categories))?,
            severity: read("severity", self.severity.as_deref())
                .map_err(|_| Failure::one_of("severity", severities))?,
            source_id: read::<SourceId>("source", self.source.as_deref())?
                .map(|source| source.to_string()),
            actor: read("actor", self.actor.as_deref())?,
            code: read("code", self.code.as_deref())?,
            since,
            until,
        })
    }
}

/// A word of a filter; an empty one is none.
pub(crate) fn read<T: FromStr>(field: &str, text: Option<&str>) -> Result<Option<T>, Failure> {
    let said = text.map(str::trim).filter(|text| !text.is_empty());
    let value = said.map(str::parse).transpose();
    value.map_err(|_| Failure::field(field))
}

/// The journal, newest first.
#[utoipa::path(get, path = "/api/v1/journal", tag = "journal", params(Wanted), responses((status = 200, body = List<JournalEntry>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Json<List<JournalEntry>>, Failure> {
    let limit = wanted.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Failure::field("limit"));
    }
    let from = wanted
        .cursor
        .as_deref()
        .map(Cursor::decode)
        .transpose()
        .map_err(|_| Kind::InvalidCursor)?;
    let filter = wanted.filter(&app, caller.subscription()).await?;
    let found = app
        .services
        .control
        .journal(caller.subscription())
        .list(&filter, from.as_ref(), limit)
        .await?;
    let locale = wished_for(&app, caller.subscription(), &headers).await?;
    Ok(Json(List::of(found, |entry| {
        JournalEntry::of(locale, entry)
    })))
}

/// The journal as a CSV file, newest first, with its messages in the language of `Accept-Language`, else in the
/// subscription's. That it was taken out is an entry of its own.
#[utoipa::path(
    get, path = "/api/v1/journal.csv", tag = "journal", params(Wanted),
    responses((status = 200, content_type = "text/csv", body = String), (status = 422, body = super::problem::Problem))
)]
pub(crate) async fn csv(
    State(app): State<App>,
    caller: Reader,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let shop = caller.subscription();
    let filter = wanted.filter(&app, shop).await?;
    let locale = wished_for(&app, shop, &headers).await?;
    exported(&app, shop, filter, locale, &caller.actor()).await
}

/// The language of `Accept-Language`, else the subscription's.
pub(super) async fn wished_for(
    app: &App,
    shop: &SubscriptionId,
    headers: &HeaderMap,
) -> Result<Locale, Failure> {
    match language_wished_for(headers) {
        Some(locale) => Ok(locale),
        None => Ok(app.services.control.subscription(shop).await?.locale),
    }
}

/// The file with these entries, its taking noted before anything is given.
pub(crate) async fn exported(
    app: &App,
    shop: &SubscriptionId,
    filter: JournalFilter,
    locale: Locale,
    by: &Actor,
) -> Result<Response, Failure> {
    let (control, now) = (&app.services.control, app.services.clock.now());
    access::note_journal_exported(control, shop, by, now).await?;
    let content = journal::export_csv(control, shop, filter, locale);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"journal-{}.csv\"", now.date_naive()),
        ),
    ];
    let content = Body::from_stream(content.map_err(std::io::Error::other));
    Ok((headers, content).into_response())
}
