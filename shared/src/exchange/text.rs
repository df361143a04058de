//! Text on its way into XML and out of it.
//!
//! XML 1.0 cannot hold some characters, not even as references. They travel as `_xHHHH_`, the escape of ECMA-376
//! (`ST_Xstring`), and only they: a text that looks like such an escape has its `_` written as `_x005F_`.

/// Characters that have an escape: those that XML cannot hold, and the `_` that begins an escape.
const fn has_escape(code: u32) -> bool {
    unholdable(code) || code == '_' as u32
}

/// Characters that XML 1.0 cannot hold.
pub(super) const fn unholdable(code: u32) -> bool {
    matches!(code, 0..=8 | 0x0B | 0x0C | 0x0E..=0x1F | 0xFFFE | 0xFFFF)
}

/// Whether XML 1.0 cannot hold this character.
pub(super) const fn is_unholdable(character: char) -> bool {
    unholdable(character as u32)
}

/// The character that the text's beginning `_xHHHH` would stand for were it closed by `_`.
fn begun_escape(text: &[u8]) -> Option<char> {
    let [b'_', b'x', digits @ ..] = text.get(..6)? else {
        return None;
    };
    let code = digits.iter().try_fold(0u32, |code, digit| {
        // Upper case only: one spelling for one character.
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return None,
        };
        Some(code * 16 + u32::from(value))
    })?;
    if has_escape(code) {
        char::from_u32(code)
    } else {
        None
    }
}

/// Where a text stands in the XML.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// Between tags.
    Content,
    /// Between the double quotes of an attribute, where white space is normalised by every reader.
    Attribute,
}

/// Appends a text so that every XML reader gives it back character for character.
pub(super) fn escape(text: &str, position: Position, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    let mut index = 0;
    while let Some(found) = bytes
        .get(index..)
        .and_then(|rest| rest.iter().position(|&byte| special(byte)))
    {
        let at = index + found;
        let rest = bytes.get(at..).unwrap_or_default();
        let (replacement, length) = replace(rest, position);
        index = at + length;
        if let Some(replacement) = replacement {
            out.extend_from_slice(bytes.get(copied..at).unwrap_or_default());
            replacement.append(out);
            copied = index;
        }
    }
    out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
}

/// Bytes at which a text may need more than copying.
const fn special(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'<' | b'>' | b'&' | b'"' | b'_' | 0xEF)
}

enum Replacement {
    Markup(&'static str),
    Escape(u32),
}

impl Replacement {
    fn append(self, out: &mut Vec<u8>) {
        match self {
            Self::Markup(markup) => out.extend_from_slice(markup.as_bytes()),
            Self::Escape(code) => out.extend_from_slice(format!("_x{code:04X}_").as_bytes()),
        }
    }
}

/// What the character at the beginning becomes, `None` for itself, and how many bytes it takes.
fn replace(rest: &[u8], position: Position) -> (Option<Replacement>, usize) {
    let attribute = position == Position::Attribute;
    let markup = |text| (Some(Replacement::Markup(text)), 1);
    match rest {
        [b'<', ..] => markup("&lt;"),
        [b'>', ..] => markup("&gt;"),
        [b'&', ..] => markup("&amp;"),
        [b'"', ..] if attribute => markup("&quot;"),
        [b'\t', ..] if attribute => markup("&#9;"),
        [b'\n', ..] if attribute => markup("&#10;"),
        // A bare CR becomes LF in every XML reader.
        [b'\r', ..] => markup("&#13;"),
        [b'_', ..] if begun_escape(rest).is_some() => {
            (Some(Replacement::Escape(u32::from(b'_'))), 1)
        }
        [0xEF, 0xBF, 0xBE, ..] => (Some(Replacement::Escape(0xFFFE)), 3),
        [0xEF, 0xBF, 0xBF, ..] => (Some(Replacement::Escape(0xFFFF)), 3),
        [byte, ..] if unholdable(u32::from(*byte)) => {
            (Some(Replacement::Escape(u32::from(*byte))), 1)
        }
        _ => (None, 1),
    }
}

/// Turns the escapes in the text from `start` on into their characters.
pub(super) fn unescape(text: &mut String, start: usize) {
    // Most texts have no `_` at all, and looking for one byte is much cheaper.
    let found = text
        .get(start..)
        .filter(|part| part.as_bytes().contains(&b'_'))
        .and_then(|part| part.find("_x"));
    let Some(first) = found else {
        return;
    };
    let tail = text.split_off(start + first);
    let mut rest = tail.as_str();
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let closed = from.as_bytes().get(6) == Some(&b'_');
        match begun_escape(from.as_bytes()).filter(|_| closed) {
            Some(character) => {
                text.push(character);
                rest = from.get(7..).unwrap_or_default();
            }
            None => {
                text.push('_');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    text.push_str(rest);
}

/// Appends literal XML text with its line ends made LF, as XML 1.0 (2.11) asks. Gives the first character that XML
/// cannot hold.
pub(super) fn push_literal(text: &str, out: &mut String) -> Option<char> {
    let plain = text
        .bytes()
        .fold(true, |plain, byte| plain & (byte >= 0x20) & (byte != 0xEF));
    if plain {
        out.push_str(text);
        return None;
    }
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\r') {
        out.push_str(before);
        out.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    out.push_str(rest);
    text.chars()
        .find(|&character| unholdable(u32::from(character)))
}

/// The character that a reference such as `amp`, `#13` or `#xE9` stands for; `None` for another entity or a character
/// that XML does not allow.
pub(super) fn reference(name: &str) -> Option<char> {
    let code = match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let (digits, radix) = match digits.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (digits, 10),
            };
            if digits.starts_with('+') {
                return None;
            }
            u32::from_str_radix(digits, radix).ok()?
        }
    };
    char::from_u32(code).filter(|&character| !unholdable(u32::from(character)))
}

/// The value of an attribute: references resolved, white space normalised, escapes undone; the offending reference where
/// there is one.
pub(super) fn attribute(raw: &str) -> Result<String, String> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        let (before, from) = rest.split_at(at);
        value.push_str(before);
        if let Some(after) = from.strip_prefix('&') {
            let (name, after) = after.split_once(';').ok_or_else(|| shortened(after))?;
            value.push(reference(name).ok_or_else(|| shortened(name))?);
            rest = after;
        } else {
            value.push(' ');
            let skip = if from.starts_with("\r\n") { 2 } else { 1 };
            rest = from.get(skip..).unwrap_or_default();
        }
    }
    value.push_str(rest);
    unescape(&mut value, 0);
    Ok(value)
}

fn shortened(name: &str) -> String {
    super::problem::shorten(name)
}
