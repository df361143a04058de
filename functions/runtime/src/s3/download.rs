use std::{io, ops::Range, time::Duration};

use aws_sdk_s3::{operation::get_object::GetObjectOutput, primitives::ByteStream as Body};
use bytes::Bytes;
use futures::{StreamExt, stream};
use wynos::ports::{ByteStream, ObjectKey, Objects, ObjectsError};

use super::{S3Objects, failed};

/// How often a download that broke off is taken up again before it fails, counted afresh whenever bytes came.
const RESUMES: u32 = 5;

/// How long the first pause before that is; it doubles.
const PAUSE: Duration = Duration::from_millis(200);

/// A download on its way.
struct Download {
    objects: S3Objects,
    key: ObjectKey,
    /// The version that was begun: another one's bytes would not fit behind it.
    tag: Option<String>,
    next: u64,
    end: u64,
    body: Body,
    failures: u32,
}

impl S3Objects {
    /// Reads an object, or the part of it. A connection that breaks off is taken up again where it was.
    pub(super) async fn download(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<ByteStream, ObjectsError> {
        let Range { start, end } = range.clone().unwrap_or(0..u64::MAX);
        if start >= end {
            return self.nothing(key, start, end).await;
        }
        let header = range.map(|range| header(range.start, range.end));
        let asked = self
            .client
            .get_object()
            .bucket(&*self.bucket)
            .key(key.as_str())
            .set_range(header);
        let got = match asked.send().await {
            Ok(got) => got,
            Err(error) => {
                let status = error.raw_response().map(|raw| raw.status().as_u16());
                return match status {
                    Some(404) => Err(ObjectsError::NotFound { key: key.clone() }),
                    // Nothing begins there: fine for the place right behind the last byte.
                    Some(416) => self.nothing(key, start, end).await,
                    _ => Err(failed("read an object", error)),
                };
            }
        };
        let length = length_of(&got)?;
        let download = Download {
            objects: self.clone(),
            key: key.clone(),
            tag: got.e_tag,
            next: start,
            end: start.saturating_add(length),
            body: got.body,
            failures: 0,
        };
        let pieces = stream::try_unfold(download, |mut download| async move {
            Ok(download.piece().await?.map(|piece| (piece, download)))
        });
        Ok(pieces.boxed())
    }

    /// No bytes, if the object is there and they would begin within it or at its end.
    async fn nothing(
        &self,
        key: &ObjectKey,
        start: u64,
        end: u64,
    ) -> Result<ByteStream, ObjectsError> {
        let stored = self
            .head(key)
            .await?
            .ok_or_else(|| ObjectsError::NotFound { key: key.clone() })?;
        if start > end || start > stored.size {
            return Err(ObjectsError::BadRange {
                key: key.clone(),
                start,
                end,
            });
        }
        Ok(stream::empty().boxed())
    }
}

impl Download {
    async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        while self.next < self.end {
            let broke_off = match self.body.next().await {
                Some(Ok(piece)) => {
                    self.next += piece.len() as u64;
                    self.failures = 0;
                    return Ok(Some(piece));
                }
                Some(Err(error)) => io::Error::other(error),
                None => io::ErrorKind::UnexpectedEof.into(),
            };
            self.resume(broke_off).await?;
        }
        Ok(None)
    }

    async fn resume(&mut self, broke_off: io::Error) -> io::Result<()> {
        let mut last = broke_off;
        while self.failures < RESUMES {
            tokio::time::sleep(PAUSE * 2_u32.pow(self.failures)).await;
            self.failures += 1;
            let asked = self
                .objects
                .client
                .get_object()
                .bucket(&*self.objects.bucket)
                .key(self.key.as_str())
                .range(header(self.next, self.end))
                .set_if_match(self.tag.clone());
            match asked.send().await {
                Ok(got) => {
                    self.body = got.body;
                    return Ok(());
                }
                Err(error) => last = io::Error::other(crate::cloud::said(error)),
            }
        }
        Err(last)
    }
}

fn header(start: u64, end: u64) -> String {
    format!("bytes={start}-{}", end.saturating_sub(1))
}

fn length_of(got: &GetObjectOutput) -> Result<u64, ObjectsError> {
    got.content_length()
        .and_then(|length| length.try_into().ok())
        .ok_or_else(|| failed("read an object", io::Error::other("it gave no length")))
}
