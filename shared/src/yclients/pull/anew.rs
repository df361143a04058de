//! Reading everything anew of a source that was removed with its rows kept, and is connected again.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    PullError,
    cursor::{Reading, TableCursor},
    windows::windows,
};
use crate::{
    control::Source,
    services::Services,
    warehouse::{Load, Write},
    yclients::{
        reconcile,
        streams::{self, Stream},
    },
};

/// Notes that everything of a removed source is to be read anew when it is connected again: what changed since it was last
/// read, lists whole, and each day that is held on purpose. What the vendor has no more is buried by that. Which rows a
/// filter let in stays known, so that another one is applied to those that are there.
pub(in crate::yclients) async fn read_anew(
    services: &Services,
    source: &Source,
) -> Result<(), PullError> {
    let now = services.clock.now();
    let zone: Tz = source.time_zone.parse().unwrap_or(Tz::UTC);
    let today = now.with_timezone(&zone).date_naive();
    let held = reconcile::held_since(services, &source.id).await?;
    let warehouse = services.warehouses.open(&source.subscription_id);
    let mut writes = Vec::new();
    for stream in streams::streams() {
        let key = TableCursor::key(&source.id, stream.table);
        let Some(kept) = warehouse.state(&key).await? else {
            continue;
        };
        // One that cannot be read begins as on connecting, which costs calls and no rows.
        let cursor: TableCursor = serde_json::from_value(kept).unwrap_or_default();
        let since = held.get(stream.table).copied();
        let anew = cursor.anew(stream, now, today, since);
        writes.push(Write::PutState {
            key,
            value: Some(serde_json::to_value(anew)?),
        });
    }
    if writes.is_empty() {
        return Ok(());
    }
    let load = Load {
        origin: "source",
        run: source.id.to_string(),
        observed_at: now,
        writes,
        quota: None,
    };
    warehouse.commit(load).await?;
    Ok(())
}

impl TableCursor {
    /// The cursor by which everything is read anew: changes from where it was, then what is read on connecting, then the days
    /// from `since` on, the newest first. A table that was not read to an end before is read as on connecting.
    fn anew(
        self,
        stream: &Stream,
        now: DateTime<Utc>,
        today: NaiveDate,
        since: Option<NaiveDate>,
    ) -> Self {
        let mut anew = Self {
            loaded_to: self.loaded_to,
            first_day: self.first_day,
            filter: self.filter,
            keeping_out: self.keeping_out,
            moves: self.moves,
            zone: self.zone,
            ..Self::default()
        };
        if anew.loaded_to.is_none() {
            return anew;
        }
        let is_window = |reading: &Reading| matches!(reading, Reading::Window { .. });
        let mut then = anew.due(stream, now, today);
        then.retain(|reading| !is_window(reading));
        for first in Self::default().due(stream, now, today) {
            if let Reading::Window { from, .. } = first {
                let before = since.zip(from.pred_opt());
                then.push(first);
                let days = before.map(|(since, before)| windows(since, before));
                let days = days.into_iter().flatten();
                then.extend(days.map(|(from, to)| Reading::Window {
                    from,
                    // Rows near the ends of a window prove nothing: two that overlap tell of them.
                    to: to.succ_opt().unwrap_or(to),
                }));
            }
        }
        anew.then = then;
        anew
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yclients::{
        pull::cursor::Pass,
        streams::{Endpoint, stream},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn window(from: &str, to: &str) -> Reading {
        let (from, to) = (day(from), day(to));
        Reading::Window { from, to }
    }

    fn of(table: &str, loaded_to: Option<&str>) -> TableCursor {
        let stream = stream(table).unwrap();
        let endpoint: &Endpoint = &stream.endpoint;
        let long_ago = Some(at("2026-03-10T12:00:00Z"));
        let before = TableCursor {
            loaded_to: loaded_to.map(at),
            first_day: Some(day("2026-03-09")),
            whole_at: long_ago,
            days_at: long_ago,
            empty_once: true,
            filter: Some(serde_json::json!(7)),
            zone: Some("Europe/Moscow".to_owned()),
            endpoint: 1,
            turned_away_at: long_ago,
            pass: Some(Pass::new(Reading::Whole, endpoint)),
            then: vec![Reading::Whole],
            ..TableCursor::default()
        };
        let (now, today) = (at("2026-05-10T12:00:00Z"), day("2026-05-10"));
        let anew = before.anew(stream, now, today, Some(day("2026-03-20")));
        assert_eq!((anew.endpoint, anew.pass.is_none()), (0, true));
        assert_eq!(anew.filter, Some(serde_json::json!(7)));
        assert_eq!(anew.zone.as_deref(), Some("Europe/Moscow"));
        anew
    }

    #[test]
    fn changes_of_the_time_between_come_first_and_then_every_day_that_is_held() {
        let loaded_to = Some("2026-03-10T12:05:00Z");
        let after = at("2026-03-10T11:00:00Z");
        let days = [
            window("2026-05-01", "2026-05-09"),
            window("2026-04-01", "2026-05-01"),
            window("2026-03-20", "2026-04-01"),
        ];
        let records = of("yclients_records", loaded_to);
        let first = [
            Reading::Changes { after },
            window("2026-05-09", "2027-05-10"),
        ];
        assert_eq!(records.then, [&first[..], &days].concat());
        let money = of("yclients_finance_transactions", loaded_to);
        let first = [
            Reading::Changes { after },
            Reading::Deleted { after },
            window("2026-05-09", "2026-05-10"),
        ];
        assert_eq!(money.then, [&first[..], &days].concat());
        assert_eq!(of("yclients_clients", loaded_to).then, [Reading::Whole]);
        assert_eq!(of("yclients_staff", loaded_to).then, [Reading::Whole]);
    }

    #[test]
    fn what_was_never_read_to_an_end_is_read_as_on_connecting() {
        for table in ["yclients_records", "yclients_clients"] {
            assert_eq!(of(table, None).then, []);
        }
    }
}
