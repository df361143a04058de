use std::{path::PathBuf, time::Duration};

use futures::StreamExt;
use serde_json::json;

use super::{
    ConflictPolicy, ImportError, Options,
    source::mapping_of,
    steps::{APPLY, UNDO, VALIDATE, end_in_error, send},
};
use crate::{
    SubscriptionId,
    catalog::{self, TableGroup},
    control::{Actor, By, Import, ImportFormat, ImportId, NewImport},
    ports::{ObjectKey, PresignedPut, Upload, random_text},
    services::Services,
    sheets::Mapping,
};

/// The first part of the keys of uploads.
pub const UPLOADS: &str = "imports";

/// How long a file can be uploaded to the place that was made for it.
const UPLOAD_LIFE: Duration = Duration::from_secs(3_600);

/// A file that somebody wants to import.
#[derive(Debug, Clone)]
pub struct ImportOrder {
    /// Who imports.
    pub created_by: Actor,
    /// The file's name.
    pub file_name: String,
    /// What it is.
    pub format: ImportFormat,
    /// The table of a list.
    pub table: Option<String>,
    /// Which column of a list is which; guessed where it is not given.
    pub mapping: Option<Mapping>,
    /// Whether rows are also matched by natural keys.
    pub merge: bool,
    /// What becomes of rows that changed both in the file and here.
    pub conflict: ConflictPolicy,
    /// Where the file is. Only the command line may name a path: whoever can, can read any file of this machine.
    pub file: FileSource,
    /// The same key gives the same import.
    pub idempotency_key: Option<String>,
}

/// Where an import's file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileSource {
    /// It will be uploaded; whatever the sender says of it beforehand is what it must be.
    Upload(Announced),
    /// It lies on this machine's disk and is read from there.
    Disk(PathBuf),
}

/// What the sender of an upload knows of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Announced {
    /// Bytes.
    pub size: Option<u64>,
    /// SHA-256 of the content.
    pub sha256: Option<[u8; 32]>,
}

/// Makes an import that waits for its file, and how to PUT the file where it is uploaded.
pub async fn begin(
    services: &Services,
    subscription: &SubscriptionId,
    order: ImportOrder,
) -> Result<(Import, Option<PresignedPut>), ImportError> {
    let is_list = matches!(order.format, ImportFormat::Csv | ImportFormat::Xlsx);
    if is_list {
        let table = order.table.as_deref().and_then(catalog::table);
        if table.is_none_or(|table| table.group != TableGroup::RepairShop) {
            return Err(ImportError::list_needs_table());
        }
    } else if order.table.is_some() {
        return Err(ImportError::order("table", "only a list names its table"));
    }
    let local_path = match &order.file {
        FileSource::Upload(_) => None,
        FileSource::Disk(path) => Some(
            path.to_str()
                .ok_or_else(|| ImportError::order("file", "its path is not text"))?
                .to_owned(),
        ),
    };
    if let FileSource::Upload(Announced {
        size: Some(size), ..
    }) = order.file
        && size > services.settings.upload_limit
    {
        let limit = services.settings.upload_limit;
        return Err(ImportError::TooLarge { size, limit });
    }
    let options = Options {
        conflict: order.conflict,
        local_path,
    };
    let new = NewImport {
        created_by: order.created_by,
        file_name: order.file_name,
        object_key: upload_key(subscription)?,
        format: order.format,
        table: order.table,
        mapping: order
            .mapping
            .map_or(Ok(json!({})), serde_json::to_value)
            .map_err(ImportError::Checkpoint)?,
        merge: order.merge,
        options: serde_json::to_value(options).map_err(ImportError::Checkpoint)?,
    };
    let mut tx = services.control.begin().await?;
    let import = tx
        .imports(subscription)
        .create(&new, order.idempotency_key.as_deref(), services.clock.now())
        .await?;
    tx.commit().await?;
    let url = match order.file {
        FileSource::Disk(_) => None,
        FileSource::Upload(announced) => {
            let upload = Upload {
                size_limit: services.settings.upload_limit,
                size: announced.size,
                sha256: announced.sha256,
            };
            let put = services
                .objects
                .presign_put(&import.object_key, upload, UPLOAD_LIFE);
            Some(put.await?)
        }
    };
    Ok((import, url))
}

/// Notes that the file is there, with the column mapping if one was chosen by now, and queues its validation. It can be
/// called again with another mapping until rows are written.
///
/// # Errors
/// [`ImportError::NoFile`] while the file is not there; the import goes on waiting for it.
pub async fn uploaded(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    mapping: Option<&Mapping>,
) -> Result<Import, ImportError> {
    let import = note(services, subscription, id, mapping, By::Request).await?;
    if import.failure_code.is_none() {
        send(&*services.queue, VALIDATE, &import).await?;
    }
    Ok(import)
}

