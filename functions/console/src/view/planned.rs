use wynos::{
    catalog::Locale,
    control::{JobRun, JobRunState, PlannedJob},
    i18n::{Args, text, text_with},
    journal,
    planner::{Day, Gap, JobSettings, PeriodError, PeriodRule, Schedule, ScheduleError},
};

use super::{Form, day, moment, moment_or_dash, number, period};
use crate::http::{Fields, Member};

/// The days of a week as forms and schedules name them.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A job, in words.
pub(crate) struct JobItem {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) schedule: String,
    pub(crate) paused: bool,
    /// Whether it stands still until its removed source is connected again.
    pub(crate) waits: bool,
    pub(crate) running: bool,
    /// Whether that run waits, since another one works on its source.
    pub(crate) source_busy: bool,
    pub(crate) next: String,
    pub(crate) failures: i64,
    pub(crate) last: Option<RunItem>,
}

/// A run of a job, in words.
pub(crate) struct RunItem {
    pub(crate) tone: &'static str,
    pub(crate) outcome: String,
    pub(crate) when: String,
    pub(crate) took: String,
    pub(crate) rows: String,
    pub(crate) period: String,
    /// Why it failed, or what was left out.
    pub(crate) reason: Option<String>,
}

impl JobItem {
    /// The job as the member sees it, with the last run that ended.
    pub(crate) fn of(member: &Member, job: &PlannedJob, last: Option<&JobRun>) -> Self {
        let locale = member.visitor.locale;
        Self {
            id: job.id.to_string(),
            name: job.name.clone(),
            kind: job_kind(locale, job.kind.as_str()),
            schedule: schedule_words(locale, job.schedule.as_ref()),
            paused: job.paused_at.is_some(),
            waits: job.waits_for_source(),
            running: job.current_run.is_some(),
            source_busy: job.source_busy,
            next: moment_or_dash(member, job.next_at),
            failures: job.failures,
            last: last.map(|run| RunItem::of(member, run)),
        }
    }
}

impl RunItem {
    /// The run as the member sees it.
    pub(crate) fn of(member: &Member, run: &JobRun) -> Self {
        let locale = member.visitor.locale;
        let gaps = Gap::all_in(&run.counts);
        let (tone, key) = match run.state {
            JobRunState::Queued => ("busy", "console-jobs-queued"),
            JobRunState::Running => ("busy", "console-jobs-running"),
            JobRunState::Done if gaps.is_empty() => ("good", "console-jobs-done"),
            JobRunState::Done => ("", "console-jobs-partial"),
            JobRunState::Failed => ("bad", "console-jobs-failed"),
        };
        let ended = run.started_at.zip(run.finished_at);
        let reason = match run.state {
            JobRunState::Failed => {
                let code = run.failure_code.as_deref().unwrap_or("job.gave-up");
                let details = run.failure_details.as_ref();
                Some(journal::reason(locale, code, details))
            }
            _ if gaps.is_empty() => None,
            _ => {
                let words = gaps.iter().map(|(gap, count)| gap.words(locale, *count));
                Some(words.collect::<Vec<_>>().join(", "))
            }
        };
        Self {
            tone,
            outcome: text(locale, key),
            when: moment(member, run.finished_at.unwrap_or(run.queued_at)),
            took: ended.map_or_else(
                || "–".to_owned(),
                |(from, to)| took(locale, (to - from).num_seconds()),
            ),
            rows: number(locale, run.row_count),
            period: period(locale, run.period_from, run.period_to),
            reason,
        }
    }

    /// A run of that job: one that waits for its source says so.
    pub(crate) fn of_job(member: &Member, job: &PlannedJob, run: &JobRun) -> Self {
        let item = Self::of(member, run);
        match job.source_busy && job.current_run.as_ref() == Some(&run.id) {
            true => Self {
                outcome: text(member.visitor.locale, "console-jobs-source-busy"),
                ..item
            },
            false => item,
        }
    }
}

fn took(locale: Locale, seconds: i64) -> String {
    let (key, count) = match seconds {
        ..120 => ("console-took-seconds", seconds),
        120..7_200 => ("console-took-minutes", seconds / 60),
        _ => ("console-took-hours", seconds / 3_600),
    };
    text_with(locale, key, &Args::new().with("count", count))
}

/// The kind of a job as people call it.
pub(crate) fn job_kind(locale: Locale, kind: &str) -> String {
    text(locale, &format!("console-job-{}", kind.replace('_', "-")))
}

