use askama::Template;
use axum::response::{IntoResponse, Response};
use wynos::{
    catalog::Locale,
    i18n::{Args, text, text_with},
};

use crate::{
    http::{Failure, Kind, Visitor},
    view::{Frame, page},
};

#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    frame: Frame,
    text: String,
    code: Option<&'static str>,
    back: String,
}

/// What forms call the fields that requests name.
const FIELDS: [(&str, &str); 16] = [
    ("company", "console-source-companies"),
    ("customer", "console-personal-customer"),
    ("e-mail address", "console-email"),
    ("file", "console-import-file"),
    ("format", "console-export-format"),
    ("from", "console-reconciliations-from"),
    ("login", "console-source-login"),
    ("name", "console-jobs-name"),
    ("password", "console-password"),
    ("role", "console-people-role"),
    ("since", "console-journal-since"),
    ("sure", "console-jobs-sure"),
    ("time zone", "console-source-zone"),
    ("to", "console-reconciliations-to"),
    ("token", "console-source-token"),
    ("until", "console-journal-until"),
];

/// Parts of the console that have a page of their own, and where others are looked at.
const SECTIONS: [(&str, &str); 12] = [
    ("exports", "/exports"),
    ("imports", "/imports"),
    ("sources", "/sources"),
    ("reconciliations", "/sources"),
    ("jobs", "/jobs"),
    ("reports", "/jobs"),
    ("retention", "/jobs"),
    ("journal", "/journal"),
    ("personal-data", "/personal-data"),
    ("people", "/people"),
    ("tokens", "/people"),
    ("tables", ""),
];

/// The page that tells a person why a request for this path was not done, and leads back to where it began.
pub(crate) fn failure_page(visitor: &Visitor, failure: &Failure, path: &str) -> Response {
    let (title, key) = words(failure.kind);
    let said = match failure.kind {
        Kind::Refused(_) => failure.reason(visitor.locale),
        _ => about_field(visitor.locale, key, failure.field.as_deref()),
    };
    let message = Message {
        frame: Frame::of(visitor, title),
        text: said,
        code: (failure.kind.status().as_u16() >= 500).then(|| failure.kind.code()),
        back: back(path),
    };
    match page(&message) {
        Ok(body) => (failure.kind.status(), body).into_response(),
        // Without a page, the plain sentence.
        Err(_) => (failure.kind.status(), text(visitor.locale, key)).into_response(),
    }
}

/// Says that the value of this field cannot be used, by the name that forms give it.
pub(super) fn wrong_input(locale: Locale, field: &str) -> String {
    about_field(locale, "console-error-input", Some(field))
}

fn about_field(locale: Locale, key: &str, field: Option<&str>) -> String {
    let field = field.unwrap_or_default();
    let known = FIELDS.iter().find(|(name, _)| *name == field);
    let label = known.map_or_else(|| field.to_owned(), |(_, label)| text(locale, label));
    text_with(locale, key, &Args::new().with("field", label))
}

/// The page of the part of the console that a path is in; the start from there, and for everybody else.
fn back(path: &str) -> String {
    let mut parts = path.trim_start_matches('/').split('/');
    let (Some("s"), Some(subscription), Some(part)) = (parts.next(), parts.next(), parts.next())
    else {
        return "/".to_owned();
    };
    let section = SECTIONS.iter().find(|(name, _)| *name == part);
    let section = section.map_or("", |(_, section)| section);
    match format!("/s/{subscription}{section}") {
        itself if itself == path => format!("/s/{subscription}"),
        back => back,
    }
}

const fn words(kind: Kind) -> (&'static str, &'static str) {
    let title = "console-error-title";
    match kind {
        Kind::NotFound => ("console-error-not-found-title", "console-error-not-found"),
        Kind::Forbidden | Kind::InsufficientScope => {
            ("console-error-forbidden-title", "console-error-forbidden")
        }
        Kind::FormExpired => ("console-error-expired-title", "console-error-expired"),
        Kind::InvalidField | Kind::UnknownColumn | Kind::InvalidCursor | Kind::Malformed => {
            (title, "console-error-input")
        }
        Kind::Conflict | Kind::InUse | Kind::IdempotencyMismatch => (title, "console-error-state"),
        Kind::TooLarge => (title, "console-error-too-large"),
        Kind::MethodNotAllowed => (title, "console-error-method"),
        Kind::Timeout => (title, "console-error-timeout"),
        Kind::NoRoom => (title, "console-error-no-room"),
        Kind::SignInFirst
        | Kind::Unauthorized
        | Kind::TooManyFailures
        | Kind::Unavailable
        | Kind::Refused(_)
        | Kind::Internal => (title, "console-error-internal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leads_back_to_the_part_it_came_from() {
        for (path, expected) in [
            ("/s/shop1/exports/new", "/s/shop1/exports"),
            ("/s/shop1/exports", "/s/shop1"),
            ("/s/shop1/reports/x/edit", "/s/shop1/jobs"),
            ("/s/shop1/tables/customers", "/s/shop1"),
            ("/s/shop1/nothing", "/s/shop1"),
            ("/s/shop1", "/"),
            ("/no/such/page", "/"),
        ] {
            assert_eq!(back(path), expected, "{path}");
        }
    }

    #[test]
    fn fields_are_named_as_forms_name_them() {
        let told = wrong_input(Locale::Pl, "time zone");
        assert!(told.contains("Strefa czasowa"), "{told}");
    }
}
