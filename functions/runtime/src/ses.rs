use std::fmt;

use aws_sdk_ses::{
    Client,
    operation::send_raw_email::SendRawEmailError,
    primitives::Blob,
    types::{MessageTag, RawMessage},
};
use aws_types::SdkConfig;
use futures::{FutureExt, future::BoxFuture};
use wynos::{
    embedded::{MailSender, mime},
    ports::{Clock, Handed, Mail, Mailer, MailerError},
};

use crate::cloud::said;

/// The tag that carries our id of a mail; SES repeats it in what it tells of bounces.
const TAG: &str = "wynos-mail";

/// Hands mails to SES as whole MIME messages.
#[derive(Clone)]
pub struct SesMailer {
    client: Client,
    from: MailSender,
    configuration_set: Option<String>,
    clock: Clock,
}

impl fmt::Debug for SesMailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SesMailer")
            .field("configuration_set", &self.configuration_set)
            .finish_non_exhaustive()
    }
}

impl SesMailer {
    /// Mails from that sender, whose address or domain must be verified; events about them go where the configuration set
    /// says.
    pub fn new(
        cloud: &SdkConfig,
        from: MailSender,
        configuration_set: Option<String>,
        clock: Clock,
    ) -> Self {
        Self {
            client: Client::new(cloud),
            from,
            configuration_set,
            clock,
        }
    }
}

impl Mailer for SesMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Handed, MailerError>> {
        async move {
            let message = mime(mail, &self.from, self.clock.now())?;
            let malformed = |_| MailerError::Malformed { part: "message" };
            let message = RawMessage::builder()
                .data(Blob::new(message))
                .build()
                .map_err(malformed)?;
            let tag = MessageTag::builder()
                .name(TAG)
                .value(tag_value(&mail.message_id))
                .build()
                .map_err(malformed)?;
            let sent = self
                .client
                .send_raw_email()
                .source(self.from.address())
                .destinations(&mail.to)
                .raw_message(message)
                .set_configuration_set_name(self.configuration_set.clone())
                .tags(tag)
                .send()
                .await
                .map_err(|error| {
                    let for_good = error.as_service_error().is_some_and(is_for_good);
                    let source = without_addresses(&said(error).to_string()).into();
                    if for_good {
                        MailerError::Refused { source }
                    } else {
                        MailerError::Unavailable { source }
                    }
                })?;
            Ok(Handed {
                name: Some(sent.message_id),
            })
        }
        .boxed()
    }
}

/// Whether trying again later is of no use. Everything else passes: throttling, a paused account, a sender, a recipient of an
/// account that may not yet send to everybody, or a configuration set that somebody still has to set up. What is not verified is
/// told as a rejection too, "Email address is not verified", and so is an account that SES has suspended
/// (<https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html>).
fn is_for_good(error: &SendRawEmailError) -> bool {
    let SendRawEmailError::MessageRejected(rejected) = error else {
        return false;
    };
    let said = rejected.message().unwrap_or_default();
    !["not verified", "suspended"]
        .iter()
        .any(|passing| said.contains(passing))
}

/// What SES said, for the log: it names the addresses that it does not know.
fn without_addresses(text: &str) -> String {
    let words = text.split(' ');
    let told: Vec<&str> = words
        .map(|word| {
            if word.contains('@') {
                "(address)"
            } else {
                word
            }
        })
        .collect();
    told.join(" ")
}

/// Tags take letters, digits, `_` and `-`.
fn tag_value(id: &str) -> String {
    id.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use aws_sdk_ses::types::error::MessageRejected;

    use super::*;

    #[test]
    fn what_somebody_still_has_to_set_up_is_no_refusal_for_good() {
        let rejected = |said: &str| {
            let rejected = MessageRejected::builder().message(said).build();
            is_for_good(&SendRawEmailError::MessageRejected(rejected))
        };
        assert!(!rejected(
            "Email address is not verified. The following identities failed the check in region EU-WEST-1: anna@shop.example"
        ));
        assert!(!rejected("Sending suspended for this account"));
        assert!(rejected("Illegal header 'Return-Path'"));
    }

    #[test]
    fn what_ses_said_is_told_without_the_addresses_that_it_names() {
        let said = "MessageRejected: The following identities failed the check in region EU-WEST-1: anna@shop.example, Jan <jan@shop.example>";
        let told = "MessageRejected: The following identities failed the check in region EU-WEST-1: (address) Jan (address)";
        assert_eq!(without_addresses(said), told);
    }
}
