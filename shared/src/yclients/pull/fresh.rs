//! How fresh each table of a source is, and when it will be fresh next.

use chrono::{DateTime, Utc};

use super::freshness::PLAN;
use crate::{
    SourceId, SubscriptionId,
    control::{ControlError, SourceState, SourceTable},
    plans::{month_of, next_month},
    services::Services,
    yclients::streams::{self, Cadence},
};

/// How fresh a table is. Times are in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// The source.
    pub source: SourceId,
    /// What its owner calls it.
    pub source_name: String,
    /// The table.
    pub table: String,
    /// Whether it is loaded.
    pub enabled: bool,
    /// When it was last read to its end.
    pub last_at: Option<DateTime<Utc>>,
    /// Rows that came then.
    pub last_rows: Option<i64>,
    /// When it will be read next, as far as is known; `None` when nothing will happen by itself.
    pub next_at: Option<DateTime<Utc>>,
    /// Since when that reading is due and waits for its turn; `None` while it is not due.
    pub due_since: Option<DateTime<Utc>>,
    /// How the last attempt ended: `done`, or the code of a failure.
    pub outcome: Option<String>,
    /// Since when the vendor denies it.
    pub forbidden_since: Option<DateTime<Utc>>,
}

/// How fresh every table of the subscription's sources is, by source and table. Sources that are paused or wait for a
/// credential will not be fresh by themselves, and say so.
pub async fn freshness(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<Vec<Freshness>, ControlError> {
    let outlook = outlook(services, subscription).await?;
    let sources = services.control.sources(subscription).list().await?;
    let tables = services.control.sources(subscription).all_tables().await?;
    let told = tables.into_iter().filter_map(|table| {
        let source = sources.iter().find(|source| source.id == table.source_id)?;
        Some(Freshness {
            source: source.id.clone(),
            source_name: source.name.clone(),
            next_at: next_reading(&table, source.state, &outlook),
            due_since: due_since(&table, source.state, &outlook),
            table: table.table_name,
            enabled: table.enabled,
            last_at: table.last_at,
            last_rows: table.last_rows,
            outcome: table.outcome,
            forbidden_since: table.forbidden_since,
        })
    });
    Ok(told.collect())
}

/// Whether a table is read by itself; rows of others come with those that mention them.
pub fn is_read(table: &str) -> bool {
    streams::carrier(table).is_some_and(|stream| stream.cadence != Cadence::OnDemand)
}

/// What the plan of a subscription lets in from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// The time that it is of, in UTC.
    pub now: DateTime<Utc>,
    /// When the plan ends, in UTC; `None` where it does not.
    pub plan_ends: Option<DateTime<Utc>>,
    /// Rows that are left in this month.
    pub rows_left: u64,
}

/// Rows that no page brings more of, with their lines: a table that was refused although so many are left was refused by
/// limits of before.
const MOST_OF_A_PAGE: u64 = 10_000;

