//! Finding the numbers in a text of JSON that no value of `serde_json` holds.

use serde_json::{Number, Value};

use super::MARK;

/// The most digits, and places before or behind the point, of what is still a number.
const MOST: i64 = 1_000;

/// So many zeros are written out before an exponent is.
const PLAIN: i64 = 40;

/// A number of fewer digits and a short exponent is held as it is: any 15 digits survive a double.
const LONG: usize = 16;

/// How many bytes are looked at at once for exponents.
const CHUNK: usize = 64;

/// How far apart the bytes are that are looked at for long numbers: two of them lie in each.
const STRIDE: usize = LONG / 2;

/// The text with marks before the numbers that would not be held; `None` where all would be, as nearly always.
pub(super) fn marked(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if !has_long_run(bytes) && !has_long_exponent(bytes) {
        return None;
    }
    let mut marked = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = after_string(bytes, at),
            b'-' | b'0'..=b'9' => {
                let end = after_number(bytes, at);
                let token = text.get(at..end)?;
                let instead = match fate(token) {
                    Fate::Held => None,
                    Fate::Marked(number) => Some(Value::from(format!("{MARK}{number}"))),
                    Fate::Text => Some(Value::from(token)),
                };
                if let Some(instead) = instead {
                    marked.push_str(text.get(copied..at)?);
                    marked.push_str(&instead.to_string());
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return None;
    }
    marked.push_str(text.get(copied..)?);
    Some(marked)
}

/// Whether a text is a number of JSON.
pub(super) fn is_number(text: &str) -> bool {
    Parts::of(text).is_some()
}

/// What becomes of a number.
enum Fate {
    Held,
    /// In the one form that all ways of writing it have.
    Marked(String),
    Text,
}

fn fate(token: &str) -> Fate {
    let Some(parts) = Parts::of(token) else {
        // No number: reading fails as it would have.
        return Fate::Held;
    };
    let held = serde_json::from_str::<Number>(token).ok();
    let held = held.map(|number| number.to_string());
    if held.is_some_and(|held| Parts::of(&held).is_some_and(|held| held.is_same(&parts))) {
        return Fate::Held;
    }
    match parts.is_reasonable() {
        true => Fate::Marked(parts.canonical()),
        false => Fate::Text,
    }
}

/// A number taken apart.
struct Parts<'t> {
    is_negative: bool,
    whole: &'t str,
    fraction: &'t str,
    exponent: i64,
}

impl<'t> Parts<'t> {
    /// By the grammar of JSON (RFC 8259, section 6).
    fn of(token: &'t str) -> Option<Self> {
        let (is_negative, rest) = match token.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, token),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, fraction),
            None => (mantissa, "0"),
        };
        let are_digits = is_digits(whole) && is_digits(fraction);
        let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
        (are_digits && !has_leading_zero).then_some(Self {
            is_negative,
            whole,
            fraction,
            exponent,
        })
    }

    /// The digits without zeros around them, and the place of the first of them before the point.
    fn normal(&self) -> (String, i64) {
        let digits = format!("{}{}", self.whole, self.fraction);
        let trimmed = digits.trim_start_matches('0');
        let leading = length(&digits) - length(trimmed);
        let trimmed = trimmed.trim_end_matches('0');
        if trimmed.is_empty() {
            return (String::new(), 0);
        }
        let place = length(self.whole)
            .saturating_sub(leading)
            .saturating_add(self.exponent);
        (trimmed.to_owned(), place)
    }

    fn is_same(&self, other: &Self) -> bool {
        self.is_negative == other.is_negative && self.normal() == other.normal()
    }

    /// The number in one form, whichever it was written in: databases change it, and it is compared as a text.
    fn canonical(&self) -> String {
        let (digits, place) = self.normal();
        let sign = if self.is_negative { "-" } else { "" };
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        let count = length(&digits);
        let (whole, fraction) = match usize::try_from(place) {
            Ok(place) => digits.split_at_checked(place).unwrap_or((&digits, "")),
            Err(_) => ("", digits.as_str()),
        };
        if place > count.max(PLAIN) || place < -PLAIN {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
            let point = if rest.is_empty() { "" } else { "." };
            return format!("{sign}{first}{point}{rest}e{}", place - 1);
        }
        if place >= count {
            return format!("{sign}{digits}{}", zeros(place - count));
        }
        match whole {
            "" => format!("{sign}0.{}{fraction}", zeros(-place)),
            whole => format!("{sign}{whole}.{fraction}"),
        }
    }

    fn is_reasonable(&self) -> bool {
        let (digits, place) = self.normal();
        let last = place.saturating_sub(length(&digits));
        length(&digits) <= MOST && place <= MOST && last >= -MOST
    }
}

fn exponent_of(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let far = i64::MAX / 4;
    is_digits(digits).then(|| sign * digits.parse::<i64>().unwrap_or(far).min(far))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// The place behind a string that begins here.
fn after_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The place behind what could be a number that begins here.
fn after_number(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let length = rest.iter().position(|byte| !is_part(byte));
    start + length.unwrap_or(rest.len())
}

/// Whether somewhere so many digits stand together, or with a point between them.
fn has_long_run(bytes: &[u8]) -> bool {
    let is_part = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.')
    };
    let mut at = 0;
    while at < bytes.len() {
        // Dates and telephones are left at once.
        if is_part(at) && is_part(at + STRIDE) && (at..at + STRIDE).all(is_part) {
            let before = (0..at).rev().take_while(|&at| is_part(at)).count();
            let behind = (at..bytes.len()).take_while(|&at| is_part(at)).count();
            if before + behind >= LONG {
                return true;
            }
        }
        at += STRIDE;
    }
    false
}

/// Whether somewhere, in a number or not, a digit is followed by an exponent of three digits: the range of a double ends there.
fn has_long_exponent(bytes: &[u8]) -> bool {
    let Some(behind) = bytes.get(1..) else {
        return false;
    };
    let is_start = |(before, letter): (&u8, &u8)| before.is_ascii_digit() & (letter | 0x20 == b'e');
    let chunks = bytes.chunks(CHUNK).zip(behind.chunks(CHUNK));
    for (number, (before, letters)) in chunks.enumerate() {
        // Without branches, so that many bytes are compared at once.
        let found = before
            .iter()
            .zip(letters)
            .fold(false, |found, pair| found | is_start(pair));
        if !found {
            continue;
        }
        let starts = before.iter().zip(letters).enumerate();
        for (place, _) in starts.filter(|(_, pair)| is_start(*pair)) {
            let rest = bytes.get(number * CHUNK + place + 2..).unwrap_or_default();
            let digits = rest
                .strip_prefix(b"-")
                .or_else(|| rest.strip_prefix(b"+"))
                .unwrap_or(rest);
            if digits.len() >= 3 && digits.iter().take(3).all(u8::is_ascii_digit) {
                return true;
            }
        }
    }
    false
}
