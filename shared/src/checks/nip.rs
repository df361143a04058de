//! The Polish tax id, NIP: ten digits, the last of them a checksum.

use super::{digits, weighted_sum};

const WEIGHTS: [u32; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];

/// Whether a text is a NIP, however it is spaced and with or without `PL`.
///
/// The number of ten zeros passes the checksum and is nobody's: it is not valid here.
pub fn is_valid(text: &str) -> bool {
    valid_digits(text).is_some()
}

/// What two spellings of the same tax id have in common: the country's prefix and the number.
///
/// A Polish id (`PL`, or no prefix) has a key only when it is valid, so that a mistyped or made-up one never merges two
/// companies. Other countries' ids are taken as they are, from five letters and digits on.
pub fn match_key(prefix: Option<&str>, tax_id: &str) -> Option<String> {
    let plain: String = tax_id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .collect();
    let prefix = prefix.map(|prefix| prefix.trim().to_ascii_uppercase());
    let prefix = prefix.filter(|prefix| !prefix.is_empty());
    match prefix.as_deref() {
        None | Some("PL") => valid_digits(&plain).map(|number| format!("PL{number}")),
        Some(prefix) => {
            const SHORTEST: usize = 5;
            let number = plain.strip_prefix(prefix).unwrap_or(&plain);
            let meaningful =
                number.len() >= SHORTEST && number.bytes().any(|byte| !matches!(byte, b'0'));
            meaningful.then(|| format!("{prefix}{number}"))
        }
    }
}

fn valid_digits(text: &str) -> Option<String> {
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
        assert_eq!(match_key(None, "0000000000"), None);
        assert_eq!(match_key(Some("DE"), "000000000"), None);
    }

    #[test]
    fn spellings_of_one_id_have_one_key() {
        let key = Some("PL8567346215".to_owned());
        assert_eq!(match_key(None, "856-734-62-15"), key);
        assert_eq!(match_key(Some("PL"), "PL8567346215"), key);
        assert_eq!(
            match_key(Some("DE"), "DE 136 695 976"),
            Some("DE136695976".to_owned())
        );
        assert_eq!(match_key(Some("PL"), "8567346216"), None);
        assert_eq!(match_key(Some("DE"), "12"), None);
    }
}
