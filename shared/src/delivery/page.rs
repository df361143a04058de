use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use url::Url;

use super::{DeliveryError, journaled, names};
use crate::{
    control::{AccountId, Actor, ClaimOutcome, Delivery, DeliveryStatus, TokenHash},
    journal::{Category, NewEntry, Severity},
    services::Services,
};

/// How long the URL to the object lives: enough to follow a redirect.
const URL_LIFE: Duration = Duration::from_secs(60);

/// What the page of a link shows to a signed-in person.
#[derive(Debug, Clone, PartialEq)]
pub enum PageView {
    /// The file, which this person may claim.
    File(Box<FilePage>),
    /// The person is neither the recipient nor an owner; nothing about the file is told.
    Forbidden,
    /// There is no such link.
    NotFound,
}

/// A file on its page. Times are in UTC; `zone` is where the business is.
#[derive(Debug, Clone, PartialEq)]
pub struct FilePage {
    /// The subscription's name.
    pub subscription: String,
    /// The name that the browser saves it as.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Until when it can be claimed.
    pub expires_at: DateTime<Utc>,
    /// The business's zone.
    pub zone: Tz,
    /// How far it has come at this moment.
    pub status: DeliveryStatus,
    /// Until when this person, who claimed it, can start the download again.
    pub retry_until: Option<DateTime<Utc>>,
    /// The delivery itself.
    pub delivery: Delivery,
}

/// What came of pressing the button.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// The file is at this URL for at most a minute.
    Handed {
        /// Where to send the browser.
        url: Url,
        /// Whether the same person had claimed it before and starts again.
        again: bool,
    },
    /// Somebody took it before, or this person did and the time to start again is over.
    AlreadyClaimed,
    /// It was not claimed in time, or its object is gone.
    Expired,
    /// The person is neither the recipient nor an owner.
    Forbidden,
    /// There is no such link.
    NotFound,
}

/// What the page of a link shows. Looking changes nothing, however often and by whom.
pub async fn view(
    services: &Services,
    token: &str,
    account: &AccountId,
) -> Result<PageView, DeliveryError> {
    let hash = TokenHash::of(token);
    let Some((delivery, permitted)) = services.control.links().find(&hash, account).await? else {
        return Ok(PageView::NotFound);
    };
    if !permitted {
        return Ok(PageView::Forbidden);
    }
    let now = services.clock.now();
    let (Some(file_name), Some(size), Some(sha256), Some(expires_at)) = (
        delivery.file_name.clone(),
        delivery.size.and_then(|size| u64::try_from(size).ok()),
        delivery.sha256.clone(),
        delivery.expires_at,
    ) else {
        // The link is mailed when the file is ready, so nobody has the link of one that is not.
        return Ok(PageView::NotFound);
    };
    let subscription = services
        .control
        .subscription(&delivery.subscription_id)
        .await?;
    let own = delivery.claimed_by.as_ref() == Some(account) && delivery.removed_at.is_none();
    Ok(PageView::File(Box::new(FilePage {
        subscription: subscription.name,
        file_name,
        size,
        sha256,
        expires_at,
        zone: delivery.time_zone.parse().unwrap_or(Tz::UTC),
        status: delivery.status_at(now),
        retry_until: delivery.claim_until.filter(|until| own && now < *until),
        delivery,
    })))
}

/// Hands the file over, once: of any number of simultaneous claims one is [`Claim::Handed`]. The claim and its journal
/// entry are one transaction; when the URL cannot be made after it, the same person can ask again for ten minutes.
pub async fn claim(
    services: &Services,
    token: &str,
    account: &AccountId,
) -> Result<Claim, DeliveryError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let outcome = tx.claim(&TokenHash::of(token), account, now).await?;
    let (delivery, again) = match outcome {
        ClaimOutcome::Claimed(delivery) => (delivery, false),
        ClaimOutcome::Retry(delivery) => (delivery, true),
        ClaimOutcome::AlreadyClaimed => return Ok(Claim::AlreadyClaimed),
        ClaimOutcome::Expired => return Ok(Claim::Expired),
        ClaimOutcome::Forbidden => return Ok(Claim::Forbidden),
        ClaimOutcome::NotFound => return Ok(Claim::NotFound),
    };
    tx.append_journal(
        &delivery.subscription_id,
        &entry(&delivery, account, again, now),
    )
    .await?;
    tx.commit().await?;
    let (Some(key), Some(file_name)) = (&delivery.object_key, &delivery.file_name) else {
        return Ok(Claim::Expired);
    };
    let content_type = names::content_type(delivery.format);
    let url = services
        .objects
        .presign_get(key, file_name, content_type, URL_LIFE)
        .await?;
    Ok(Claim::Handed { url, again })
}

fn entry(delivery: &Delivery, account: &AccountId, again: bool, now: DateTime<Utc>) -> NewEntry {
    let (code, dedupe_key) = if again {
        let moment = now.timestamp_micros();
        (
            "export.claimed-again",
            format!("export.claimed-again:{}:{moment}", delivery.id),
        )
    } else {
        ("export.claimed", format!("export.claimed:{}", delivery.id))
    };
    NewEntry {
        at: now,
        category: Category::Export,
        severity: Severity::Info,
        source_id: None,
        actor: Actor::Account(account.clone()),
        code: code.to_owned(),
        counts: BTreeMap::default(),
        details: journaled(delivery, json!({})),
        dedupe_key,
    }
}
