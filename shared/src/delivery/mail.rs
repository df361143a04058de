use chrono_tz::Tz;

use super::{
    DeliveryError,
    hand_over::{About, hand_over},
    mail_text::{FailedMail, MailText, ReadyMail},
};
use crate::{
    SubscriptionId,
    control::{Account, Delivery, DeliveryId, DeliveryStatus},
    journal,
    ports::Mail,
    services::Services,
};

/// The id of the mail with a delivery's link, the same however often it is sent.
pub fn mail_id(delivery: &DeliveryId) -> String {
    format!("delivery-{delivery}")
}

/// Mails the link of a file that is ready to whom it is for, in that person's language. A mail that was handed over is not sent
/// again, and neither is one about a file that is not there to be claimed any more.
pub async fn send_mail(
    services: &Services,
    subscription: &SubscriptionId,
    id: &DeliveryId,
) -> Result<(), DeliveryError> {
    let delivery = services.control.deliveries(subscription).get(id).await?;
    let claimable = delivery.status_at(services.clock.now()) == DeliveryStatus::Ready;
    let (Some(recipient), true) = (recipient(services, &delivery).await?, claimable) else {
        return Ok(());
    };
    let (Some(file), Some(size), Some(until)) =
        (&delivery.file_name, delivery.size, delivery.expires_at)
    else {
        return Ok(());
    };
    let links = &services.keys.links;
    let version = delivery.link_key_version;
    let token = links
        .again(id, version)
        .ok_or(match links.is_ahead(version) {
            true => DeliveryError::LinkKeyAhead,
            false => DeliveryError::LinkKeyGone,
        })?;
    let link = services.settings.address(&["d", token.reveal()]);
    let name = services.control.subscription(subscription).await?.name;
    let words = ReadyMail {
        subscription: &name,
        file,
        size: u64::try_from(size).unwrap_or_default(),
        until,
        zone: delivery.time_zone.parse().unwrap_or(Tz::UTC),
        link: &link,
    }
    .write(recipient.locale)?;
    send(services, &delivery, mail_id(id), recipient, words).await
}

/// Mails that a file could not be built, and why, to whom it was for, once.
pub async fn send_failure_mail(
    services: &Services,
    subscription: &SubscriptionId,
    id: &DeliveryId,
) -> Result<(), DeliveryError> {
    let delivery = services.control.deliveries(subscription).get(id).await?;
    let failed = delivery.status == DeliveryStatus::Failed;
    let (Some(recipient), true) = (recipient(services, &delivery).await?, failed) else {
        return Ok(());
    };
    let locale = recipient.locale;
    let code = delivery
        .failure_code
        .as_deref()
        .unwrap_or("export.internal");
    let name = services.control.subscription(subscription).await?.name;
    let words = FailedMail {
        subscription: &name,
        what: &journal::kind_of_file(
            locale,
            delivery.format.as_str(),
            delivery.table_name.as_deref(),
            delivery.profile.as_deref(),
        ),
        reason: &journal::reason(locale, code, delivery.failure_details.as_ref()),
        link: &services.settings.address(&[]),
    }
    .write(locale)?;
    let name = format!("delivery-{id}-failed");
    send(services, &delivery, name, recipient, words).await
}

async fn recipient(
    services: &Services,
    delivery: &Delivery,
) -> Result<Option<Account>, DeliveryError> {
    match &delivery.recipient_id {
        Some(account) => Ok(Some(services.control.accounts().get(account).await?)),
        None => Ok(None),
    }
}

async fn send(
    services: &Services,
    delivery: &Delivery,
    message_id: String,
    recipient: Account,
    words: MailText,
) -> Result<(), DeliveryError> {
    let mail = Mail {
        message_id,
        to: recipient.email,
        subject: words.subject,
        text: words.text,
        html: words.html,
    };
    let about = About::Delivery(&delivery.id);
    hand_over(services, &delivery.subscription_id, &mail, about).await
}
