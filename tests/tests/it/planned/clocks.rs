use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use wynos::{
    control::{Actor, JobKind, JobRunState, PlannedJob},
    journal::{Category, JournalFilter},
    planner::{self, JobSettings, NewJob, RetentionSettings, Schedule},
};

use crate::{
    faults::planned::{jobs, put_off},
    pull::{Bed, on_both, small},
};

/// Days that are watched around a change of the clocks, before and after it.
const BEFORE: u64 = 2;
const AFTER: u64 = 3;

/// The next instant at which the clocks of the zone change.
fn next_change(zone: Tz, after: DateTime<Utc>) -> DateTime<Utc> {
    let shown = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let hours = (1..366 * 24).map(|hours| after + TimeDelta::hours(hours));
    let mut hours = hours.skip_while(|at| shown(*at) == shown(*at - TimeDelta::hours(1)));
    hours.next().expect("a zone whose clocks change")
}

/// When clocks in the zone first show a time of a day or, where they leave it out, the next one that they show.
fn shown_at(zone: Tz, day: NaiveDate, at: NaiveTime) -> DateTime<Utc> {
    let shown = day.and_time(at);
    let minutes = (0..180).map(|minutes| shown + TimeDelta::minutes(minutes));
    let mut instants = minutes.filter_map(|shown| zone.from_local_datetime(&shown).earliest());
    instants.next().expect("a time that is shown").to_utc()
}

/// When a job with such a schedule has to run between two instants.
fn meant(
    schedule: &Schedule,
    zone: Tz,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    use chrono::Datelike;
    let first = from.with_timezone(&zone).date_naive();
    let days = (0..30).filter_map(|days| first.checked_add_days(Days::new(days)));
    let at = |day: NaiveDate| match schedule {
        Schedule::Daily(at) => Some(shown_at(zone, day, *at)),
        Schedule::Weekly { days, at } => days
            .iter()
            .any(|wanted| wanted.0 == day.weekday())
            .then(|| shown_at(zone, day, *at)),
        other => panic!("{other}"),
    };
    days.filter_map(at)
        .filter(|at| *at > from && *at <= to)
        .collect()
}

impl Bed {
    /// Works off everything, and again until no run is under way: one whose source is busy waits a little.
    async fn settle(&self) -> Vec<PlannedJob> {
        for _ in 0..20 {
            self.stack.drain().await.unwrap();
            let jobs = jobs(&self.stack).await.unwrap();
            if jobs.iter().all(|job| job.current_run.is_none()) {
                return jobs;
            }
            self.stack.clock.advance(TimeDelta::minutes(6));
        }
        panic!("a run has no end");
    }

    /// Lets time pass from one due job to the next, up to an instant.
    async fn pass(&self, until: DateTime<Utc>) {
        loop {
            let waiting = jobs(&self.stack).await.unwrap();
            let next = waiting.iter().filter_map(|job| job.next_at).min().unwrap();
            if next > until {
                return;
            }
            // A moment before, nothing is due.
            let now = self.stack.clock.now();
            if next > now + TimeDelta::seconds(2) {
                self.stack.clock.set(next - TimeDelta::seconds(1));
                assert_eq!(
                    planner::tick(&self.services().dispatcher()).await.unwrap(),
                    0,
                    "too early"
                );
            }
            let now = next.max(now);
            self.stack.clock.set(now);
            let is_due = |job: &&PlannedJob| job.next_at.is_some_and(|at| at <= now);
            let due: Vec<_> = waiting.iter().filter(is_due).collect();
            assert_eq!(
                planner::tick(&self.services().dispatcher()).await.unwrap(),
                due.len() as u64
            );
            let after = self.settle().await;
            for job in due {
                let job = after.iter().find(|after| after.id == job.id).unwrap();
                assert!(job.next_at.unwrap() > now, "{job:?}");
            }
        }
    }

