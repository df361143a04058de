use std::{collections::BTreeMap, fs, io, path::Path};

use chrono::{DateTime, SubsecRound, Utc};

use crate::ports::{Listed, ObjectKey};

/// The most objects of one list.
const MAX_ROWS: usize = 1_000;

/// The first `limit` objects in the order of their keys that start with `prefix` and come after `after`. Holds no more
/// than `limit` of them at a time, however many there are.
pub(super) fn list(
    root: &Path,
    prefix: &str,
    after: &str,
    limit: usize,
) -> io::Result<Vec<Listed>> {
    let mut search = Search {
        prefix,
        after,
        limit: limit.min(MAX_ROWS),
        found: BTreeMap::new(),
    };
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        if !search.may_hold(&directory) {
            continue;
        }
        let entries = match fs::read_dir(root.join(&directory)) {
            Ok(entries) => entries,
            // Emptied and removed meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                directories.push(format!("{directory}{name}/"));
            } else if kind.is_file() {
                search.consider(format!("{directory}{name}"), &entry)?;
            }
        }
    }
    Ok(search.found.into_values().collect())
}

struct Search<'a> {
    prefix: &'a str,
    after: &'a str,
    limit: usize,
    found: BTreeMap<String, Listed>,
}

impl Search<'_> {
    /// Whether a directory (`a/b/`, or nothing for the root) can hold a key that belongs into the list.
    fn may_hold(&self, directory: &str) -> bool {
        let within_prefix =
            directory.starts_with(self.prefix) || self.prefix.starts_with(directory);
        let ends_after = directory > self.after || self.after.starts_with(directory);
        within_prefix && ends_after && !self.is_full_before(directory)
    }

    fn is_full_before(&self, key: &str) -> bool {
        self.found.len() >= self.limit
            && self
                .found
                .last_key_value()
                .is_none_or(|(last, _)| last.as_str() < key)
    }

    fn consider(&mut self, key: String, entry: &fs::DirEntry) -> io::Result<()> {
        if !key.starts_with(self.prefix) || key.as_str() <= self.after || self.is_full_before(&key)
        {
            return Ok(());
        }
        let Ok(object_key) = key.parse::<ObjectKey>() else {
            return Ok(());
        };
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let stored_at = DateTime::<Utc>::from(metadata.modified()?).trunc_subsecs(6);
        self.found.insert(
            key,
            Listed {
                key: object_key,
                size: metadata.len(),
                stored_at,
            },
        );
        if self.found.len() > self.limit {
            self.found.pop_last();
        }
        Ok(())
    }
}
