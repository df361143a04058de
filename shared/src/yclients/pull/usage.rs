//! What was loaded and is kept of what the plan lets in: told by the warehouse, kept in control, mailed to owners in time.
//! The mails about a plan's end go the same way.

use std::{collections::BTreeMap, time::Duration};

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{PullError, misfit::Misfit, note_failure, outcome::put_off, plan_end, work};
use crate::{
    SourceId, SubscriptionId,
    catalog::{self, Locale},
    control::{AccountId, AccountMail, Actor, ControlError, Role, RunId, Source, SourceState, Tx},
    delivery::{About, DeliveryError, Failed, hand_over, human},
    i18n::{Args, text_with},
    journal::{Category, NewEntry, Severity},
    plans::{Terms, month_of, next_month},
    ports::{Disposition, Envelope, Mail, QueueError, QueueName},
    services::Services,
    warehouse::WarehouseError,
};

/// Mail the owners that the rows of the month, the storage or the days of the plan are nearly or wholly used.
pub const MAIL_USAGE: &str = "mail.usage";
/// The version of its body.
const VERSION: u16 = 1;
/// Owners are told at so many percent, and when nothing more is let in.
const NEAR: i64 = 80;
const FULL: i64 = 100;
/// What is noted as told when a load is more than what is left: less than that nothing is.
const MISFIT: i64 = 99;
/// Below so many percent of the storage there was room again: owners are told anew when it comes near.
const ROOM: i64 = 70;
/// More owners than this are not mailed.
const MOST_OWNERS: usize = 50;

/// What a warehouse tells of the rows that were loaded in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsageFact {
    month: String,
    rows: i64,
    limit: i64,
    /// Bytes that the warehouse took up, and those that the plan allows; versions before told of rows alone.
    #[serde(default)]
    bytes: Option<i64>,
    #[serde(default)]
    bytes_limit: i64,
}

/// What is nearly or wholly used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Measure {
    #[default]
    Rows,
    Storage,
    /// The days of the plan.
    Plan,
}

/// The body of the message: what the mail is to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsageMail {
    #[serde(default)]
    of: Measure,
    /// The month of rows, the day on which owners are told of storage, or the day on which the plan ends: the mail is one for
    /// each.
    month: String,
    percent: i64,
    /// The load that is more than what is left of the rows, where that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    misfit: Option<Misfit>,
}

#[derive(Template)]
#[template(path = "mail/usage.html")]
struct Words {
    language: &'static str,
    subject: String,
    body: String,
}

impl UsageFact {
    /// Keeps the numbers; of what owners are to be told.
    pub(crate) async fn apply(
        &self,
        subscription: &SubscriptionId,
        tx: &mut Tx,
        now: DateTime<Utc>,
    ) -> Result<Vec<UsageMail>, ControlError> {
        let mut mails = Vec::new();
        tx.note_usage(subscription, &self.month, self.rows, now)
            .await?;
        let near = self.rows.saturating_mul(100) >= self.limit.saturating_mul(NEAR);
        if near
            && tx
                .mark_usage_told(subscription, &self.month, NEAR, now)
                .await?
        {
            mails.push(UsageMail {
                of: Measure::Rows,
                month: self.month.clone(),
                percent: NEAR,
                misfit: None,
            });
        }
        if let Some(bytes) = self.bytes {
            tx.note_stored(subscription, bytes, now).await?;
            let percent = bytes.saturating_mul(100) / self.bytes_limit.max(1);
            if percent < ROOM {
                tx.forget_stored_told(subscription, 0).await?;
            }
            if percent >= NEAR && tx.mark_stored_told(subscription, NEAR).await? {
                mails.push(UsageMail::of_storage(NEAR, now));
            }
        }
        Ok(mails)
    }
}

impl UsageMail {
    fn of_storage(percent: i64, now: DateTime<Utc>) -> Self {
        Self {
            of: Measure::Storage,
            month: now.date_naive().to_string(),
            percent,
            misfit: None,
        }
    }

    /// That the plan ends on that day of the business, or that it has.
    pub(super) fn of_plan(end: NaiveDate, has_ended: bool) -> Self {
        Self {
            of: Measure::Plan,
            month: end.to_string(),
            percent: if has_ended { FULL } else { NEAR },
            misfit: None,
        }
    }

