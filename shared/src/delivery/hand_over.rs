//! Mails are handed over once for each message that asks for them, and a message may come again.

use crate::{
    SubscriptionId,
    control::{AccountMail, ControlError, DeliveryId},
    ports::{Disposition, Mail, MailerError},
    services::Services,
};

/// What a mail is about, for whoever is told that it bounced.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About<'a> {
    Delivery(&'a DeliveryId),
    Account(&'a AccountMail),
}

/// Hands a mail over and notes it; one whose id was noted is not sent again. Where the note fails, or two do this at the same
/// time, it is sent twice: no service that sends mails takes an id under which it would send one once, and a note made before
/// would lose the mail instead.
pub(crate) async fn hand_over<E>(
    services: &Services,
    subscription: &SubscriptionId,
    mail: &Mail,
    about: About<'_>,
) -> Result<(), E>
where
    E: From<ControlError> + From<MailerError>,
{
    let control = &services.control;
    if control.was_handed(subscription, &mail.message_id).await? {
        return Ok(());
    }
    let handed = services.mailer.send(mail).await?;
    let now = services.clock.now();
    let mut tx = control.begin().await?;
    tx.note_handed(subscription, &mail.message_id, now).await?;
    match (handed.name, about) {
        (None, _) => {}
        (Some(name), About::Delivery(delivery)) => {
            tx.mail_sent(subscription, delivery, &name, now).await?;
        }
        (Some(name), About::Account(about)) => tx.account_mail_sent(about, &name, now).await?,
    }
    Ok(tx.commit().await?)
}

/// What is to be told of mails to several people of which some failed: what can be tried again before what cannot.
#[derive(Debug)]
pub(crate) struct Failed<E>(Option<(Disposition, E)>);

impl<E> Failed<E> {
    /// Nothing has failed.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// Takes what became of one mail; the others are sent nevertheless.
    pub(crate) fn note(&mut self, sent: Result<(), E>, disposition: impl Fn(&E) -> Disposition) {
        let Err(error) = sent else { return };
        let fate = disposition(&error);
        let weighs = |fate| match fate {
            Disposition::Drop => 0,
            Disposition::Park => 1,
            Disposition::Retry => 2,
        };
        if !matches!(self.0, Some((kept, _)) if weighs(kept) >= weighs(fate)) {
            self.0 = Some((fate, error));
        }
    }

    /// The failure that counts.
    pub(crate) fn result(self) -> Result<(), E> {
        self.0.map_or(Ok(()), |(_, error)| Err(error))
    }
}
