use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tempfile::NamedTempFile;

use super::{
    nobody_erased,
    plan::Plan,
    produce::{WorkSpace, Written, into_writer},
    spec::Spec,
};
use crate::{
    control::DeliveryId,
    delivery::{
        DeliveryError, Digested, Order, begun, names,
        personal_log::{self, Event, SubjectLog},
    },
    journal::{self, Category, NewEntry, Severity},
    progress::Progress,
    services::Services,
    warehouse::{Warehouse, WarehouseError},
};

/// What an unfinished file's name begins and ends with.
const BEGUN: &str = ".wynos-";
const UNFINISHED: &str = ".part";
/// An unfinished file is locked after this long.
const STILL_BEGINNING: TimeDelta = TimeDelta::minutes(1);

/// A file that was made at the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The id that the journal and the personal-data log know it by.
    pub id: DeliveryId,
    /// Its size and digest.
    pub digested: Digested,
    /// Rows per table.
    pub counts: BTreeMap<String, i64>,
}

/// Builds the file of an order right here, under that path, logged and journaled like one that is delivered.
///
/// The file appears at once and whole, readable by its owner alone; a file that was there is replaced, that behind a link
/// where the path is one. Pipes, devices and folders are refused. Its log is committed before it appears. When anything fails nothing of it is left, and the error names the place.
pub async fn build_to(
    services: &Services,
    order: &Order,
    path: &Path,
) -> Result<Made, DeliveryError> {
    build_to_watched(services, order, path, &Progress::default()).await
}

/// The same, watched: rows that are read for it.
pub async fn build_to_watched(
    services: &Services,
    order: &Order,
    path: &Path,
    progress: &Progress,
) -> Result<Made, DeliveryError> {
    let subscription = services.control.subscription(&order.subscription).await?;
    let spec = order.spec(services, &subscription).await?;
    let warehouse = services.warehouses.open(&order.subscription);
    let id = DeliveryId::random();
    let event = names::event_id(&id, 1);
    let place = Place {
        event: &event,
        path,
        progress,
    };
    let made = make(services, &warehouse, &spec, order, &id, place).await;
    if made.is_err()
        && let Err(error) = begun::forget(&warehouse, &event, services.clock.now()).await
    {
        tracing::warn!(%event, %error, "the customers noted for a file that failed stay until they are swept");
    }
    let made = made?;
    if let Err(error) = journal::relay(services, &order.subscription).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the journal will tell of the file later"
        );
    }
    Ok(made)
}

/// Where a file goes, and what it is called in the log.
#[derive(Clone, Copy)]
struct Place<'a> {
    event: &'a str,
    path: &'a Path,
    progress: &'a Progress,
}

async fn make(
    services: &Services,
    warehouse: &Warehouse,
    spec: &Spec,
    order: &Order,
    id: &DeliveryId,
    place: Place<'_>,
) -> Result<Made, DeliveryError> {
    let Place {
        event,
        path,
        progress,
    } = place;
    let now = services.clock.now();
    let failed = |source: io::Error| file_error(path, source);
    // Found out when the file takes its name, it would be in the journal already.
    let target = target_of(path).map_err(failed)?;
    let snapshot = warehouse.snapshot().await?;
    let nobody_erased = nobody_erased(&snapshot).await?;
    let plan = Plan::of(spec, &snapshot, &services.keys.fields, now).await?;
    let plan = plan.watched(progress, &snapshot).await?;
    remove_left_overs(folder_of(&target), now);
    let temporary = temporary_beside(&target).map_err(failed)?;
    let file = temporary.reopen().map_err(failed)?;
    let mut subjects = SubjectLog::new(warehouse, event, now).noted();
    let out = BufWriter::with_capacity(128 * 1024, file);
    let space = WorkSpace::of(services);
    let (written, out) = into_writer(plan, &snapshot, &mut subjects, space, out)
        .await
        .map_err(|error| error.at(path))?;
    let Written { digested, counts } = written;
    // What is in memory still can meet a full disk.
    let synced = tokio::task::spawn_blocking(move || sync(out)).await;
    synced
        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
        .map_err(failed)?;

    let shown = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let log = Event {
        id: event,
        at: now,
        purpose: order.purpose.as_deref(),
        actor: &order.ordered_by,
        file_name: &shown,
        digested: &digested,
        delivery: Some(id.as_str()),
    };
    let entry = entry(order, id, &digested, &counts, now);
    let told = journal::emit(&entry).map_err(|_| DeliveryError::Unfinished)?;
    let mut writes = subjects.finish();
    writes.extend([nobody_erased, log.write(), told]);
    let committed = warehouse
        .commit(personal_log::load(event, now, writes))
        .await;
    committed.map_err(|error| match error {
        WarehouseError::Erased => DeliveryError::Erased,
        error => error.into(),
    })?;
    temporary
        .persist(&target)
        .map_err(|error| failed(error.error))?;
    Ok(Made {
        id: id.clone(),
        digested,
        counts,
    })
}

