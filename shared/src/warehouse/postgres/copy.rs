use std::io::Write as _;

use crate::warehouse::{Row, Rows, ValueRef, text};

/// A piece of a `COPY` is sent when it has this many bytes.
const PIECE: usize = 256 * 1024;

/// The rows in `COPY`'s text format, piece by piece.
pub(super) fn pieces(rows: &Rows) -> impl Iterator<Item = Vec<u8>> {
    let mut rows = rows.iter();
    std::iter::from_fn(move || {
        let mut piece = Vec::new();
        for row in rows.by_ref() {
            write_row(&mut piece, row);
            if piece.len() >= PIECE {
                break;
            }
        }
        (!piece.is_empty()).then_some(piece)
    })
}

fn write_row(piece: &mut Vec<u8>, row: Row<'_>) {
    for (index, value) in row.values().enumerate() {
        if index > 0 {
            piece.push(b'\t');
        }
        write_value(piece, value);
    }
    piece.push(b'\n');
}

fn write_value(piece: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => piece.extend_from_slice(b"\\N"),
        ValueRef::Boolean(flag) => piece.push(if flag { b't' } else { b'f' }),
        // Writing to memory cannot fail.
        ValueRef::Integer(number) => drop(write!(piece, "{number}")),
        ValueRef::Decimal(number) => drop(write!(piece, "{number}")),
        ValueRef::Text(text) | ValueRef::Json(text) => write_text(piece, text),
        // The gate lets in no day or instant that has no such text; year 0 is the year 1 BC of PostgreSQL.
        ValueRef::Date(day) => write_era(piece, text::date(day).as_ref().map(<[u8; 10]>::as_slice)),
        ValueRef::Timestamp(at) => {
            write_era(
                piece,
                text::timestamp(at).as_ref().map(<[u8; 27]>::as_slice),
            );
        }
    }
}

fn write_era(piece: &mut Vec<u8>, text: Option<&[u8]>) {
    match text {
        None => piece.extend_from_slice(b"\\N"),
        Some(text) => match text.strip_prefix(b"0000") {
            None => piece.extend_from_slice(text),
            Some(rest) => {
                piece.extend_from_slice(b"0001");
                piece.extend_from_slice(rest);
                piece.extend_from_slice(b" BC");
            }
        },
    }
}

fn write_text(piece: &mut Vec<u8>, text: &str) {
    for &byte in text.as_bytes() {
        let escaped = match byte {
            b'\\' => b'\\',
            b'\t' => b't',
            b'\n' => b'n',
            b'\r' => b'r',
            _ => {
                piece.push(byte);
                continue;
            }
        };
        piece.extend_from_slice(&[b'\\', escaped]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_field_or_row_is_escaped() {
        let mut rows = Rows::new(3);
        rows.push_row([
            ValueRef::Text("a\tb\\N\r\n"),
            ValueRef::Null,
            ValueRef::Text(""),
        ]);
        let copied: Vec<u8> = pieces(&rows).flatten().collect();
        assert_eq!(copied, b"a\\tb\\\\N\\r\\n\t\\N\t\n");
    }
}
