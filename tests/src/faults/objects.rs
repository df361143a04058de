use std::{io, ops::Range, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, Stream, StreamExt, future::BoxFuture, stream};
use url::Url;
use wynos::ports::{
    ByteStream, CallKind, Interruptions, Listed, ObjectKey, Objects, ObjectsError, PresignedPut,
    Stored, Upload,
};

use super::Faults;

/// A store whose calls fail as planned; content may also break off at any piece of it, and before its end.
#[derive(Debug, Clone)]
pub struct FaultyObjects {
    inner: Arc<dyn Objects>,
    faults: Arc<Faults>,
}

impl FaultyObjects {
    /// Puts the faults before a store.
    pub fn new(inner: Arc<dyn Objects>, faults: Arc<Faults>) -> Self {
        Self { inner, faults }
    }

    fn call<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        kind: CallKind,
        work: BoxFuture<'a, Result<T, ObjectsError>>,
    ) -> BoxFuture<'a, Result<T, ObjectsError>> {
        self.faults.around(name, kind, unavailable, work).boxed()
    }

    /// The same content, each piece and the end of which is a call.
    fn watched(
        &self,
        name: &'static str,
        content: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> ByteStream {
        let faults = Arc::clone(&self.faults);
        let pieces = content.map(Some).chain(stream::iter([None]));
        pieces
            .filter_map(move |piece| {
                let asked = faults.before(name, CallKind::Read);
                let asked = asked.and_then(|number| faults.after(number));
                std::future::ready(match asked {
                    Ok(()) => piece,
                    Err(error) => Some(Err(error)),
                })
            })
            .boxed()
    }
}

fn unavailable(source: io::Error) -> ObjectsError {
    ObjectsError::Unavailable {
        action: "answer",
        source: Box::new(source),
    }
}

impl Objects for FaultyObjects {
    fn put<'a>(
        &'a self,
        key: &'a ObjectKey,
        content: ByteStream,
    ) -> BoxFuture<'a, Result<Stored, ObjectsError>> {
        let work = self
            .inner
            .put(key, self.watched("objects.put, its content", content));
        self.call("objects.put", CallKind::Write, work)
    }

    fn get<'a>(
        &'a self,
        key: &'a ObjectKey,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<ByteStream, ObjectsError>> {
        let work = async move {
            let content = self.inner.get(key, range).await?;
            Ok(self.watched("objects.get, its content", content))
        };
        self.call("objects.get", CallKind::Read, work.boxed())
    }

    fn head<'a>(
        &'a self,
        key: &'a ObjectKey,
    ) -> BoxFuture<'a, Result<Option<Stored>, ObjectsError>> {
        self.call("objects.head", CallKind::Read, self.inner.head(key))
    }

    fn delete<'a>(&'a self, key: &'a ObjectKey) -> BoxFuture<'a, Result<(), ObjectsError>> {
        self.call("objects.delete", CallKind::Write, self.inner.delete(key))
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a ObjectKey>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Listed>, ObjectsError>> {
        let work = self.inner.list(prefix, after, limit);
        self.call("objects.list", CallKind::Read, work)
    }

    fn presign_get<'a>(
        &'a self,
        key: &'a ObjectKey,
        file_name: &'a str,
        content_type: &'a str,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<Url, ObjectsError>> {
        let work = self.inner.presign_get(key, file_name, content_type, ttl);
        self.call("objects.presign_get", CallKind::Read, work)
    }

    fn presign_put<'a>(
        &'a self,
        key: &'a ObjectKey,
        upload: Upload,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<PresignedPut, ObjectsError>> {
        let work = self.inner.presign_put(key, upload, ttl);
        self.call("objects.presign_put", CallKind::Read, work)
    }
}
