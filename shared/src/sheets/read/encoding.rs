use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult};
use serde::{Deserialize, Serialize};

/// How the text of a CSV file is kept as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, low byte first, as Excel's "Unicode text" is.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, high byte first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// The code page of Polish Windows.
    #[serde(rename = "windows-1250")]
    Windows1250,
    /// The code page of Russian Windows.
    #[serde(rename = "windows-1251")]
    Windows1251,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 5] = [
        Self::Utf8,
        Self::Utf16Le,
        Self::Utf16Be,
        Self::Windows1250,
        Self::Windows1251,
    ];

    /// The encoding of this name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        let is = |one: &Self| one.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(is)
    }

    /// The name people know.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1250 => "Windows-1250",
            Self::Windows1251 => "Windows-1251",
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Windows1250 => encoding_rs::WINDOWS_1250,
            Self::Windows1251 => encoding_rs::WINDOWS_1251,
        }
        .new_decoder_with_bom_removal()
    }
}

/// Guesses the encoding from the whole file: a byte-order mark, else zero bytes on one side of every pair, else UTF-8 when
/// all of it is, else the code page whose letters the bytes look like.
///
/// Polish text has single high bytes among ASCII letters; in Russian text they stand side by side. More than half of them
/// beside another one means Windows-1251.
pub(super) fn guess<R: Read + Seek>(input: &mut R) -> io::Result<Encoding> {
    input.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut statistics = Statistics::default();
    let mut start = Vec::new();
    let mut utf8 = encoding_rs::UTF_8.new_decoder_without_bom_handling();
    let mut is_utf8 = true;
    let mut scratch = vec![0_u8; 256 * 1024];
    loop {
        let count = input.read(&mut buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        if start.is_empty() {
            start.extend_from_slice(bytes.get(..count.min(4096)).unwrap_or_default());
        }
        if is_utf8 {
            let (result, ..) =
                utf8.decode_to_utf8_without_replacement(bytes, &mut scratch, count == 0);
            is_utf8 = matches!(result, DecoderResult::InputEmpty);
        }
        statistics.count(bytes);
        if count == 0 {
            break;
        }
    }
    Ok(match start.as_slice() {
        [0xEF, 0xBB, 0xBF, ..] => Encoding::Utf8,
        [0xFF, 0xFE, ..] => Encoding::Utf16Le,
        [0xFE, 0xFF, ..] => Encoding::Utf16Be,
        start => match zero_side(start) {
            Some(encoding) => encoding,
            None if is_utf8 => Encoding::Utf8,
            None if statistics.is_cyrillic() => Encoding::Windows1251,
            None => Encoding::Windows1250,
        },
    })
}

/// UTF-16 without a mark: separators and line ends have a zero byte on the same side of every pair.
fn zero_side(start: &[u8]) -> Option<Encoding> {
    let pairs = start.len() / 2;
    let zeros = |offset: usize| {
        start
            .chunks_exact(2)
            .filter(|pair| pair.get(offset) == Some(&0))
            .count()
    };
    let (high_first, low_first) = (zeros(0), zeros(1));
    if pairs < 2 || high_first.max(low_first) * 10 < pairs {
        None
    } else if low_first > high_first {
        Some(Encoding::Utf16Le)
    } else {
        Some(Encoding::Utf16Be)
    }
}

#[derive(Debug, Default)]
struct Statistics {
    high: u64,
    beside: u64,
    previous: u8,
}

impl Statistics {
    fn count(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte >= 0x80 {
                self.high += 1;
                self.beside += u64::from(byte >= 0xC0 && self.previous >= 0xC0);
            }
            self.previous = byte;
        }
    }

    const fn is_cyrillic(&self) -> bool {
        self.beside * 2 > self.high
    }
}

/// Gives a file's text as UTF-8, without a byte-order mark.
pub(super) struct Decoded<R> {
    input: R,
    encoding: Encoding,
    decoder: Decoder,
    bytes: Vec<u8>,
    next: usize,
    filled: usize,
    text: Vec<u8>,
    given: usize,
    lines: u64,
    ended: bool,
}

/// Says that bytes do not fit the encoding, inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("line {line} is not {encoding} text")]
pub(super) struct NotText {
    pub(super) encoding: &'static str,
    pub(super) line: u64,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(input: R, encoding: Encoding) -> Self {
        Self {
            input,
            encoding,
            decoder: encoding.decoder(),
            bytes: vec![0; 32 * 1024],
            next: 0,
            filled: 0,
            text: Vec::new(),
            given: 0,
            lines: 1,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.given = 0;
        self.text.clear();
        while self.text.is_empty() && !self.ended {
            if self.next == self.filled {
                self.filled = self.input.read(&mut self.bytes)?;
                self.next = 0;
            }
            self.text.resize(96 * 1024, 0);
            let source = self.bytes.get(self.next..self.filled).unwrap_or_default();
            let last = source.is_empty();
            let (result, read, written) =
                self.decoder
                    .decode_to_utf8_without_replacement(source, &mut self.text, last);
            self.next += read;
            self.text.truncate(written);
            self.lines += self.text.iter().filter(|&&byte| byte == b'\n').count() as u64;
            self.ended = last && matches!(result, DecoderResult::InputEmpty);
            if matches!(result, DecoderResult::Malformed(..)) {
                let problem = NotText {
                    encoding: self.encoding.name(),
                    line: self.lines,
                };
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.refill()?;
        }
        let rest = self.text.get(self.given..).unwrap_or_default();
        let count = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}
