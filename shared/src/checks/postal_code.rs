//! Polish and Russian postal codes.

use super::Home;

/// Whether a text is a postal code: `NN-NNN` in Poland, `NNNNNN` in Russia.
pub fn is_valid(text: &str, home: Home) -> bool {
    let pattern = pattern(home);
    let text = text.trim();
    let fits = |(letter, sign): (char, char)| match sign {
        'N' => letter.is_ascii_digit(),
        sign => letter == sign,
    };
    text.len() == pattern.len() && text.chars().zip(pattern.chars()).all(fits)
}

/// How postal codes of a country are written, with an N for each digit.
pub(super) const fn pattern(home: Home) -> &'static str {
    match home {
        Home::Poland => "NN-NNN",
        Home::Russia => "NNNNNN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_written_form_is_right() {
        assert!(is_valid("00-950", Home::Poland));
        for text in ["00950", "0-0950", "00-95a", "", "190000", "żż-95"] {
            assert!(!is_valid(text, Home::Poland), "{text}");
        }
        assert!(is_valid("190000", Home::Russia));
        assert!(!is_valid("19-000", Home::Russia));
    }
}
