//! Why a file was not taken as a whole: a code for each fault and what its text is filled in with.

use serde_json::{Value as Json, json};

use crate::{
    control::Failure,
    exchange::{self, FileFault, ReadError},
    sheets::SheetError,
};

/// Why an exchange file was not taken: `import.` and the fault's code, with its place.
pub(super) fn of_file(error: &ReadError) -> Failure {
    let own = match error.fault.as_ref() {
        FileFault::Encoding(encoding) => json!({ "encoding": encoding }),
        FileFault::NotExchange(root) => json!({ "root": root }),
        FileFault::Entity(entity) => json!({ "entity": entity }),
        FileFault::CutShort { bytes } => json!({ "bytes": bytes }),
        FileFault::Version(version) => json!({ "version": version, "known": exchange::VERSION }),
        FileFault::Header { element, found, .. } => json!({ "element": element, "found": found }),
        FileFault::Section { name, .. } => json!({ "section": name }),
        FileFault::Trailer { section, .. } => json!({ "section": bare(section) }),
        FileFault::Digest {
            section,
            expected,
            found,
        } => json!({ "section": bare(section), "expected": expected, "found": found }),
        // A limit in bytes is shown as a size, any other as a number.
        FileFault::TooLarge { limit, unit, .. } if *unit == "bytes" => {
            json!({ "unit": unit, "limit": limit })
        }
        FileFault::TooLarge { limit, unit, .. } => json!({ "unit": unit, "most": limit }),
        _ => json!({}),
    };
    let mut details = json!({
        "problem": error.fault.to_string(),
        "line": error.at.line,
        "byte": error.at.byte,
    });
    add(&mut details, own);
    if let FileFault::Malformed(problem) = error.fault.as_ref() {
        add(&mut details, json!({ "problem": problem }));
    }
    failure(error.fault.code(), details)
}

/// Why a list was not taken: `import.` and the error's code.
pub(super) fn of_list(error: &SheetError) -> Failure {
    let own = match error {
        SheetError::UnknownColumn { table, column } => json!({ "table": table, "column": column }),
        SheetError::NotImportable { table } => json!({ "table": table }),
        SheetError::WrongFormat { found, .. } => json!({ "kind": kind(found) }),
        SheetError::Encoding { encoding, line } => json!({ "encoding": encoding, "line": line }),
        SheetError::RowTooLong { line, limit } => json!({ "line": line, "limit": limit }),
        SheetError::OpenQuote { line } => json!({ "line": line }),
        SheetError::TooManyCells { line, found, limit } => {
            json!({ "line": line, "cells": found, "most": limit })
        }
        SheetError::TooLarge { part, limit } => json!({ "part": part, "limit": limit }),
        SheetError::Workbook { place, reason } => json!({ "place": place, "reason": reason }),
        SheetError::MappingHeaders { headers } => json!({ "headers": headers }),
        SheetError::MissingHeader { header } => json!({ "header": header }),
        _ => json!({}),
    };
    let mut details = json!({ "problem": error.to_string() });
    add(&mut details, own);
    failure(error.code(), details)
}

fn failure(code: &str, details: Json) -> Failure {
    Failure {
        code: format!("import.{}", code.replace('_', "-")),
        details,
    }
}

fn add(details: &mut Json, more: Json) {
    if let (Json::Object(details), Json::Object(more)) = (details, more) {
        details.extend(more);
    }
}

/// `customers` of `the section customers`.
fn bare(part: &str) -> &str {
    let part = part.strip_prefix("the ").unwrap_or(part);
    part.strip_prefix("section ").unwrap_or(part)
}

