//! Files that commands write beside what they do: nothing that is there is written over.

use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::failure::Failure;

/// Refuses files of which one is there already, or which are the same, before the work begins that they are to tell of.
pub(crate) fn must_be_new<'f>(files: impl IntoIterator<Item = &'f PathBuf>) -> Result<(), Failure> {
    let mut known: Vec<&PathBuf> = Vec::new();
    for file in files {
        if file.symlink_metadata().is_ok() {
            return Err(there(file));
        }
        if known.contains(&file) {
            let shown = file.display();
            let message = format!("{shown} cannot be two files: name another one for the second");
            return Err(Failure::usage(message));
        }
        known.push(file);
    }
    Ok(())
}

/// A new file, empty.
pub(crate) fn create_new(file: &Path) -> anyhow::Result<File> {
    match File::create_new(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(there(file).into()),
        made => made.with_context(|| format!("{} could not be made", file.display())),
    }
}

fn there(file: &Path) -> Failure {
    Failure::usage(format!(
        "{} is there already and stays as it is: name another file, or move that one away first",
        file.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let [kept, new] = ["kept.csv", "new.csv"].map(|name| folder.path().join(name));
        std::fs::write(&kept, "mine").unwrap();
        let refused = must_be_new([&new, &kept]).unwrap_err();
        assert!(refused.usage);
        assert!(
            refused.message.contains("kept.csv is there already"),
            "{refused}"
        );
        let told = create_new(&kept).unwrap_err().to_string();
        assert_eq!(told, refused.to_string(), "one rule in the same words");
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "mine");
        let twice = must_be_new([&new, &new]).unwrap_err().to_string();
        assert!(twice.contains("new.csv cannot be two files"), "{twice}");
        must_be_new([&new]).unwrap();
        create_new(&new).unwrap();
        assert!(create_new(&new).is_err());
    }
}
