use chrono::{DateTime, Utc};
use wynos::{
    control::{Report, RowsLeft, Source},
    i18n::{Args, text, text_with},
};

use super::{moment_or_dash, source::company};
use crate::http::Member;

/// A removed source of which rows are still there, in words.
#[derive(Debug)]
pub(crate) struct RemovedItem {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) company: String,
    /// When it was removed, and what becomes of its rows.
    pub(crate) told: String,
    /// Whether its rows stay until somebody has them go.
    pub(crate) kept: bool,
}

/// A removed report of which rows are still there, in words.
#[derive(Debug)]
pub(crate) struct RemovedReport {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    /// The tables that it filled.
    pub(crate) tables: String,
    /// When it was removed, and what becomes of its rows.
    pub(crate) told: String,
    /// Whether its rows stay until somebody has them go.
    pub(crate) kept: bool,
}

impl RemovedItem {
    /// The removed source as the member sees it.
    pub(crate) fn of(member: &Member, source: &Source) -> Self {
        let kept = source.rows_left() == Some(RowsLeft::Kept);
        Self {
            href: format!("{}/sources/{}", member.base(), source.id),
            name: source.name.clone(),
            company: company(source),
            told: told(member, source.removed_at, kept),
            kept,
        }
    }
}

impl RemovedReport {
    /// The removed report with its tables as the member sees it.
    pub(crate) fn of(member: &Member, report: &Report, tables: &[String]) -> Self {
        let kept = report.rows_left() == Some(RowsLeft::Kept);
        let kind = report.kind.as_str().replace('_', "-");
        Self {
            href: format!("{}/reports/{}", member.base(), report.id),
            name: report.name.clone(),
            kind: text(member.visitor.locale, &format!("console-report-{kind}")),
            tables: tables.join(", "),
            told: told(member, report.removed_at, kept),
            kept,
        }
    }
}

/// When something was removed, and what becomes of its rows.
fn told(member: &Member, removed_at: Option<DateTime<Utc>>, kept: bool) -> String {
    let locale = member.visitor.locale;
    let at = Args::new().with("at", moment_or_dash(member, removed_at));
    let rows = match kept {
        true => "console-source-rows-kept",
        false => "console-source-rows-going",
    };
    format!(
        "{} {}",
        text_with(locale, "console-source-removed-at", &at),
        text(locale, rows)
    )
}
