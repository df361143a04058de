use std::{
    fs, io,
    io::SeekFrom,
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};

use futures::{FutureExt, StreamExt, future::BoxFuture};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;
use url::Url;

use crate::ports::{
    ByteStream, Clock, KeyRing, Listed, MAX_GET_TTL, ObjectKey, Objects, ObjectsError,
    PresignedPut, Stored, Upload,
};

mod listing;
mod signed;
#[cfg(test)]
mod tests;

pub use signed::{Grant, Method, SignatureError};

/// Bytes read at once.
const CHUNK: usize = 64 * 1_024;

/// The part of the directory for objects that are still being written.
const UNFINISHED: &str = ".unfinished";

/// What is still unfinished after this long was left by a process that stopped.
const ABANDONED: Duration = Duration::from_secs(24 * 3_600);

/// Objects as files in a directory, with signed URLs that the HTTP server checks by [`DirectoryObjects::verify`]. A key
/// cannot be the beginning of another up to a slash, as a file cannot be a directory.
#[derive(Debug, Clone)]
pub struct DirectoryObjects {
    root: PathBuf,
    public_url: Url,
    keys: KeyRing,
    clock: Clock,
}

impl DirectoryObjects {
    /// Opens the directory, making it when it is not there. URLs begin with `public_url` and `/objects/`, and are signed
    /// with `keys` (those for `KeyName::ObjectUrl`).
    pub fn open(
        root: &Path,
        public_url: Url,
        keys: KeyRing,
        clock: Clock,
    ) -> Result<Self, ObjectsError> {
        let unfinished = root.join(UNFINISHED);
        fs::create_dir_all(&unfinished).map_err(unavailable("make its directory"))?;
        sweep(&unfinished).map_err(unavailable("sweep its directory"))?;
        Ok(Self {
            root: root.to_owned(),
            public_url,
            keys,
            clock,
        })
    }

    fn path(&self, key: &ObjectKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    async fn write(
        &self,
        key: &ObjectKey,
        mut content: ByteStream,
    ) -> Result<Stored, ObjectsError> {
        let failed = || unavailable("store an object");
        let unfinished = self.root.join(UNFINISHED);
        // Removed when it is dropped, whatever happens on the way.
        let temporary = blocking(move || tempfile::NamedTempFile::new_in(unfinished))
            .await
            .map_err(failed())?;
        let (file, path) = temporary.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let mut size = 0_u64;
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(|source| ObjectsError::Content {
                key: key.clone(),
                source,
            })?;
            size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            file.write_all(&chunk).await.map_err(failed())?;
        }
        file.flush().await.map_err(failed())?;
        file.sync_all().await.map_err(failed())?;
        let (root, target) = (self.root.clone(), self.path(key));
        blocking(move || persist(path, &root, &target))
            .await
            .map_err(failed())?;
        Ok(Stored { size })
    }

