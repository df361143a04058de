//! What an entry of the journal says to people.

use serde_json::Value as Json;

use super::Entry;
use crate::{
    catalog::{self, Locale},
    delivery::human,
    i18n::{Args, text, text_with},
    sheets,
};

/// The entry as a sentence in the reader's language. The text is that of the key `journal-` and the code, filled in with
/// the entry's counts and details, and with what they add up to: `what` (the kind of file), `rows`, `size` and `reason`.
pub fn message(locale: Locale, entry: &Entry) -> String {
    let key = format!("journal-{}", entry.code.replace('.', "-"));
    text_with(locale, &key, &arguments(locale, entry))
}

fn arguments(locale: Locale, entry: &Entry) -> Args<'_> {
    let mut args = Args::new().with("rows", entry.counts.values().sum::<i64>());
    for (name, count) in &entry.counts {
        args = args.with(name, *count);
    }
    let Json::Object(details) = &entry.details else {
        return args;
    };
    for (name, value) in details {
        args = match value {
            Json::String(text) => args.with(name, text.as_str()),
            Json::Number(number) => match (name.as_str(), number.as_u64()) {
                ("size", Some(bytes)) => args.with("size", human::size(locale, bytes)),
                _ => args.with(name, number.as_f64().unwrap_or_default()),
            },
            _ => args,
        };
    }
    let word = |name: &str| details.get(name).and_then(Json::as_str);
    if let Some(format) = word("format") {
        args = args.with(
            "what",
            kind_of_file(locale, format, word("table"), word("profile")),
        );
    }
    if let Some(failure) = word("failure") {
        args = args.with(
            "reason",
            reason(locale, failure, details.get("failure_details")),
        );
    }
    args
}

/// The kind of a file in words: `CSV, Customers` or `XML, full`.
pub fn kind_of_file(
    locale: Locale,
    format: &str,
    table: Option<&str>,
    profile: Option<&str>,
) -> String {
    let mut words = vec![match format {
        "sqlite" => "SQLite".to_owned(),
        other => other.to_uppercase(),
    }];
    words.extend(table.map(|name| {
        let table = catalog::table(name).map(|table| &table.label);
        let label = table.or_else(|| sheets::prepared_title(name));
        label.map_or_else(|| name.to_owned(), |label| label.get(locale).to_owned())
    }));
    words.extend(profile.map(|name| text(locale, &format!("file-profile-{name}"))));
    words.join(", ")
}

/// Why something failed, in the reader's language: the text of the key `problem-` and the code.
pub fn reason(locale: Locale, code: &str, details: Option<&Json>) -> String {
    let mut args = Args::new();
    if let Some(Json::Object(details)) = details {
        // What lies behind it has words of its own.
        let behind = details.get("code").and_then(Json::as_str);
        if let Some(behind) = behind.filter(|behind| !behind.is_empty() && *behind != code) {
            args = args.with("reason", reason(locale, behind, None));
        }
        for (name, value) in details {
            args = match value {
                Json::String(text) => args.with(name, text.as_str()),
                Json::Number(number) => match (name.as_str(), number.as_u64()) {
                    ("limit", Some(bytes)) => args.with("limit", human::size(locale, bytes)),
                    _ => args.with(name, number.as_f64().unwrap_or_default()),
                },
                _ => args,
            };
        }
    }
    text_with(
        locale,
        &format!("problem-{}", code.replace('.', "-")),
        &args,
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::{
        control::{Actor, JournalId},
        journal::{Category, Severity},
    };

    fn entry(code: &str) -> Entry {
        Entry {
            id: JournalId::random(),
            subscription_id: "sampleshop".parse().unwrap(),
            at: DateTime::UNIX_EPOCH,
            category: Category::Export,
            severity: Severity::Info,
            source_id: None,
            actor: Actor::System,
            code: code.to_owned(),
            counts: BTreeMap::from([("customers".to_owned(), 3), ("repairs".to_owned(), 4)]),
            details: json!({
                "format": "csv",
                "table": "customers",
                "size": 1_500_000,
                "sha256": "abc",
                "failure": "export.too-large",
                "failure_details": { "limit": 2_000_000 },
            }),
        }
    }

    #[test]
    fn every_entry_of_a_file_reads_as_a_sentence_in_every_language() {
        for code in [
            "ordered",
            "built",
            "claimed",
            "claimed-again",
            "failed",
            "written",
        ] {
            for locale in Locale::ALL {
                let text = message(locale, &entry(&format!("export.{code}")));
                assert!(
                    text.contains("CSV, ") && !text.contains(['{', '$']),
                    "{text}"
                );
            }
        }
        let built = message(Locale::Pl, &entry("export.built"));
        assert_eq!(
            built,
            "Przygotowano eksport: CSV, Klienci, wierszy: 7, 1,5\u{a0}MB, SHA-256 abc"
        );
        let failed = message(Locale::En, &entry("export.failed"));
        assert!(failed.contains("larger than the 2.0\u{a0}MB"), "{failed}");
    }
}
