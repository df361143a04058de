use std::{fs::File, path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::{
    ImportError,
    assay::{Assay, Batch, Portion, Terms},
    file::LocalFile,
    finding::{At, Finding, Severity},
    here::Here,
    ledger::Ledger,
    secrets::Carried,
};
use crate::{
    SubscriptionId,
    exchange::{self, Item, Limits, Notice, Reader, RowProblem, Source},
    ports::Cipher,
};

/// Pieces that may wait between the thread that reads and the database that works.
const WAITING: usize = 2;

/// One thing that came of reading a file, in its order.
#[derive(Debug)]
pub(super) enum Piece {
    /// What the file says of itself.
    Begun(About),
    /// Rows.
    Portion(Box<Portion>),
    /// Rows that could not be read, and what else was noticed between rows.
    Apart(Apart),
}

/// What a file says of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct About {
    /// The subscription it was made from.
    pub origin: Option<SubscriptionId>,
    /// When it was made.
    pub made_at: Option<DateTime<Utc>>,
}

/// Rows that could not be read, and what else was noticed between rows.
#[derive(Debug, Default)]
pub(super) struct Apart {
    /// The tables of rows that could not be read, one for each.
    pub refused: Vec<String>,
    pub findings: Vec<Finding>,
}

/// What reading a file needs, beside the file.
#[derive(Clone)]
pub(super) struct Tools {
    pub here: Here,
    pub cipher: Cipher,
    /// Where temporary files lie.
    pub folder: PathBuf,
    pub merge: bool,
    pub before: Option<DateTime<Utc>>,
}

/// Reads a file on a thread of its own. Rows may be trusted once the channel ended and the thread says all is well.
pub(super) struct Intake {
    pub pieces: mpsc::Receiver<Piece>,
    reading: tokio::task::JoinHandle<Result<(), ImportError>>,
}

impl Intake {
    /// Begins to read; `read` does it, and sends what it finds.
    pub fn begin(read: impl FnOnce(Sender) -> Result<(), ImportError> + Send + 'static) -> Self {
        let (sender, pieces) = mpsc::channel(WAITING);
        let reading = tokio::task::spawn_blocking(move || read(Sender::new(sender)));
        Self { pieces, reading }
    }

    /// How the reading ended.
    pub async fn end(self) -> Result<(), ImportError> {
        drop(self.pieces);
        self.reading.await.map_err(|_| ImportError::Stopped)?
    }
}

/// The reading thread's side of the channel.
pub(super) struct Sender {
    pieces: mpsc::Sender<Piece>,
    apart: Apart,
    last_refused: Option<(String, u64)>,
}

impl Sender {
    fn new(pieces: mpsc::Sender<Piece>) -> Self {
        Self {
            pieces,
            apart: Apart::default(),
            last_refused: None,
        }
    }

    pub fn begun(&self, about: About) -> Result<(), ImportError> {
        self.send(Piece::Begun(about))
    }

    pub fn portion(&mut self, portion: Portion) -> Result<(), ImportError> {
        self.flush()?;
        self.send(Piece::Portion(Box::new(portion)))
    }

    pub fn note(&mut self, finding: Finding) -> Result<(), ImportError> {
        /// So many findings between rows are held in memory.
        const HELD: usize = 500;
        self.apart.findings.push(finding);
        if self.apart.findings.len() >= HELD {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Notes what is wrong with a row that could not be read; several things can be wrong with one.
    pub fn refuse(&mut self, line: u64, finding: Finding) -> Result<(), ImportError> {
        let row = (finding.table.clone(), line);
        if self.last_refused.as_ref() != Some(&row) {
            self.apart.refused.push(row.0.clone());
            self.last_refused = Some(row);
        }
        self.note(finding)
    }

    pub fn flush(&mut self) -> Result<(), ImportError> {
        let apart = std::mem::take(&mut self.apart);
        if apart.findings.is_empty() {
            return Ok(());
        }
        self.send(Piece::Apart(apart))
    }

    fn send(&self, piece: Piece) -> Result<(), ImportError> {
        self.pieces
            .blocking_send(piece)
            .map_err(|_| ImportError::Stopped)
    }
}

/// Reads an exchange file to its end.
pub(super) fn read_exchange(
    file: &LocalFile,
    tools: &Tools,
    mut out: Sender,
) -> Result<(), ImportError> {
    let limits = Limits::default();
    let content = File::open(file.path()).map_err(ImportError::Space)?;
    let source = if file.is_gzip()? {
        Source::gzip(content, limits)
    } else {
        Source::plain(content, limits)
    };
    let mut reader = Reader::new(source, limits)?;
    let mut assay = None;
    let mut section = None;
    while let Some(item) = reader.next()? {
        match item {
            Item::Header(header) => {
                assay = Some(tools.assay(header.passwords)?);
                out.begun(About {
                    origin: Some(header.origin),
                    made_at: Some(header.created_at),
                })?;
            }
            Item::Section(opened) => {
                section = Some((
                    Arc::clone(&opened.table),
                    Arc::<[String]>::from(opened.read_columns()),
                ));
            }
            Item::Batch(batch) => {
                let (Some(assay), Some((table, columns))) = (&mut assay, &section) else {
                    return Err(ImportError::Stopped);
                };
                let batch = Batch {
                    table: Arc::clone(table),
                    columns: Arc::clone(columns),
                    rows: batch.rows.clone(),
                    lines: batch.places.iter().map(|place| place.line).collect(),
                };
                out.portion(assay.take(batch)?)?;
            }
            Item::Problem(problem) => out.refuse(problem.at.line, refused(problem))?,
            Item::Notice(notice) => out.note(noticed(notice))?,
            Item::SectionEnd(_) | Item::Trailer(_) => {}
        }
    }
    out.flush()
}

impl Tools {
    /// Begins to take rows of an exchange file that carries PASSWORD values or does not.
    pub fn assay(&self, passwords: bool) -> Result<Assay, ImportError> {
        self.begin(if passwords {
            Carried::All
        } else {
            Carried::NoSecrets
        })
    }

    /// Begins to take rows of a list.
    pub fn assay_list(&self) -> Result<Assay, ImportError> {
        self.begin(Carried::Some)
    }

    fn begin(&self, carried: Carried) -> Result<Assay, ImportError> {
        let ledger = Ledger::create(&self.folder)?;
        let terms = Terms {
            merge: self.merge,
            carried,
            before: self.before,
        };
        Assay::begin(self.here.clone(), ledger, self.cipher.clone(), terms)
    }
}

fn refused(problem: RowProblem) -> Finding {
    let at = At {
        id: problem.id.as_deref(),
        line: Some(problem.at.line),
    };
    let mut finding = Finding::of(Severity::Error, problem.problem.code(), &problem.table, &at)
        .expected(&problem.expected)
        .found(&problem.found);
    finding.field = problem.field;
    finding
}

fn noticed(notice: Notice) -> Finding {
    let nowhere = At::default();
    match notice {
        Notice::NewerMinor { version } => {
            Finding::of(Severity::Warning, "newer_version", "", &nowhere)
                .expected(exchange::VERSION)
                .found(&version)
        }
        Notice::Skipped { table, element, at } => {
            let at = At {
                id: None,
                line: Some(at.line),
            };
            Finding::of(
                Severity::Warning,
                "element_skipped",
                table.as_deref().unwrap_or_default(),
                &at,
            )
            .found(&element)
        }
        Notice::NoDigest { section } => {
            Finding::of(Severity::Warning, "no_digest", "", &nowhere).field(section)
        }
    }
}
