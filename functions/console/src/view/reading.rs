use wynos::{
    control::{Actor, Run, RunKind, RunState},
    i18n::text,
    journal,
};

use super::{moment, number, period, table_label};
use crate::http::Member;

/// A reading of more tables than this is one of everything.
const MOST_NAMED: usize = 3;

/// A reading of a source or of a period of the past, in words.
#[derive(Debug)]
pub(crate) struct ReadingItem {
    pub(crate) what: String,
    /// The tables that were named.
    pub(crate) tables: String,
    pub(crate) when: String,
    pub(crate) tone: &'static str,
    pub(crate) state: String,
    pub(crate) reason: String,
    /// Windows read and to read; a reading that is no period has none.
    pub(crate) windows: String,
    pub(crate) rows: String,
}

impl ReadingItem {
    /// The run as the member sees it.
    pub(crate) fn of(member: &Member, run: &Run) -> Self {
        let locale = member.visitor.locale;
        let is_history = run.kind == RunKind::History;
        let by_hand = run.created_by != Actor::System;
        // Who reads everything names no table, or all of them.
        let named = by_hand && (1..=MOST_NAMED).contains(&run.tables.len());
        let tables = run.tables.iter().filter(|_| is_history || named);
        let tables: Vec<String> = tables.map(|table| table_label(locale, table)).collect();
        let reason = run.failure_code.as_deref();
        Self {
            what: match run.kind {
                RunKind::History => period(locale, run.period_from, run.period_to),
                _ if run.period_from.is_some() => period(locale, run.period_from, run.period_to),
                _ if !by_hand => text(locale, "console-reading-regular"),
                _ if named => text(locale, "console-reading-some-by-hand"),
                _ => text(locale, "console-reading-by-hand"),
            },
            tables: tables.join(", "),
            when: moment(member, run.finished_at.unwrap_or(run.created_at)),
            tone: match run.state {
                RunState::Waiting | RunState::Running | RunState::Paused => "busy",
                RunState::Done => "good",
                RunState::Partial | RunState::Failed => "bad",
            },
            state: text(locale, &format!("console-reading-{}", run.state.as_str())),
            reason: reason.map_or_else(String::new, |code| {
                journal::reason(locale, code, run.failure_details.as_ref())
            }),
            windows: match is_history {
                true => format!(
                    "{} / {}",
                    number(locale, run.windows_done),
                    number(locale, run.windows_total)
                ),
                false => "–".to_owned(),
            },
            rows: number(locale, run.rows),
        }
    }

    /// Whether it is to come further.
    pub(crate) fn is_busy(&self) -> bool {
        self.tone == "busy"
    }
}
