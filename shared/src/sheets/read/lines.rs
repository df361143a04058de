use std::collections::VecDeque;

/// Follows the text on its way to the CSV reader and tells the line that each row begins at.
///
/// The reader's own count is taken before it skips what is left of the last line's end (the LF of CRLF, blank lines), and
/// it does not say that a quote was open at the end of the file. The states are the reader's.
#[derive(Debug)]
pub(super) struct Lines {
    separator: u8,
    line: u64,
    after_return: bool,
    state: State,
    /// Lines of rows that the reader has not given yet; no more than its buffer holds.
    starts: VecDeque<u64>,
    /// The line of the last quote that opened a cell.
    quote: u64,
    /// The line of the first quote that a quote of a later line closed in the middle of its cell.
    crossed: Option<u64>,
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Row,
    Cell,
    Plain,
    Quoted,
    /// After a quote inside a quoted cell: it closes the cell, or is the first of two.
    Quote,
}

impl Lines {
    pub(super) const fn new(separator: u8) -> Self {
        Self {
            separator,
            line: 1,
            after_return: false,
            state: State::Row,
            starts: VecDeque::new(),
            quote: 0,
            crossed: None,
            ended: false,
        }
    }

    /// Looks at the next piece; an empty one is the end of the file.
    pub(super) fn look(&mut self, bytes: &[u8]) {
        self.ended |= bytes.is_empty();
        for &byte in bytes {
            self.step(byte);
            if byte == b'\r' || (byte == b'\n' && !self.after_return) {
                self.line += 1;
            }
            self.after_return = byte == b'\r';
        }
    }

    /// The line of the next row that the reader gives.
    pub(super) fn next_row(&mut self) -> Option<u64> {
        self.starts.pop_front()
    }

    /// The line of a quote that nobody closed: it is still open at the end of the file, or the next quote stands lines below
    /// in the middle of a cell. Told once every row before it was given.
    pub(super) fn open_quote(&self) -> Option<u64> {
        let next = self.starts.front().copied();
        if let Some(line) = self.crossed
            && next.is_none_or(|next| next > line)
        {
            return Some(line);
        }
        (self.ended && self.starts.is_empty() && self.state == State::Quoted).then_some(self.quote)
    }

    fn step(&mut self, byte: u8) {
        let ends = matches!(byte, b'\r' | b'\n');
        if self.state == State::Row && !ends {
            self.starts.push_back(self.line);
            self.state = State::Cell;
        }
        if self.state == State::Quote
            && !ends
            && byte != b'"'
            && byte != self.separator
            && self.line > self.quote
            && self.crossed.is_none()
        {
            self.crossed = Some(self.quote);
        }
        self.state = match self.state {
            State::Quoted if byte == b'"' => State::Quote,
            State::Quoted => State::Quoted,
            State::Quote if byte == b'"' => State::Quoted,
            _ if ends => State::Row,
            _ if byte == self.separator => State::Cell,
            State::Cell if byte == b'"' => {
                self.quote = self.line;
                State::Quoted
            }
            _ => State::Plain,
        };
    }
}
