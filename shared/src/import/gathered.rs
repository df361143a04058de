use super::{finding::Finding, intake::Apart, portion::Portion};

/// A load is committed when it has this many rows and findings …
const LOAD_ROWS: usize = if cfg!(test) { 100 } else { 4_000 };
/// … or this many bytes of text.
const LOAD_BYTES: usize = 2 << 20;

/// What the next load will hold. It is full by whatever it holds, so that a file of bad rows alone does not pile up.
#[derive(Default)]
pub(super) struct Gathered {
    pub portions: Vec<Portion>,
    pub findings: Vec<Finding>,
    rejected: u64,
    rows: usize,
    bytes: usize,
}

impl Gathered {
    /// Adds rows of the file; of those that stay out, as many as there is `room` to keep aside.
    pub fn portion(&mut self, mut portion: Portion, room: u64) {
        let room = usize::try_from(room.saturating_sub(self.rejected)).unwrap_or(usize::MAX);
        portion.rejected.truncate(room);
        self.rejected += portion.rejected.len() as u64;
        let seen = usize::try_from(portion.seen).unwrap_or(usize::MAX);
        let taken = portion.rows.len() + portion.filled.len();
        self.rows = self
            .rows
            .saturating_add(seen.max(taken) + portion.findings.len());
        let aside = portion
            .rejected
            .iter()
            .map(|row| row.body.to_string().len());
        self.bytes += portion.rows.text_len() + aside.sum::<usize>();
        self.portions.push(portion);
    }

    /// Adds rows that could not be read, and what else was noticed.
    pub fn apart(&mut self, apart: Apart) {
        self.rows += apart.refused.len() + apart.findings.len();
        self.findings.extend(apart.findings);
    }

    /// Whether it is to be committed now.
    pub const fn is_full(&self) -> bool {
        self.rows >= LOAD_ROWS || self.bytes >= LOAD_BYTES
    }
}
