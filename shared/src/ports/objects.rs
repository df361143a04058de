use std::{fmt, io, ops::Range, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{future::BoxFuture, stream::BoxStream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
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

/// What an upload may be: how large at most, and what its sender says that it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload {
    /// The most bytes allowed.
    pub size_limit: u64,
    /// Bytes, where the sender knows.
    pub size: Option<u64>,
    /// SHA-256 of the content, where the sender knows.
    pub sha256: Option<[u8; 32]>,
}

impl Upload {
    /// Anything up to that many bytes.
    pub fn up_to(size_limit: u64) -> Self {
        Self {
            size_limit,
            size: None,
            sha256: None,
        }
    }
}

/// How to store an object by PUT without any other right to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignedPut {
    /// Where to.
    pub url: Url,
    /// Headers that must be sent with it as they are here, names in lowercase.
    pub headers: Vec<(String, String)>,
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

    /// A URL that anybody can store the object with, by PUT, for `ttl`. What the sender said of the content is bound to it:
    /// other content is refused. A size that was not said is bounded by some stores alone; whoever uses the object looks.
    fn presign_put<'a>(
        &'a self,
        key: &'a ObjectKey,
        upload: Upload,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<PresignedPut, ObjectsError>>;
}

/// What RFC 5987 lets stand as it is in a file name.
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'#')
    .remove(b'$');

/// The header `Content-Disposition` that makes a browser save the file under its name, whatever letters are in it
/// (RFC 6266, RFC 5987).
pub fn attachment(file_name: &str) -> String {
    let plain: String = file_name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || "-._ ".contains(letter) {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let encoded = utf8_percent_encode(file_name, ATTRIBUTE);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
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
    /// The content to be stored is larger than allowed.
    #[error("an object of {size} bytes is more than the {limit} allowed")]
    TooLarge {
        /// Bytes announced.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
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
            Self::NotFound { .. }
            | Self::BadRange { .. }
            | Self::TtlTooLong
            | Self::TooLarge { .. } => Disposition::Park,
            Self::Content { .. } | Self::Unavailable { .. } => Disposition::Retry,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_keep_their_letters_and_cannot_end_the_header() {
        assert_eq!(
            attachment("klienci żółć \"1\".csv"),
            "attachment; filename=\"klienci ____ _1_.csv\"; \
             filename*=UTF-8''klienci%20%C5%BC%C3%B3%C5%82%C4%87%20%221%22.csv"
        );
        assert!(!attachment("a\r\nSet-Cookie: x").contains('\n'));
    }
}
