use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json};
use tokio::sync::mpsc;

use super::{
    ImportError,
    assay::Assay,
    finding::Finding,
    here::Here,
    ledger::Ledger,
    park::Rejected,
    portion::{Portion, Terms},
    secrets::Carried,
};
use crate::{SubscriptionId, checks::Home, ports::Cipher, progress::Progress};

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
    /// Rows that could not be read.
    pub refused: Vec<Rejected>,
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
    /// The country whose rules numbers follow that name none.
    pub home: Home,
    pub before: Option<DateTime<Utc>>,
    /// Who watches how much of the file is read.
    pub progress: Progress,
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
    /// Bytes of the rows that it holds.
    held: usize,
    last_refused: Option<(String, u64)>,
}

impl Sender {
    fn new(pieces: mpsc::Sender<Piece>) -> Self {
        Self {
            pieces,
            apart: Apart::default(),
            held: 0,
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

    /// Notes what is wrong with a row that could not be read; several things can be wrong with one, and the first of them
    /// comes with what could be read.
    pub fn refuse(
        &mut self,
        line: u64,
        finding: Finding,
        row: Option<Map<String, Json>>,
        ledger: &Ledger,
    ) -> Result<(), ImportError> {
        /// So many bytes of rows are held in memory.
        const HELD: usize = 1 << 20;
        let place = (finding.table.clone(), line);
        if self.last_refused.as_ref() == Some(&place) {
            if let Some(refused) = self.apart.refused.last_mut() {
                refused.also(&finding);
            }
        } else {
            let refused = Rejected::unread(&finding, row, ledger)?;
            self.held += refused.size();
            self.apart.refused.push(refused);
            self.last_refused = Some(place);
        }
        self.note(finding)?;
        if self.held >= HELD {
            return self.flush();
        }
        Ok(())
    }

    pub fn flush(&mut self) -> Result<(), ImportError> {
        self.held = 0;
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
            home: self.home,
            carried,
            before: self.before,
        };
        Assay::begin(self.here.clone(), ledger, self.cipher.clone(), terms)
    }
}
