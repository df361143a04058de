use std::{
    fs::File,
    io::{BufReader, Read, Write},
    path::{Path, PathBuf},
};

use futures::StreamExt;
use sha2::{Digest, Sha256};
use tempfile::TempPath;

use super::ImportError;
use crate::{control::Import, ports::ObjectsError, services::Services};

/// Where the option lies that names a file on this machine's disk, for imports from the command line.
pub(super) const LOCAL_PATH: &str = "local_path";

/// An import's file on the local disk: a copy of the uploaded object, or the file itself.
#[derive(Debug)]
pub(super) struct LocalFile {
    path: PathBuf,
    _copy: Option<TempPath>,
    /// Digest of its content, in hexadecimal digits.
    pub sha256: String,
}

impl LocalFile {
    /// Makes the file readable here; it is never larger than what is let in.
    pub async fn of(services: &Services, import: &Import) -> Result<Self, ImportError> {
        match import
            .options
            .get(LOCAL_PATH)
            .and_then(|path| path.as_str())
        {
            Some(path) => Self::in_place(PathBuf::from(path), services.settings.upload_limit).await,
            None => Self::copy(services, import).await,
        }
    }

    /// The file's place.
    pub fn path(&self) -> &Path {
        &self.path
    }

    async fn in_place(path: PathBuf, limit: u64) -> Result<Self, ImportError> {
        tokio::task::spawn_blocking(move || {
            let mut file = File::open(&path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => ImportError::NoFile,
                _ => ImportError::Space(error),
            })?;
            let mut hash = Sha256::new();
            let mut size = 0_u64;
            let mut buffer = vec![0; 256 * 1024];
            loop {
                let read = file.read(&mut buffer).map_err(ImportError::Space)?;
                if read == 0 {
                    break;
                }
                size += read as u64;
                within(size, limit)?;
                hash.update(buffer.get(..read).unwrap_or_default());
            }
            Ok(Self {
                path,
                _copy: None,
                sha256: hex(hash),
            })
        })
        .await
        .map_err(|_| ImportError::Stopped)?
    }

    async fn copy(services: &Services, import: &Import) -> Result<Self, ImportError> {
        let limit = services.settings.upload_limit;
        let mut content = match services.objects.get(&import.object_key, None).await {
            Ok(content) => content,
            Err(ObjectsError::NotFound { .. }) => return Err(ImportError::NoFile),
            Err(error) => return Err(error.into()),
        };
        let copy = tempfile::Builder::new()
            .prefix("import-")
            .suffix(".upload")
            .tempfile_in(&services.settings.work_dir)
            .map_err(ImportError::Space)?;
        let (mut file, path) = copy.into_parts();
        let mut hash = Sha256::new();
        let mut size = 0_u64;
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(|source| ObjectsError::Content {
                key: import.object_key.clone(),
                source,
            })?;
            size += piece.len() as u64;
            within(size, limit)?;
            hash.update(&piece);
            // Pieces are small and go to the page cache; a thread of their own would cost more than the write.
            file.write_all(&piece).map_err(ImportError::Space)?;
        }
        file.flush().map_err(ImportError::Space)?;
        Ok(Self {
            path: path.to_path_buf(),
            _copy: Some(path),
            sha256: hex(hash),
        })
    }

    /// Whether the content is compressed by gzip, whatever the file is called.
    pub fn is_gzip(&self) -> Result<bool, ImportError> {
        let mut first = [0; 2];
        let mut file = BufReader::new(File::open(&self.path).map_err(ImportError::Space)?);
        let read = file.read(&mut first).map_err(ImportError::Space)?;
        Ok(read == 2 && first == [0x1f, 0x8b])
    }
}

const fn within(size: u64, limit: u64) -> Result<(), ImportError> {
    if size > limit {
        return Err(ImportError::TooLarge { size, limit });
    }
    Ok(())
}

fn hex(hash: Sha256) -> String {
    data_encoding::HEXLOWER.encode(&hash.finalize())
}