    /// What tells it from the others of a subscription.
    fn name(&self) -> String {
        let of = match self.of {
            Measure::Rows => "",
            Measure::Storage => "storage-",
            Measure::Plan => "plan-",
        };
        format!("{of}{}-{}", self.month, self.percent)
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
        body: json!(mail),
    };
    let dedupe = format!("{MAIL_USAGE}:{subscription}:{}", mail.name());
    services
        .queue
        .send(QueueName::Mail, envelope, Duration::ZERO, Some(dedupe))
        .await
}

/// Mails every owner, each in their own language; again, those whom no mail was handed over for.
pub(crate) async fn send_usage_mail(
    services: &Services,
    subscription: &SubscriptionId,
    mail: &UsageMail,
) -> Result<(), DeliveryError> {
    let name = services.control.subscription(subscription).await?.name;
    let members = services.control.members(subscription).await?;
    let owners = members.iter().filter(|member| member.role == Role::Owner);
    let mut failed = Failed::none();
    for owner in owners.take(MOST_OWNERS) {
        let sent = tell(services, subscription, &name, mail, &owner.account_id).await;
        failed.note(sent, DeliveryError::disposition);
    }
    failed.result()
}

async fn tell(
    services: &Services,
    subscription: &SubscriptionId,
    name: &str,
    mail: &UsageMail,
    owner: &AccountId,
) -> Result<(), DeliveryError> {
    let account = services.control.accounts().get(owner).await?;
    let words = words(account.locale, name, mail);
    let mail = Mail {
        message_id: format!("usage-{subscription}-{}-{}", mail.name(), account.id),
        to: account.email.clone(),
        html: words.render()?,
        subject: words.subject,
        text: words.body,
    };
    let about = AccountMail {
        subscription: subscription.clone(),
        account: account.id,
        kind: MAIL_USAGE.to_owned(),
    };
    hand_over(services, subscription, &mail, About::Account(&about)).await
}

fn words(locale: Locale, subscription: &str, mail: &UsageMail) -> Words {
    let day = mail.month.parse();
    let day = day.map(|day: NaiveDate| human::day(locale, day));
    let mut args = Args::new()
        .with("subscription", subscription)
        .with("month", mail.month.as_str())
        .with("day", day.unwrap_or_else(|_| mail.month.clone()))
        .with("percent", mail.percent);
    if let Some(misfit) = &mail.misfit {
        let label = |name: &str| {
            let table = catalog::table(name).map(|table| table.label.get(locale));
            table.unwrap_or(name).to_owned()
        };
        args = args
            .with("more", misfit.more)
            .with("left", misfit.left)
            .with("allowed", misfit.allowed)
            .with("tables", misfit.named(label));
    }
    let say = |key: &str| text_with(locale, key, &args);
    let key = match (mail.of, mail.percent >= FULL) {
        (Measure::Rows, false) if mail.misfit.is_some() => "mail-usage-misfit",
        (Measure::Rows, false) => "mail-usage-near",
        (Measure::Rows, true) => "mail-usage-full",
        (Measure::Storage, false) => "mail-storage-near",
        (Measure::Storage, true) => "mail-storage-full",
        (Measure::Plan, false) => "mail-plan-near",
        (Measure::Plan, true) => "mail-plan-ended",
    };
    Words {
        language: locale.code(),
        subject: say(&format!("{key}-subject")),
        body: say(key),
    }
}

/// The terms of the source's subscription. Where loading stands still its tables say so, and the run that was asked for ends
/// with the reason; where the plan is about to end, or has, the owners are told.
pub(super) async fn terms(
    services: &Services,
    source: &Source,
    asked: Option<&RunId>,
) -> Result<Terms, PullError> {
    let terms = work::terms(services, source).await;
    if !matches!(terms, Err(PullError::NotActive)) {
        plan_end::tell(services, &source.subscription_id).await?;
    }
    let error = match terms {
        Ok(terms) => return Ok(terms),
        Err(error) => error,
    };
    if let (Disposition::Drop, Some(run)) = (error.disposition(), asked) {
        note_failure(&services.dispatcher(), &source.id, run, &error).await?;
    }
    if error.is_plan() {
        stand_still(services, source, &error, None).await?;
    }
    Err(error)
}

