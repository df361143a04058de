use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::{PeriodRule, PlannerError};
use crate::control::{JobKind, ReportId};

/// The most tables that settings name.
const MOST_TABLES: usize = 200;

/// What a job is to do, by its kind; kept as JSON with the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobSettings {
    /// Brings a source up to date.
    BasePull(BasePullSettings),
    /// Refreshes a report.
    Report(ReportSettings),
    /// Compares what is held with what the vendor has.
    Reconciliation(ReconciliationSettings),
    /// Removes what was received long ago.
    Retention(RetentionSettings),
}

/// Settings of a base pull.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasePullSettings {
    /// Only these tables; empty for all that the source has chosen.
    #[serde(default)]
    pub tables: Vec<String>,
}

/// Settings of a report's job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSettings {
    /// The report.
    pub report: ReportId,
    /// What a run refreshes when nobody names a period.
    pub period: PeriodRule,
}

/// Settings of a reconciliation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReconciliationSettings {
    /// What a run compares when nobody names a period.
    pub period: PeriodRule,
    /// Only these tables; empty for all that have indicators.
    #[serde(default)]
    pub tables: Vec<String>,
}

/// Settings of the removal of old rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionSettings {
    /// Rows received more than so many days ago go.
    pub older_than_days: u32,
    /// Only these tables; empty for all facts.
    #[serde(default)]
    pub tables: Vec<String>,
}

impl JobSettings {
    /// Reads the settings of a job of this kind, as kept.
    pub fn read(kind: JobKind, settings: &Json) -> Result<Self, PlannerError> {
        Ok(match kind {
            JobKind::BasePull => Self::BasePull(parse(settings)?),
            JobKind::Report => Self::Report(parse(settings)?),
            JobKind::Reconciliation => Self::Reconciliation(parse(settings)?),
            JobKind::Retention => Self::Retention(parse(settings)?),
        })
    }

    /// The kind of job that they are of.
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::BasePull(_) => JobKind::BasePull,
            Self::Report(_) => JobKind::Report,
            Self::Reconciliation(_) => JobKind::Reconciliation,
            Self::Retention(_) => JobKind::Retention,
        }
    }

    /// The settings as they are kept.
    pub fn to_json(&self) -> Json {
        let json = match self {
            Self::BasePull(settings) => serde_json::to_value(settings),
            Self::Report(settings) => serde_json::to_value(settings),
            Self::Reconciliation(settings) => serde_json::to_value(settings),
            Self::Retention(settings) => serde_json::to_value(settings),
        };
        // Plain structs of text and numbers always become JSON.
        json.unwrap_or_default()
    }

    /// The period that a run covers when nobody names one; `None` for kinds that take none.
    pub const fn period(&self) -> Option<PeriodRule> {
        match self {
            Self::Report(settings) => Some(settings.period),
            Self::Reconciliation(settings) => Some(settings.period),
            Self::BasePull(_) | Self::Retention(_) => None,
        }
    }

    /// Refuses what no run could do.
    pub fn check(&self, now: DateTime<Utc>, zone: Tz) -> Result<(), PlannerError> {
        if let Some(rule) = self.period() {
            rule.check(now, zone)?;
        }
        let tables = match self {
            Self::BasePull(settings) => &settings.tables,
            Self::Reconciliation(settings) => &settings.tables,
            Self::Retention(settings) => {
                if settings.older_than_days == 0 {
                    return refuse("older_than_days is at least 1");
                }
                &settings.tables
            }
            Self::Report(_) => return Ok(()),
        };
        if tables.len() > MOST_TABLES {
            return refuse("tables names too many tables");
        }
        Ok(())
    }
}

fn refuse(reason: &str) -> Result<(), PlannerError> {
    Err(PlannerError::Settings {
        reason: reason.into(),
    })
}

fn parse<T: DeserializeOwned>(settings: &Json) -> Result<T, PlannerError> {
    serde_json::from_value(settings.clone()).map_err(|error| PlannerError::Settings {
        reason: error.to_string(),
    })
}
