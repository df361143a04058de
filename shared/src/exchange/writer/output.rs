use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// A block is handed on when it holds so many bytes.
const BLOCK: usize = 64 * 1024;

/// The bytes on their way out, and the digest of a part of them.
pub(super) struct Output<W> {
    inner: W,
    block: Vec<u8>,
    handed_on: u64,
    digest: Option<Sha256>,
    /// What of the block is in the digest already, or does not belong there.
    digested: usize,
}

impl<W: Write> Output<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            block: Vec::with_capacity(BLOCK + BLOCK / 4),
            handed_on: 0,
            digest: None,
            digested: 0,
        }
    }

    /// The block that bytes are appended to.
    pub(super) const fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.block
    }

    /// Hands the block on where it is full.
    pub(super) fn relieve(&mut self) -> io::Result<()> {
        if self.block.len() >= BLOCK {
            self.hand_on()?;
        }
        Ok(())
    }

    /// Begins a digest with the next byte.
    pub(super) fn begin_digest(&mut self) {
        self.digest = Some(Sha256::new());
        self.digested = self.block.len();
    }

    /// The digest of every byte since [`Self::begin_digest`], in lower-case hexadecimal.
    pub(super) fn end_digest(&mut self) -> String {
        self.catch_up();
        self.digest
            .take()
            .map(|digest| data_encoding::HEXLOWER.encode(&digest.finalize()))
            .unwrap_or_default()
    }

    /// Hands the rest on, and gives the output with how many bytes it got.
    pub(super) fn finish(mut self) -> io::Result<(W, u64)> {
        self.hand_on()?;
        Ok((self.inner, self.handed_on))
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.catch_up();
        self.inner.write_all(&self.block)?;
        self.handed_on += self.block.len() as u64;
        self.block.clear();
        self.digested = 0;
        Ok(())
    }

    fn catch_up(&mut self) {
        if let Some(digest) = &mut self.digest {
            digest.update(self.block.get(self.digested..).unwrap_or_default());
            self.digested = self.block.len();
        }
    }
}

/// The SHA-256 of these bytes, in lower-case hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}
