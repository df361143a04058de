use axum::{
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    http::{
        HeaderMap, Method, StatusCode,
        header::{ALLOW, CONTENT_LENGTH},
    },
    response::{IntoResponse, Response},
};
use tokio::time::timeout;
use tracing::{error, warn};
use wynos_base::{
    hooks::{self, HookAddress, MAX_BODY, MAX_EVENT},
    ports::{QueueError, QueueName},
    tallies::Tally,
};

use crate::Receiver;

/// The address is checked before anything else is looked at: who does not know one learns nothing, and costs nothing.
pub(crate) async fn receive(
    State(receiver): State<Receiver>,
    path: Result<Path<(String, String)>, PathRejection>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let address = path
        .ok()
        .and_then(|Path((source, key))| hooks::check(&receiver.keys, &source, &key));
    let Some(address) = address else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if method != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST")]).into_response();
    }
    let status = match accept(&receiver, &address, &headers, body).await {
        Ok(()) => StatusCode::OK,
        Err(refusal) => refusal.tell(&address),
    };
    status.into_response()
}

/// Why events were not taken.
#[derive(Debug)]
enum Refusal {
    /// More than we read.
    TooLarge,
    /// The body stopped coming, or came too slowly.
    Broken,
    /// Too many requests at once.
    Crowded,
    /// The queue did not answer in time; the events may be stored all the same.
    Late,
    /// The queue did not take them.
    Unstored(QueueError),
}

async fn accept(
    receiver: &Receiver,
    address: &HookAddress,
    headers: &HeaderMap,
    body: Body,
) -> Result<(), Refusal> {
    let received_at = receiver.clock.now();
    if announced(headers).is_some_and(|bytes| bytes > MAX_BODY) {
        return Err(Refusal::TooLarge);
    }
    let limits = receiver.limits;
    let places = places_of(announced(headers)).min(limits.at_once);
    let _place = timeout(limits.wait, receiver.places.acquire_many(places))
        .await
        .map_err(|_| Refusal::Crowded)?
        .map_err(|_| Refusal::Crowded)?;
    let body = timeout(limits.body, axum::body::to_bytes(body, MAX_BODY))
        .await
        .map_err(|_| Refusal::Broken)?
        .map_err(|error| broken_or_too_large(&error))?;
    let split = hooks::split(address, received_at, &body);
    let envelopes = split
        .messages
        .into_iter()
        .map(hooks::HookMessage::into_envelope)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| {
            Refusal::Unstored(QueueError::Corrupt {
                id: "not yet sent".to_owned(),
                source: source.into(),
            })
        })?;
    let count = envelopes.len() as u64;
    let stored = receiver.queue.send_batch(QueueName::Ingest, envelopes);
    timeout(limits.store, stored)
        .await
        .map_err(|_| Refusal::Late)?
        .map_err(|error| match error {
            QueueError::TooLarge { .. } => Refusal::TooLarge,
            other => Refusal::Unstored(other),
        })?;
    Tally::EventsAccepted.add(count);
    // Its neighbours are queued by now: when the vendor sends them again, they change nothing.
    match split.too_large {
        0 => Ok(()),
        _ => Err(Refusal::TooLarge),
    }
}

/// As how many requests of one event a body of this length counts; one of unknown length may become as long as any.
fn places_of(announced: Option<usize>) -> u32 {
    let bytes = announced.unwrap_or(MAX_BODY);
    u32::try_from(bytes.div_ceil(MAX_EVENT))
        .unwrap_or(u32::MAX)
        .max(1)
}

/// The length that the sender speaks of, where it does.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn broken_or_too_large(error: &axum::Error) -> Refusal {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if found.is::<http_body_util::LengthLimitError>() {
            return Refusal::TooLarge;
        }
        cause = found.source();
    }
    Refusal::Broken
}

impl Refusal {
    /// Logs it, with the source's id and without the address, and gives the status to answer with.
    fn tell(&self, address: &HookAddress) -> StatusCode {
        let source = &address.source;
        match self {
            Self::TooLarge => {
                warn!(%source, limit = MAX_EVENT, "an event is larger than what is taken");
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::Broken => {
                warn!(%source, "an event's body broke off");
                StatusCode::REQUEST_TIMEOUT
            }
            Self::Crowded => {
                warn!(%source, "no place for an event: too many come at once");
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Late => {
                error!(%source, "the queue did not take an event in time");
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Unstored(failure) => {
                error!(%source, error = ?failure, "the queue did not take an event");
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}
