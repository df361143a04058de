//! From which day on the rows of a list are held on purpose.

use std::{cmp::Reverse, collections::BTreeMap};

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

use super::{gauge::Subject, order::today};
use crate::{
    SourceId,
    control::{Run, RunKind, RunState},
    services::Services,
    yclients::{
        pull::{self, PullError, TableCursor},
        streams,
    },
};

/// On connecting, the day before is loaded too.
const FIRST_DAYS: u64 = 1;
/// Runs that are looked through for periods of history.
const RUNS: usize = 200;

/// The first day of each list that is held on purpose, by table.
pub(crate) type HeldSince = BTreeMap<&'static str, NaiveDate>;

/// From which day on rows of each list that is compared were ever asked for: since its table was first read, and before that
/// as far back as periods of its history reach without a gap. What the plan does not let be loaded is not.
pub(crate) async fn held_since(services: &Services, id: &SourceId) -> Result<HeldSince, PullError> {
    let source = services.control.source(id).await?;
    let zone: Tz = source.time_zone.parse().unwrap_or(Tz::UTC);
    let connected = source.created_at.with_timezone(&zone).date_naive() - Days::new(FIRST_DAYS);
    let runs = services.control.runs(&source.subscription_id);
    let kind = Some(RunKind::History);
    let runs = runs.list(Some(id), kind, None, RUNS).await?.items;
    let business = services
        .control
        .subscription(&source.subscription_id)
        .await?;
    let terms = services.settings.plans.terms(business.plan);
    let allowed = terms.history_from(today(services, &source));
    let warehouse = services.warehouses.open(&source.subscription_id);
    let mut since = HeldSince::new();
    for subject in Subject::of(&[], |_| true) {
        let table = subject.stream.table;
        let cursor = warehouse.state(&TableCursor::key(id, table)).await?;
        let cursor = cursor.and_then(|kept| serde_json::from_value::<TableCursor>(kept).ok());
        let first = cursor.and_then(|cursor| cursor.first_day);
        let first = with_history(first.unwrap_or(connected), table, &runs);
        since.insert(table, allowed.map_or(first, |allowed| allowed.max(first)));
    }
    Ok(since)
}

/// The first day with the periods of history that reach it.
fn with_history(first: NaiveDate, table: &str, runs: &[Run]) -> NaiveDate {
    let brings = |name: &String| {
        let carrier = streams::carrier(name);
        carrier.is_some_and(|carrier| carrier.table == table)
    };
    let mut periods: Vec<(NaiveDate, NaiveDate)> = runs
        .iter()
        .filter(|run| matches!(run.state, RunState::Done | RunState::Partial))
        .filter(|run| run.tables.is_empty() || run.tables.iter().any(brings))
        .filter_map(|run| pull::read_from(run, table).zip(run.period_to))
        .collect();
    periods.sort_by_key(|(_, to)| Reverse(*to));
    periods.into_iter().fold(first, |first, (from, to)| {
        let reaches = to.succ_opt().is_none_or(|after| after >= first);
        if reaches { first.min(from) } else { first }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Actor, RunId};

    const MONEY: &str = "yclients_finance_transactions";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn history(state: RunState, tables: &[&str], from: &str, to: &str) -> Run {
        let at = "2026-05-10T12:00:00Z".parse().unwrap();
        let source = SourceId::random(&crate::SubscriptionId::random()).unwrap();
        Run {
            id: RunId::random(),
            subscription_id: source.subscription().clone(),
            source_id: source,
            kind: RunKind::History,
            tables: tables.iter().map(ToString::to_string).collect(),
            period_from: Some(day(from)),
            period_to: Some(day(to)),
            state,
            windows_done: 0,
            windows_total: 0,
            rows: 0,
            checkpoint: None,
            failure_code: None,
            failure_details: None,
            created_by: Actor::System,
            created_at: at,
            changed_at: at,
            started_at: None,
            finished_at: Some(at),
        }
    }

    #[test]
    fn only_history_of_the_very_list_that_was_loaded_and_reaches_what_is_held_counts() {
        use RunState::{Done, Failed, Partial};
        let since = |runs: &[Run]| with_history(day("2026-05-09"), MONEY, runs).to_string();
        let records = ["yclients_record_services"];
        assert_eq!(since(&[]), "2026-05-09");
        let of_records = history(Done, &records, "2025-01-01", "2026-05-09");
        assert_eq!(since(std::slice::from_ref(&of_records)), "2026-05-09");
        let runs = std::slice::from_ref(&of_records);
        let of_lines = with_history(day("2026-05-09"), "yclients_records", runs);
        assert_eq!(of_lines, day("2025-01-01"));
        let failed = history(Failed, &[], "2025-01-01", "2026-05-09");
        assert_eq!(since(&[failed]), "2026-05-09");
        let far = history(Done, &[], "2025-01-01", "2025-02-01");
        assert_eq!(since(std::slice::from_ref(&far)), "2026-05-09");
        let near = history(Partial, &[MONEY], "2026-03-01", "2026-05-08");
        assert_eq!(since(&[near.clone(), far.clone()]), "2026-03-01");
        let between = history(Done, &[], "2025-02-02", "2026-03-15");
        assert_eq!(since(&[between, far, near]), "2025-01-01");
        // Of what could not be read, nothing is held.
        let left_out = |days: serde_json::Value| Run {
            checkpoint: Some(serde_json::json!({ "failures": { MONEY: "x" }, "left_out": days })),
            ..history(Partial, &[MONEY], "2026-01-01", "2026-05-09")
        };
        let some = serde_json::json!({ MONEY: [["2026-02-01", "2026-02-28"]] });
        assert_eq!(since(&[left_out(some)]), "2026-03-01");
        let last = serde_json::json!({ MONEY: [["2026-05-01", "2026-05-09"]] });
        assert_eq!(since(&[left_out(last)]), "2026-05-09");
        assert_eq!(since(&[left_out(serde_json::json!({}))]), "2026-05-09");
    }
}
