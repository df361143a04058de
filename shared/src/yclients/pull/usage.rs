//! What was loaded of what the plan lets in: told by the warehouse, kept in control, mailed to owners in time.

use std::{collections::BTreeMap, time::Duration};

use askama::Template;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{PullError, freshness};
use crate::{
    SubscriptionId,
    catalog::Locale,
    control::{Actor, ControlError, Role, Source, TableResult, Tx},
    delivery::DeliveryError,
    i18n::{Args, text_with},
    journal::{Category, NewEntry, Severity},
    plans::{month_of, next_month},
    ports::{Envelope, Mail, QueueError, QueueName},
    services::Services,
};

/// Mail the owners that the rows of the month are nearly or wholly used.
pub const MAIL_USAGE: &str = "mail.usage";
/// The version of its body.
const VERSION: u16 = 1;
/// Owners are told at so many percent, and when nothing more is let in.
const NEAR: i64 = 80;
const FULL: i64 = 100;
/// More owners than this are not mailed.
const MOST_OWNERS: usize = 50;

/// What a warehouse tells of the rows that were loaded in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsageFact {
    month: String,
    rows: i64,
    limit: i64,
}

/// The body of the message: what the mail is to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsageMail {
    month: String,
    percent: i64,
}

#[derive(Template)]
#[template(path = "mail/usage.html")]
struct Words {
    language: &'static str,
    subject: String,
    body: String,
}

impl UsageFact {
    /// Keeps the sum; whether and of what owners are to be told.
    pub(crate) async fn apply(
        &self,
        subscription: &SubscriptionId,
        tx: &mut Tx,
        now: DateTime<Utc>,
    ) -> Result<Option<UsageMail>, ControlError> {
        tx.note_usage(subscription, &self.month, self.rows, now)
            .await?;
        let near = self.rows.saturating_mul(100) >= self.limit.saturating_mul(NEAR);
        if near
            && tx
                .mark_usage_told(subscription, &self.month, NEAR, now)
                .await?
        {
            return Ok(Some(UsageMail {
                month: self.month.clone(),
                percent: NEAR,
            }));
        }
        Ok(None)
    }
}

/// Asks for the mail, before the mark that it was asked for is committed: were the message lost after it, the owners would
/// never hear of it. Asked for twice, it is one mail.
pub(crate) async fn request_mail(
    services: &Services,
    subscription: &SubscriptionId,
    mail: &UsageMail,
) -> Result<(), QueueError> {
    let envelope = Envelope {
        version: VERSION,
        kind: MAIL_USAGE.to_owned(),
        subscription: subscription.clone(),
        body: json!({ "month": mail.month, "percent": mail.percent }),
    };
    let dedupe = format!(
        "{MAIL_USAGE}:{subscription}:{}:{}",
        mail.month, mail.percent
    );
    services
        .queue
        .send(QueueName::Mail, envelope, Duration::ZERO, Some(dedupe))
        .await
}

/// Mails every owner, each in their own language. Sending it again sends the same mail under the same id.
pub(crate) async fn send_usage_mail(
    services: &Services,
    subscription: &SubscriptionId,
    mail: &UsageMail,
) -> Result<(), DeliveryError> {
    let name = services.control.subscription(subscription).await?.name;
    let members = services.control.members(subscription).await?;
    let owners = members.iter().filter(|member| member.role == Role::Owner);
    for owner in owners.take(MOST_OWNERS) {
        let account = services.control.accounts().get(&owner.account_id).await?;
        let words = words(account.locale, &name, mail);
        let (month, percent) = (&mail.month, mail.percent);
        let mail = Mail {
            message_id: format!("usage-{subscription}-{month}-{percent}-{}", account.id),
            to: account.email.clone(),
            html: words.render()?,
            subject: words.subject,
            text: words.body,
        };
        services.mailer.send(&mail).await?;
    }
    Ok(())
}

fn words(locale: Locale, subscription: &str, mail: &UsageMail) -> Words {
    let args = Args::new()
        .with("subscription", subscription)
        .with("month", mail.month.as_str())
        .with("percent", mail.percent);
    let say = |key: &str| text_with(locale, key, &args);
    let key = if mail.percent >= FULL { "full" } else { "near" };
    Words {
        language: locale.code(),
        subject: say(&format!("mail-usage-{key}-subject")),
        body: say(&format!("mail-usage-{key}")),
    }
}

/// Loading stands still: every table that is due says why and is looked at again within the hour, which costs no call;
/// the owners are told once a month.
pub(super) async fn stand_still(
    services: &Services,
    source: &Source,
    why: &PullError,
) -> Result<(), PullError> {
    let now = services.clock.now();
    let subscription = &source.subscription_id;
    let tables = services
        .control
        .sources(subscription)
        .tables(&source.id)
        .await?;
    let mut tx = services.control.begin().await?;
    for table in tables {
        if !table.enabled || table.next_at.is_none_or(|at| at > now) {
            continue;
        }
        let result = TableResult {
            outcome: why.code().to_owned(),
            last_at: None,
            last_rows: None,
            next_at: Some(now + freshness::PLAN),
            forbidden_since: table.forbidden_since,
        };
        tx.sources(subscription)
            .table_result(&source.id, &table.table_name, &result)
            .await?;
    }
    let month = month_of(now);
    tx.append_journal(
        subscription,
        &NewEntry {
            at: now,
            category: Category::Problem,
            severity: Severity::Warning,
            source_id: None,
            actor: Actor::System,
            code: "load.paused".to_owned(),
            counts: BTreeMap::new(),
            details: json!({
                "source": source.name,
                "failure": why.code(),
                "until": next_month(now).date_naive().to_string(),
            }),
            dedupe_key: format!("load.paused:{}:{month}", why.code()),
        },
    )
    .await?;
    let told = matches!(why, PullError::RowsUsed)
        && tx.mark_usage_told(subscription, &month, FULL, now).await?;
    if told {
        let mail = UsageMail {
            month,
            percent: FULL,
        };
        request_mail(services, subscription, &mail).await?;
    }
    Ok(tx.commit().await?)
}
