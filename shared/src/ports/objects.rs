use std::{fmt, io, ops::Range, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{future::BoxFuture, stream::BoxStream};
use url::Url;

use super::{Disposition, ObjectKey};

/// The content of an object, piece by piece.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// The longest life of a URL to read an object: it can be used many times, so it must die soon.
pub const MAX_GET_TTL: Duration = Duration::from_secs(60);

/// An object that is completely stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Bytes.
    pub size: u64,
}

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: ObjectKey,
    /// Bytes.
    pub size: u64,
    /// When it was stored.
    pub stored_at: DateTime<Utc>,
}

/// Files, by key.
pub trait Objects: Send + Sync + fmt::Debug {
    /// Stores an object, replacing one of the same key. It becomes visible when `content` has ended and everything is
    /// durable; when `content` fails or the call is dropped, nothing is left of it.
    fn put<'a>(
        &'a self,
        key: &'a ObjectKey,
        content: ByteStream,
    ) -> BoxFuture<'a, Result<Stored, ObjectsError>>;

    /// Reads an object, or the given bytes of it (`start..end`, the end cut at the object's size).
    fn get<'a>(
        &'a self,
        key: &'a ObjectKey,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<ByteStream, ObjectsError>>;

    /// The object's size; `None` when there is no such object.
    fn head<'a>(
        &'a self,
        key: &'a ObjectKey,
    ) -> BoxFuture<'a, Result<Option<Stored>, ObjectsError>>;

    /// Removes the object; removing one that is not there is no error.
    fn delete<'a>(&'a self, key: &'a ObjectKey) -> BoxFuture<'a, Result<(), ObjectsError>>;

    /// Lists objects whose key starts with `prefix` and comes after `after`, in the order of their keys' bytes, at most
    /// `limit` of them and never more than 1,000.
    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a ObjectKey>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Listed>, ObjectsError>>;

    /// A URL that anybody can read the object with for `ttl`, at most [`MAX_GET_TTL`]. The browser saves it as `file_name`.
    fn presign_get<'a>(
        &'a self,
        key: &'a ObjectKey,
        file_name: &'a str,
        content_type: &'a str,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<Url, ObjectsError>>;

    /// A URL that anybody can store the object with, by PUT, for `ttl`, at most `size_limit` bytes.
    fn presign_put<'a>(
        &'a self,
        key: &'a ObjectKey,
        size_limit: u64,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<Url, ObjectsError>>;
}

/// Why the object store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// There is no such object.
    #[error("there is no object {key}")]
    NotFound {
        /// The key asked for.
        key: ObjectKey,
    },
    /// The range starts behind the end of the object or ends before its start.
    #[error("object {key} has no bytes {start}..{end}")]
    BadRange {
        /// The key asked for.
        key: ObjectKey,
        /// First byte asked for.
        start: u64,
        /// Byte after the last one asked for.
        end: u64,
    },
    /// A URL was to live longer than allowed.
    #[error("a URL to read an object lives at most {} seconds", MAX_GET_TTL.as_secs())]
    TtlTooLong,
    /// The content to be stored failed to come.
    #[error("the content of object {key} broke off")]
    Content {
        /// The key to be stored.
        key: ObjectKey,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The object store cannot be reached, is full, or failed.
    #[error("the object store failed to {action}")]
    Unavailable {
        /// What was asked of it.
        action: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ObjectsError {
    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::NotFound { .. } | Self::BadRange { .. } | Self::TtlTooLong => Disposition::Park,
            Self::Content { .. } | Self::Unavailable { .. } => Disposition::Retry,
        }
    }
}