/// A schedule as people say it.
pub(crate) fn schedule_words(locale: Locale, schedule: Option<&Schedule>) -> String {
    let time = |at: &chrono::NaiveTime| at.format("%H:%M").to_string();
    let name = |day: &Day| {
        let name = day.0.to_string().to_lowercase();
        text(locale, &format!("console-day-{name}"))
    };
    match schedule {
        None => text(locale, "console-jobs-by-hand"),
        Some(Schedule::Minutes(count)) => {
            let args = Args::new().with("count", i64::from(*count));
            text_with(locale, "console-schedule-every-minutes", &args)
        }
        Some(Schedule::Hours(count)) => {
            let args = Args::new().with("count", i64::from(*count));
            text_with(locale, "console-schedule-every-hours", &args)
        }
        Some(Schedule::Daily(at)) => {
            let args = Args::new().with("time", time(at));
            text_with(locale, "console-schedule-daily-at", &args)
        }
        Some(Schedule::Weekly { days, at }) => {
            let days = days.iter().map(name).collect::<Vec<_>>().join(", ");
            let args = Args::new().with("time", time(at)).with("days", days);
            text_with(locale, "console-schedule-weekly-at", &args)
        }
    }
}

/// A period rule as people say it.
pub(crate) fn period_words(locale: Locale, rule: PeriodRule) -> String {
    let (key, args) = match rule {
        PeriodRule::LastDays(count) => (
            "console-period-last-days",
            Args::new().with("count", i64::from(count)),
        ),
        PeriodRule::LastMonths(count) => (
            "console-period-last-months",
            Args::new().with("count", i64::from(count)),
        ),
        PeriodRule::Since(since) => (
            "console-period-since-day",
            Args::new().with("day", day(locale, since)),
        ),
    };
    text_with(locale, key, &args)
}

/// What a form was typed as a schedule.
pub(crate) fn read_schedule(typed: &Fields) -> Result<Option<Schedule>, ScheduleError> {
    let (interval, at) = (typed.text("interval"), typed.text("at"));
    let text = match typed.text("every") {
        "" | "hand" => return Ok(None),
        "minutes" => format!("every {interval} minutes"),
        "hours" => format!("every {interval} hours"),
        "daily" => format!("daily at {at}"),
        _ => {
            let days: Vec<&str> = typed.all("day").collect();
            if days.is_empty() {
                return Err(ScheduleError::NeverFires);
            }
            format!("weekly on {} at {at}", days.join(","))
        }
    };
    text.parse().map(Some)
}

/// What a form was typed as a period rule.
pub(crate) fn read_period(typed: &Fields) -> Result<PeriodRule, PeriodError> {
    let count = typed.text("count");
    let text = match typed.text("rule") {
        "since" => format!("since {}", typed.text("since")),
        "months" => format!("last {count} months"),
        _ => format!("last {count} days"),
    };
    text.parse()
}

/// A form filled in with a schedule.
pub(crate) fn with_schedule(form: Form, schedule: Option<&Schedule>) -> Form {
    let time = |at: &chrono::NaiveTime| at.format("%H:%M").to_string();
    match schedule {
        None => form.with("every", "hand"),
        Some(Schedule::Minutes(count)) => form
            .with("every", "minutes")
            .with("interval", count.to_string()),
        Some(Schedule::Hours(count)) => form
            .with("every", "hours")
            .with("interval", count.to_string()),
        Some(Schedule::Daily(at)) => form.with("every", "daily").with("at", time(at)),
        Some(Schedule::Weekly { days, at }) => days.iter().fold(
            form.with("every", "weekly").with("at", time(at)),
            |form, day| form.with("day", day.0.to_string().to_lowercase()),
        ),
    }
}

/// A form filled in with a period rule.
pub(crate) fn with_period(form: Form, rule: PeriodRule) -> Form {
    match rule {
        PeriodRule::LastDays(count) => form.with("rule", "days").with("count", count.to_string()),
        PeriodRule::LastMonths(count) => {
            form.with("rule", "months").with("count", count.to_string())
        }
        PeriodRule::Since(day) => form.with("rule", "since").with("since", day.to_string()),
    }
}

/// What a job does, beside its kind, in words.
pub(crate) fn settings_words(locale: Locale, settings: &JobSettings) -> Vec<(String, String)> {
    let named = |key: &str, value: String| (text(locale, key), value);
    let tables = |tables: &[String], none: &str| {
        let labels = tables.iter().map(|name| super::table_label(locale, name));
        match tables {
            [] => text(locale, none),
            _ => labels.collect::<Vec<_>>().join(", "),
        }
    };
    match settings {
        JobSettings::BasePull(own) => {
            vec![named(
                "console-jobs-tables",
                tables(&own.tables, "console-jobs-all-chosen"),
            )]
        }
        JobSettings::Report(own) => vec![named(
            "console-jobs-period",
            period_words(locale, own.period),
        )],
        JobSettings::Reconciliation(own) => vec![
            named("console-jobs-period", period_words(locale, own.period)),
            named(
                "console-jobs-tables",
                tables(&own.tables, "console-jobs-all-compared"),
            ),
        ],
        JobSettings::Retention(own) => {
            let args = Args::new().with("count", i64::from(own.older_than_days));
            vec![
                (
                    text(locale, "console-jobs-older"),
                    text_with(locale, "console-jobs-older-days", &args),
                ),
                named(
                    "console-jobs-tables",
                    tables(&own.tables, "console-jobs-all-facts"),
                ),
            ]
        }
    }
}
