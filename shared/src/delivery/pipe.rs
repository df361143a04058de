//! From writers that write, to a store that reads: bytes in chunks over a bounded channel, counted and hashed on the way.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::{Bytes, BytesMut};
use data_encoding::HEXLOWER;
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::ports::ByteStream;

/// Bytes of one chunk.
const CHUNK: usize = 128 * 1024;

/// Chunks on their way at once; with the one being filled, what a pipe costs in memory.
const CHUNKS: usize = 4;

/// What a finished file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digested {
    /// Bytes.
    pub size: u64,
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

/// A pipe: what is written on one side, from a blocking thread, comes out as a stream on the other. The stream ends well
/// only after [`PipeWriter::close`]; a writer that is dropped before makes it fail, so that no store keeps half a file.
pub(super) fn pipe() -> (PipeWriter, ByteStream) {
    let (sender, receiver) = mpsc::channel::<Bytes>(CHUNKS);
    let closed = Arc::new(AtomicBool::new(false));
    let writer = PipeWriter {
        sender,
        chunk: BytesMut::with_capacity(CHUNK),
        closed: Arc::clone(&closed),
    };
    let content = stream::unfold(
        (receiver, closed, false),
        async |(mut receiver, closed, over)| {
            if over {
                return None;
            }
            match receiver.recv().await {
                Some(chunk) => Some((Ok(chunk), (receiver, closed, false))),
                None if closed.load(Ordering::Acquire) => None,
                None => {
                    let error =
                        io::Error::new(io::ErrorKind::BrokenPipe, "the file was not finished");
                    Some((Err(error), (receiver, closed, true)))
                }
            }
        },
    );
    (writer, content.boxed())
}

/// The side of a pipe that takes what is written. It blocks while the other side is behind.
#[derive(Debug)]
pub(super) struct PipeWriter {
    sender: mpsc::Sender<Bytes>,
    chunk: BytesMut,
    closed: Arc<AtomicBool>,
}

impl PipeWriter {
    /// Hands over what is left and ends the stream well.
    pub(super) fn close(mut self) -> io::Result<()> {
        self.send()?;
        self.closed.store(true, Ordering::Release);
        Ok(())
    }

    fn send(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.chunk, BytesMut::with_capacity(CHUNK)).freeze();
        self.sender.blocking_send(chunk).map_err(|_| {
            io::Error::new(io::ErrorKind::BrokenPipe, "nobody takes the file any more")
        })
    }
}

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = CHUNK.saturating_sub(self.chunk.len()).max(1);
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.chunk.extend_from_slice(taken);
        if self.chunk.len() >= CHUNK {
            self.send()?;
        }
        Ok(taken.len())
    }

    // Chunks go when they are full: a writer that flushes after every row would make a chunk of every row.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts and hashes what passes through it.
#[derive(Debug)]
pub(super) struct Digesting<W> {
    inner: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Digesting<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            size: 0,
        }
    }

    /// What passed, and what it was passed to.
    pub(super) fn finish(self) -> (W, Digested) {
        let digested = Digested {
            size: self.size,
            sha256: HEXLOWER.encode(&self.hash.finalize()),
        };
        (self.inner, digested)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..taken).unwrap_or(bytes));
        self.size += u64::try_from(taken).unwrap_or(u64::MAX);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;

    async fn collected(content: ByteStream) -> io::Result<Vec<u8>> {
        content
            .try_fold(Vec::new(), async |mut all, chunk| {
                all.extend_from_slice(&chunk);
                Ok(all)
            })
            .await
    }

    #[tokio::test]
    async fn what_is_written_comes_out_counted_and_hashed() {
        let (writer, content) = pipe();
        let writing = tokio::task::spawn_blocking(move || {
            let mut writer = Digesting::new(writer);
            for number in 0..100_000 {
                writeln!(writer, "{number}").unwrap();
            }
            let (pipe, digested) = writer.finish();
            pipe.close().unwrap();
            digested
        });
        let content = collected(content).await.unwrap();
        let digested = writing.await.unwrap();
        let expected: String = (0..100_000).map(|number| format!("{number}\n")).collect();
        assert_eq!(content, expected.as_bytes());
        assert_eq!(digested.size, expected.len() as u64);
        assert_eq!(
            digested.sha256,
            HEXLOWER.encode(&Sha256::digest(expected.as_bytes()))
        );
    }

    #[tokio::test]
    async fn a_file_that_is_not_finished_never_ends_well() {
        let (mut writer, content) = pipe();
        tokio::task::spawn_blocking(move || writer.write_all(&[7; 300_000]).unwrap())
            .await
            .unwrap();
        assert_eq!(
            collected(content).await.unwrap_err().kind(),
            io::ErrorKind::BrokenPipe
        );
    }

    #[tokio::test]
    async fn a_writer_stops_when_nobody_reads() {
        let (mut writer, content) = pipe();
        drop(content);
        let result = tokio::task::spawn_blocking(move || writer.write_all(&[7; 300_000])).await;
        assert_eq!(
            result.unwrap().unwrap_err().kind(),
            io::ErrorKind::BrokenPipe
        );
    }
}
