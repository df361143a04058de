use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{DeliveryError, journaled};
use crate::{
    control::{Actor, MailTrouble},
    journal::{Category, NewEntry, Severity},
    services::Services,
};

/// Notes that a mail did not reach its recipient, or was not wanted, and tells the subscription's journal. `handed_as` is
/// what whoever took the mail called it. Told twice it is noted once; `false` when the mail is none of ours.
pub async fn mail_failed_later(
    services: &Services,
    handed_as: &str,
    trouble: MailTrouble,
    at: DateTime<Utc>,
) -> Result<bool, DeliveryError> {
    let Some(mail) = services.control.sent_mail(handed_as).await? else {
        return account_mail_failed(services, handed_as, trouble, at).await;
    };
    let subscription = &mail.subscription;
    let delivery = services
        .control
        .deliveries(subscription)
        .get(&mail.delivery)
        .await?;
    let entry = NewEntry {
        at,
        category: Category::Problem,
        severity: Severity::Error,
        source_id: None,
        actor: Actor::System,
        code: format!("mail.{}", trouble.as_str()),
        counts: BTreeMap::new(),
        details: journaled(&delivery, json!({ "account": delivery.recipient_id })),
        dedupe_key: format!("mail.{}:{handed_as}", trouble.as_str()),
    };
    let mut tx = services.control.begin().await?;
    tx.mail_in_trouble(handed_as, trouble, at).await?;
    tx.append_journal(subscription, &entry).await?;
    tx.commit().await?;
    Ok(true)
}

/// The same of a mail that is about no delivery: what is told of a plan or a job that fails reaches nobody.
async fn account_mail_failed(
    services: &Services,
    handed_as: &str,
    trouble: MailTrouble,
    at: DateTime<Utc>,
) -> Result<bool, DeliveryError> {
    let Some(mail) = services.control.account_mail(handed_as).await? else {
        return Ok(false);
    };
    let code = format!("mail.account-{}", trouble.as_str());
    let entry = NewEntry {
        at,
        category: Category::Problem,
        severity: Severity::Error,
        source_id: None,
        actor: Actor::System,
        counts: BTreeMap::new(),
        details: json!({ "account": mail.account, "kind": mail.kind }),
        dedupe_key: format!("{code}:{handed_as}"),
        code,
    };
    let mut tx = services.control.begin().await?;
    tx.account_mail_in_trouble(handed_as, trouble, at).await?;
    tx.append_journal(&mail.subscription, &entry).await?;
    tx.commit().await?;
    Ok(true)
}
