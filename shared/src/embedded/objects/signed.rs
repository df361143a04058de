use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use url::{Url, form_urlencoded};

use super::DirectoryObjects;
use crate::ports::{ObjectKey, ObjectsError, SecretKey};

/// The longest query that is looked at, in bytes.
const MAX_QUERY: usize = 4_096;

/// What a signed URL allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To read the object (GET or HEAD).
    Get,
    /// To store it.
    Put,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
        }
    }
}

/// What a signed URL allows, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// To read or to store.
    pub method: Method,
    /// Which object.
    pub key: ObjectKey,
    /// Until when, to the second.
    pub expires_at: DateTime<Utc>,
    /// The name that the browser saves it as; empty when storing.
    pub file_name: String,
    /// Its media type; empty when storing.
    pub content_type: String,
    /// The most bytes that may be stored; `None` when reading.
    pub size_limit: Option<u64>,
    /// The bytes that must come, where that was said beforehand.
    pub size: Option<u64>,
    /// The SHA-256 that the content must have, where that was said beforehand.
    pub sha256: Option<[u8; 32]>,
}

/// Why a URL opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Something is missing from it or is not what it should be.
    #[error("the link is incomplete")]
    Malformed,
    /// It was changed, or is for something else.
    #[error("the link does not fit")]
    Mismatch,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

impl DirectoryObjects {
    /// Checks a request to `/objects/{key}?{query}`, both still percent-encoded in the query and plain in the key.
    pub fn verify(&self, method: Method, key: &str, query: &str) -> Result<Grant, SignatureError> {
        if query.len() > MAX_QUERY {
            return Err(SignatureError::Malformed);
        }
        let parameter = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(found, _)| found == name)
                .map(|(_, value)| value.into_owned())
        };
        let number = |name| parameter(name).and_then(|value| value.parse::<u64>().ok());
        let required = SignatureError::Malformed;
        let grant = Grant {
            method,
            key: key.parse().map_err(|_| required)?,
            expires_at: parameter("e")
                .and_then(|seconds| DateTime::from_timestamp(seconds.parse().ok()?, 0))
                .ok_or(required)?,
            file_name: parameter("n").unwrap_or_default(),
            content_type: parameter("t").unwrap_or_default(),
            size_limit: number("l"),
            size: number("z"),
            sha256: match parameter("h") {
                Some(digest) => Some(read_digest(&digest).ok_or(required)?),
                None => None,
            },
        };
        let version = number("v")
            .and_then(|version| u32::try_from(version).ok())
            .ok_or(required)?;
        let signature = parameter("s").ok_or(required)?;
        let signature = BASE64URL_NOPAD
            .decode(signature.as_bytes())
            .map_err(|_| required)?;
        let secret = self.keys.version(version).ok_or(SignatureError::Mismatch)?;
        if !grant.with_parts(|parts| secret.verify(parts, &signature)) {
            return Err(SignatureError::Mismatch);
        }
        if grant.expires_at <= self.clock.now() {
            Err(SignatureError::Expired)
        } else {
            Ok(grant)
        }
    }

    /// A URL for what is granted.
    pub(super) fn sign(&self, grant: &Grant) -> Result<Url, ObjectsError> {
        let secret: &SecretKey = self.keys.current();
        let signature = grant.with_parts(|parts| secret.mac(parts));
        let base = format!(
            "{}/objects/{}",
            self.public_url.as_str().trim_end_matches('/'),
            grant.key
        );
        let mut url = Url::parse(&base).map_err(|source| ObjectsError::Unavailable {
            action: "write a URL",
            source: Box::new(source),
        })?;
        url.query_pairs_mut()
            .append_pair("e", &grant.expires_at.timestamp().to_string())
            .append_pair("v", &secret.version().to_string());
        if !grant.file_name.is_empty() {
            url.query_pairs_mut().append_pair("n", &grant.file_name);
        }
        if !grant.content_type.is_empty() {
            url.query_pairs_mut().append_pair("t", &grant.content_type);
        }
        if let Some(limit) = grant.size_limit {
            url.query_pairs_mut().append_pair("l", &limit.to_string());
        }
        if let Some(size) = grant.size {
            url.query_pairs_mut().append_pair("z", &size.to_string());
        }
        if let Some(digest) = grant.sha256 {
            url.query_pairs_mut()
                .append_pair("h", &BASE64URL_NOPAD.encode(&digest));
        }
        url.query_pairs_mut()
            .append_pair("s", &BASE64URL_NOPAD.encode(&signature));
        Ok(url)
    }

    /// When something that lives for `ttl` from now ends; rounded down to the second, so never later.
    pub(super) fn expiry(&self, ttl: Duration) -> DateTime<Utc> {
        let at = self.clock.now() + TimeDelta::from_std(ttl).unwrap_or(TimeDelta::zero());
        DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
    }
}

impl Grant {
    /// What is signed: all of it.
    fn with_parts<T>(&self, work: impl FnOnce(&[&[u8]]) -> T) -> T {
        let expiry = self.expires_at.timestamp().to_be_bytes();
        let limit = self
            .size_limit
            .map(|limit| limit.to_string())
            .unwrap_or_default();
        let size = self.size.map(|size| size.to_string()).unwrap_or_default();
        let digest: &[u8] = self.sha256.as_ref().map_or(&[], <[u8; 32]>::as_slice);
        work(&[
            self.method.as_str().as_bytes(),
            self.key.as_str().as_bytes(),
            &expiry,
            self.file_name.as_bytes(),
            self.content_type.as_bytes(),
            limit.as_bytes(),
            size.as_bytes(),
            digest,
        ])
    }
}

fn read_digest(text: &str) -> Option<[u8; 32]> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}
