//! The words of the mails about files, in the reader's language, as text and as HTML.

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

use super::human;
use crate::{
    catalog::Locale,
    i18n::{Args, text, text_with},
};

/// A mail's words, without its addresses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MailText {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// What the mail about a file that is ready tells.
#[derive(Debug)]
pub(super) struct ReadyMail<'a> {
    pub(super) subscription: &'a str,
    pub(super) file: &'a str,
    pub(super) size: u64,
    pub(super) until: DateTime<Utc>,
    pub(super) zone: Tz,
    pub(super) link: &'a Url,
}

/// What the mail about a file that could not be made tells.
#[derive(Debug)]
pub(super) struct FailedMail<'a> {
    pub(super) subscription: &'a str,
    pub(super) what: &'a str,
    pub(super) reason: &'a str,
    pub(super) link: &'a Url,
}

/// The sentences of a mail; which of them stand in it is the template's choice.
#[derive(Debug, Default)]
struct Words {
    language: &'static str,
    subject: String,
    greeting: String,
    body: String,
    how: String,
    once: String,
    button: String,
    unexpected: String,
    again: String,
    link: String,
    sender: String,
}

#[derive(Template)]
#[template(path = "mail/delivery.txt")]
struct ReadyText<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail/delivery.html")]
struct ReadyHtml<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail/failed.txt")]
struct FailedText<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail/failed.html")]
struct FailedHtml<'a> {
    words: &'a Words,
}

impl ReadyMail<'_> {
    pub(super) fn write(&self, locale: Locale) -> Result<MailText, askama::Error> {
        let ready = Args::new()
            .with("subscription", self.subscription)
            .with("file", self.file)
            .with("size", human::size(locale, self.size));
        let until = Args::new().with("until", human::moment(locale, self.zone, self.until));
        let words = Words {
            subject: text_with(
                locale,
                "mail-delivery-subject",
                &Args::new().with("file", self.file),
            ),
            body: text_with(locale, "mail-delivery-ready", &ready),
            how: text(locale, "mail-delivery-how"),
            once: text_with(locale, "mail-delivery-once", &until),
            button: text(locale, "mail-delivery-button"),
            unexpected: text(locale, "mail-delivery-unexpected"),
            link: self.link.to_string(),
            ..common(locale)
        };
        finish(
            &words,
            &ReadyText { words: &words },
            &ReadyHtml { words: &words },
        )
    }
}

impl FailedMail<'_> {
    pub(super) fn write(&self, locale: Locale) -> Result<MailText, askama::Error> {
        let body = Args::new()
            .with("subscription", self.subscription)
            .with("what", self.what)
            .with("reason", self.reason);
        let words = Words {
            subject: text(locale, "mail-failed-subject"),
            body: text_with(locale, "mail-failed-body", &body),
            again: text(locale, "mail-failed-again"),
            link: self.link.to_string(),
            ..common(locale)
        };
        finish(
            &words,
            &FailedText { words: &words },
            &FailedHtml { words: &words },
        )
    }
}

fn common(locale: Locale) -> Words {
    Words {
        language: locale.code(),
        greeting: text(locale, "mail-greeting"),
        sender: text(locale, "mail-sender"),
        ..Words::default()
    }
}

fn finish(
    words: &Words,
    text: &impl Template,
    html: &impl Template,
) -> Result<MailText, askama::Error> {
    Ok(MailText {
        // A subject is one line, whatever a business calls itself.
        subject: words
            .subject
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        text: text.render()?,
        html: html.render()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_about_a_file_that_is_ready() {
        let link = "https://wynos.example/d/abc_DEF-123".parse().unwrap();
        let mail = ReadyMail {
            subscription: "Serwis <script>alert(1)</script> & \"Syn\"",
            file: "wynos-customers-2026-11-21.csv",
            size: 1_234_567,
            until: DateTime::from_timestamp(1_795_525_500, 0).unwrap(),
            zone: Tz::Europe__Warsaw,
            link: &link,
        };
        for locale in Locale::ALL {
            let written = mail.write(locale).unwrap();
            assert!(!written.html.contains("<script>"), "{locale:?}");
            assert!(written.text.contains("<script>alert(1)</script> & \"Syn\""));
            insta::assert_snapshot!(format!("ready_{}", locale.code()), shown(&written));
        }
    }

    #[test]
    fn the_mail_about_a_file_that_could_not_be_made() {
        let link = "https://wynos.example/".parse().unwrap();
        let mail = FailedMail {
            subscription: "Serwis <b>Nowak</b>",
            what: "XLSX, repairs",
            reason: "There was no room.",
            link: &link,
        };
        for locale in Locale::ALL {
            let written = mail.write(locale).unwrap();
            assert!(!written.html.contains("<b>"), "{locale:?}");
            insta::assert_snapshot!(format!("failed_{}", locale.code()), shown(&written));
        }
    }

    #[test]
    fn a_subject_is_one_line() {
        let link = "https://wynos.example/".parse().unwrap();
        let mail = ReadyMail {
            subscription: "",
            file: "a\r\nBcc: x@example.com",
            size: 1,
            until: DateTime::UNIX_EPOCH,
            zone: Tz::UTC,
            link: &link,
        };
        assert!(
            !mail
                .write(Locale::En)
                .unwrap()
                .subject
                .contains(['\r', '\n'])
        );
    }

    fn shown(mail: &MailText) -> String {
        format!("{}\n\n{}\n\n{}", mail.subject, mail.text, mail.html)
    }
}
