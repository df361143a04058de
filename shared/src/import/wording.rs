//! What a finding is about, what was expected and what was found, in the reader's language.

use std::borrow::Cow;

use super::{Finding, Severity, phrases};
use crate::{
    catalog::{self, Choice, ColumnType, Locale, Table},
    i18n::{Args, text, text_with},
    sheets::label_of_path,
};

/// What people call the column that a finding is about; headers of the file as they are.
pub fn field_label(locale: Locale, finding: &Finding) -> Option<String> {
    let field = finding.field.as_deref()?;
    Some(match finding.code.as_ref() {
        "column_ambiguous" | "column_doubled" | "column_unknown" | "column_unnamed" => {
            field.to_owned()
        }
        "no_digest" if field == "header" => text(locale, "report-part-header"),
        "no_digest" => catalog::table(field).map_or_else(
            || field.to_owned(),
            |table| table.label.get(locale).to_owned(),
        ),
        _ => labels(locale, &finding.table, field),
    })
}

/// What was found, for people.
pub fn found_text(locale: Locale, finding: &Finding) -> Cow<'_, str> {
    let found = finding.found.as_str();
    let key = match (finding.code.as_ref(), found) {
        ("missing", "none") => "report-found-none",
        ("list_value", "#ERROR") => "report-found-error",
        ("list_value", _) if finding.field.as_deref() == Some("row") => {
            return phrases::expected(locale, found);
        }
        _ => return Cow::Borrowed(found),
    };
    Cow::Owned(text(locale, key))
}

/// What was expected, for people. In conflicts and mergers it is a value of the shop's own.
pub(super) fn expected_text(locale: Locale, finding: &Finding) -> Cow<'_, str> {
    let expected = finding.expected.as_str();
    match (finding.severity, finding.code.as_ref()) {
        (Severity::Conflict | Severity::Merge, _) => Cow::Borrowed(expected),
        (_, "column_ambiguous" | "column_doubled") => {
            Cow::Owned(labels(locale, &finding.table, expected))
        }
        (_, "list_value") => match choices_of(finding) {
            Some(choices) => Cow::Owned(one_of(locale, &choices)),
            None => phrases::expected(locale, expected),
        },
        _ => phrases::expected(locale, expected),
    }
}

/// The labels of columns that are named with commas between; what is no column stays as it is.
fn labels(locale: Locale, table: &str, names: &str) -> String {
    let Some(table) = catalog::table(table) else {
        return names.to_owned();
    };
    let labels = names
        .split(", ")
        .map(|name| label(locale, table, name).unwrap_or_else(|| name.to_owned()));
    labels.collect::<Vec<_>>().join(", ")
}

fn label(locale: Locale, table: &Table, name: &str) -> Option<String> {
    if let Some((list, field)) = name.split_once('/') {
        let list = table.column(list)?;
        let ColumnType::List { fields, .. } = &list.ty else {
            return None;
        };
        let field = fields.iter().find(|column| column.name == field)?;
        let (list, field) = (list.label.get(locale), field.label.get(locale));
        return Some(format!("{list}: {field}"));
    }
    match label_of_path(table, name, locale) {
        None if name == "row" => Some(text(locale, "report-field-row")),
        label => label,
    }
}

/// What the column of a list can hold, where the cell should have been one of a few things.
fn choices_of(finding: &Finding) -> Option<Vec<Choice>> {
    let column = catalog::table(&finding.table)?.column(finding.field.as_deref()?)?;
    match &column.ty {
        ColumnType::Choice(choices) if finding.expected.starts_with("one of ") => {
            Some(choices.clone())
        }
        _ => None,
    }
}

/// Both what the list shows and what is stored: either can stand in the cell.
fn one_of(locale: Locale, choices: &[Choice]) -> String {
    let choices: Vec<String> = choices
        .iter()
        .map(|choice| format!("{} ({})", choice.label.get(locale), choice.value))
        .collect();
    let args = Args::new().with("arg", choices.join(", "));
    text_with(locale, "expected-one-of", &args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{finding::At, message};

    fn finding(severity: Severity, code: &'static str, table: &str) -> Finding {
        Finding::of(severity, code, table, &At::default())
    }

    #[test]
    fn columns_are_called_by_their_labels() {
        let conflict = finding(Severity::Conflict, "conflict", "customers").field("person");
        assert_eq!(
            message(Locale::Pl, &conflict),
            "Pole „Imię i nazwisko” zmieniono i w pliku, i tutaj."
        );
        let doubled = finding(Severity::Warning, "column_doubled", "customers");
        let doubled = doubled.field("phone").expected("phone");
        let said = message(Locale::Ru, &doubled);
        assert!(
            said.contains("«Телефон»") && said.contains("«phone»"),
            "{said}"
        );
        let part = finding(Severity::Warning, "no_digest", "").field("customers");
        assert!(message(Locale::Pl, &part).contains("„Klienci”"));
        for (table, field) in [
            ("repairs", "customer_id.phone"),
            ("tickets", "devices/serial"),
            ("customers", "tax_id, email"),
            ("customers", "row"),
        ] {
            let place = finding(Severity::Error, "list_value", table).field(field);
            for locale in Locale::ALL {
                let label = field_label(locale, &place).unwrap();
                assert!(!label.contains(['_', '/']) && label != field, "{label}");
            }
        }
    }

    #[test]
    fn what_was_found_is_in_the_readers_language() {
        let missing = finding(Severity::Error, "missing", "customers").found("none");
        assert_eq!(found_text(Locale::Pl, &missing), "brak");
        let failed = finding(Severity::Error, "list_value", "customers").found("#ERROR");
        assert_eq!(found_text(Locale::Ru, &failed), "ошибка формулы");
        let cells = finding(Severity::Error, "list_value", "customers").field("row");
        assert_eq!(found_text(Locale::Pl, &cells.found("5 cells")), "5 komórek");
        let name = finding(Severity::Warning, "name_not_found", "customers").found("none");
        assert_eq!(found_text(Locale::Pl, &name), "none");
    }

    #[test]
    fn choices_of_a_list_are_told_with_their_labels() {
        let bad = finding(Severity::Error, "list_value", "repairs").field("status");
        let bad = bad.expected("one of CLOSED, CANCELED");
        for locale in Locale::ALL {
            let status = catalog::table("repairs").unwrap().column("status").unwrap();
            let ColumnType::Choice(choices) = &status.ty else {
                panic!("a choice");
            };
            let said = message(locale, &bad);
            for choice in choices {
                assert!(said.contains(choice.label.get(locale)), "{said}");
            }
        }
    }
}
