//! Text that a spreadsheet would run or mangle, written so that it does neither and reads back exactly.
//!
//! One `'` is put before text that begins with a trigger, and before text that is some `'`s followed by one; reading strips
//! exactly one `'` in just these cases, so every text comes back as it was. Identifiers are also guarded where a spreadsheet
//! would take them for a number and lose digits, and phone numbers are written in groups instead of with a `+`.

use std::borrow::Cow;

use super::write::text_kind;
use crate::catalog::{ColumnType, Storage, Table};

/// What a cell's text stands for, which decides what a spreadsheet could do to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    Free,
    Identifier,
    Phone,
}

/// The mark that keeps a spreadsheet from reading a cell as anything but text.
pub(super) const GUARD: u8 = b'\'';

/// Whether this text needs one guard before it, or has one that must be stripped when it begins with it.
fn guarded_content(text: &str, kind: TextKind) -> bool {
    let content = text.trim_start_matches('\'');
    match content.as_bytes().first() {
        None => false,
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n') => true,
        Some(first) if kind == TextKind::Free || !first.is_ascii_digit() => false,
        Some(_) => {
            loses_digits(content) || (kind == TextKind::Phone && degrouped(content).is_some())
        }
    }
}

/// Text that a spreadsheet would run gets a `'` before it; for files that people read and nobody reads back.
pub(crate) fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text
    }
}

/// The text of a cell under this column of a list that is read back; under another header it is any text.
pub(crate) fn guarded(table: &Table, column: &str, text: &str) -> String {
    let kind = table
        .column(column)
        .map_or(TextKind::Free, |column| match column.ty {
            ColumnType::Text => text_kind(column),
            _ => TextKind::Free,
        });
    let typed = table.column(column).is_some_and(|column| {
        matches!(column.ty.storage(), Storage::Integer | Storage::Decimal(_))
    });
    if !typed && needs_guard(text, kind) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Whether text must be written with a guard.
pub(super) fn needs_guard(text: &str, kind: TextKind) -> bool {
    // Nearly every text begins with a letter: one comparison settles it.
    match text.as_bytes().first() {
        Some(first) if first.is_ascii_alphabetic() => false,
        _ => guarded_content(text, kind),
    }
}

/// The text that a cell of a guarded list stands for.
pub(super) fn unguard(text: &str, kind: TextKind) -> Cow<'_, str> {
    if kind == TextKind::Phone
        && let Some(number) = degrouped(text)
    {
        return Cow::Owned(number);
    }
    match text.strip_prefix('\'') {
        Some(rest) if guarded_content(rest, kind) => Cow::Borrowed(rest),
        _ => Cow::Borrowed(text),
    }
}

/// Numbers keep 15 significant digits in a spreadsheet, show 12 or more as a power of ten, and lose leading zeros.
fn loses_digits(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == text.len() {
        return digits >= 12 || (digits > 1 && text.starts_with('0'));
    }
    let rest = text.get(digits..).unwrap_or_default();
    let exponent = rest.trim_start_matches(|character: char| {
        character == '.' || character == ',' || character.is_ascii_digit()
    });
    matches!(exponent.as_bytes(), [b'e' | b'E', power @ ..]
        if power.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-')) && !power.is_empty())
}

/// Writes an international number so that no spreadsheet runs it: `+48501234567` in groups (`48 501 234 567`), one of other
/// countries after the sign for abroad (`00 4915112345678`); false, and nothing written, for any other text.
pub(super) fn push_grouped(out: &mut Vec<u8>, text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else {
        return false;
    };
    if is_number(digits) {
        push_groups(out, digits.as_bytes());
        return true;
    }
    if !is_abroad(digits) {
        return false;
    }
    out.extend_from_slice(ABROAD.as_bytes());
    out.extend_from_slice(digits.as_bytes());
    true
}

/// What stands before the number of another country; people write `00` without a space after it.
const ABROAD: &str = "00 ";

/// Digits of a number by E.164 whose groups we do not know.
fn is_abroad(digits: &str) -> bool {
    (8..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
        && !is_number(digits)
}

/// Numbers of Poland and Russia only: any other grouping could be a domestic number that somebody typed so.
fn is_number(digits: &str) -> bool {
    digits.len() == 11
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.starts_with("48") || digits.starts_with('7'))
}

/// Groups of three from the right, so that Polish numbers look as people write them; Russian ones as theirs are.
fn push_groups(out: &mut Vec<u8>, digits: &[u8]) {
    let russian = digits.first() == Some(&b'7');
    for (index, digit) in digits.iter().enumerate() {
        let left = digits.len() - index;
        let gap = if russian {
            matches!(left, 10 | 7 | 4 | 2)
        } else {
            left.is_multiple_of(3)
        };
        if index > 0 && gap {
            out.push(b' ');
        }
        out.push(*digit);
    }
}

/// The international number that this text is the grouped form of.
fn degrouped(text: &str) -> Option<String> {
    if text.len() > 24 || !text.contains(' ') {
        return None;
    }
    if let Some(digits) = text.strip_prefix(ABROAD)
        && is_abroad(digits)
    {
        return Some(format!("+{digits}"));
    }
    let digits: String = text.chars().filter(|&character| character != ' ').collect();
    if !is_number(&digits) {
        return None;
    }
    let mut grouped = Vec::with_capacity(text.len());
    push_groups(&mut grouped, digits.as_bytes());
    (grouped == text.as_bytes()).then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str, kind: TextKind) -> String {
        let mut out = Vec::new();
        if kind == TextKind::Phone && push_grouped(&mut out, text) {
            return String::from_utf8(out).unwrap();
        }
        if needs_guard(text, kind) {
            out.push(GUARD);
        }
        out.extend_from_slice(text.as_bytes());
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "['=+@\\-\t\r\n0-9eE. a]{0,20}|\\PC{0,12}|\\+?[0-9 ]{6,18}|00 [0-9]{7,16}|\\+[0-9]{7,16}") {
            for kind in [TextKind::Free, TextKind::Identifier, TextKind::Phone] {
                let cell = written(&text, kind);
                prop_assert_eq!(unguard(&cell, kind), text.as_str());
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
            }
        }
    }

    #[test]
    fn only_what_a_spreadsheet_would_change_is_guarded() {
        let cases = [
            ("=1+1", TextKind::Free, "'=1+1"),
            ("'=1", TextKind::Free, "''=1"),
            ("'a", TextKind::Free, "'a"),
            ("007", TextKind::Free, "007"),
            ("007", TextKind::Identifier, "'007"),
            ("356938035643809", TextKind::Identifier, "'356938035643809"),
            ("1E10", TextKind::Identifier, "'1E10"),
            ("8567346215", TextKind::Identifier, "8567346215"),
            ("501 234 567", TextKind::Phone, "501 234 567"),
            ("48 501 234 567", TextKind::Phone, "'48 501 234 567"),
            ("+48501234567", TextKind::Phone, "48 501 234 567"),
            ("+79211234567", TextKind::Phone, "7 921 123 45 67"),
            ("+4915112345678", TextKind::Phone, "00 4915112345678"),
            ("00 4915112345678", TextKind::Phone, "'00 4915112345678"),
            ("00 49", TextKind::Phone, "00 49"),
            ("+48 501", TextKind::Phone, "'+48 501"),
        ];
        for (text, kind, cell) in cases {
            assert_eq!(written(text, kind), cell);
        }
    }
}
