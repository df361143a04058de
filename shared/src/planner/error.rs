use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::SettingsFault;
use crate::{
    control::{ControlError, Failure},
    journal::RelayError,
    ports::{Disposition, MailerError, QueueError},
    warehouse::WarehouseError,
    yclients::client::OF_COMPANY,
};

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not of one of the forms.
    #[error(
        "\"{text}\" is no schedule: write \"every 15 minutes\", \"every 2 hours\", \"every hour\", \"daily at 03:30\" or \"weekly on mon,thu at 04:00\""
    )]
    Unreadable {
        /// What was read.
        text: String,
    },
    /// The time is not one.
    #[error("\"{text}\" is no time of day: write 00:00 to 23:59")]
    NoSuchTime {
        /// What was read.
        text: String,
    },
    /// The day is not one.
    #[error("\"{text}\" is no day of the week: write mon, tue, wed, thu, fri, sat or sun")]
    NoSuchDay {
        /// What was read.
        text: String,
    },
    /// It names no moment at all.
    #[error("this schedule would never fire")]
    NeverFires,
    /// Longer than four weeks between two runs.
    #[error("a schedule may pause for four weeks at most")]
    TooRare,
}

/// Why days are no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// Not of one of the forms.
    #[error(
        "\"{text}\" is no period: write \"last 7 days\", \"last 2 months\" or \"since 2026-01-31\""
    )]
    Unreadable {
        /// What was read.
        text: String,
    },
    /// It holds no day.
    #[error("this period holds no day")]
    Empty,
    /// It ends before it begins.
    #[error("the period ends on {to}, before it begins on {from}")]
    Reversed {
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
    /// It has not begun, or ends more than a year ahead.
    #[error("the period {period} lies in the future")]
    Future {
        /// The period as it was given: both days, or the rule that names them.
        period: String,
    },
    /// It holds more than ten years.
    #[error("a period may hold ten years at most")]
    TooLong,
}

/// Why a job was not made, changed or done.
#[derive(Debug, thiserror::Error)]
pub enum PlannerError {
    /// The name is empty or longer than 64 characters.
    #[error("a job's name has 1 to 64 characters")]
    Name,
    /// The schedule is not one.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The period is not one.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// The settings are not those of the job's kind.
    #[error("the settings of this job cannot be read: {0}")]
    Settings(SettingsFault),
    /// A job of this kind needs a source.
    #[error("a job of the kind {kind} needs a source")]
    NoSource {
        /// The kind.
        kind: &'static str,
    },
    /// There is no such source, it was removed, or it is another subscription's.
    #[error("there is no source {source_id} in this subscription")]
    NoSuchSource {
        /// The id given.
        source_id: String,
    },
    /// There is no such table.
    #[error("there is no table {table}")]
    NoSuchTable {
        /// The name given.
        table: String,
    },
    /// A job of this kind can do nothing with that table.
    #[error("a job of the kind {kind} cannot take the table {table}")]
    OtherTable {
        /// The name given.
        table: String,
        /// The kind.
        kind: &'static str,
    },
    /// A report's job refreshes its own report, from its own source.
    #[error("a report's job stays with its report and its source")]
    OtherReport,
    /// The job takes no period: it always does all there is.
    #[error("a job of the kind {kind} takes no period")]
    NoPeriod {
        /// The kind.
        kind: &'static str,
    },
    /// The report's records belong to no days: a run reads all of them.
    #[error("a report of the kind {kind} takes no period: a run always reads the whole list")]
    ReadWhole {
        /// The kind of the report.
        kind: &'static str,
    },
    /// The job belongs to a report, and goes with it.
    #[error("this job refreshes a report: remove the report instead, or pause the job")]
    OfReport,
    /// A run is under way.
    #[error("the job is under way; it can be run again when that run is over")]
    UnderWay,
    /// Another worker holds the run.
    #[error("another worker is at this run")]
    Held,
    /// The work was not done.
    #[error(transparent)]
    Work(Box<WorkError>),
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The queue did not do its part.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The outbox was not relayed.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The mail was not handed over.
    #[error(transparent)]
    Mailer(#[from] MailerError),
    /// The mail could not be written.
    #[error("a mail could not be written")]
    Template(#[from] askama::Error),
}

/// Why the work of a run was not done, in a form that people are told.
#[derive(Debug, thiserror::Error)]
#[error("the work of the run failed with {code}")]
pub struct WorkError {
    /// A code with a text `problem-CODE`.
    pub code: &'static str,
    /// What the text is filled in with: a JSON object of plain values.
    pub details: Json,
    /// Whether another attempt may do it.
    pub disposition: Disposition,
    /// What happened.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl WorkError {
    /// What no other attempt would do.
    pub fn hopeless(code: &'static str, details: Json) -> Self {
        Self {
            code,
            details,
            disposition: Disposition::Park,
            source: None,
        }
    }

    /// What another attempt may do.
    pub fn passing(
        code: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            code,
            details: json!({}),
            disposition: Disposition::Retry,
            source: Some(Box::new(source)),
        }
    }

    /// Whether nothing is loaded for now: the plan lets nothing in, the source is paused or waits for a credential, or its
    /// company is closed to its account or without a licence.
    pub(super) fn is_standstill(&self) -> bool {
        let behind = self.details.get("code").and_then(Json::as_str);
        let is_of_company = |code: &str| OF_COMPANY.contains(&code);
        behind.is_some_and(is_of_company)
            || is_of_company(self.code)
            || matches!(
                self.code,
                "plan.ended" | "plan.rows-used" | "plan.storage-used" | "pull.not-active"
            )
    }

    /// What is kept with the run.
    pub fn failure(&self) -> Failure {
        Failure {
            code: self.code.to_owned(),
            details: self.details.clone(),
        }
    }
}

impl From<SettingsFault> for PlannerError {
    fn from(fault: SettingsFault) -> Self {
        Self::Settings(fault)
    }
}

impl From<WarehouseError> for WorkError {
    fn from(error: WarehouseError) -> Self {
        Self {
            disposition: error.disposition(),
            ..Self::passing("job.warehouse", error)
        }
    }
}

impl From<ControlError> for WorkError {
    fn from(error: ControlError) -> Self {
        Self {
            disposition: error.disposition(),
            ..Self::passing("job.control", error)
        }
    }
}

impl From<PeriodError> for WorkError {
    fn from(error: PeriodError) -> Self {
        Self {
            disposition: Disposition::Park,
            ..Self::passing("job.period", error)
        }
    }
}

impl PlannerError {
    /// What to do with the message that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Held | Self::UnderWay => Disposition::Retry,
            Self::Work(error) => error.disposition,
            Self::Control(error) => error.disposition(),
            Self::Queue(error) => error.disposition(),
            Self::Relay(error) => error.disposition(),
            Self::Mailer(error) => error.disposition(),
            _ => Disposition::Park,
        }
    }

    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Name => "job_name",
            Self::Schedule(_) => "job_schedule",
            Self::Period(_) | Self::NoPeriod { .. } | Self::ReadWhole { .. } => "job_period",
            Self::Settings { .. } | Self::OtherReport => "job_settings",
            Self::NoSuchTable { .. } | Self::OtherTable { .. } => "job_table",
            Self::NoSource { .. } | Self::NoSuchSource { .. } => "job_source",
            Self::UnderWay | Self::Held => "job_under_way",
            Self::OfReport => "job_of_report",
            Self::Control(ControlError::NotFound { .. }) => "not_found",
            _ => "job_failed",
        }
    }
}
