use std::io;

use aws_sdk_s3::{
    Client,
    primitives::ByteStream as Body,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use wynos::ports::{ByteStream, ObjectKey, ObjectsError, Stored};

use super::{S3Objects, failed};

impl S3Objects {
    /// Stores the content in one call if it fits into one part, else in parts, several at a time. The object becomes
    /// visible with the last call, and until then there is nothing under its key.
    pub(super) async fn upload(
        &self,
        key: &ObjectKey,
        content: ByteStream,
    ) -> Result<Stored, ObjectsError> {
        let mut pieces = Box::pin(whole_parts(content, self.parts.size));
        let broken = |source| ObjectsError::Content {
            key: key.clone(),
            source,
        };
        let first = pieces.try_next().await.map_err(broken)?.unwrap_or_default();
        if first.len() < self.parts.size {
            return self.upload_at_once(key, first).await;
        }
        let begun = self
            .client
            .create_multipart_upload()
            .bucket(&*self.bucket)
            .key(key.as_str())
            .send()
            .await
            .map_err(|error| failed("begin an upload", error))?;
        let id = begun
            .upload_id
            .ok_or_else(|| failed("begin an upload", io::Error::other("it gave no id")))?;
        let unfinished = Unfinished::new(self, key, id);
        let all = stream::iter([Ok(first)]).chain(pieces);
        let sent: Result<Vec<Part>, ObjectsError> = all
            .enumerate()
            .map(|(index, piece)| {
                let unfinished = &unfinished;
                async move { unfinished.send(index, piece.map_err(broken)?).await }
            })
            .buffered(self.parts.at_once)
            .try_collect()
            .await;
        match sent {
            Ok(parts) => unfinished.complete(parts).await,
            Err(error) => {
                unfinished.abort().await;
                Err(error)
            }
        }
    }

    async fn upload_at_once(
        &self,
        key: &ObjectKey,
        content: Bytes,
    ) -> Result<Stored, ObjectsError> {
        let size = content.len() as u64;
        self.client
            .put_object()
            .bucket(&*self.bucket)
            .key(key.as_str())
            .body(Body::from(content))
            .send()
            .await
            .map_err(|error| failed("store an object", error))?;
        Ok(Stored { size })
    }
}

/// A part that arrived. Ten thousand of them, the most that S3 takes, are a megabyte.
struct Part {
    size: u64,
    completed: CompletedPart,
}

/// An upload in parts. Whoever drops it before its end has it aborted, so that nobody pays for parts without an object;
/// where the process ends first, the bucket's lifecycle rule does it a day later.
struct Unfinished {
    client: Client,
    bucket: String,
    key: String,
    id: Option<String>,
}

impl Unfinished {
    fn new(objects: &S3Objects, key: &ObjectKey, id: String) -> Self {
        Self {
            client: objects.client.clone(),
            bucket: objects.bucket.to_string(),
            key: key.to_string(),
            id: Some(id),
        }
    }

    async fn send(&self, index: usize, content: Bytes) -> Result<Part, ObjectsError> {
        let number = i32::try_from(index + 1)
            .map_err(|_| failed("store a part", io::Error::other("too many parts")))?;
        let size = content.len() as u64;
        let sent = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(&self.key)
            .set_upload_id(self.id.clone())
            .part_number(number)
            .body(Body::from(content))
            .send()
            .await
            .map_err(|error| failed("store a part", error))?;
        let completed = CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag)
            .set_checksum_crc32(sent.checksum_crc32)
            .set_checksum_crc64_nvme(sent.checksum_crc64_nvme)
            .build();
        Ok(Part { size, completed })
    }

    async fn complete(mut self, parts: Vec<Part>) -> Result<Stored, ObjectsError> {
        let size = parts.iter().map(|part| part.size).sum();
        let completed = parts.into_iter().map(|part| part.completed).collect();
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(completed))
            .build();
        let done = self
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .set_upload_id(self.id.clone())
            .multipart_upload(parts)
            .send()
            .await;
        match done {
            Ok(_) => {
                self.id = None;
                Ok(Stored { size })
            }
            Err(error) => {
                self.abort().await;
                Err(failed("complete an upload", error))
            }
        }
    }

    async fn abort(mut self) {
        if let Some(id) = self.id.take() {
            abort(&self.client, &self.bucket, &self.key, id).await;
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(id) = self.id.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (client, bucket, key) = (
            self.client.clone(),
            std::mem::take(&mut self.bucket),
            std::mem::take(&mut self.key),
        );
        runtime.spawn(async move { abort(&client, &bucket, &key, id).await });
    }
}

async fn abort(client: &Client, bucket: &str, key: &str, id: String) {
    let aborted = client
        .abort_multipart_upload()
        .bucket(bucket)
        .key(key)
        .upload_id(id)
        .send()
        .await;
    if let Err(error) = aborted {
        let said = crate::cloud::said(error);
        tracing::warn!(
            key,
            said,
            "an upload could not be aborted; the bucket's lifecycle rule will"
        );
    }
}

/// The same content in pieces of exactly `size` bytes, the last one shorter and possibly empty only when there is nothing.
fn whole_parts(content: ByteStream, size: usize) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(
        (content, BytesMut::new(), false),
        move |(mut content, mut part, mut ended)| async move {
            while !ended && part.len() < size {
                match content.next().await {
                    Some(piece) => part.extend_from_slice(&piece?),
                    None => ended = true,
                }
            }
            if part.is_empty() {
                return Ok(None);
            }
            let rest = part.split_off(part.len().min(size));
            Ok(Some((part.freeze(), (content, rest, ended))))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_of_any_size_become_parts_of_one_size() {
        for (pieces, expected) in [
            (vec![], vec![]),
            (vec![0, 0], vec![]),
            (vec![3], vec![3]),
            (vec![4], vec![4]),
            (vec![1, 1, 1, 1, 1], vec![4, 1]),
            (vec![9, 2], vec![4, 4, 3]),
            (vec![8], vec![4, 4]),
        ] {
            let content = pieces.iter().map(|size| Ok(Bytes::from(vec![7; *size])));
            let content = stream::iter(content.collect::<Vec<_>>()).boxed();
            let parts: Vec<Bytes> = whole_parts(content, 4).try_collect().await.unwrap();
            let sizes: Vec<usize> = parts.iter().map(Bytes::len).collect();
            assert_eq!(sizes, expected, "{pieces:?}");
        }
    }

    #[tokio::test]
    async fn what_breaks_off_gives_no_last_part() {
        let pieces = [
            Ok(Bytes::from_static(b"abcdef")),
            Err(io::Error::other("cut")),
        ];
        let parts = whole_parts(stream::iter(pieces).boxed(), 4).collect::<Vec<_>>();
        let parts = parts.await;
        assert_eq!(parts.len(), 2);
        assert!(parts[0].is_ok() && parts[1].is_err());
    }
}
