//! Telephone numbers, written as people write them.

/// The number that Serwisant Online sets for customers without one, and that therefore stands for "no phone". It is a
/// valid Warsaw number by its form.
pub const PLACEHOLDER: &str = "22 000 00 00";

/// Digits of a Polish number.
const POLISH: usize = 9;

/// The number as E.164 (`+48501234567`): what two spellings of it have in common. `None` where it is none.
///
/// Numbers without a country are Polish; `00` stands for `+`. An extension or a word after the number makes it none, so
/// that nothing is guessed.
pub fn normalise(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(16);
    let mut international = false;
    for character in text.trim().chars() {
        match character {
            '+' if digits.is_empty() && !international => international = true,
            digit if digit.is_ascii_digit() => digits.push(digit),
            space if space.is_whitespace() => {}
            '-' | '.' | '/' | '(' | ')' | '\u{2011}' | '\u{2013}' => {}
            _ => return None,
        }
        if digits.len() > 20 {
            return None;
        }
    }
    if !international && let Some(rest) = digits.strip_prefix("00") {
        international = true;
        digits = rest.to_owned();
    }
    let national = match digits.strip_prefix("48") {
        Some(rest) if international || rest.len() == POLISH => Some(rest),
        _ if international => None,
        _ => Some(digits.as_str()),
    };
    match national {
        // No Polish number begins with a zero: there is no trunk prefix.
        Some(number) if number.len() == POLISH && !number.starts_with('0') => {
            Some(format!("+48{number}"))
        }
        Some(_) => None,
        // E.164: at most 15 digits; the shortest numbers in use have 7 with their country.
        None if (7..=15).contains(&digits.len()) && !digits.starts_with('0') => {
            Some(format!("+{digits}"))
        }
        None => None,
    }
}

/// Whether this is the number that stands for "no phone" in exchange files of the profile `basic`.
pub fn is_placeholder(text: &str) -> bool {
    // Most numbers differ already in how many of their digits are zeros.
    let zeros = text.bytes().filter(|&byte| byte == b'0').count();
    zeros >= 7 && normalise(text).is_some_and(|number| Some(number) == normalise(PLACEHOLDER))
}

/// The key by which a merge recognises the same number; none for the placeholder, which would make one customer of all.
pub fn match_key(text: &str) -> Option<String> {
    normalise(text).filter(|_| !is_placeholder(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_have_one_key() {
        for text in [
            "501234567",
            "501 234 567",
            "501-234-567",
            "+48 501 234 567",
            "0048501234567",
            "48 501 234 567",
            "(+48) 501.234.567",
        ] {
            assert_eq!(normalise(text), Some("+48501234567".to_owned()), "{text}");
        }
        assert_eq!(normalise("+49 30 901820"), Some("+4930901820".to_owned()));
        assert_eq!(normalise("22 123 45 67"), Some("+48221234567".to_owned()));
    }

    #[test]
    fn what_is_no_number_has_no_key() {
        for text in [
            "",
            "brak",
            "12345",
            "501 234 567 wew. 3",
            "+48 501",
            "+",
            "0501234567",
            "++48501234567",
        ] {
            assert_eq!(normalise(text), None, "{text}");
        }
    }

    #[test]
    fn the_placeholder_is_no_phone() {
        for text in [
            "22 000 00 00",
            "220000000",
            "+48 22 000 00 00",
            "0048220000000",
        ] {
            assert!(is_placeholder(text), "{text}");
            assert_eq!(match_key(text), None, "{text}");
        }
        assert!(!is_placeholder("22 000 00 01"));
        assert_eq!(match_key("22 000 00 01"), Some("+48220000001".to_owned()));
    }
}
