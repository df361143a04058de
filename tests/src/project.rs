//! The repository itself: the program it builds, and its tracked files and the links between its documents as data.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// A tracked text file.
#[derive(Debug)]
pub struct TextFile {
    /// Its path from the root of the repository.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
}

impl TextFile {
    /// Whether its name ends so; without the dot.
    pub fn has_extension(&self, extension: &str) -> bool {
        self.path
            .extension()
            .is_some_and(|found| found == extension)
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The program `wynos`, as `make test` builds it beside the tests.
///
/// Fails when it was not built; one that is older than the code is not noticed, so run `make test`.
pub fn program() -> Result<PathBuf> {
    binary("wynos")
}

/// Any program of the project, in the same way.
pub fn binary(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe().context("finding the running test")?;
    let beside = test
        .parent()
        .and_then(Path::parent)
        .map(|folder| folder.join(name));
    let program = beside.filter(|program| program.is_file());
    program.with_context(|| {
        format!("{name} is not built: run make test, or cargo build --workspace --bins --tests")
    })
}

/// Every tracked file that is UTF-8 text, or nothing when this copy of the project is no git checkout.
pub fn tracked_text_files() -> Result<Option<Vec<TextFile>>> {
    let root = root();
    if !root.join(".git").exists() {
        return Ok(None);
    }
    // In containers a checkout often belongs to another user than the one who tests it.
    let listed = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(&root)
        .output()
        .context("running git ls-files")?;
    ensure!(
        listed.status.success(),
        "git ls-files: {}",
        String::from_utf8_lossy(&listed.stderr)
    );

    let mut files = Vec::new();
    for path in String::from_utf8(listed.stdout)?
        .split_terminator('\0')
        .map(PathBuf::from)
    {
        match fs::read_to_string(root.join(&path)) {
            Ok(text) => files.push(TextFile { path, text }),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::NotFound
                ) => {}
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }
    Ok(Some(files))
}

/// The targets of the links `[text](target)` of a Markdown text that point into the repository, without their anchors.
pub fn local_links(markdown: &str) -> impl Iterator<Item = &str> {
    let targets = markdown
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target);
    let files = targets.filter_map(|target| target.split('#').next());
    files.filter(|file| !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:"))
}
