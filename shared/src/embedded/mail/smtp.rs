use std::{fmt, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{MailSender, message};
use crate::ports::{Clock, Handed, Mail, Mailer, MailerError};

/// How long the other side may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Hands mails to an SMTP server.
#[derive(Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: MailSender,
    clock: Clock,
}

/// The transport knows the password.
impl fmt::Debug for SmtpMailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SmtpMailer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl SmtpMailer {
    /// Reads `smtps://user:password@host:465` (TLS from the start), `smtp://host:587?tls=required` (STARTTLS) or
    /// `smtp://host:25` (plain, for a server on the same machine). The server is reached when the first mail is sent.
    pub fn new(url: &str, from: MailSender, clock: Clock) -> Result<Self, MailerError> {
        // The error is not kept: it could show the password in the URL.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| MailerError::Malformed { part: "SMTP URL" })?;
        Ok(Self {
            transport: builder.timeout(Some(TIMEOUT)).build(),
            from,
            clock,
        })
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Handed, MailerError>> {
        async move {
            let message = message(mail, &self.from, self.clock.now())?;
            match self.transport.send(message).await {
                Ok(_) => Ok(Handed::default()),
                Err(error) if error.is_permanent() => Err(MailerError::Refused {
                    source: Box::new(error),
                }),
                Err(error) => Err(MailerError::Unavailable {
                    source: Box::new(error),
                }),
            }
        }
        .boxed()
    }
}
