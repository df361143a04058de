//! The embedded object store's signed URLs: whoever has one may read or store that one object, and nothing else.

use std::{
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::{Stream, StreamExt, stream::BoxStream};
use wynos::{
    embedded::{DirectoryObjects, Grant, Method},
    ports::{ObjectKey, ObjectsError, attachment},
};

use crate::{
    App,
    http::{Failure, Kind},
    promised::promised,
};

/// The embedded object store, as the one who checks signatures.
pub type SignedObjects = Arc<DirectoryObjects>;

/// The routes of the embedded object store.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/objects/{*key}", get(read).put(store))
}

fn granted(app: &App, method: Method, key: &str, query: Option<String>) -> Result<Grant, Failure> {
    let objects = app
        .options
        .embedded_objects
        .as_ref()
        .ok_or(Kind::NotFound)?;
    // Which part of it is wrong is of use to somebody who tries URLs out alone.
    let grant = objects.verify(method, key, &query.unwrap_or_default());
    grant.map_err(|_| Kind::Forbidden.into())
}

/// `GET /objects/…`: the object, or the part of it that was asked for.
async fn read(
    State(app): State<App>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let grant = granted(&app, Method::Get, &key, query)?;
    let stored = app
        .objects()
        .head(&grant.key)
        .await
        .map_err(store_failure)?
        .ok_or(Kind::NotFound)?;
    let tag = etag(&grant.key);
    let (status, range) = match wanted(&headers, stored.size, &tag) {
        Wanted::All => (StatusCode::OK, None),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
        Wanted::Nothing => {
            let size = HeaderValue::try_from(format!("bytes */{}", stored.size))
                .map_err(|_| Kind::Internal)?;
            return Ok((
                StatusCode::RANGE_NOT_SATISFIABLE,
                [(header::CONTENT_RANGE, size)],
            )
                .into_response());
        }
    };
    let length = range
        .as_ref()
        .map_or(stored.size, |range| range.end - range.start);
    let content = app
        .objects()
        .get(&grant.key, range.clone())
        .await
        .map_err(store_failure)?;
    let mut response = (status, Body::from_stream(content)).into_response();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_LENGTH, &length.to_string());
    set(header::CONTENT_TYPE, &grant.content_type);
    set(header::CONTENT_DISPOSITION, &attachment(&grant.file_name));
    set(header::ACCEPT_RANGES, "bytes");
    set(header::ETAG, &tag);
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox",
    );
    if let Some(range) = range {
        let last = range.end.saturating_sub(1);
        set(
            header::CONTENT_RANGE,
            &format!("bytes {}-{last}/{}", range.start, stored.size),
        );
    }
    Ok(response)
}

/// `PUT /objects/…`: stores the body under the key, while it comes, up to what was granted.
async fn store(
    State(app): State<App>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Failure> {
    let grant = granted(&app, Method::Put, &key, query)?;
    let limit = grant.size_limit.ok_or(Kind::Forbidden)?;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Kind::TooLarge.into());
    }
    let content = body
        .into_data_stream()
        .map(|piece| piece.map_err(io::Error::other));
    let limited = Limited::new(content.boxed(), limit);
    let kept = promised(limited.boxed(), grant.size, grant.sha256);
    match app.objects().put(&grant.key, kept).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(store_failure(error)),
    }
}

/// Why an object was not stored or read.
pub(crate) fn store_failure(error: ObjectsError) -> Failure {
    match &error {
        ObjectsError::NotFound { .. } => Kind::NotFound.into(),
        ObjectsError::Content { source, .. } if source.kind() == io::ErrorKind::FileTooLarge => {
            Kind::TooLarge.into()
        }
        ObjectsError::Content { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
            Kind::Refused("upload.differs").into()
        }
        // The other side went away; nothing is left of what it sent.
        ObjectsError::Content { .. } => Kind::Malformed.into(),
        _ => Failure::noted(Kind::Unavailable, &error),
    }
}

/// Content that fails when it is longer than allowed.
pub(crate) struct Limited {
    content: BoxStream<'static, io::Result<Bytes>>,
    left: u64,
}

impl Limited {
    pub(crate) fn new(content: BoxStream<'static, io::Result<Bytes>>, limit: u64) -> Self {
        Self {
            content,
            left: limit,
        }
    }
}