/// The file that takes the place: links are followed, also one to a file that is not there yet.
fn target_of(path: &Path) -> io::Result<PathBuf> {
    /// As many links in a row as Linux follows.
    const LINKS: usize = 40;
    if let Ok(there) = std::fs::metadata(path) {
        if there.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !there.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is a pipe, a device or a socket, and only a regular file is written; give the name of one",
            ));
        }
    }
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match std::fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            // Where it cannot be looked at, writing tells why.
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "its links lead nowhere",
    ))
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A file in the same folder, so that it can take the final name in one step. It is locked as long as it is written.
fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let temporary = tempfile::Builder::new()
        .prefix(BEGUN)
        .suffix(UNFINISHED)
        .tempfile_in(folder_of(path))?;
    // Where a file cannot be locked, nobody else could take it for a left-over either.
    let _ = temporary.as_file().try_lock();
    Ok(temporary)
}

/// Removes the unfinished files that builds which were killed left in a folder: they hold people's data. Those that are
/// still written are locked, or a moment old.
fn remove_left_overs(folder: &Path, now: DateTime<Utc>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(BEGUN) && name.ends_with(UNFINISHED)) {
            continue;
        }
        let written = entry.metadata().and_then(|metadata| metadata.modified());
        let is_old = written.is_ok_and(|at| DateTime::<Utc>::from(at) < now - STILL_BEGINNING);
        let is_free = || File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_old && is_free() && std::fs::remove_file(entry.path()).is_err() {
            tracing::warn!("an unfinished file of an export that was killed cannot be removed");
        }
    }
}

fn sync(mut out: BufWriter<File>) -> io::Result<()> {
    out.flush()?;
    out.get_ref().sync_all()
}

fn file_error(path: &Path, source: io::Error) -> DeliveryError {
    DeliveryError::File {
        place: path.display().to_string(),
        source,
    }
}

fn entry(
    order: &Order,
    id: &DeliveryId,
    digested: &Digested,
    counts: &BTreeMap<String, i64>,
    at: DateTime<Utc>,
) -> NewEntry {
    let profile = (order.format == crate::control::FileFormat::Xml).then(|| order.profile.as_str());
    NewEntry {
        at,
        category: Category::Export,
        severity: Severity::Info,
        source_id: None,
        actor: order.ordered_by.clone(),
        code: "export.written".to_owned(),
        counts: counts.clone(),
        details: json!({
            "delivery": id,
            "format": order.format,
            "table": order.table,
            "profile": profile,
            "size": digested.size,
            "sha256": digested.sha256,
        }),
        dedupe_key: format!("export.written:{id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_what_is_no_file_is_refused() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("there")).unwrap();
        std::fs::write(at("there/old.xml"), "old").unwrap();
        symlink("there/old.xml", at("link")).unwrap();
        symlink("link", at("link-to-link")).unwrap();
        symlink("there/new.xml", at("link-to-nothing")).unwrap();
        symlink("loop", at("loop")).unwrap();
        assert_eq!(target_of(&at("link-to-link")).unwrap(), at("there/old.xml"));
        assert_eq!(
            target_of(&at("link-to-nothing")).unwrap(),
            at("there/new.xml")
        );
        assert_eq!(target_of(&at("plain.xml")).unwrap(), at("plain.xml"));
        let kind = |path: &Path| target_of(path).unwrap_err().kind();
        assert_eq!(kind(Path::new("/dev/null")), io::ErrorKind::InvalidInput);
        assert_eq!(kind(&at("loop")), io::ErrorKind::InvalidInput);
        assert_eq!(kind(&at("there")), io::ErrorKind::IsADirectory);
    }

    #[test]
    fn what_a_killed_export_left_is_removed_and_what_is_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".wynos-abc123.part");
        std::fs::write(&left, "Jan Nowak").unwrap();
        let mine = folder.path().join("mine.part");
        std::fs::write(&mine, "mine").unwrap();
        let written = temporary_beside(&folder.path().join("out.xml")).unwrap();
        let now = DateTime::<Utc>::from(std::fs::metadata(&left).unwrap().modified().unwrap());
        remove_left_overs(folder.path(), now);
        assert!(left.exists(), "one that was just begun may be somebody's");
        remove_left_overs(folder.path(), now + TimeDelta::hours(1));
        assert!(!left.exists() && mine.exists() && written.path().exists());
    }
}
