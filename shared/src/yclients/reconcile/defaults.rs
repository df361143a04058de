//! The jobs that a source is connected with: every night the days just past, and on Sundays a longer period instead.

use chrono::{
    DateTime, NaiveTime, Utc,
    Weekday::{self, Fri, Mon, Sat, Sun, Thu, Tue, Wed},
};
use sha2::{Digest, Sha256};

use crate::{
    control::{Actor, Source, Subscription, Tx},
    i18n::{Args, text_with},
    planner::{
        self, Day, JobSettings, NewJob, PeriodRule, PlannerError, ReconciliationSettings, Schedule,
    },
};

/// Days that are compared on all nights but one.
const NIGHTLY_DAYS: u32 = 7;
/// Days that are compared every week: no more than a trial lets be loaded.
const WEEKLY_DAYS: u32 = 31;
/// The longest name of a source that still leaves room in the name of a job, in characters.
const NAME: usize = 36;

/// Makes both jobs, in the transaction that connects the source.
pub(in crate::yclients) async fn add_jobs(
    tx: &mut Tx,
    business: &Subscription,
    source: &Source,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<(), PlannerError> {
    let at = hour(source.id.as_str());
    let on = |days: &[Weekday]| Schedule::Weekly {
        days: days.iter().copied().map(Day).collect(),
        at,
    };
    // Both at once would wait for each other, and read the same days twice.
    let nightly = on(&[Mon, Tue, Wed, Thu, Fri, Sat]);
    let weekly = on(&[Sun]);
    for (key, days, schedule) in [
        ("reconciliation-nightly", NIGHTLY_DAYS, nightly),
        ("reconciliation-weekly", WEEKLY_DAYS, weekly),
    ] {
        let name: String = source.name.chars().take(NAME).collect();
        let args = Args::new().with("source", name);
        let job = NewJob {
            name: text_with(business.locale, key, &args),
            source: Some(source.id.to_string()),
            settings: JobSettings::Reconciliation(ReconciliationSettings {
                period: PeriodRule::LastDays(days),
                tables: Vec::new(),
            }),
            schedule: Some(schedule),
        };
        planner::add_within(tx, business, job, by, now).await?;
    }
    Ok(())
}

/// A time of the night, spread over four hours so that sources do not all ask at once; the same for the same source.
fn hour(source: &str) -> NaiveTime {
    let digest = Sha256::digest(source);
    let number = digest.first().copied().zip(digest.get(1).copied());
    let (a, b) = number.unwrap_or_default();
    let minute = (u32::from(a) * 256 + u32::from(b)) % 240;
    NaiveTime::from_hms_opt(1 + minute / 60, minute % 60, 0).unwrap_or_default()
}
