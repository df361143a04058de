//! How far something has come that takes a while, for whoever watches.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// How far something has come, of how much: bytes of a file that is read, rows of one that is written. Where nobody
/// watches, nothing is counted.
#[derive(Debug, Clone, Default)]
pub struct Progress(Option<Arc<Counters>>);

#[derive(Debug, Default)]
struct Counters {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// One that somebody watches.
    pub fn watched() -> Self {
        Self(Some(Arc::default()))
    }

    /// What is done, and of how much; a total of 0 is not known yet.
    pub fn so_far(&self) -> (u64, u64) {
        self.0.as_ref().map_or((0, 0), |counters| {
            let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            (read(&counters.done), read(&counters.total))
        })
    }

    pub(crate) const fn is_watched(&self) -> bool {
        self.0.is_some()
    }

    /// Says how much there is.
    pub(crate) fn expect(&self, total: u64) {
        if let Some(counters) = &self.0 {
            counters.total.store(total, Ordering::Relaxed);
        }
    }

    /// So much more is done.
    pub(crate) fn advance(&self, by: u64) {
        if let Some(counters) = &self.0 {
            counters.done.fetch_add(by, Ordering::Relaxed);
        }
    }

    /// So much is done.
    fn reach(&self, done: u64) {
        if let Some(counters) = &self.0 {
            counters.done.store(done, Ordering::Relaxed);
        }
    }
}

/// A file whose reading is watched.
#[derive(Debug)]
pub(crate) struct Watched<R> {
    inner: R,
    at: u64,
    progress: Progress,
}

impl<R> Watched<R> {
    pub(crate) fn new(inner: R, progress: &Progress) -> Self {
        Self {
            inner,
            at: 0,
            progress: progress.clone(),
        }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.at += read as u64;
        self.progress.reach(self.at);
        Ok(read)
    }
}

impl<R: Seek> Seek for Watched<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.inner.seek(to)?;
        Ok(self.at)
    }
}
