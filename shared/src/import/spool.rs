use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write},
    path::Path,
};

use super::{ImportError, finding::Finding, tables::MAX_FINDINGS};

/// Findings set aside in a temporary file until it is known that the whole file can be read.
pub(super) struct Spool {
    file: BufWriter<File>,
    kept: u64,
}

impl Spool {
    /// An empty one in this folder.
    pub fn create(folder: &Path) -> Result<Self, ImportError> {
        let file = tempfile::tempfile_in(folder).map_err(ImportError::Space)?;
        Ok(Self {
            file: BufWriter::new(file),
            kept: 0,
        })
    }

    /// Sets findings aside, as many as a report keeps.
    pub fn add(&mut self, findings: &[Finding]) -> Result<(), ImportError> {
        for finding in findings {
            if self.kept >= MAX_FINDINGS {
                return Ok(());
            }
            let line = serde_json::to_vec(finding).map_err(ImportError::Checkpoint)?;
            self.file
                .write_all(&line)
                .and_then(|()| self.file.write_all(b"\n"))
                .map_err(ImportError::Space)?;
            self.kept += 1;
        }
        Ok(())
    }

    /// Gives them back in order.
    pub fn read(self) -> Result<impl Iterator<Item = Result<Finding, ImportError>>, ImportError> {
        let mut file = self
            .file
            .into_inner()
            .map_err(|error| ImportError::Space(error.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(ImportError::Space)?;
        Ok(BufReader::new(file).lines().map(|line| {
            let line = line.map_err(ImportError::Space)?;
            serde_json::from_str(&line).map_err(ImportError::Checkpoint)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::finding::{At, Severity};

    #[test]
    fn findings_come_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(folder.path()).unwrap();
        let findings: Vec<_> = (0..50)
            .map(|line| {
                Finding::of(
                    Severity::Error,
                    "x",
                    "repairs",
                    &At {
                        id: Some("a\n"),
                        line: Some(line),
                    },
                )
            })
            .collect();
        spool.add(&findings).unwrap();
        let read: Vec<_> = spool.read().unwrap().map(Result::unwrap).collect();
        assert_eq!(read, findings);
    }
}
