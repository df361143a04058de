use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use super::{FileFault, Limits};

/// An opened exchange file, decompressed on the way where it is `.xml.gz`.
///
/// [`Limits::total`] holds for what comes out, and [`Limits::ratio`] for how much more that is than what went in, so that
/// a bomb ends early.
pub struct Source<R: Read> {
    inner: Inner<R>,
    limits: Limits,
    given: u64,
}

enum Inner<R: Read> {
    Plain(R),
    Gzip(Box<MultiGzDecoder<BufReader<Counting<R>>>>),
}

/// Opens an exchange file; a name that ends in `.gz` says that it is compressed.
///
/// # Errors
/// The file cannot be opened.
pub fn open(path: &Path, limits: Limits) -> io::Result<Source<File>> {
    let file = File::open(path)?;
    let compressed = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    Ok(if compressed {
        Source::gzip(file, limits)
    } else {
        Source::plain(file, limits)
    })
}

impl<R: Read> Source<R> {
    /// Plain XML.
    pub fn plain(inner: R, limits: Limits) -> Self {
        Self {
            inner: Inner::Plain(inner),
            limits,
            given: 0,
        }
    }

    /// XML compressed by gzip, in one member or several.
    pub fn gzip(inner: R, limits: Limits) -> Self {
        let counting = Counting { inner, taken: 0 };
        Self {
            inner: Inner::Gzip(Box::new(MultiGzDecoder::new(BufReader::new(counting)))),
            limits,
            given: 0,
        }
    }

    fn refuse_bombs(&self, taken: u64) -> Result<(), FileFault> {
        if self.given > self.limits.total {
            return Err(FileFault::TooLarge {
                what: "the unpacked file",
                limit: self.limits.total,
                unit: "bytes",
            });
        }
        if self.given > self.limits.ratio_from && self.given / taken.max(1) > self.limits.ratio {
            return Err(FileFault::TooLarge {
                what: "the unpacked file, compared with the packed one,",
                limit: self.limits.ratio,
                unit: "times",
            });
        }
        Ok(())
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Plain(inner) => inner.read(into),
            Inner::Gzip(decoder) => {
                let read = decoder.read(into);
                let taken = decoder.get_ref().get_ref().taken;
                let count = read.map_err(|error| damaged(error, taken))?;
                self.given += count as u64;
                self.refuse_bombs(taken).map_err(io::Error::other)?;
                Ok(count)
            }
        }
    }
}

/// The decoder's errors after so many bytes of compressed data, told apart from those of the file itself.
fn damaged(error: io::Error, taken: u64) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::other(FileFault::CutShort { bytes: taken }),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            io::Error::other(FileFault::Compression(error))
        }
        _ => error,
    }
}

struct Counting<R> {
    inner: R,
    taken: u64,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.taken += count as u64;
        Ok(count)
    }
}
