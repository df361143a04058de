use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use reqwest::{
    Client, Method, RequestBuilder, Response,
    header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect,
};
use serde_json::Value;
use url::Url;
use wynos_base::exact;

use super::{
    Patience, Unreachable, VendorError,
    reply::Answer,
    settings::{language, media_type},
};
use crate::{
    control::{VendorName, VendorToken},
    ports::Clock,
};

/// A longer wait is not believed: a wrong date would keep everybody from the vendor for as long. Who means more says so again.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// How servers write a time, the present way first (RFC 9110, 5.6.7: the other two are to be read still). All are in GMT.
const HTTP_DATES: [&str; 3] = [
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
];

/// One request, before it is sent.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) vendor: VendorName,
    pub(super) authorization: HeaderValue,
    pub(super) body: Option<Value>,
}

/// The client for all requests of the process. It follows redirects within a host only: the tokens are for that host.
pub(super) fn client(patience: &Patience) -> Result<Client, VendorError> {
    let within_host = redirect::Policy::custom(|attempt| {
        let same = attempt.previous().last().is_some_and(|from| {
            from.origin() == attempt.url().origin() && attempt.previous().len() <= 3
        });
        if same {
            attempt.follow()
        } else {
            attempt.stop()
        }
    });
    Client::builder()
        .connect_timeout(patience.connect)
        .timeout(patience.answer)
        .pool_idle_timeout(Duration::from_secs(60))
        .redirect(within_host)
        .referer(false)
        .user_agent(concat!("wynos/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| VendorError::Unavailable {
            reason: Unreachable::NoConnection,
        })
}

/// The header that lets a request in: `Bearer <partner>`, and `, User <user>` after it where a user asks.
pub(super) fn authorization(
    partner: Option<&str>,
    user: Option<&VendorToken>,
) -> Result<HeaderValue, VendorError> {
    let partner = partner.ok_or(VendorError::NotConfigured)?;
    let text = match user {
        Some(user) => format!("Bearer {partner}, User {}", user.reveal()),
        None => format!("Bearer {partner}"),
    };
    let mut header = HeaderValue::from_str(&text).map_err(|_| match user {
        Some(_) => VendorError::Unauthorized,
        None => VendorError::NotConfigured,
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// The address of a path below the base, each part of the path kept in one piece.
pub(super) fn address(
    base: &Url,
    path: &str,
    params: &[(&str, String)],
) -> Result<Url, VendorError> {
    let mut url = base.clone();
    url.set_query(None);
    url.path_segments_mut()
        .map_err(|()| VendorError::BadAddress)?
        .pop_if_empty()
        .extend(path.trim_start_matches('/').split('/'));
    if !params.is_empty() {
        url.query_pairs_mut().extend_pairs(params);
    }
    Ok(url)
}

/// Sends a request once and reads the answer, of at most `limit` bytes. The clock tells how far away a date is that it names.
pub(super) async fn send(
    client: &Client,
    request: &Request,
    limit: usize,
    clock: &Clock,
) -> Result<Answer, VendorError> {
    let response = prepare(client, request)?
        .send()
        .await
        .map_err(|error| unreachable(&error))?;
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers(), clock.now());
    let body = exact::mend(bounded(response, limit).await?);
    Ok(Answer {
        status,
        retry_after,
        body,
    })
}

fn prepare(client: &Client, request: &Request) -> Result<RequestBuilder, VendorError> {
    let builder = client
        .request(request.method.clone(), request.url.clone())
        .header(ACCEPT, media_type(request.vendor))
        .header(ACCEPT_LANGUAGE, language(request.vendor))
        .header("content-type", "application/json")
        .header(AUTHORIZATION, request.authorization.clone());
    let Some(body) = &request.body else {
        return Ok(builder);
    };
    let body = serde_json::to_vec(body).map_err(|_| VendorError::BadAddress)?;
    Ok(builder.body(body))
}

async fn bounded(mut response: Response, limit: usize) -> Result<Vec<u8>, VendorError> {
    // Room for all of it at once where its length is told: growing on the way would take twice as much, and keep it.
    let told = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(told.unwrap_or(0).min(limit));
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(&error))?
    {
        if body.len() + chunk.len() > limit {
            return Err(VendorError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    body.shrink_to_fit();
    Ok(body)
}

/// What kept an answer from coming. The error itself is left behind: it quotes the address.
fn unreachable(error: &reqwest::Error) -> VendorError {
    let reason = if error.is_timeout() {
        Unreachable::TimedOut
    } else if error.is_connect() {
        Unreachable::NoConnection
    } else {
        Unreachable::BrokenOff
    };
    VendorError::Unavailable { reason }
}

/// How long the answer asks to wait, an hour at most: seconds, or a date that our clock has not reached (RFC 9110, 10.2.3).
/// The vendor documents neither.
pub(super) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let asked = if is_number {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        (http_date(text)? - now).to_std().ok()?
    };
    Some(asked.min(LONGEST_WAIT))
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let read = |form| NaiveDateTime::parse_from_str(text, form).ok();
    HTTP_DATES.into_iter().find_map(read).map(|at| at.and_utc())
}
