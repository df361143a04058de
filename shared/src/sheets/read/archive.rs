//! What an XLSX workbook would unpack to, looked at before anything is believed: sizes are counted, not read from the
//! archive's directory, and no cell may be so large that reading it fills the memory.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::ReadLimits;
use crate::sheets::SheetError;

/// Files in a workbook; a big one with pictures has some hundreds.
const MOST_PARTS: usize = 10_000;
/// The most that a part which is read whole (styles, names of sheets) unpacks to.
const SMALL_PART: u64 = 32 << 20;
/// The most that one cell, or one piece of markup, takes: six times the text a cell may hold, and as much again.
const MARKUP: u64 = 4 << 20;

/// Digits of the highest number of texts that a workbook may declare.
const MOST_TEXTS_DIGITS: usize = 7;

/// Unpacks every part once, to nowhere.
pub(super) fn check<R: Read + Seek>(input: &mut R, limits: &ReadLimits) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(input).map_err(|error| damaged("the archive", &error))?;
    if archive.len() > MOST_PARTS {
        return Err(damaged("the archive", &"it has too many parts"));
    }
    if archive.index_for_name("[Content_Types].xml").is_none() {
        return Err(SheetError::WrongFormat {
            expected: "list",
            found: "a zip archive",
        });
    }
    let mut left = limits.unpacked_bytes;
    for index in 0..archive.len() {
        let mut part = archive
            .by_index(index)
            .map_err(|error| damaged("the archive", &error))?;
        let name = part
            .name()
            .map_err(|error| damaged("the archive", &error))?
            .to_ascii_lowercase();
        let own = limit_of(&name, limits).min(left);
        if part.size() > own {
            return Err(SheetError::TooLarge {
                part: name,
                limit: own,
            });
        }
        left -= unpack(&mut part, &name, own)?;
    }
    Ok(())
}

fn limit_of(name: &str, limits: &ReadLimits) -> u64 {
    if name.contains("sharedstrings") {
        limits.shared_text_bytes
    } else if is_streamed(name) || !is_markup(name) {
        limits.unpacked_bytes
    } else {
        SMALL_PART
    }
}

fn is_streamed(name: &str) -> bool {
    name.contains("worksheets/") && name.ends_with(".xml")
}

fn is_markup(name: &str) -> bool {
    [".xml", ".rels", ".vml"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn unpack(part: &mut impl Read, name: &str, limit: u64) -> Result<u64, SheetError> {
    let mut scan = (is_streamed(name) || name.contains("sharedstrings")).then(Scan::default);
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut total = 0;
    loop {
        let count = part
            .read(&mut buffer)
            .map_err(|error| damaged(name, &error))?;
        if count == 0 {
            return Ok(total);
        }
        total += count as u64;
        if total > limit {
            return Err(SheetError::TooLarge {
                part: name.to_owned(),
                limit,
            });
        }
        if let Some(scan) = &mut scan {
            scan.look(buffer.get(..count).unwrap_or_default())
                .map_err(|reason| damaged(name, &reason))?;
        }
    }
}

pub(super) fn damaged(place: &str, reason: &dyn std::fmt::Display) -> SheetError {
    SheetError::Workbook {
        place: place.to_owned(),
        reason: reason.to_string(),
    }
}

/// Watches how much lies between the beginnings of two cells, and between two tags.
#[derive(Default)]
struct Scan {
    since_tag: u64,
    since_cell: u64,
    /// The tag's name as far as it was seen; `None` outside of a name.
    name: Option<Vec<u8>>,
    /// The attributes of the tag that declares how many texts there are; `None` outside of it.
    declaration: Option<Vec<u8>>,
}

impl Scan {
    fn look(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        for &byte in bytes {
            self.since_tag += 1;
            self.since_cell += 1;
            self.declared(byte)?;
            if byte == b'<' {
                self.since_tag = 0;
                self.name = Some(Vec::with_capacity(16));
            } else if let Some(name) = &mut self.name {
                match byte {
                    // Comments, CDATA and DOCTYPE: no spreadsheet writes them, and they hide how long a text is.
                    b'!' if name.is_empty() => return Err("markup that no spreadsheet writes"),
                    b' ' | b'>' | b'\t' | b'\r' | b'\n' | b'/' if !name.is_empty() => {
                        self.end_name();
                    }
                    _ if name.len() < 16 => name.push(byte),
                    _ => self.name = None,
                }
            }
            if self.since_tag > MARKUP || self.since_cell > MARKUP {
                return Err("a cell is too long");
            }
        }
        Ok(())
    }

    fn end_name(&mut self) {
        let name = self.name.take().unwrap_or_default();
        let local = name.rsplit(|&byte| byte == b':').next().unwrap_or_default();
        if local == b"sst" {
            self.declaration = Some(Vec::new());
        }
        if matches!(local, b"c" | b"row" | b"si" | b"sheetData" | b"sst") {
            self.since_cell = 0;
        }
    }

    /// Room is made for as many texts as are declared: a number that no part could hold would end the process.
    fn declared(&mut self, byte: u8) -> Result<(), &'static str> {
        let Some(attributes) = &mut self.declaration else {
            return Ok(());
        };
        if byte != b'>' {
            attributes.push(byte);
            return if attributes.len() > 4096 {
                Err("a tag is too long")
            } else {
                Ok(())
            };
        }
        let attributes = self.declaration.take().unwrap_or_default();
        let attributes = String::from_utf8_lossy(&attributes);
        let count = attributes.split("uniqueCount").nth(1).unwrap_or_default();
        let digits = count
            .trim_start_matches(|character: char| !character.is_ascii_digit())
            .chars()
            .take_while(char::is_ascii_digit)
            .count();
        if digits > MOST_TEXTS_DIGITS {
            return Err("it declares too many texts");
        }
        Ok(())
    }
}
