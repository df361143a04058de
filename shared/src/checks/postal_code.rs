//! Polish postal codes.

/// Whether a text is a Polish postal code, `NN-NNN`.
pub fn is_valid(text: &str) -> bool {
    let [a, b, b'-', c, d, e] = text.trim().as_bytes() else {
        return false;
    };
    [a, b, c, d, e].iter().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_written_form_is_right() {
        assert!(is_valid("00-950"));
        assert!(!is_valid("00950"));
        assert!(!is_valid("0-0950"));
        assert!(!is_valid("00-95a"));
        assert!(!is_valid(""));
    }
}