    async fn read(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<ByteStream, ObjectsError> {
        let failed = || unavailable("read an object");
        let not_found = || ObjectsError::NotFound { key: key.clone() };
        let mut file = match tokio::fs::File::open(self.path(key)).await {
            Ok(file) => file,
            Err(error) if is_absence(&error) => return Err(not_found()),
            Err(error) => return Err(failed()(error)),
        };
        let metadata = file.metadata().await.map_err(failed())?;
        if !metadata.is_file() {
            return Err(not_found());
        }
        let Range { start, end } = range.unwrap_or(0..metadata.len());
        if start > end || start > metadata.len() {
            return Err(ObjectsError::BadRange {
                key: key.clone(),
                start,
                end,
            });
        }
        file.seek(SeekFrom::Start(start)).await.map_err(failed())?;
        Ok(ReaderStream::with_capacity(file.take(end - start), CHUNK).boxed())
    }
}

impl Objects for DirectoryObjects {
    fn put<'a>(
        &'a self,
        key: &'a ObjectKey,
        content: ByteStream,
    ) -> BoxFuture<'a, Result<Stored, ObjectsError>> {
        self.write(key, content).boxed()
    }

    fn get<'a>(
        &'a self,
        key: &'a ObjectKey,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<ByteStream, ObjectsError>> {
        self.read(key, range).boxed()
    }

    fn head<'a>(
        &'a self,
        key: &'a ObjectKey,
    ) -> BoxFuture<'a, Result<Option<Stored>, ObjectsError>> {
        async move {
            match tokio::fs::metadata(self.path(key)).await {
                Ok(metadata) => Ok(metadata.is_file().then_some(Stored {
                    size: metadata.len(),
                })),
                Err(error) if is_absence(&error) => Ok(None),
                Err(error) => Err(unavailable("look for an object")(error)),
            }
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a ObjectKey) -> BoxFuture<'a, Result<(), ObjectsError>> {
        let (root, target) = (self.root.clone(), self.path(key));
        async move {
            blocking(move || remove(&root, &target))
                .await
                .map_err(unavailable("delete an object"))
        }
        .boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a ObjectKey>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Listed>, ObjectsError>> {
        let (root, prefix) = (self.root.clone(), prefix.to_owned());
        let after = after.map(|key| key.as_str().to_owned()).unwrap_or_default();
        async move {
            blocking(move || listing::list(&root, &prefix, &after, limit))
                .await
                .map_err(unavailable("list objects"))
        }
        .boxed()
    }

    fn presign_get<'a>(
        &'a self,
        key: &'a ObjectKey,
        file_name: &'a str,
        content_type: &'a str,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<Url, ObjectsError>> {
        let url = if ttl > MAX_GET_TTL {
            Err(ObjectsError::TtlTooLong)
        } else {
            self.sign(&Grant {
                method: Method::Get,
                key: key.clone(),
                expires_at: self.expiry(ttl),
                file_name: file_name.to_owned(),
                content_type: content_type.to_owned(),
                size_limit: None,
                size: None,
                sha256: None,
            })
        };
        futures::future::ready(url).boxed()
    }

    fn presign_put<'a>(
        &'a self,
        key: &'a ObjectKey,
        upload: Upload,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<PresignedPut, ObjectsError>> {
        let limit = upload.size_limit;
        if let Some(size) = upload.size.filter(|size| *size > limit) {
            return futures::future::ready(Err(ObjectsError::TooLarge { size, limit })).boxed();
        }
        let url = self.sign(&Grant {
            method: Method::Put,
            key: key.clone(),
            expires_at: self.expiry(ttl),
            file_name: String::new(),
            content_type: String::new(),
            size_limit: Some(upload.size.unwrap_or(limit)),
            size: upload.size,
            sha256: upload.sha256,
        });
        let headers = Vec::new();
        futures::future::ready(url.map(|url| PresignedPut { url, headers })).boxed()
    }
}

/// Gives the finished file its name, durably.
fn persist(mut path: tempfile::TempPath, root: &Path, target: &Path) -> io::Result<()> {
    let parent = target.parent().unwrap_or(root);
    for last in [false, true] {
        fs::create_dir_all(parent)?;
        match path.persist(target) {
            Ok(()) => break,
            // The directory was empty and was removed by a neighbour just now.
            Err(error) if error.error.kind() == io::ErrorKind::NotFound && !last => {
                path = error.path;
            }
            Err(error) => return Err(error.error),
        }
    }
    for directory in parent
        .ancestors()
        .take_while(|directory| directory.starts_with(root))
    {
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Removes the file and the directories that are empty then.
fn remove(root: &Path, target: &Path) -> io::Result<()> {
    match fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_file() => fs::remove_file(target)?,
        Ok(_) => return Ok(()),
        Err(error) if is_absence(&error) => return Ok(()),
        Err(error) => return Err(error),
    }
    for directory in target
        .ancestors()
        .skip(1)
        .take_while(|directory| *directory != root)
    {
        if fs::remove_dir(directory).is_err() {
            break;
        }
    }
    Ok(())
}

/// Removes what a process that stopped has left half-written.
fn sweep(unfinished: &Path) -> io::Result<()> {
    for entry in fs::read_dir(unfinished)? {
        let entry = entry?;
        let age = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .map(|modified| modified.elapsed());
        if let Ok(Ok(age)) = age
            && age > ABANDONED
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

fn unavailable(action: &'static str) -> impl FnOnce(io::Error) -> ObjectsError {
    move |source| ObjectsError::Unavailable {
        action,
        source: Box::new(source),
    }
}
