//! The Polish tax id, NIP: ten digits, the last of them a checksum.

use super::{digits, weighted_sum};

const WEIGHTS: [u32; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];

/// Whether a text is a NIP, however it is spaced and with or without `PL`.
///
/// The number of ten zeros passes the checksum and is nobody's: it is not valid here.
pub fn is_valid(text: &str) -> bool {
    valid_digits(text).is_some()
}

/// Its digits where it is one.
pub(super) fn valid_digits(text: &str) -> Option<String> {
    let text = text.trim();
    let number = match text.get(..2) {
        Some(prefix) if prefix.eq_ignore_ascii_case("PL") => text.get(2..)?,
        _ => text,
    };
    let digits = digits(number)?;
    let (last, others) = digits.split_last()?;
    // A remainder of 10 equals no digit.
    let valid = digits.len() == 10
        && digits.iter().any(|&digit| digit != 0)
        && weighted_sum(others, &WEIGHTS) % 11 == *last;
    valid.then(|| {
        digits
            .iter()
            .filter_map(|&digit| char::from_digit(digit, 10))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_recognised_however_they_are_written() {
        for text in [
            "8567346215",
            "856-734-62-15",
            "PL 856 734 62 15",
            "pl8567346215",
        ] {
            assert!(is_valid(text), "{text}");
        }
        for text in [
            "",
            "8567346216",
            "856734621",
            "85673462155",
            "856734621a",
            "ż567346215",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn the_number_of_zeros_is_nobodys() {
        assert!(!is_valid("0000000000"));
        assert!(!is_valid("000-000-00-00"));
    }
}