/// What the plan of a subscription lets in from now on.
pub async fn outlook(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<Outlook, ControlError> {
    let now = services.clock.now();
    let owner = services.control.subscription(subscription).await?;
    let terms = services.settings.plans.terms(owner.plan);
    let usage = services.control.usage(subscription, &month_of(now)).await?;
    let rows = u64::try_from(usage.rows).unwrap_or(0);
    Ok(Outlook {
        now,
        plan_ends: terms.ends(&owner),
        rows_left: terms.rows.saturating_sub(rows),
    })
}

/// When a table of a source in this state will be read next, as far as is known; `None` when nothing will happen by itself.
/// Times are in UTC.
pub fn next_reading(
    table: &SourceTable,
    state: SourceState,
    outlook: &Outlook,
) -> Option<DateTime<Utc>> {
    if !table.enabled || !is_read(&table.table_name) || state != SourceState::Active {
        return None;
    }
    let next = table.next_at?.max(outlook.now);
    let at = match table.outcome.as_deref() {
        Some("plan.storage-used") => return None,
        _ if outlook.rows_left == 0 => next.max(next_month(outlook.now)),
        Some("plan.rows-used") => next.max(after_refusal(table.next_at?, outlook)),
        _ => next,
    };
    Some(at).filter(|at| outlook.plan_ends.is_none_or(|end| *at < end))
}

/// Since when the next reading of a table of a source in this state is due, where it is: it waits for its turn, or is being
/// read. [`next_reading`] says "now" then, however long that is. Times are in UTC.
pub fn due_since(
    table: &SourceTable,
    state: SourceState,
    outlook: &Outlook,
) -> Option<DateTime<Utc>> {
    let due = table.next_at.filter(|at| *at < outlook.now)?;
    let next = next_reading(table, state, outlook)?;
    (next <= outlook.now).then_some(due)
}

/// When a table has room again whose page was larger than what was left of the month: it was to be looked at again at
/// `looked_at`.
fn after_refusal(looked_at: DateTime<Utc>, outlook: &Outlook) -> DateTime<Utc> {
    if outlook.rows_left > MOST_OF_A_PAGE {
        return outlook.now;
    }
    // In another month what was refused may come in, and is looked at as it is due.
    next_month(looked_at - PLAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn table(outcome: &str, next_at: &str) -> SourceTable {
        SourceTable {
            source_id: "sampleshop-aaaaaaaa".parse().unwrap(),
            table_name: "yclients_records".to_owned(),
            enabled: true,
            filter: None,
            next_at: Some(at(next_at)),
            last_at: None,
            last_rows: None,
            outcome: Some(outcome.to_owned()),
            forbidden_since: None,
            changed_at: at("2026-11-01T00:00:00Z"),
        }
    }

    fn next(outcome: &str, next_at: &str, outlook: &Outlook) -> Option<DateTime<Utc>> {
        let table = table(outcome, next_at);
        next_reading(&table, SourceState::Active, outlook)
    }

    #[test]
    fn what_is_due_says_since_when_and_what_is_not_says_nothing() {
        let outlook = Outlook {
            now: at("2026-11-22T10:00:00Z"),
            plan_ends: None,
            rows_left: 50,
        };
        let since = |outcome: &str, next_at: &str, state, outlook: &Outlook| {
            due_since(&table(outcome, next_at), state, outlook)
        };
        let (active, long_ago) = (SourceState::Active, "2026-11-22T07:30:00Z");
        assert_eq!(
            since("done", long_ago, active, &outlook),
            Some(at(long_ago))
        );
        assert_eq!(next("done", long_ago, &outlook), Some(outlook.now));
        for still in ["2026-11-22T10:00:00Z", "2026-11-22T10:30:00Z"] {
            assert_eq!(since("done", still, active, &outlook), None);
        }
        // What will not be read by itself waits for nothing.
        assert_eq!(since("done", long_ago, SourceState::Paused, &outlook), None);
        for refused in ["plan.storage-used", "plan.rows-used"] {
            assert_eq!(since(refused, long_ago, active, &outlook), None);
        }
        let used = Outlook {
            rows_left: 0,
            ..outlook
        };
        let over = Outlook {
            plan_ends: Some(at("2026-11-22T09:00:00Z")),
            ..outlook
        };
        for outlook in [used, over] {
            assert_eq!(since("done", long_ago, active, &outlook), None);
        }
        let off = SourceTable {
            enabled: false,
            ..table("done", long_ago)
        };
        assert_eq!(due_since(&off, active, &outlook), None);
    }

    #[test]
    fn what_the_plan_refuses_is_read_when_it_really_will_be() {
        let outlook = Outlook {
            now: at("2026-11-22T10:00:00Z"),
            plan_ends: None,
            rows_left: 50,
        };
        let soon = "2026-11-22T10:30:00Z";
        assert_eq!(next("done", soon, &outlook), Some(at(soon)));
        let month = Some(at("2026-12-01T00:00:00Z"));
        assert_eq!(next("plan.rows-used", soon, &outlook), month);
        assert_eq!(next("plan.storage-used", soon, &outlook), None);
        // Nothing is left, whatever became of the last attempt.
        let used = Outlook {
            rows_left: 0,
            ..outlook
        };
        assert_eq!(next("done", soon, &used), month);
        // The month is over, or the plan is another one: it is looked at as it is due.
        let turned = Outlook {
            now: at("2026-12-01T00:10:00Z"),
            ..outlook
        };
        let due = "2026-12-01T00:40:00Z";
        assert_eq!(next("plan.rows-used", due, &turned), Some(at(due)));
        let another = Outlook {
            rows_left: 4_000_000,
            ..outlook
        };
        assert_eq!(next("plan.rows-used", soon, &another), Some(at(soon)));
        assert_eq!(next("plan.ended", soon, &another), Some(at(soon)));
        // A trial that ends before has no next time.
        let trial = Outlook {
            plan_ends: Some(at("2026-11-30T00:00:00Z")),
            ..outlook
        };
        assert_eq!(next("plan.rows-used", soon, &trial), None);
        assert_eq!(next("done", soon, &trial), Some(at(soon)));
        let over = Outlook {
            plan_ends: Some(at("2026-11-22T09:00:00Z")),
            ..outlook
        };
        assert_eq!(next("done", soon, &over), None);
    }
}
