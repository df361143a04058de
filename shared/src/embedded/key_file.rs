use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use data_encoding::BASE64;
use futures::{FutureExt, future::BoxFuture};

use crate::ports::{KeyName, KeyRing, MasterKey, Secrets, SecretsError, random_bytes};

/// The most bytes of a key file that are read.
const MAX_SIZE: u64 = 64 * 1_024;

/// Master keys in a file that its owner alone can read: one line per version, `VERSION BASE64`, the newest last. A new
/// line replaces the key; older ones stay honoured for as long as their lines are there.
#[derive(Debug, Clone)]
pub struct KeyFile {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl KeyFile {
    /// Reads the file; the first time, makes it with a random key. Refuses one that others can read.
    pub fn open(path: &Path) -> Result<Self, SecretsError> {
        if !path.try_exists().map_err(unavailable)? {
            create(path).map_err(unavailable)?;
        }
        let size = check_exposure(path)?;
        if size > MAX_SIZE {
            return Err(malformed(path, 0));
        }
        let mut masters = parse(path, &fs::read_to_string(path).map_err(unavailable)?)?;
        let current = masters.pop().ok_or_else(|| malformed(path, 1))?;
        Ok(Self {
            current,
            older: masters,
        })
    }
}

impl Secrets for KeyFile {
    fn keys<'a>(&'a self, name: KeyName) -> BoxFuture<'a, Result<KeyRing, SecretsError>> {
        futures::future::ready(Ok(KeyRing::derive(name, &self.current, &self.older))).boxed()
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<MasterKey>, SecretsError> {
    let mut masters: Vec<MasterKey> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let master = parse_line(line).ok_or_else(|| malformed(path, index + 1))?;
        if masters
            .last()
            .is_some_and(|last| last.version() >= master.version())
        {
            return Err(malformed(path, index + 1));
        }
        masters.push(master);
    }
    Ok(masters)
}

fn parse_line(line: &str) -> Option<MasterKey> {
    let (version, key) = line.trim().split_once(' ')?;
    let bytes = BASE64.decode(key.trim().as_bytes()).ok()?;
    Some(MasterKey::new(
        version.parse().ok()?,
        bytes.try_into().ok()?,
    ))
}

/// Makes the file whole or not at all: of two processes that start at once, one makes it and both use it.
fn create(path: &Path) -> io::Result<()> {
    let directory = directory_of(path);
    fs::create_dir_all(&directory)?;
    // Such a file is made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(&directory)?;
    writeln!(file, "1 {}", BASE64.encode(&random_bytes::<32>()))?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => fs::File::open(directory)?.sync_all(),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The file's size, if nobody but its owner can read it.
fn check_exposure(path: &Path) -> Result<u64, SecretsError> {
    let metadata = fs::metadata(path).map_err(unavailable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(SecretsError::Exposed {
                path: path.display().to_string(),
            });
        }
    }
    Ok(metadata.len())
}

fn unavailable(source: io::Error) -> SecretsError {
    SecretsError::Unavailable { source }
}

fn malformed(path: &Path, line: usize) -> SecretsError {
    SecretsError::Malformed {
        place: format!("{} line {line}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn mac(file: &KeyFile, version: u32) -> Option<[u8; 32]> {
        file.keys(KeyName::Csrf)
            .await
            .unwrap()
            .version(version)
            .map(|key| key.mac(&[b"x"]))
    }

    #[tokio::test]
    async fn the_file_is_made_once_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data/secret.key");
        let first = KeyFile::open(&path).unwrap();
        let again = KeyFile::open(&path).unwrap();
        assert_eq!(mac(&first, 1).await.unwrap(), mac(&again, 1).await.unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
            for exposed in [0o640, 0o604, 0o666] {
                fs::set_permissions(&path, fs::Permissions::from_mode(exposed)).unwrap();
                assert!(
                    matches!(KeyFile::open(&path), Err(SecretsError::Exposed { .. })),
                    "{exposed:o}"
                );
            }
        }
    }

    #[tokio::test]
    async fn a_further_line_replaces_the_key_and_keeps_the_older() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");
        let old = mac(&KeyFile::open(&path).unwrap(), 1).await.unwrap();
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        writeln!(file, "2 {}", BASE64.encode(&[5; 32])).unwrap();
        let rotated = KeyFile::open(&path).unwrap();
        assert_eq!(
            rotated
                .keys(KeyName::Csrf)
                .await
                .unwrap()
                .current()
                .version(),
            2
        );
        assert_eq!(mac(&rotated, 1).await.unwrap(), old);
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");
        KeyFile::open(&path).unwrap();
        let key = BASE64.encode(&[5; 32]);
        for text in [
            "",
            "1",
            "1 short",
            "x AAAA",
            &format!("2 {key}\n1 {key}\n"),
            &format!("1 {key}\n1 {key}"),
        ] {
            fs::write(&path, text).unwrap();
            assert!(
                matches!(KeyFile::open(&path), Err(SecretsError::Malformed { .. })),
                "{text:?}"
            );
        }
    }
}
