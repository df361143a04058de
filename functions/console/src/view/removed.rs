use wynos::{
    control::{RowsLeft, Source},
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

impl RemovedItem {
    /// The removed source as the member sees it.
    pub(crate) fn of(member: &Member, source: &Source) -> Self {
        let locale = member.visitor.locale;
        let kept = source.rows_left() == Some(RowsLeft::Kept);
        let at = Args::new().with("at", moment_or_dash(member, source.removed_at));
        let rows = match kept {
            true => "console-source-rows-kept",
            false => "console-source-rows-going",
        };
        Self {
            href: format!("{}/sources/{}", member.base(), source.id),
            name: source.name.clone(),
            company: company(source),
            told: format!(
                "{} {}",
                text_with(locale, "console-source-removed-at", &at),
                text(locale, rows)
            ),
            kept,
        }
    }
}
