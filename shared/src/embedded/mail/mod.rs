use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use lettre::{
    Message,
    message::{Mailbox, MultiPart, MultiPartKind, SinglePart},
};
use sha2::{Digest, Sha256};

use crate::ports::{Mail, MailerError};

mod folder;
mod smtp;
#[cfg(test)]
mod tests;

pub use folder::MailFolder;
pub use smtp::SmtpMailer;

/// The longest id of a mail.
const MAX_ID: usize = 120;

/// Who mails come from: `Name <address>` or an address alone.
#[derive(Debug, Clone)]
pub struct MailSender(Mailbox);

impl MailSender {
    /// The address alone.
    pub fn address(&self) -> String {
        self.0.email.to_string()
    }
}

impl std::str::FromStr for MailSender {
    type Err = MailerError;

    fn from_str(text: &str) -> Result<Self, MailerError> {
        text.parse()
            .map(Self)
            .map_err(|_| MailerError::Malformed { part: "sender" })
    }
}

/// The mail as the bytes of a MIME message, for whoever sends those by themselves. `now` is its date.
pub fn mime(mail: &Mail, from: &MailSender, now: DateTime<Utc>) -> Result<Vec<u8>, MailerError> {
    Ok(message(mail, from, now)?.formatted())
}

/// Writes the mail as a MIME message, text and HTML as alternatives. The same mail at the same time gives the same bytes.
fn message(mail: &Mail, from: &MailSender, now: DateTime<Utc>) -> Result<Message, MailerError> {
    check_id(&mail.message_id)?;
    if mail.subject.chars().any(char::is_control) {
        return Err(MailerError::Malformed { part: "subject" });
    }
    let to = mail
        .to
        .parse()
        .map_err(|_| MailerError::Malformed { part: "recipient" })?;
    let body = MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(HEXLOWER.encode(&Sha256::digest(mail.message_id.as_bytes())))
        .singlepart(SinglePart::plain(mail.text.clone()))
        .singlepart(SinglePart::html(mail.html.clone()));
    Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.as_str())
        .message_id(Some(format!(
            "<{}@{}>",
            mail.message_id,
            from.0.email.domain()
        )))
        .date(now.into())
        .multipart(body)
        .map_err(|_| MailerError::Malformed { part: "headers" })
}

/// The id becomes a header and a file name.
fn check_id(id: &str) -> Result<(), MailerError> {
    let well_formed = (1..=MAX_ID).contains(&id.len())
        && !id.starts_with('.')
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    if well_formed {
        Ok(())
    } else {
        Err(MailerError::Malformed { part: "id" })
    }
}