/// What the content looks like, as a word that texts choose by.
fn kind(found: &str) -> &'static str {
    let known = [
        ("Excel", "excel"),
        ("gzip", "gzip"),
        ("zip", "zip"),
        ("PDF", "pdf"),
        ("XML", "xml"),
        ("text", "text"),
    ];
    let named = known.iter().find(|(word, _)| found.contains(word));
    named.map_or("other", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{catalog::Locale, exchange::Place, journal};

    fn file_faults() -> Vec<FileFault> {
        let text = || "TXT".to_owned();
        let too_large = |unit| FileFault::TooLarge {
            what: "the file",
            limit: 64,
            unit,
        };
        vec![
            FileFault::Empty,
            FileFault::Zip,
            FileFault::Gzip,
            FileFault::Compression(io::Error::other("x")),
            FileFault::Encoding(text()),
            FileFault::NotUtf8,
            FileFault::NotXml,
            FileFault::Malformed(text()),
            FileFault::NotExchange(text()),
            FileFault::Doctype,
            FileFault::Entity(text()),
            FileFault::Truncated(text()),
            FileFault::CutShort { bytes: 64 },
            FileFault::Version(text()),
            FileFault::Header {
                element: "origin",
                expected: "an id",
                found: text(),
            },
            FileFault::Section {
                name: text(),
                problem: "is unknown",
            },
            FileFault::Trailer {
                section: text(),
                expected: text(),
                found: text(),
            },
            FileFault::Digest {
                section: "the section customers".to_owned(),
                expected: text(),
                found: text(),
            },
            too_large("bytes"),
            too_large("times"),
            too_large("elements"),
            too_large("attributes"),
            FileFault::Ended,
        ]
    }

    fn list_faults() -> Vec<SheetError> {
        let text = || "TXT".to_owned();
        let wrong = |found| SheetError::WrongFormat {
            expected: "list",
            found,
        };
        vec![
            SheetError::UnknownList { name: text() },
            SheetError::UnknownColumn {
                table: text(),
                column: text(),
            },
            SheetError::NotImportable { table: text() },
            SheetError::Empty,
            wrong("a zip archive"),
            wrong("a gzip archive"),
            wrong("a PDF document"),
            wrong("an XML file"),
            wrong("text, as CSV files are"),
            wrong("an old or password-protected Excel workbook"),
            SheetError::Encoding {
                encoding: "UTF-8",
                line: 7,
            },
            SheetError::RowTooLong { line: 7, limit: 64 },
            SheetError::TooManyCells {
                line: 7,
                found: 65,
                limit: 64,
            },
            SheetError::TooLarge {
                part: text(),
                limit: 64,
            },
            SheetError::Workbook {
                place: text(),
                reason: text(),
            },
            SheetError::Mapping { reason: text() },
            SheetError::MappingHeaders { headers: text() },
            SheetError::MissingHeader { header: "problem" },
        ]
    }

    /// The reason in every language; each must be filled in, and none may be another's.
    fn reasons(failure: &Failure) -> [String; 3] {
        let texts = Locale::ALL
            .map(|locale| journal::reason(locale, &failure.code, Some(&failure.details)));
        for text in &texts {
            assert!(!text.contains(['{', '$']), "{text}");
            assert!(!text.starts_with("problem-"), "{text}");
        }
        assert!(
            texts[0] != texts[1] && texts[1] != texts[2] && texts[0] != texts[2],
            "{texts:?}"
        );
        texts
    }

    #[test]
    fn every_fault_of_a_file_reads_as_its_own_sentence_in_every_language() {
        let at = Place { line: 7, byte: 99 };
        for fault in file_faults() {
            let failure = of_file(&ReadError {
                at,
                fault: Box::new(fault),
            });
            let texts = reasons(&failure);
            let whole = [
                "file-empty",
                "file-is-zip",
                "file-is-gzip",
                "file-cut-short",
                "file-ended",
            ];
            if !whole.iter().any(|code| failure.code.ends_with(code)) {
                for text in texts {
                    assert!(text.contains('7') && text.contains("99"), "{text}");
                }
            }
        }
    }

    #[test]
    fn every_fault_of_a_list_reads_as_its_own_sentence_in_every_language() {
        for fault in list_faults() {
            let lines = fault.to_string().contains("line 7");
            for text in reasons(&of_list(&fault)) {
                assert!(!lines || text.contains('7'), "{text}");
            }
        }
    }

    #[test]
    fn what_a_file_says_of_itself_is_named() {
        let fault = Box::new(FileFault::Digest {
            section: "the section customers".to_owned(),
            expected: "abc".to_owned(),
            found: "def".to_owned(),
        });
        let failure = of_file(&ReadError {
            at: Place::default(),
            fault,
        });
        assert_eq!(failure.code, "import.file-checksum");
        assert_eq!(failure.details["section"], "customers");
        for text in reasons(&failure) {
            assert!(
                ["customers", "SHA-256", "abc", "def"]
                    .iter()
                    .all(|word| text.contains(word)),
                "{text}"
            );
        }
    }
}
