//! The end of a plan, by which loading stops: the owners are mailed some days before, and when it has come.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::{
    PullError,
    usage::{UsageMail, request_mail},
};
use crate::{
    SubscriptionId,
    control::{Actor, Subscription},
    journal::{Category, NewEntry, Severity},
    plans::Terms,
    services::Services,
};

/// Owners are told so long before the end.
const AHEAD: TimeDelta = TimeDelta::days(3);
/// So long after the end nobody is told any more. The journal, by which nobody is told twice, is kept for longer.
const LATE: TimeDelta = TimeDelta::days(30);

/// What there is to tell of the end of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Near,
    Ended,
}

/// Has the owners of a subscription mailed, once each, that its plan ends in three days and that it has ended. To be called
/// where something is to be loaded: who loads nothing misses nothing. A plan that is given more days, and ends on another one,
/// is told of anew.
pub(super) async fn tell(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<(), PullError> {
    let now = services.clock.now();
    let business = services.control.subscription(subscription).await?;
    let terms = services.settings.plans.terms(business.plan);
    let Some((news, end)) = news(terms, &business, now) else {
        return Ok(());
    };
    let zone: Tz = business.time_zone.parse().unwrap_or(Tz::UTC);
    let day = end.with_timezone(&zone).date_naive();
    let (code, mail) = match news {
        News::Near => ("plan.ending", UsageMail::of_plan(day, false)),
        News::Ended => ("plan.ended", UsageMail::of_plan(day, true)),
    };
    let entry = NewEntry {
        at: now,
        category: Category::Problem,
        severity: Severity::Warning,
        source_id: None,
        actor: Actor::System,
        code: code.to_owned(),
        counts: BTreeMap::new(),
        details: json!({ "until": day.to_string() }),
        dedupe_key: format!("{code}:{day}"),
    };
    let mut tx = services.control.begin().await?;
    if tx.append_journal(subscription, &entry).await? {
        request_mail(services, subscription, &mail).await?;
    }
    Ok(tx.commit().await?)
}

/// What is to be told at that time, with the end of the plan.
fn news(
    terms: &Terms,
    business: &Subscription,
    now: DateTime<Utc>,
) -> Option<(News, DateTime<Utc>)> {
    let end = terms.ends(business)?;
    // Of a plan that is shorter, the mail before its end would be one about its beginning.
    let is_near = end - AHEAD > business.created_at && now >= end - AHEAD;
    let news = if now >= end {
        (now < end + LATE).then_some(News::Ended)
    } else {
        is_near.then_some(News::Near)
    };
    news.map(|news| (news, end))
}
