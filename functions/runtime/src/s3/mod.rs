//! Objects in a bucket of S3, or of a store that speaks like it.

mod download;
mod listing;
mod presign;
mod upload;

use std::{ops::Range, sync::Arc, time::Duration};

use aws_sdk_s3::{Client, config};
use aws_types::SdkConfig;
use futures::{FutureExt, future::BoxFuture};
use url::Url;
use wynos::ports::{
    ByteStream, Listed, ObjectKey, Objects, ObjectsError, PresignedPut, Stored, Upload,
};

use crate::{Parts, cloud::said};

/// Objects in one bucket.
#[derive(Debug, Clone)]
pub struct S3Objects {
    client: Client,
    bucket: Arc<str>,
    parts: Parts,
}

impl S3Objects {
    /// The bucket of that name. `by_path` is for stores at an address of their own, where buckets are no host names.
    pub fn new(cloud: &SdkConfig, bucket: &str, parts: Parts, by_path: bool) -> Self {
        let settings = config::Builder::from(cloud).force_path_style(by_path);
        Self {
            client: Client::from_conf(settings.build()),
            bucket: bucket.into(),
            parts,
        }
    }

    /// The origin that signed URLs lead to, for the browser's list of allowed ones.
    pub async fn origin(&self) -> Result<Url, ObjectsError> {
        let key: ObjectKey = "origin".parse().map_err(|_| ObjectsError::Unavailable {
            action: "name its origin",
            source: "no such key".into(),
        })?;
        let url = self
            .presign_get(&key, "origin", "text/plain", Duration::from_secs(1))
            .await?;
        let origin = url.origin().ascii_serialization();
        Url::parse(&origin).map_err(|error| ObjectsError::Unavailable {
            action: "name its origin",
            source: Box::new(error),
        })
    }
}

impl Objects for S3Objects {
    fn put<'a>(
        &'a self,
        key: &'a ObjectKey,
        content: ByteStream,
    ) -> BoxFuture<'a, Result<Stored, ObjectsError>> {
        self.upload(key, content).boxed()
    }

    fn get<'a>(
        &'a self,
        key: &'a ObjectKey,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<ByteStream, ObjectsError>> {
        self.download(key, range).boxed()
    }

    fn head<'a>(
        &'a self,
        key: &'a ObjectKey,
    ) -> BoxFuture<'a, Result<Option<Stored>, ObjectsError>> {
        async move {
            let asked = self
                .client
                .head_object()
                .bucket(&*self.bucket)
                .key(key.as_str());
            match asked.send().await {
                Ok(head) => Ok(Some(Stored {
                    size: head
                        .content_length()
                        .and_then(|size| size.try_into().ok())
                        .unwrap_or(0),
                })),
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(|error| error.is_not_found()) =>
                {
                    Ok(None)
                }
                Err(error) => Err(failed("look for an object", error)),
            }
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a ObjectKey) -> BoxFuture<'a, Result<(), ObjectsError>> {
        async move {
            let asked = self
                .client
                .delete_object()
                .bucket(&*self.bucket)
                .key(key.as_str());
            match asked.send().await {
                Ok(_) => Ok(()),
                // S3 itself says nothing of an object that is not there; stores like it do.
                Err(error)
                    if error
                        .raw_response()
                        .is_some_and(|raw| raw.status().as_u16() == 404) =>
                {
                    Ok(())
                }
                Err(error) => Err(failed("remove an object", error)),
            }
        }
        .boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a ObjectKey>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Listed>, ObjectsError>> {
        self.page(prefix, after, limit).boxed()
    }

    fn presign_get<'a>(
        &'a self,
        key: &'a ObjectKey,
        file_name: &'a str,
        content_type: &'a str,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<Url, ObjectsError>> {
        self.signed_get(key, file_name, content_type, ttl).boxed()
    }

    fn presign_put<'a>(
        &'a self,
        key: &'a ObjectKey,
        upload: Upload,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<PresignedPut, ObjectsError>> {
        self.signed_put(key, upload, ttl).boxed()
    }
}

fn failed<E: std::error::Error>(action: &'static str, error: E) -> ObjectsError {
    ObjectsError::Unavailable {
        action,
        source: said(error),
    }
}
