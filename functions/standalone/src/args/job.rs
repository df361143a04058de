use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use wynos::{
    SourceId, SubscriptionId,
    control::{JobId, ReportId, ReportKind},
    planner::{
        BasePullSettings, JobSettings, PeriodRule, ReconciliationSettings, RetentionSettings,
        Schedule,
    },
    yclients::reports::Path,
};

/// Jobs: what runs by itself.
#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// Lists the jobs of a subscription with their last and next runs, and how fresh the tables of its sources are.
    List(JobsOf),
    /// Makes a job. Reports get theirs by `report add`.
    Add(Box<AddJob>),
    /// Runs a job now, and tells how it ended.
    Run(RunJob),
    /// Keeps a job from running by itself.
    Pause(OneJob),
    /// Lets a paused job run by itself again.
    Resume(OneJob),
    /// Changes the name, the schedule or the settings of a job.
    Edit(Box<EditJob>),
    /// Forgets a job; what it brought stays.
    Remove(OneJob),
}

#[derive(Debug, Args)]
pub(crate) struct JobsOf {
    /// Whose jobs.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
}

#[derive(Debug, Args)]
pub(crate) struct OneJob {
    /// Whose job.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// The job, as the list shows it.
    #[arg(value_parser = job_id)]
    pub(crate) job: JobId,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum NewKind {
    /// Brings a source up to date.
    BasePull,
    /// Compares what is held with what the vendor has.
    Reconciliation,
    /// Removes what was received long ago.
    Retention,
}

#[derive(Debug, Args)]
pub(crate) struct AddJob {
    /// What it does.
    #[arg(value_enum)]
    pub(crate) kind: NewKind,
    /// Whose job.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// What to call it, up to 64 characters.
    #[arg(long)]
    pub(crate) name: String,
    /// The source it works on.
    #[arg(long)]
    pub(crate) source: Option<SourceId>,
    /// When: "every 15 minutes", "every 2 hours", "daily at 03:30", "weekly on mon,thu at 04:00"; "every day at 03:30" is daily.
    /// By hand only without it.
    #[arg(long, value_parser = schedule)]
    pub(crate) schedule: Option<Schedule>,
    /// What a reconciliation compares: "last 7 days", which it does without this, "last 2 months", "since 2026-01-31".
    #[arg(long, value_parser = period)]
    pub(crate) period: Option<PeriodRule>,
    /// Only these tables, with commas between.
    #[arg(long, value_delimiter = ',')]
    pub(crate) tables: Vec<String>,
    /// A retention removes rows received more than so many days ago; it has to say how many.
    #[arg(long, allow_negative_numbers = true, value_parser = days)]
    pub(crate) older_than_days: Option<u32>,
}

/// Days that a reconciliation compares where nobody says what.
const COMPARED_DAYS: u32 = 7;

impl AddJob {
    /// What the job is to do; in words what is wrong where an option is not of its kind, or its kind's own is missing.
    pub(crate) fn settings(&self) -> Result<JobSettings, String> {
        let tables = self.tables.clone();
        let refused = |option: &str, kinds: &str| Err(format!("{option} is for {kinds} alone"));
        if self.period.is_some() && !matches!(self.kind, NewKind::Reconciliation) {
            return refused("--period", "the kind reconciliation");
        }
        if self.older_than_days.is_some() && !matches!(self.kind, NewKind::Retention) {
            return refused("--older-than-days", "the kind retention");
        }
        Ok(match self.kind {
            NewKind::BasePull => JobSettings::BasePull(BasePullSettings { tables }),
            NewKind::Reconciliation => JobSettings::Reconciliation(ReconciliationSettings {
                period: self.period.unwrap_or(PeriodRule::LastDays(COMPARED_DAYS)),
                tables,
            }),
            NewKind::Retention => {
                let Some(older_than_days) = self.older_than_days else {
                    return Err("a retention needs --older-than-days".to_owned());
                };
                JobSettings::Retention(RetentionSettings {
                    older_than_days,
                    tables,
                })
            }
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct EditJob {
    #[command(flatten)]
    pub(crate) job: OneJob,
    /// What to call it.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// When it runs by itself; "never" for by hand only.
    #[arg(long, value_parser = schedule_or_never)]
    pub(crate) schedule: Option<MaybeSchedule>,
    /// Its settings as JSON, as `job list --json` shows them.
    #[arg(long)]
    pub(crate) settings: Option<String>,
}

/// A schedule, or that there is none.
#[derive(Debug, Clone)]
pub(crate) struct MaybeSchedule(pub(crate) Option<Schedule>);

#[derive(Debug, Args)]
pub(crate) struct RunJob {
    #[command(flatten)]
    pub(crate) job: OneJob,
    /// The first day of the period.
    #[arg(long, requires = "to")]
    pub(crate) from: Option<NaiveDate>,
    /// The last day of the period.
    #[arg(long, requires = "from")]
    pub(crate) to: Option<NaiveDate>,
}

/// Reports: extracts of the vendor's records that users define.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Shows what a report would bring: fields that can be chosen, tables, and rows of the latest records. Writes nothing.
    Preview(Box<ReportOptions>),
    /// Makes a report and the job that refreshes it.
    Add(Box<AddReport>),
    /// Changes a report's name, fields, period and schedule.
    Edit(Box<EditReport>),
    /// Refreshes a report now, and tells how it ended.
    Run(RunReport),
    /// Lists the reports of a subscription with their tables and the new fields that are offered.
    List(ListReports),
    /// Removes a report; the rows that it brought stay, unless they are to go too. Rows that were kept can go later.
    Remove(RemoveReport),
}

#[derive(Debug, Args)]
pub(crate) struct ListReports {
    /// Whose reports.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// Lists those that were removed and of which rows are still there, instead of those that are refreshed.
    #[arg(long)]
    pub(crate) removed: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportOptions {
    /// Whose report.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// Where its records come from.
    #[arg(long)]
    pub(crate) source: SourceId,
    /// What records it is made of.
    #[arg(
        long,
        value_parser = report_kind,
        value_name = "documents|consumables|goods_transactions|finance_transactions|record_categories|services"
    )]
    pub(crate) kind: ReportKind,
    /// What to call it, up to 64 characters.
    #[arg(long, default_value = "Report")]
    pub(crate) name: String,
    /// Only these fields, with commas between: client.name,services[].cost
    #[arg(long, value_delimiter = ',', value_parser = path)]
    pub(crate) fields: Vec<Path>,
    /// Puts the rows into a table of this name, whose columns are those of a sample.
    #[arg(long, conflicts_with = "description")]
    pub(crate) table: Option<String>,
    /// Puts the rows into the tables that this YAML file describes.
    #[arg(long)]
    pub(crate) description: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct AddReport {
    #[command(flatten)]
    pub(crate) options: ReportOptions,
    /// What a run refreshes: "last 7 days", "last 2 months", "since 2026-01-31". Services and record categories belong to no days
    /// and are always read whole.
    #[arg(long, value_parser = period, default_value = "last 7 days")]
    pub(crate) period: PeriodRule,
    /// When it is refreshed: "every 2 hours", "daily at 03:30". By hand only without it.
    #[arg(long, value_parser = schedule)]
    pub(crate) schedule: Option<Schedule>,
    /// Approves the columns that a preview of --table shows.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OneReport {
    /// Whose report.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// The report, as the list shows it.
    #[arg(value_parser = report_id)]
    pub(crate) report: ReportId,
}

#[derive(Debug, Args)]
pub(crate) struct EditReport {
    #[command(flatten)]
    pub(crate) report: OneReport,
    /// What to call it from now on, up to 64 characters.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The fields of its JSON rows, with commas between; of a report with a table, those that get columns too.
    #[arg(long, value_delimiter = ',', value_parser = path)]
    pub(crate) fields: Option<Vec<Path>>,
    /// Another YAML file that describes its tables, with more columns and everything that is there.
    #[arg(long, conflicts_with = "fields")]
    pub(crate) description: Option<PathBuf>,
    /// What a run refreshes: "last 7 days", "last 2 months", "since 2026-01-31".
    #[arg(long, value_parser = period)]
    pub(crate) period: Option<PeriodRule>,
    /// When it is refreshed: "every 2 hours", "daily at 03:30".
    #[arg(long, value_parser = schedule, conflicts_with = "by_hand")]
    pub(crate) schedule: Option<Schedule>,
    /// Takes its schedule away: it is refreshed by hand only.
    #[arg(long)]
    pub(crate) by_hand: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveReport {
    #[command(flatten)]
    pub(crate) report: OneReport,
    /// Also erases its rows, and frees the names of its tables.
    #[arg(long)]
    pub(crate) delete_rows: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunReport {
    #[command(flatten)]
    pub(crate) report: OneReport,
    /// The first day of the period.
    #[arg(long, requires = "to")]
    pub(crate) from: Option<NaiveDate>,
    /// The last day of the period.
    #[arg(long, requires = "from")]
    pub(crate) to: Option<NaiveDate>,
}

fn days(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "write a whole number of days, 1 at least".to_owned())
}

fn schedule(text: &str) -> Result<Schedule, String> {
    text.parse::<Schedule>().map_err(|error| error.to_string())
}

fn schedule_or_never(text: &str) -> Result<MaybeSchedule, String> {
    match text {
        "never" => Ok(MaybeSchedule(None)),
        text => schedule(text).map(|schedule| MaybeSchedule(Some(schedule))),
    }
}

fn period(text: &str) -> Result<PeriodRule, String> {
    text.parse::<PeriodRule>()
        .map_err(|error| error.to_string())
}

fn path(text: &str) -> Result<Path, String> {
    text.parse::<Path>().map_err(|error| error.to_string())
}

fn report_kind(text: &str) -> Result<ReportKind, String> {
    let known: Vec<_> = ReportKind::ALL.iter().map(|kind| kind.as_str()).collect();
    text.parse::<ReportKind>()
        .map_err(|_| format!("one of {}", known.join(", ")))
}

fn job_id(text: &str) -> Result<JobId, String> {
    text.parse::<JobId>().map_err(|error| error.to_string())
}

fn report_id(text: &str) -> Result<ReportId, String> {
    text.parse::<ReportId>().map_err(|error| error.to_string())
}
