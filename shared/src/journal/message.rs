//! What an entry of the journal says to people.

use serde_json::Value as Json;

use super::Entry;
use crate::{
    catalog::{self, Locale},
    delivery::human,
    i18n::{Args, text_with},
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
    let label = table.map(|name| match catalog::table(name) {
        Some(table) => table.label.get(locale).to_owned(),
        None => name.to_owned(),
    });
    words.extend(label);
    words.extend(profile.map(str::to_owned));
    words.join(", ")
}

/// Why something failed, in the reader's language: the text of the key `problem-` and the code.
pub fn reason(locale: Locale, code: &str, details: Option<&Json>) -> String {
    let mut args = Args::new();
    if let Some(Json::Object(details)) = details {
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
