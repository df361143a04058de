use std::fmt;

use serde_json::Value as Json;

use super::PeriodRule;
use crate::{
    catalog::Locale,
    control::ReportId,
    i18n::{Args, text, text_with},
};

/// The most tables that settings name.
pub(super) const MOST_TABLES: usize = 200;

/// What is wrong with the settings of a job. Shown as it is, it is in English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// They are no JSON object.
    NoObject,
    /// A field is not there.
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field that jobs of this kind do not have.
    Unknown {
        /// The field.
        field: String,
        /// Those that they have, with commas between.
        known: String,
    },
    /// A value that the field cannot have.
    Value {
        /// The field.
        field: &'static str,
        /// What it holds.
        holds: SettingsValue,
    },
    /// A job of one kind does not become one of another.
    OtherKind {
        /// The kind that it has.
        kind: &'static str,
    },
    /// What else is wrong with them, in English.
    Other {
        /// The reason.
        reason: String,
    },
}

/// What a field of settings holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsValue {
    /// A number of days, 1 at least.
    Days,
    /// A period as [`PeriodRule`] reads it.
    Period,
    /// The id of a report.
    Report,
    /// A list of names of tables, 200 at most.
    Tables,
}

impl SettingsValue {
    /// Whether a value is of the type of the field, whatever its size.
    pub(super) fn reads(self, value: &Json) -> bool {
        match self {
            Self::Days => value
                .as_u64()
                .is_some_and(|days| u32::try_from(days).is_ok()),
            Self::Period => is_text_of::<PeriodRule>(value),
            Self::Report => is_text_of::<ReportId>(value),
            Self::Tables => {
                let tables = value.as_array();
                tables.is_some_and(|tables| tables.iter().all(Json::is_string))
            }
        }
    }

    /// The key of the text that says what the field holds.
    const fn key(self) -> &'static str {
        match self {
            Self::Days => "settings-days",
            Self::Period => "settings-period",
            Self::Report => "settings-report",
            Self::Tables => "settings-tables",
        }
    }
}

fn is_text_of<T: std::str::FromStr>(value: &Json) -> bool {
    value.as_str().is_some_and(|text| text.parse::<T>().is_ok())
}

impl SettingsFault {
    /// What is wrong, in the reader's language: a part of a sentence.
    pub fn say(&self, locale: Locale) -> String {
        let none = Args::new;
        match self {
            Self::NoObject => text(locale, "settings-no-object"),
            Self::Missing { field } => {
                text_with(locale, "settings-missing", &none().with("field", *field))
            }
            Self::Unknown { field, known } => {
                let args = none().with("field", field.as_str());
                text_with(
                    locale,
                    "settings-unknown",
                    &args.with("known", known.as_str()),
                )
            }
            Self::Value { field, holds } => {
                let args = none().with("field", *field);
                text_with(
                    locale,
                    holds.key(),
                    &args.with("most", MOST_TABLES.to_string()),
                )
            }
            Self::OtherKind { kind } => {
                text_with(locale, "settings-other-kind", &none().with("kind", *kind))
            }
            Self::Other { reason } => reason.clone(),
        }
    }
}

impl fmt::Display for SettingsFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.say(Locale::En))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::JobSettings, *};
    use crate::control::JobKind;

    fn fault(kind: JobKind, settings: &Json) -> SettingsFault {
        match JobSettings::read(kind, settings) {
            Err(super::super::PlannerError::Settings(fault)) => fault,
            other => panic!("{settings}: {other:?}"),
        }
    }

    #[test]
    fn a_field_of_settings_that_is_wrong_is_named() {
        let missing = |field| SettingsFault::Missing { field };
        let value = |field, holds| SettingsFault::Value { field, holds };
        let period = "last 7 days";
        for (kind, settings, expected) in [
            (JobKind::Retention, json!([]), SettingsFault::NoObject),
            (JobKind::Retention, json!({}), missing("older_than_days")),
            (JobKind::Reconciliation, json!({}), missing("period")),
            (
                JobKind::Report,
                json!({ "period": period }),
                missing("report"),
            ),
            (
                JobKind::Retention,
                json!({ "older_than_days": "90" }),
                value("older_than_days", SettingsValue::Days),
            ),
            (
                JobKind::Retention,
                json!({ "older_than_days": -1 }),
                value("older_than_days", SettingsValue::Days),
            ),
            (
                JobKind::Retention,
                json!({ "older_than_days": 90, "tables": "yclients_records" }),
                value("tables", SettingsValue::Tables),
            ),
            (
                JobKind::BasePull,
                json!({ "tables": [1] }),
                value("tables", SettingsValue::Tables),
            ),
            (
                JobKind::Reconciliation,
                json!({ "period": "last week" }),
                value("period", SettingsValue::Period),
            ),
            (
                JobKind::Report,
                json!({ "report": 5, "period": period }),
                value("report", SettingsValue::Report),
            ),
            (
                JobKind::Retention,
                json!({ "older_than": 90 }),
                SettingsFault::Unknown {
                    field: "older_than".to_owned(),
                    known: "older_than_days, tables".to_owned(),
                },
            ),
        ] {
            assert_eq!(fault(kind, &settings), expected, "{settings}");
        }
    }

    #[test]
    fn every_fault_of_settings_reads_as_its_own_sentence_in_every_language() {
        let value = |field, holds| SettingsFault::Value { field, holds };
        let faults = [
            SettingsFault::NoObject,
            SettingsFault::Missing {
                field: "older_than_days",
            },
            SettingsFault::Unknown {
                field: "older_than".to_owned(),
                known: "older_than_days, tables".to_owned(),
            },
            value("older_than_days", SettingsValue::Days),
            value("period", SettingsValue::Period),
            value("report", SettingsValue::Report),
            value("tables", SettingsValue::Tables),
            SettingsFault::OtherKind { kind: "retention" },
        ];
        for locale in Locale::ALL {
            let said: Vec<String> = faults.iter().map(|fault| fault.say(locale)).collect();
            insta::assert_snapshot!(format!("settings_{}", locale.code()), said.join("\n"));
        }
    }
}