/// Events of a source wait for the plan: that is told, and shown of the source, as of a reading that was refused. One of its
/// tables says so, that which would be read last, and is tried within the hour; where it is let in, the events follow.
pub(in crate::yclients) async fn events_wait(
    services: &Services,
    id: &SourceId,
    why: &PullError,
) -> Result<(), PullError> {
    let source = services.control.source(id).await?;
    let sources = services.control.sources(&source.subscription_id);
    let tables = sources.tables(id).await?;
    let own = || tables.iter().filter(|table| table.enabled);
    let told = own().any(|table| table.outcome.as_deref() == Some(why.code()));
    if told || source.state != SourceState::Active {
        return Ok(());
    }
    let read = own().filter(|table| table.next_at.is_some());
    let last = read.max_by_key(|table| table.next_at);
    let last = last.map(|table| table.table_name.as_str());
    stand_still(services, &source, why, last).await
}

/// Loading stands still: every table that is due says why and is looked at again within the hour, which costs no call, and so
/// does one that was refused; the owners are told once a month. Where a load is more than what is left of the month's rows, that
/// is told instead.
pub(super) async fn stand_still(
    services: &Services,
    source: &Source,
    why: &PullError,
    refused: Option<&str>,
) -> Result<(), PullError> {
    let now = services.clock.now();
    let subscription = &source.subscription_id;
    let warehouse = services.warehouses.open(subscription);
    let stored = match why {
        PullError::StorageUsed => warehouse.stored_bytes().await?,
        _ => 0,
    };
    let stored = i64::try_from(stored).unwrap_or(i64::MAX);
    let sources = services.control.sources(subscription);
    let tables = sources.tables(&source.id).await?;
    let mut tx = services.control.begin().await?;
    let waiting = put_off(&mut tx, source, (tables, refused), why, now).await?;
    let misfit = Misfit::of(why, waiting, refused);
    let is_of_rows = matches!(
        why,
        PullError::RowsUsed | PullError::Warehouse(WarehouseError::OverQuota { .. })
    );
    let month = month_of(now);
    let mut details = json!({ "source": source.name, "failure": why.code() });
    if let Some(fields) = details.as_object_mut().filter(|_| is_of_rows) {
        let until = next_month(now).date_naive().to_string();
        fields.insert("until".to_owned(), until.into());
        if let Some(misfit) = &misfit {
            fields.insert("more".to_owned(), misfit.more.into());
            fields.insert("left".to_owned(), misfit.left.into());
            fields.insert("allowed".to_owned(), misfit.allowed.into());
            fields.insert("tables".to_owned(), misfit.named(str::to_owned).into());
        }
    }
    let code = match misfit {
        Some(_) => "load.misfit",
        None => "load.paused",
    };
    tx.append_journal(
        subscription,
        &NewEntry {
            at: now,
            category: Category::Problem,
            severity: Severity::Warning,
            source_id: None,
            actor: Actor::System,
            code: code.to_owned(),
            counts: BTreeMap::new(),
            details,
            dedupe_key: format!("{code}:{}:{month}", why.code()),
        },
    )
    .await?;
    let mail = match why {
        _ if is_of_rows => {
            let percent = if misfit.is_some() { MISFIT } else { FULL };
            let told = tx
                .mark_usage_told(subscription, &month, percent, now)
                .await?;
            told.then_some(UsageMail {
                of: Measure::Rows,
                month,
                percent,
                misfit,
            })
        }
        PullError::StorageUsed => {
            tx.note_stored(subscription, stored, now).await?;
            let told = tx.mark_stored_told(subscription, FULL).await?;
            told.then(|| UsageMail::of_storage(FULL, now))
        }
        _ => None,
    };
    if let Some(mail) = mail {
        request_mail(services, subscription, &mail).await?;
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mails_about_the_end_of_a_plan() {
        let end = "2026-03-15".parse().unwrap();
        for locale in Locale::ALL {
            let mails = [false, true].map(|has_ended| {
                let mail = UsageMail::of_plan(end, has_ended);
                let words = words(locale, "Serwis <b>Nowak</b>", &mail);
                let html = words.render().unwrap();
                assert!(!html.contains("<b>"), "{locale:?}");
                format!("{}\n\n{}\n\n{}", words.subject, words.body, html.trim_end())
            });
            let shown = mails.join("\n\n");
            insta::assert_snapshot!(format!("plan_{}", locale.code()), shown);
        }
    }
}
