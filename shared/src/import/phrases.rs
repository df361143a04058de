//! What was expected, in the reader's language. Findings keep it in English, as those who noticed it said it.

use std::borrow::Cow;

use crate::{
    catalog::Locale,
    i18n::{Args, text_with},
};

/// What readers of files say, with `{}` for what changes, and the text that stands for it. Longer ones go first.
const PHRASES: &[(&str, &str)] = &[
    ("a whole number of 64 bits", "expected-integer"),
    ("a whole number", "expected-integer"),
    (
        "a number with at most {} digits after the decimal sign",
        "expected-decimal",
    ),
    (
        "a number with at most {} digits after the point",
        "expected-decimal",
    ),
    (
        "nothing in the file tells whether this sign is the decimal one or groups thousands",
        "expected-sign",
    ),
    ("yes or no", "expected-yes-no"),
    ("true or false", "expected-yes-no"),
    ("a date, such as 2016-03-01", "expected-date"),
    ("a day as YYYY-MM-DD", "expected-date"),
    ("a date and time, such as 2016-03-01", "expected-instant"),
    (
        "an instant with its zone, as YYYY-MM-DDThh:mm:ssZ",
        "expected-instant-zone",
    ),
    (
        "a date whose order the mapping states: day first or month first",
        "expected-date-order",
    ),
    (
        "a date and time whose order the mapping states: day first or month first",
        "expected-date-order",
    ),
    (
        "a date that the clocks of the zone show",
        "expected-shown-hour",
    ),
    (
        "a date and time that the clocks of the zone show",
        "expected-shown-hour",
    ),
    ("one of {}", "expected-one-of"),
    ("a JSON array of objects", "expected-json-list"),
    ("records of {}", "expected-records"),
    (
        "a value; the formula in the cell failed",
        "expected-formula",
    ),
    (
        "a value; the file does not hold the formula's result: open it in a spreadsheet program and save it",
        "expected-result",
    ),
    ("a value in a column that is known", "expected-known-column"),
    ("line {}", "expected-line"),
    ("a value", "expected-value"),
    ("an id", "expected-id"),
    ("{} cells", "expected-cells"),
    ("at most {} bytes in one row", "expected-row-bytes"),
    ("at most {} bytes", "expected-bytes"),
    ("at most {} values", "expected-values"),
    (
        "characters that XML can hold; others are written as _xHHHH_",
        "expected-characters",
    ),
    ("characters that XML can hold", "expected-characters"),
    ("text without elements", "expected-plain-text"),
    ("an element of the format", "expected-element"),
    ("no such attribute", "expected-no-attribute"),
    ("only elements", "expected-elements"),
    ("the element once", "expected-once"),
    ("the attribute field", "expected-attribute"),
    ("a NIP of ten digits", "expected-nip"),
    ("an INN of ten or twelve digits", "expected-inn"),
    ("a number of the customer's own", "expected-own-number"),
    ("a telephone number", "expected-phone"),
    ("an e-mail address", "expected-email"),
    ("no personal number (PESEL)", "expected-no-pesel"),
];

/// What was expected, in this language; as it is where nothing is known of it, as with values and names.
pub(super) fn expected(locale: Locale, said: &str) -> Cow<'_, str> {
    if locale == Locale::En {
        return Cow::Borrowed(said);
    }
    if let Some(whole) = known(locale, said) {
        return Cow::Owned(whole);
    }
    let parts = said.split_once("; ");
    let parts = parts.map(|(first, rest)| (known(locale, first), known(locale, rest)));
    match parts {
        Some((Some(first), Some(rest))) => Cow::Owned(format!("{first}; {rest}")),
        _ => Cow::Borrowed(said),
    }
}

fn known(locale: Locale, said: &str) -> Option<String> {
    PHRASES.iter().find_map(|(phrase, key)| {
        let argument = match phrase.split_once("{}") {
            None => (*phrase == said).then_some("")?,
            Some((before, after)) => said
                .strip_prefix(before)?
                .strip_suffix(after)
                .filter(|argument| !argument.contains("; "))?,
        };
        let args = Args::new().with("arg", argument);
        Some(text_with(locale, key, &args))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_said_in_every_language() {
        for (phrase, _) in PHRASES {
            let said = phrase.replace("{}", "7");
            for locale in [Locale::Pl, Locale::Ru] {
                let text = expected(locale, &said);
                assert!(
                    text != said && !text.contains("expected-"),
                    "{said}: {text}"
                );
                assert_eq!(text.contains('7'), said.contains('7'), "{text}");
            }
        }
        let both = "a whole number; nothing in the file tells whether this sign is the decimal one or groups thousands";
        assert!(expected(Locale::Pl, both).starts_with("liczba całkowita; nic"));
        assert_eq!(expected(Locale::Pl, "Jan Kowalski"), "Jan Kowalski");
    }
}
