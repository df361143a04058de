//! Telephone numbers, written as people write them.

use super::Home;

/// The number that Serwisant Online sets for customers without one, and that therefore stands for "no phone". It is a
/// valid Warsaw number by its form.
pub const PLACEHOLDER: &str = "22 000 00 00";

/// Digits of a Polish number.
const POLISH: usize = 9;

/// Digits of a Russian number, without the trunk prefix 8.
const RUSSIAN: usize = 10;

/// The number as E.164 (`+48501234567`): what two spellings of it have in common. `None` where it is none.
///
/// Numbers without a country are the home's; `00` stands for `+`, and so does `8 10` in Russia, where `8` before a number
/// is dialled within the country. An extension or a word after the number makes it none, so that nothing is guessed.
pub fn normalise(text: &str, home: Home) -> Option<String> {
    let (mut international, all) = dialled(text)?;
    let mut digits = all.as_str();
    if !international {
        let russian = digits.strip_prefix("810").filter(|_| home == Home::Russia);
        let beyond = russian
            .filter(|rest| rest.len() > RUSSIAN - 3)
            .or_else(|| digits.strip_prefix("00"));
        if let Some(beyond) = beyond {
            (international, digits) = (true, beyond);
        }
    }
    match (digits.strip_prefix("48"), home) {
        (Some(number), _) if international => polish(number),
        (Some(number), Home::Poland) if number.len() == POLISH => polish(number),
        // E.164: at most 15 digits; the shortest numbers in use have 7 with their country.
        _ if international => {
            let plausible = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
            plausible.then(|| format!("+{digits}"))
        }
        (_, Home::Poland) => polish(digits),
        (_, Home::Russia) => russian(digits),
    }
}

/// Whether a number says its country, and its digits, without the signs that people put between them.
fn dialled(text: &str) -> Option<(bool, String)> {
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
    Some((international, digits))
}

/// No Polish number begins with a zero: there is no trunk prefix.
fn polish(number: &str) -> Option<String> {
    let plausible = number.len() == POLISH && !number.starts_with('0');
    plausible.then(|| format!("+48{number}"))
}

/// A Russian number, with or without the trunk prefix, or the country's 7 without its plus. No area begins with 0, 1
/// or 2.
fn russian(digits: &str) -> Option<String> {
    let trunk = digits
        .strip_prefix('8')
        .or_else(|| digits.strip_prefix('7'));
    let number = trunk.filter(|rest| rest.len() == RUSSIAN).unwrap_or(digits);
    let plausible = number.len() == RUSSIAN && !number.starts_with(['0', '1', '2']);
    plausible.then(|| format!("+7{number}"))
}

/// Whether this is the number that stands for "no phone" in exchange files of the profile `basic`.
pub fn is_placeholder(text: &str) -> bool {
    // Most numbers differ already in how many of their digits are zeros.
    let zeros = text.bytes().filter(|&byte| byte == b'0').count();
    let polish = |text| normalise(text, Home::Poland);
    zeros >= 7 && polish(text).is_some_and(|number| Some(number) == polish(PLACEHOLDER))
}

/// The key by which a merge recognises the same number; none for the placeholder, which would make one customer of all.
pub fn match_key(text: &str, home: Home) -> Option<String> {
    normalise(text, home).filter(|_| !is_placeholder(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polish(text: &str) -> Option<String> {
        normalise(text, Home::Poland)
    }

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
            assert_eq!(polish(text), Some("+48501234567".to_owned()), "{text}");
        }
        assert_eq!(polish("+49 30 901820"), Some("+4930901820".to_owned()));
        assert_eq!(polish("22 123 45 67"), Some("+48221234567".to_owned()));
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
            assert_eq!(polish(text), None, "{text}");
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
            assert_eq!(match_key(text, Home::Poland), None, "{text}");
        }
        assert!(!is_placeholder("22 000 00 01"));
        assert_eq!(
            match_key("22 000 00 01", Home::Poland),
            Some("+48220000001".to_owned())
        );
    }

    #[test]
    fn russian_spellings_have_one_key() {
        for text in [
            "8 (921) 123-45-67",
            "+7 921 123 45 67",
            "7 921 123-45-67",
            "921 123 45 67",
            "8-10-7-921-123-45-67",
            "007 921 1234567",
        ] {
            let number = normalise(text, Home::Russia);
            assert_eq!(number, Some("+79211234567".to_owned()), "{text}");
        }
        let foreign = normalise("8 10 48 501 234 567", Home::Russia);
        assert_eq!(foreign, Some("+48501234567".to_owned()));
        assert_eq!(
            normalise("8 (812) 123-45-67", Home::Russia),
            Some("+78121234567".to_owned())
        );
        for text in [
            "501 234 567",
            "8 921 123-45",
            "123-45-67",
            "8 (012) 123-45-67",
        ] {
            assert_eq!(normalise(text, Home::Russia), None, "{text}");
        }
    }
}
