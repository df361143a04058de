//! Tax ids of any country: Polish and Russian ones by their rules, others as they are.

use super::{Home, inn, nip};

/// The fewest letters and digits of an id whose country's rules are not known.
const SHORTEST: usize = 5;

/// What two spellings of the same tax id have in common: the country's prefix and the number.
///
/// A Polish or Russian id, by its prefix or the business's home, has a key only when it is valid, so that a mistyped or
/// made-up one never merges two companies. Other countries' ids are taken as they are, from five letters and digits on.
pub fn match_key(prefix: Option<&str>, tax_id: &str, home: Home) -> Option<String> {
    let plain: String = tax_id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .collect();
    match home.beside(prefix) {
        Some(Home::Poland) => nip::valid_digits(&plain).map(|number| format!("PL{number}")),
        Some(Home::Russia) => inn::valid_digits(&plain).map(|number| format!("RU{number}")),
        None => {
            let prefix = prefix.unwrap_or_default().trim().to_ascii_uppercase();
            let number = plain.strip_prefix(&prefix).unwrap_or(&plain);
            let meaningful =
                number.len() >= SHORTEST && number.bytes().any(|byte| !matches!(byte, b'0'));
            meaningful.then(|| format!("{prefix}{number}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polish(prefix: Option<&str>, tax_id: &str) -> Option<String> {
        match_key(prefix, tax_id, Home::Poland)
    }

    #[test]
    fn spellings_of_one_id_have_one_key() {
        let key = Some("PL8567346215".to_owned());
        assert_eq!(polish(None, "856-734-62-15"), key);
        assert_eq!(polish(Some("PL"), "PL8567346215"), key);
        assert_eq!(
            polish(Some("DE"), "DE 136 695 976"),
            Some("DE136695976".to_owned())
        );
        assert_eq!(polish(Some("PL"), "8567346216"), None);
        assert_eq!(polish(Some("DE"), "12"), None);
        assert_eq!(polish(None, "0000000000"), None);
        assert_eq!(polish(Some("DE"), "000000000"), None);
    }

    #[test]
    fn without_a_prefix_an_id_is_of_the_business_s_country() {
        let key = Some("RU1234567894".to_owned());
        assert_eq!(match_key(None, "12 3456 7894", Home::Russia), key);
        assert_eq!(polish(Some("RU"), "1234567894"), key);
        assert_eq!(match_key(None, "1234567895", Home::Russia), None);
        assert_eq!(
            match_key(Some("PL"), "8567346215", Home::Russia),
            Some("PL8567346215".to_owned())
        );
    }
}