impl Stream for Limited {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = std::task::ready!(self.content.as_mut().poll_next(context));
        Poll::Ready(piece.map(|piece| {
            let piece = piece?;
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            self.left = self
                .left
                .checked_sub(length)
                .ok_or(io::ErrorKind::FileTooLarge)?;
            Ok(piece)
        }))
    }
}

/// Objects are written once under a key of their own, so the key tells versions apart.
fn etag(key: &ObjectKey) -> String {
    format!("\"{}\"", key.as_str().replace('/', "."))
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    Nothing,
}

/// What a request asks for. Several ranges at once, and what is no range of bytes, get everything, as RFC 9110 allows.
fn wanted(headers: &HeaderMap, size: u64, tag: &str) -> Wanted {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Wanted::All;
    }
    let Some(spec) = text(header::RANGE).and_then(|range| range.strip_prefix("bytes=")) else {
        return Wanted::All;
    };
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else {
        return Wanted::All;
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(length)) if first.is_empty() => size.saturating_sub(length)..size,
        _ => return Wanted::All,
    };
    if range.start < range.end {
        Wanted::Part(range)
    } else {
        Wanted::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str, if_range: Option<&'static str>) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        if let Some(tag) = if_range {
            headers.insert(header::IF_RANGE, HeaderValue::from_static(tag));
        }
        wanted(&headers, 10, "\"a\"")
    }

    #[test]
    fn a_part_is_given_where_exactly_one_was_asked_for() {
        assert_eq!(asked("bytes=2-4", None), Wanted::Part(2..5));
        assert_eq!(asked("bytes=2-", None), Wanted::Part(2..10));
        assert_eq!(asked("bytes=-3", None), Wanted::Part(7..10));
        assert_eq!(asked("bytes=-99", None), Wanted::Part(0..10));
        assert_eq!(asked("bytes=0-99", None), Wanted::Part(0..10));
        assert_eq!(asked("bytes=10-", None), Wanted::Nothing);
        assert_eq!(asked("bytes=-0", None), Wanted::Nothing);
        for other in [
            "bytes=4-2",
            "bytes=0-1,3-4",
            "items=0-1",
            "bytes=x-y",
            "bytes=-",
        ] {
            assert_eq!(asked(other, None), Wanted::All, "{other}");
        }
        assert_eq!(wanted(&HeaderMap::new(), 10, "\"a\""), Wanted::All);
    }

    #[test]
    fn a_part_of_another_version_is_not_given() {
        assert_eq!(asked("bytes=2-4", Some("\"a\"")), Wanted::Part(2..5));
        assert_eq!(asked("bytes=2-4", Some("\"b\"")), Wanted::All);
    }

    #[tokio::test]
    async fn content_that_is_too_long_fails_where_it_is() {
        let pieces = futures::stream::iter([
            Ok(Bytes::from_static(b"abc")),
            Ok(Bytes::from_static(b"de")),
        ]);
        let mut limited = Limited::new(pieces.boxed(), 4);
        assert_eq!(limited.next().await.unwrap().unwrap(), "abc");
        assert_eq!(
            limited.next().await.unwrap().unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
    }

    #[tokio::test]
    async fn an_upload_of_something_else_is_told_as_one() {
        let content = futures::stream::iter([Ok(Bytes::from_static(b"abc"))]);
        let mut kept = promised(content.boxed(), Some(4), None);
        let mut ended = kept.next().await;
        while let Some(Ok(_)) = ended {
            ended = kept.next().await;
        }
        let failure = store_failure(ObjectsError::Content {
            key: "imports/shop/a".parse().unwrap(),
            source: ended.unwrap().unwrap_err(),
        });
        assert_eq!(failure.kind.code(), "upload.differs");
        assert_eq!(failure.kind.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[test]
    fn a_full_disk_is_told_as_one() {
        let failed = |kind: io::ErrorKind| {
            let source = Box::new(io::Error::from(kind));
            let action = "store an object";
            store_failure(ObjectsError::Unavailable { action, source }).kind
        };
        assert_eq!(failed(io::ErrorKind::StorageFull), Kind::NoRoom);
        assert_eq!(failed(io::ErrorKind::TimedOut), Kind::Unavailable);
    }
}
