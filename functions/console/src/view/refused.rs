use chrono::NaiveDate;
use wynos::{
    catalog::Locale,
    control::ControlError,
    i18n::{Args, text, text_with},
    journal,
    planner::{Period, PeriodError, PlannerError, ScheduleError},
    yclients::reports::{PathError, ReportError, description::Problem},
};

use crate::http::{Failure, Kind};

/// The field at fault, and words about it.
pub(crate) type Refused = (&'static str, String);

/// What the planner refuses, as the field at fault and words about it; what is no matter of the form is a failure.
pub(crate) fn refusal(locale: Locale, error: PlannerError) -> Result<Refused, Failure> {
    if let Some(refused) = planner_refusal(locale, &error) {
        return Ok(refused);
    }
    Err(match error {
        PlannerError::UnderWay | PlannerError::Held | PlannerError::OfReport => {
            Kind::Conflict.into()
        }
        PlannerError::Control(error) => error.into(),
        error => Failure::noted(Kind::Unavailable, &error),
    })
}

/// What is wrong with what was asked of the planner; nothing where that is not what failed.
pub(crate) fn planner_refusal(locale: Locale, error: &PlannerError) -> Option<Refused> {
    let plain = |field, key: &str| Some((field, text(locale, key)));
    match error {
        PlannerError::Name => plain("name", "problem-planner-name"),
        PlannerError::Schedule(error) => Some(("schedule", schedule_refusal(locale, error))),
        PlannerError::Period(error) => Some(("period", period_refusal(locale, error))),
        PlannerError::NoPeriod { .. } => plain("period", "problem-planner-no-period"),
        PlannerError::NoSource { .. } | PlannerError::NoSuchSource { .. } => {
            plain("source", "problem-planner-source")
        }
        PlannerError::Settings(fault) => {
            let args = Args::new().with("reason", fault.say(locale));
            let words = text_with(locale, "problem-job-settings", &args);
            Some(("settings", words))
        }
        PlannerError::ReadWhole { .. } => plain("period", "problem-planner-read-whole"),
        PlannerError::NoSuchTable { table } => {
            let args = Args::new().with("table", table.as_str());
            let words = text_with(locale, "problem-planner-no-table", &args);
            Some(("settings", words))
        }
        PlannerError::OtherTable { table, .. } => {
            let args = Args::new().with("table", table.as_str());
            let words = text_with(locale, "problem-planner-table", &args);
            Some(("settings", words))
        }
        PlannerError::OtherReport => plain("source", "problem-planner-report"),
        _ => None,
    }
}

/// What is wrong with a schedule that a form told in parts.
pub(crate) fn schedule_refusal(locale: Locale, error: &ScheduleError) -> String {
    let key = match error {
        ScheduleError::NeverFires => "problem-planner-never-fires",
        ScheduleError::TooRare => "problem-planner-too-rare",
        ScheduleError::NoSuchTime { .. } => "problem-planner-time",
        ScheduleError::Unreadable { .. } | ScheduleError::NoSuchDay { .. } => {
            "problem-planner-schedule"
        }
    };
    text(locale, key)
}

/// What is wrong with a schedule that was written out.
pub(crate) fn written_schedule_refusal(locale: Locale, error: &ScheduleError) -> String {
    match error {
        ScheduleError::Unreadable { text } => {
            quoting(locale, "problem-planner-schedule-written", text)
        }
        ScheduleError::NoSuchDay { text } => quoting(locale, "problem-planner-day-written", text),
        ScheduleError::NoSuchTime { text } => quoting(locale, "problem-planner-time-written", text),
        other => schedule_refusal(locale, other),
    }
}

/// What is wrong with a period that a form told in parts.
pub(crate) fn period_refusal(locale: Locale, error: &PeriodError) -> String {
    let key = match error {
        PeriodError::Unreadable { .. } => "problem-planner-period",
        PeriodError::Empty => "problem-planner-period-empty",
        PeriodError::Reversed { .. } => "problem-planner-period-reversed",
        PeriodError::Future { .. } => "problem-planner-period-future",
        PeriodError::TooLong => "problem-planner-period-long",
    };
    text(locale, key)
}

/// What is wrong with days that were named one by one, both inclusive, with the one at fault; nothing where they are a period.
pub(crate) fn days_refusal(
    locale: Locale,
    (from, to): (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> Option<Refused> {
    let error = Period::new(from, to, today).err()?;
    let field = match &error {
        PeriodError::Future { .. } if from <= today => "to",
        PeriodError::Reversed { .. } => "to",
        _ => "from",
    };
    Some((field, period_refusal(locale, &error)))
}

/// What is wrong with a period that was written out.
pub(crate) fn written_period_refusal(locale: Locale, error: &PeriodError) -> String {
    match error {
        PeriodError::Unreadable { text } => quoting(locale, "problem-planner-period-written", text),
        other => period_refusal(locale, other),
    }
}

fn quoting(locale: Locale, key: &str, read: &str) -> String {
    text_with(locale, key, &Args::new().with("text", read))
}

/// What is wrong with what was asked of a report; nothing where that is not what failed.
pub(crate) fn report_refusal(locale: Locale, error: &ReportError) -> Option<Refused> {
    let about = |field, key: &str| {
        let args = Args::new().with("reason", report_reason(locale, error));
        Some((field, text_with(locale, key, &args)))
    };
    match error {
        ReportError::Description(_) => about("description", "problem-reports-description"),
        ReportError::TableName(_) | ReportError::Control(ControlError::Taken { .. }) => {
            about("table", "problem-reports-table")
        }
        ReportError::UnknownField { .. } => about("fields", "problem-reports-field"),
        ReportError::NoSample => about("form", "problem-reports-no-sample"),
        ReportError::NotApproved => about("form", "console-reports-approve"),
        ReportError::Settled => about("fields", "problem-reports-settled"),
        ReportError::Wide => about("fields", "problem-reports-wide"),
        ReportError::Planner(error) => planner_refusal(locale, error),
        ReportError::Work(error) => {
            let words = journal::reason(locale, error.code, Some(&error.details));
            Some(("source", words))
        }
        ReportError::Control(_) | ReportError::Kept(_) => None,
    }
}

/// What exactly is wrong with what was asked of a report: a part of a sentence.
fn report_reason(locale: Locale, error: &ReportError) -> String {
    match error {
        ReportError::Description(error) => error.say(locale),
        ReportError::TableName(problem) => problem.say(locale),
        ReportError::UnknownField { path, nearest } => {
            let args = Args::new().with("path", path.to_string());
            match nearest {
                Some(near) => {
                    let args = args.with("nearest", near.to_string());
                    text_with(locale, "problem-reports-no-field-near", &args)
                }
                None => text_with(locale, "problem-reports-no-field", &args),
            }
        }
        ReportError::Control(ControlError::Taken { .. }) => text(locale, "problem-reports-taken"),
        other => other.to_string(),
    }
}

/// What is wrong with a text that is to be a field of a report.
pub(crate) fn path_refusal(locale: Locale, error: &PathError) -> String {
    Problem::from(error.clone()).say(locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_report_is_told_in_the_language_of_the_rest() {
        let path = |text: &str| text.parse::<wynos::yclients::reports::Path>();
        let unknown = ReportError::UnknownField {
            path: path("clent.name").unwrap(),
            nearest: path("client.name").ok(),
        };
        let name = "9lives".to_owned();
        let taken = ControlError::Taken {
            field: "name of a table",
        };
        for (error, words) in [
            (
                unknown,
                ["no record has a field", "nie ma pola", "нет поля"],
            ),
            (
                ReportError::TableName(Problem::Name { name }),
                [
                    "cannot be a name",
                    "nie może być nazwą",
                    "не может быть именем",
                ],
            ),
            (
                ReportError::Control(taken),
                ["another report", "inny raport", "другого отчёта"],
            ),
        ] {
            for (locale, words) in Locale::ALL.into_iter().zip(words) {
                let (_, told) = report_refusal(locale, &error).unwrap();
                assert!(told.contains(words), "{told}");
            }
        }
        for (locale, words) in
            Locale::ALL
                .into_iter()
                .zip(["is no path", "nie jest ścieżką", "не путь"])
        {
            let told = path_refusal(locale, &path("id; --").unwrap_err());
            assert!(told.contains(words), "{told}");
        }
    }
}
