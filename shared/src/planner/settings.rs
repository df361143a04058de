use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::{PeriodRule, PlannerError, SettingsFault, SettingsValue, fault::MOST_TABLES};
use crate::control::{JobKind, ReportId};

/// What is told of a field that there is not, in characters.
const MOST_OF_A_NAME: usize = 100;

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
    /// Reads the settings of a job of this kind, as kept; [`PlannerError::Settings`] names the field at fault.
    pub fn read(kind: JobKind, settings: &Json) -> Result<Self, PlannerError> {
        check_fields(kind, settings)?;
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
                    return Err(DAYS.wrong().into());
                }
                &settings.tables
            }
            Self::Report(_) => return Ok(()),
        };
        if tables.len() > MOST_TABLES {
            return Err(TABLES.wrong().into());
        }
        Ok(())
    }
}

/// A field of settings.
struct Field {
    name: &'static str,
    holds: SettingsValue,
    required: bool,
}

const DAYS: Field = Field::required("older_than_days", SettingsValue::Days);
const PERIOD: Field = Field::required("period", SettingsValue::Period);
const REPORT: Field = Field::required("report", SettingsValue::Report);
const TABLES: Field = Field {
    required: false,
    ..Field::required("tables", SettingsValue::Tables)
};

impl Field {
    const fn required(name: &'static str, holds: SettingsValue) -> Self {
        Self {
            name,
            holds,
            required: true,
        }
    }

    const fn wrong(&self) -> SettingsFault {
        SettingsFault::Value {
            field: self.name,
            holds: self.holds,
        }
    }
}

/// The fields of the settings of such jobs.
const fn fields_of(kind: JobKind) -> &'static [Field] {
    match kind {
        JobKind::BasePull => &[TABLES],
        JobKind::Report => &[REPORT, PERIOD],
        JobKind::Reconciliation => &[PERIOD, TABLES],
        JobKind::Retention => &[DAYS, TABLES],
    }
}

/// Refuses settings with a field too many, or without one, or with one that is of another type, by its name: what the reader
/// of JSON says of them is in English and names none.
fn check_fields(kind: JobKind, settings: &Json) -> Result<(), SettingsFault> {
    let given = settings.as_object().ok_or(SettingsFault::NoObject)?;
    let fields = fields_of(kind);
    let known = |name: &str| fields.iter().any(|field| field.name == name);
    if let Some(unknown) = given.keys().find(|name| !known(name)) {
        let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
        return Err(SettingsFault::Unknown {
            field: unknown.chars().take(MOST_OF_A_NAME).collect(),
            known: names.join(", "),
        });
    }
    for field in fields {
        match given.get(field.name) {
            None if field.required => {
                return Err(SettingsFault::Missing { field: field.name });
            }
            Some(value) if !field.holds.reads(value) => return Err(field.wrong()),
            None | Some(_) => {}
        }
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(settings: &Json) -> Result<T, PlannerError> {
    serde_json::from_value(settings.clone()).map_err(|error| {
        let reason = error.to_string();
        SettingsFault::Other { reason }.into()
    })
}
