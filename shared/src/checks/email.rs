//! E-mail addresses: their shape only, for nobody can tell more without writing to them.

/// Whether a text has the shape of an address: one `@` with something before it, and a domain with a dot after it.
pub fn is_valid(text: &str) -> bool {
    let text = text.trim();
    /// RFC 5321, 4.5.3.1.3: a path of 256 with its brackets.
    const LONGEST: usize = 254;
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let plain = |character: char| !character.is_whitespace() && !character.is_control();
    let labels_good = domain.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|character| character == '-' || character.is_alphanumeric())
    });
    text.len() <= LONGEST
        && !local.is_empty()
        && !local.contains([',', ';', '<', '>'])
        && local.chars().all(plain)
        && domain.contains('.')
        && labels_good
}

/// What two spellings of the same address have in common: it in lower case. `None` where it has not the shape of one.
pub fn match_key(text: &str) -> Option<String> {
    is_valid(text).then(|| text.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        for text in [
            "jan@example.com",
            "jan.nowak+x@poczta.example.pl",
            "łukasz@żółw.example",
        ] {
            assert!(is_valid(text), "{text}");
        }
        for text in [
            "",
            "jan",
            "@example.com",
            "jan@",
            "jan@example",
            "jan@@example.com",
            "a b@example.com",
            "a@b..c",
            "a@x.pl, b@y.pl",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(
            match_key(" Jan@Example.COM "),
            Some("jan@example.com".to_owned())
        );
    }
}