/// The object store tells that a file was uploaded: the same as [`uploaded`], once. `false` when the file is nobody's
/// upload, or was noted before, by this or because whoever uploaded it said so.
pub async fn arrived(services: &Services, key: &ObjectKey) -> Result<bool, ImportError> {
    let Some(subscription) = owner_of(key) else {
        return Ok(false);
    };
    let imports = services.control.imports(&subscription);
    match imports.of_object(key).await? {
        Some(import) if import.size.is_none() && import.failure_code.is_none() => {
            uploaded(services, &subscription, &import.id, None).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Whose upload an object is, by its key; `None` for what is no upload.
pub fn owner_of(key: &ObjectKey) -> Option<SubscriptionId> {
    let mut parts = key.as_str().split('/');
    match (parts.next(), parts.next()) {
        (Some(UPLOADS), Some(subscription)) => subscription.parse().ok(),
        _ => None,
    }
}

/// The same without queueing anything, for whoever validates by themselves.
pub async fn noted(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    mapping: Option<&Mapping>,
) -> Result<Import, ImportError> {
    note(services, subscription, id, mapping, By::Work).await
}

async fn note(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
    mapping: Option<&Mapping>,
    by: By,
) -> Result<Import, ImportError> {
    let import = services.control.imports(subscription).get(id).await?;
    mapping_of(&import.mapping)?;
    let size = match size_of(services, &import).await {
        Ok(size) => size,
        // Somebody was too quick: the import goes on waiting.
        Err(ImportError::NoFile) if by == By::Request && import.size.is_none() => {
            return Err(ImportError::NoFile);
        }
        Err(error) => return end_in_error(services, subscription, &import, error).await,
    };
    let now = services.clock.now();
    let mapping = mapping
        .map(serde_json::to_value)
        .transpose()
        .map_err(ImportError::Checkpoint)?;
    let mut tx = services.control.begin().await?;
    let first = import.size.is_none();
    let mut import = import;
    if first {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let mut imports = tx.imports(subscription);
        import = imports.uploaded(id, size, by, now).await?;
    }
    if !first || mapping.is_some() {
        let mut imports = tx.imports(subscription);
        import = imports.validating(id, mapping.as_ref(), by, now).await?;
    }
    tx.commit().await?;
    Ok(import)
}

/// Queues the writing of a validated file, or the rest of a writing that broke off.
pub async fn start_apply(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
) -> Result<Import, ImportError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut imports = tx.imports(subscription);
    let import = imports.applying(id, By::Request, now).await?;
    tx.commit().await?;
    send(&*services.queue, APPLY, &import).await?;
    Ok(import)
}

/// Queues the undoing of an import that was applied, or as far as it was.
pub async fn start_undo(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
) -> Result<Import, ImportError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut imports = tx.imports(subscription);
    let import = imports.undoing(id, By::Request, now).await?;
    tx.commit().await?;
    send(&*services.queue, UNDO, &import).await?;
    Ok(import)
}

/// The file's size, if it is one that can be let in, as far as its first bytes tell.
async fn size_of(services: &Services, import: &Import) -> Result<u64, ImportError> {
    let path = Options::of(import)?.local_path;
    let (size, first) = match path {
        Some(path) => {
            let look = move || -> std::io::Result<(u64, Vec<u8>)> {
                use std::io::Read;
                let file = std::fs::File::open(path)?;
                let size = file.metadata()?.len();
                let mut first = Vec::new();
                file.take(4).read_to_end(&mut first)?;
                Ok((size, first))
            };
            let looked = tokio::task::spawn_blocking(look)
                .await
                .map_err(|_| ImportError::Stopped)?;
            looked.map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => ImportError::NoFile,
                _ => ImportError::Space(error),
            })?
        }
        None => {
            let Some(stored) = services.objects.head(&import.object_key).await? else {
                return Err(ImportError::NoFile);
            };
            let mut first = Vec::new();
            if stored.size > 0 {
                let mut content = services.objects.get(&import.object_key, Some(0..4)).await?;
                while let Some(piece) = content.next().await {
                    first.extend(piece.map_err(ImportError::Space)?);
                }
            }
            (stored.size, first)
        }
    };
    let limit = services.settings.upload_limit;
    if size > limit {
        return Err(ImportError::TooLarge { size, limit });
    }
    if size == 0 {
        return Err(ImportError::Empty);
    }
    if import.format == ImportFormat::Exchange && first.starts_with(b"PK\x03\x04") {
        return Err(ImportError::Zip);
    }
    Ok(size)
}

/// A key of its own for each upload, which nobody can guess.
fn upload_key(subscription: &SubscriptionId) -> Result<ObjectKey, ImportError> {
    format!("{UPLOADS}/{subscription}/{}", random_text::<26>())
        .parse()
        .map_err(|_| ImportError::order("file", "the upload has no place"))
}
