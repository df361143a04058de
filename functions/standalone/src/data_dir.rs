use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::failure::Failure;

/// The folder of everything that is kept in files, held by this process alone.
#[derive(Debug)]
pub(crate) struct DataDir {
    root: PathBuf,
    lock: File,
}

impl DataDir {
    /// Opens the folder, making it where it is not there yet, and keeps every other process out until it is dropped.
    pub(crate) fn open(root: &Path) -> anyhow::Result<Self> {
        make_private(root)?;
        let path = root.join("lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("the data directory {} cannot be written", root.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(root, &mut lock).into()),
            Err(TryLockError::Error(error)) => {
                return Err(error).context(
                    "the data directory cannot be locked; it must be on a disk of this machine",
                );
            }
        }
        let this = Self {
            root: root.to_owned(),
            lock,
        };
        // Whoever left something there was killed: nobody else holds the folder now.
        remove_left_overs(&this.work())?;
        for folder in [
            this.warehouses(),
            this.objects(),
            this.outbox(),
            this.work(),
        ] {
            make_private(&folder)?;
        }
        Ok(this)
    }

    /// Writes down who holds the folder, for the message that others get.
    pub(crate) fn describe(&mut self, holder: &str) -> anyhow::Result<()> {
        self.lock.set_len(0)?;
        self.lock.rewind()?;
        self.lock.write_all(holder.as_bytes())?;
        Ok(())
    }

    pub(crate) fn control(&self) -> PathBuf {
        self.root.join("control.sqlite")
    }

    pub(crate) fn queue(&self) -> PathBuf {
        self.root.join("queue.sqlite")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.root.join("key")
    }

    pub(crate) fn warehouses(&self) -> PathBuf {
        self.root.join("warehouses")
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    pub(crate) fn outbox(&self) -> PathBuf {
        self.root.join("outbox")
    }

    /// Space for files that are being made; whatever is in it belongs to nobody after a stop.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.join("work")
    }
}

/// Empties the folder of files that were being made.
fn remove_left_overs(work: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(work) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error)
            .with_context(|| format!("what was left in {} cannot be removed", work.display())),
        _ => Ok(()),
    }
}

fn in_use(root: &Path, lock: &mut File) -> Failure {
    let mut holder = String::new();
    let known = lock.take(200).read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
    let by = if known {
        holder.trim()
    } else {
        "another wynos command"
    };
    Failure::new(
        "in_use",
        format!(
            "the data directory {} is in use by {by}; nothing was changed. Use that server's console or API, or stop it first",
            root.display()
        ),
    )
}

/// Makes a folder that only its owner can look into: it holds customers' data.
fn make_private(folder: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .recursive(true)
        .create(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_told_who_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = DataDir::open(folder.path()).unwrap();
        first.describe("the server at http://127.0.0.1:1").unwrap();
        let error = DataDir::open(folder.path()).unwrap_err();
        let failure = error.downcast_ref::<Failure>().unwrap();
        assert_eq!(failure.code, "in_use");
        assert!(
            failure.message.contains("http://127.0.0.1:1"),
            "{}",
            failure.message
        );
        drop(first);
        DataDir::open(folder.path()).unwrap();
    }
}
