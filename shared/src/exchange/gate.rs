use std::io::{self, BufRead, Read};

use sha2::{Digest, Sha256};

use super::{FileFault, Limits, Place};

/// How much is read at a time.
const BLOCK: usize = 64 * 1024;

/// The way every byte of a file takes to the XML parser: it knows the place, keeps the limits and takes digests.
///
/// Digests and line counts are taken over whole blocks when they are asked for, never event by event.
pub(super) struct Gate<R> {
    inner: R,
    limits: Limits,
    block: Box<[u8]>,
    /// What of the block is filled, and what of that is consumed.
    filled: usize,
    position: usize,
    /// Bytes that were in earlier blocks.
    before: u64,
    /// What of the block went into the digest, while one is taken.
    digest: Option<Sha256>,
    digested: usize,
    /// Line feeds before `counted`, which is what of the block was looked through.
    line_feeds: u64,
    counted: usize,
    /// Where the event that is being read began.
    event: u64,
    ended: bool,
    fault: Option<FileFault>,
}

impl<R: Read> Gate<R> {
    pub(super) fn new(inner: R, limits: Limits) -> Self {
        Self {
            inner,
            limits,
            block: vec![0; BLOCK].into_boxed_slice(),
            filled: 0,
            position: 0,
            before: 0,
            digest: None,
            digested: 0,
            line_feeds: 0,
            counted: 0,
            event: 0,
            ended: false,
            fault: None,
        }
    }

    /// Looks at the first bytes, refuses what is not UTF-8 text, and skips a byte order mark.
    pub(super) fn sniff(&mut self) -> Result<(), FileFault> {
        self.fill_whole_block()?;
        let head = self.block.get(..self.filled).unwrap_or_default();
        let bom = match head {
            [] => return Err(FileFault::Empty),
            [0xEF, 0xBB, 0xBF] => return Err(FileFault::Empty),
            [0xEF, 0xBB, 0xBF, ..] => 3,
            [b'P', b'K', 3 | 5 | 7, ..] => return Err(FileFault::Zip),
            [0x1F, 0x8B, ..] => return Err(FileFault::Gzip),
            [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => {
                return Err(FileFault::Encoding("UTF-32".to_owned()));
            }
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', 0, ..] | [0, b'<', ..] => {
                return Err(FileFault::Encoding("UTF-16".to_owned()));
            }
            _ => 0,
        };
        let text = head.get(bom..).unwrap_or_default();
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'<') => {}
            None if self.ended => return Err(FileFault::Empty),
            _ => return Err(FileFault::NotXml),
        }
        self.position = bom;
        Ok(())
    }

    /// Says that a new event begins here, so that its size is measured from here.
    pub(super) fn begin_event(&mut self) {
        self.event = self.offset();
    }

    /// Where the event that was read last begins.
    pub(super) const fn event(&self) -> u64 {
        self.event
    }

    /// Begins a digest with the next byte.
    pub(super) fn begin_digest(&mut self) {
        self.digest = Some(Sha256::new());
        self.digested = self.position;
    }

    /// The digest of every byte since [`Self::begin_digest`], in lower-case hexadecimal.
    pub(super) fn end_digest(&mut self) -> String {
        self.catch_up();
        self.digest
            .take()
            .map(|digest| data_encoding::HEXLOWER.encode(&digest.finalize()))
            .unwrap_or_default()
    }

    /// Where the next byte stands.
    pub(super) fn place(&mut self) -> Place {
        self.count_lines();
        Place {
            line: self.line_feeds + 1,
            byte: self.offset(),
        }
    }

    /// The text up to the next tag, where the block holds all of it and no reference.
    pub(super) fn text_ahead(&self) -> Option<&[u8]> {
        let rest = self.block.get(self.position..self.filled)?;
        let end = rest.iter().position(|byte| matches!(byte, b'<' | b'&'))?;
        let (text, from) = rest.split_at(end);
        (from.first() == Some(&b'<')).then_some(text)
    }

    /// Bytes consumed so far.
    pub(super) fn offset(&self) -> u64 {
        self.before + self.position as u64
    }

    /// Whether the input gave its last byte.
    pub(super) fn ended(&self) -> bool {
        self.ended && self.position == self.filled
    }

    /// Why [`BufRead::fill_buf`] failed.
    pub(super) fn take_fault(&mut self) -> Option<FileFault> {
        self.fault.take()
    }

    fn catch_up(&mut self) {
        if let Some(digest) = &mut self.digest {
            digest.update(
                self.block
                    .get(self.digested..self.position)
                    .unwrap_or_default(),
            );
            self.digested = self.position;
        }
    }

    fn count_lines(&mut self) {
        let unseen = self
            .block
            .get(self.counted..self.position)
            .unwrap_or_default();
        self.line_feeds += unseen.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.counted = self.position;
    }

    /// Reads until the block is full or the input ends; the first call of the sniffer needs more than one short read.
    fn fill_whole_block(&mut self) -> Result<(), FileFault> {
        while self.filled < self.block.len() && !self.ended {
            let free = self.block.get_mut(self.filled..).unwrap_or_default();
            match self.inner.read(free) {
                Ok(0) => self.ended = true,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(fault_of(error)),
            }
        }
        Ok(())
    }

    #[cold]
    fn next_block(&mut self) -> Result<(), FileFault> {
        self.catch_up();
        self.count_lines();
        self.before += self.filled as u64;
        self.position = 0;
        self.filled = 0;
        self.digested = 0;
        self.counted = 0;
        if self.before > self.limits.total {
            return Err(FileFault::TooLarge {
                what: "the file",
                limit: self.limits.total,
                unit: "bytes",
            });
        }
        if self.before - self.event > self.limits.node as u64 {
            return Err(FileFault::TooLarge {
                what: "one text, tag or comment",
                limit: self.limits.node as u64,
                unit: "bytes",
            });
        }
        self.fill_whole_block()
    }
}

/// The fault inside an input's error, where the input is one of ours.
fn fault_of(error: io::Error) -> FileFault {
    error.downcast::<FileFault>().unwrap_or_else(FileFault::Io)
}

impl<R: Read> Read for Gate<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Gate<R> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position == self.filled
            && !self.ended
            && let Err(fault) = self.next_block()
        {
            self.fault = Some(fault);
            return Err(io::ErrorKind::Other.into());
        }
        Ok(self
            .block
            .get(self.position..self.filled)
            .unwrap_or_default())
    }

    #[inline]
    fn consume(&mut self, count: usize) {
        self.position = (self.position + count).min(self.filled);
    }
}
