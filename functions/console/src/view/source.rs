use chrono::{DateTime, Utc};
use wynos::{
    control::{Source, SourceState, SourceTable, VendorName},
    i18n::{Args, text, text_with},
    journal,
    yclients::{
        client::COMPANY_CLOSED,
        connect::TableView,
        pull::{self, Outlook, Poorer},
        selection,
    },
};

use super::{moment, moment_or_dash, number, table_label};
use crate::http::Member;

/// A source, in words.
#[derive(Debug)]
pub(crate) struct SourceItem {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) company: String,
    pub(crate) tone: &'static str,
    pub(crate) state: String,
    pub(crate) explained: String,
    /// Whether its company is closed to its account.
    pub(crate) closed: bool,
    pub(crate) last: String,
    pub(crate) next: String,
}

/// A table of a source, in words.
#[derive(Debug)]
pub(crate) struct SourceTableItem {
    pub(crate) name: String,
    pub(crate) label: String,
    /// Labels of what comes with it.
    pub(crate) children: String,
    pub(crate) enabled: bool,
    pub(crate) filtered: bool,
    /// Whether it can have a filter of its own.
    pub(crate) filterable: bool,
    /// Whether it was read at least once.
    pub(crate) read: bool,
    pub(crate) last: String,
    pub(crate) rows: String,
    pub(crate) next: String,
    /// What it needs that is turned off.
    pub(crate) lacks: String,
    /// What went wrong last.
    pub(crate) problem: Option<String>,
    /// What may be missing, where only a list can be read that tells less.
    pub(crate) poorer: Option<String>,
}

/// A vendor's name as people know it.
const fn vendor_name(vendor: VendorName) -> &'static str {
    match vendor {
        VendorName::Yclients => "YCLIENTS",
        VendorName::Altegio => "Altegio",
    }
}

/// The company of a source: its vendor, and what it is there.
pub(super) fn company(source: &Source) -> String {
    let vendor = vendor_name(source.vendor);
    format!("{vendor}, {} {}", source.title, source.company_id)
}

impl SourceItem {
    /// The source as the member sees it; of the tables, its own count. Where the subscription `stands_still`, its sources do.
    pub(crate) fn of(
        member: &Member,
        source: &Source,
        tables: &[SourceTable],
        stands_still: Option<&'static str>,
        outlook: &Outlook,
    ) -> Self {
        let locale = member.visitor.locale;
        let own = || {
            tables
                .iter()
                .filter(|table| table.source_id == source.id && table.enabled)
                .filter(|table| pull::is_read(&table.table_name))
        };
        // It is as fresh as its oldest table, and not yet where one was never read.
        let unread = own().any(|table| table.last_at.is_none());
        let last = own().filter_map(|table| table.last_at).min();
        let next = own().filter_map(|table| pull::next_reading(table, source.state, outlook));
        let due = own().filter_map(|table| pull::due_since(table, source.state, outlook));
        let halted = stands_still.filter(|_| source.state == SourceState::Active);
        let problem = pull::problem(own()).filter(|_| source.state == SourceState::Active);
        let closed = problem == Some(COMPANY_CLOSED);
        // What stops all of them is told before what stops one.
        let why = halted.or(problem);
        let word = match why {
            Some(COMPANY_CLOSED) => "closed".to_owned(),
            Some(_) => "stands-still".to_owned(),
            None => source.state.as_str().replace('_', "-"),
        };
        Self {
            href: format!("{}/sources/{}", member.base(), source.id),
            name: source.name.clone(),
            company: company(source),
            tone: match source.state {
                SourceState::Active if why.is_some() => "bad",
                SourceState::Active if unread => "busy",
                SourceState::Active => "good",
                SourceState::NeedsCredential => "bad",
                SourceState::Paused | SourceState::Removed => "",
            },
            state: text(locale, &format!("console-source-{word}")),
            closed,
            explained: match why {
                Some(code) => journal::reason(locale, code, None),
                None => text(locale, &format!("console-source-{word}-text")),
            },
            last: match last {
                Some(at) if !unread => moment(member, at),
                _ => text(locale, "console-source-never"),
            },
            next: match (why, next.min(), due.min()) {
                (Some(_), Some(at), None) => {
                    let at = moment(member, at);
                    let args = Args::new().with("at", at);
                    text_with(locale, "console-source-tried-again", &args)
                }
                (_, next, due) => next_words(member, next, due),
            },
        }
    }

    /// Whether it is being read for the first time.
    pub(crate) fn is_reading(&self) -> bool {
        self.tone == "busy"
    }
}

impl SourceTableItem {
    /// The table as the member sees it; `poorer` are those of its source that are read from lists which tell less.
    pub(crate) fn of(
        member: &Member,
        view: &TableView,
        source: SourceState,
        outlook: &Outlook,
        poorer: &[Poorer],
    ) -> Self {
        let locale = member.visitor.locale;
        let state = &view.state;
        let children: Vec<&str> = view
            .children
            .iter()
            .map(|table| table.label.get(locale))
            .collect();
        let lacks = view.lacks.iter();
        let lacks: Vec<String> = lacks.map(|need| table_label(locale, &need.on)).collect();
        let failed = state
            .outcome
            .as_deref()
            .filter(|outcome| *outcome != "done");
        let poorer = poorer
            .iter()
            .find(|poorer| poorer.table == state.table_name);
        Self {
            name: state.table_name.clone(),
            label: view.table.label.get(locale).to_owned(),
            children: children.join(", "),
            enabled: state.enabled,
            filtered: state.filter.is_some(),
            filterable: selection::is_filterable(&view.table),
            read: state.last_at.is_some() || !pull::is_read(&state.table_name),
            lacks: lacks.join(", "),
            last: match pull::is_read(&state.table_name) {
                true => moment_or_dash(member, state.last_at),
                false => text(locale, "console-source-with-others"),
            },
            rows: state
                .last_rows
                .map_or_else(|| "–".to_owned(), |rows| number(locale, rows)),
            next: next_words(
                member,
                pull::next_reading(state, source, outlook),
                pull::due_since(state, source, outlook),
            ),
            problem: failed.map(|code| journal::reason(locale, code, None)),
            poorer: poorer.map(|poorer| poorer.words(locale)),
        }
    }
}

/// When something is read next, or since when it waits for that.
fn next_words(
    member: &Member,
    next: Option<DateTime<Utc>>,
    due_since: Option<DateTime<Utc>>,
) -> String {
    match due_since {
        Some(at) => {
            let args = Args::new().with("at", moment(member, at));
            text_with(member.visitor.locale, "console-source-waiting", &args)
        }
        None => moment_or_dash(member, next),
    }
}