    /// When the runs of a job were sent off since an instant, in order.
    async fn sent_off(&self, job: &PlannedJob, since: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let services = self.services();
        let runs = services.control.planned_jobs(&self.stack.shop);
        let runs = runs.runs(&job.id, None, 200).await.unwrap().items;
        let sent = runs.iter().map(|run| run.queued_at);
        let mut sent: Vec<_> = sent.filter(|at| *at > since).collect();
        sent.sort();
        sent
    }

    /// Runs and the journal's entries of a job: each run was done and told once.
    async fn assert_told(&self, job: &PlannedJob) {
        let services = self.services();
        let runs = services.control.planned_jobs(&self.stack.shop);
        let runs = runs.runs(&job.id, None, 200).await.unwrap().items;
        assert!(
            runs.iter().all(|run| run.state == JobRunState::Done),
            "{runs:#?}"
        );
        let category = match job.kind {
            JobKind::Retention => Category::Retention,
            _ => Category::Reconciliation,
        };
        let filter = JournalFilter {
            category: Some(category),
            ..JournalFilter::default()
        };
        let journal = services.control.journal(&self.stack.shop);
        let entries = journal.list(&filter, None, 200).await.unwrap().items;
        for run in &runs {
            let own = |code: &str| {
                let of_run = |entry: &&wynos::journal::Entry| {
                    entry.code == code && entry.details["run"] == run.id.as_str()
                };
                entries.iter().filter(of_run).count()
            };
            assert_eq!(own("job.done"), 1, "{run:?}");
            if job.kind == JobKind::Reconciliation {
                assert_eq!(own("reconciliation.done"), 1, "{run:?}");
            }
        }
    }
}

on_both! {
    async fn jobs_run_by_themselves_once_a_day_across_both_changes_of_the_clocks(bed: Bed, small(60, "")) {
        let services = bed.services();
        bed.stack.reach(services.vendor.clone());
        let shop = &bed.stack.shop;
        let business = services.control.subscription(shop).await.unwrap();
        let zone: Tz = business.time_zone.parse().unwrap();
        let new = NewJob {
            name: "Old".to_owned(),
            source: Some(bed.source.to_string()),
            settings: JobSettings::Retention(RetentionSettings { older_than_days: 30, tables: Vec::new() }),
            // Left out in spring, and shown twice in autumn.
            schedule: Some("daily at 02:30".parse().unwrap()),
        };
        planner::add(&services, shop, new, &Actor::System).await.unwrap();
        let made = bed.settle().await;
        put_off(&bed.stack, &bed.source).await.unwrap();
        assert_eq!(made.len(), 3, "connecting makes a nightly and a weekly comparison: {made:#?}");
        for _ in 0..2 {
            let change = next_change(zone, bed.stack.clock.now() + TimeDelta::days(3));
            // What was missed in the months before is caught up once.
            bed.stack.clock.set(change - Days::new(BEFORE) - TimeDelta::hours(12));
            assert_eq!(planner::tick(&services.dispatcher()).await.unwrap(), 3);
            bed.settle().await;
            let from = bed.stack.clock.now();
            let until = change + Days::new(AFTER);
            bed.pass(until).await;
            for job in jobs(&bed.stack).await.unwrap() {
                let schedule = job.schedule.as_ref().unwrap();
                let expected = meant(schedule, zone, from, until);
                let sent = bed.sent_off(&job, from).await;
                assert_eq!(sent.len(), expected.len(), "{} {schedule}: {sent:#?} and not {expected:#?}", job.name);
                for (sent, expected) in sent.iter().zip(&expected) {
                    // Somebody may have worked on another job at that very moment.
                    let late = *sent - *expected;
                    assert!(late >= TimeDelta::zero() && late < TimeDelta::minutes(15), "{} {sent} {expected}", job.name);
                }
                let days: BTreeSet<_> = sent.iter().map(|at| at.with_timezone(&zone).date_naive()).collect();
                assert_eq!(days.len(), sent.len(), "{} ran twice on a day", job.name);
                bed.assert_told(&job).await;
            }
        }
        bed.end().await;
    }
}
