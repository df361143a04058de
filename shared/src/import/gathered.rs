use super::{finding::Finding, intake::Apart, park::Rejected, portion::Portion};

/// A load is committed when it has this many rows and findings …
const LOAD_ROWS: usize = if cfg!(test) { 100 } else { 4_000 };
/// … or this many bytes of text.
const LOAD_BYTES: usize = 2 << 20;

/// What the next load will hold. It is full by whatever it holds, so that a file of bad rows alone does not pile up.
#[derive(Default)]
pub(super) struct Gathered {
    pub portions: Vec<Portion>,
    pub findings: Vec<Finding>,
    /// Rows that could not be read, as many as there is room to keep aside.
    pub refused: Vec<Rejected>,
    rejected: u64,
    rows: usize,
    bytes: usize,
}

impl Gathered {
    /// Adds rows of the file; of those that stay out, as many as there is `room` to keep aside.
    pub fn portion(&mut self, mut portion: Portion, room: u64) {
        self.limit(&mut portion.rejected, room);
        let seen = usize::try_from(portion.seen).unwrap_or(usize::MAX);
        let taken = portion.rows.len() + portion.filled.len();
        self.rows = self
            .rows
            .saturating_add(seen.max(taken) + portion.findings.len());
        let aside = portion.rejected.iter().map(Rejected::size);
        self.bytes += portion.rows.text_len() + aside.sum::<usize>();
        self.portions.push(portion);
    }

    /// Adds rows that could not be read, as many as there is `room` to keep aside, and what else was noticed.
    pub fn apart(&mut self, mut apart: Apart, room: u64) {
        self.rows += apart.refused.len() + apart.findings.len();
        self.limit(&mut apart.refused, room);
        self.bytes += apart.refused.iter().map(Rejected::size).sum::<usize>();
        self.refused.append(&mut apart.refused);
        self.findings.append(&mut apart.findings);
    }

    fn limit(&mut self, rejected: &mut Vec<Rejected>, room: u64) {
        let room = usize::try_from(room.saturating_sub(self.rejected)).unwrap_or(usize::MAX);
        rejected.truncate(room);
        self.rejected += rejected.len() as u64;
    }

    /// Whether it is to be committed now.
    pub const fn is_full(&self) -> bool {
        self.rows >= LOAD_ROWS || self.bytes >= LOAD_BYTES
    }
}
