use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use wynos::{
    i18n::text,
    journal::{self, Category, Entry, JournalFilter, Severity},
    retention::periods,
    zone::start_of_day,
};

use super::address::{Onward, older};
use crate::{
    App,
    api::{journal_exported, read_word},
    http::{Failure, Member},
    view::{Frame, Named, People, Section, moment, number, page, table_label},
};

/// Entries of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "journal.html")]
struct JournalPage {
    frame: Frame,
    lead: String,
    action: String,
    categories: Vec<CategoryLink>,
    wanted: Wanted,
    filtered: bool,
    severities: Vec<Named>,
    sources: Vec<Named>,
    actors: Vec<Named>,
    entries: Vec<EntryItem>,
    next: Option<String>,
    csv: String,
}

struct CategoryLink {
    href: String,
    name: String,
    here: bool,
}

struct EntryItem {
    when: String,
    tone: &'static str,
    severity: String,
    text: String,
    counts: String,
    who: String,
    code: String,
}

/// What a person filters by; days are in the business's zone, both inclusive.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    category: String,
    severity: String,
    source: String,
    actor: String,
    code: String,
    since: String,
    until: String,
}

impl Wanted {
    fn filter(&self, member: &Member) -> Result<JournalFilter, Failure> {
        let since: Option<NaiveDate> = read_word("since", Some(&self.since))?;
        let until: Option<NaiveDate> = read_word("until", Some(&self.until))?;
        if since.zip(until).is_some_and(|(since, until)| until < since) {
            return Err(Failure::field("until"));
        }
        let day = |day| start_of_day(day, member.zone);
        let after = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
        Ok(JournalFilter {
            category: read_word("category", Some(&self.category))?,
            severity: read_word("severity", Some(&self.severity))?,
            source_id: read_word::<wynos::SourceId>("source", Some(&self.source))?
                .map(|source| source.to_string()),
            actor: read_word("actor", Some(&self.actor))?,
            code: read_word("code", Some(&self.code))?,
            since: since.map(day),
            until: until.map(after).map(day),
        })
    }

    /// The filter as it stands in addresses, with this category in the place of its own.
    fn query(&self, category: &str) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in [
            ("category", category),
            ("severity", &self.severity),
            ("source", &self.source),
            ("actor", &self.actor),
            ("code", &self.code),
            ("since", &self.since),
            ("until", &self.until),
        ] {
            if !value.trim().is_empty() {
                query.append_pair(name, value.trim());
            }
        }
        query.finish()
    }

    fn is_filtered(&self) -> bool {
        !self.query("").is_empty()
    }
}

/// `GET /s/{subscription}/journal`: what happened, newest first.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<Wanted>,
    Query(onward): Query<Onward>,
) -> Result<Response, Failure> {
    let filter = wanted.filter(&member)?;
    let from = onward.cursor()?;
    let control = &app.services.control;
    let journal = control.journal(member.id());
    let found = journal.list(&filter, from.as_ref(), PAGE).await?;
    let people = People::of(&app, &member).await?;
    let sources = control.sources(member.id()).list().await?;
    let sources = sources.into_iter().map(|source| Named {
        chosen: source.id.as_str() == wanted.source,
        name: source.id.to_string(),
        label: source.name,
    });
    let query = wanted.query(&wanted.category);
    let path = match query.as_str() {
        "" => "/journal?".to_owned(),
        query => format!("/journal?{query}&"),
    };
    let frame = Frame::inside(&member, Section::Journal, "console-journal-title");
    let kept = periods::JOURNAL.days.to_string();
    page(&JournalPage {
        lead: frame.with("console-journal-lead", "days", &kept),
        frame,
        action: format!("{}/journal", member.base()),
        categories: categories(&member, &wanted, filter.category),
        severities: severities(&member, &wanted),
        sources: sources.collect(),
        actors: people.choices(&wanted.actor),
        entries: found
            .items
            .iter()
            .map(|entry| item(&member, &people, entry))
            .collect(),
        next: older(&member.base(), &path, found.next.as_ref()),
        csv: format!("{}/journal.csv?{query}", member.base()),
        filtered: wanted.is_filtered(),
        wanted,
    })
}

/// `GET /s/{subscription}/journal.csv`: what the filter leaves, as a file.
pub(super) async fn csv(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let filter = wanted.filter(&member)?;
    let (locale, by) = (member.visitor.locale, member.actor());
    journal_exported(&app, member.id(), filter, locale, &by).await
}

fn categories(member: &Member, wanted: &Wanted, chosen: Option<Category>) -> Vec<CategoryLink> {
    let locale = member.visitor.locale;
    let base = format!("{}/journal", member.base());
    let href = |category: &str| match wanted.query(category).as_str() {
        "" => base.clone(),
        query => format!("{base}?{query}"),
    };
    let all = CategoryLink {
        href: href(""),
        name: text(locale, "console-journal-all"),
        here: chosen.is_none(),
    };
    let link = |category: &Category| CategoryLink {
        href: href(category.as_str()),
        name: text(locale, &format!("console-category-{}", category.as_str())),
        here: chosen == Some(*category),
    };
    std::iter::once(all)
        .chain(Category::ALL.iter().map(link))
        .collect()
}

fn severities(member: &Member, wanted: &Wanted) -> Vec<Named> {
    let named = |severity: &Severity| Named {
        name: severity.to_string(),
        label: text(
            member.visitor.locale,
            &format!("console-severity-{severity}"),
        ),
        chosen: severity.as_str() == wanted.severity,
    };
    Severity::ALL.iter().map(named).collect()
}

fn item(member: &Member, people: &People, entry: &Entry) -> EntryItem {
    let locale = member.visitor.locale;
    let count = |(name, count): (&String, &i64)| {
        format!("{}: {}", table_label(locale, name), number(locale, *count))
    };
    let known = entry
        .counts
        .iter()
        .filter(|(name, _)| wynos::catalog::table(name).is_some());
    EntryItem {
        when: moment(member, entry.at),
        tone: match entry.severity {
            Severity::Info => "",
            Severity::Warning => "busy",
            Severity::Error => "bad",
        },
        severity: text(
            locale,
            &format!("console-severity-{}", entry.severity.as_str()),
        ),
        text: journal::message(locale, &people.named(entry)),
        counts: known.map(count).collect::<Vec<_>>().join(" · "),
        who: people.actor(&entry.actor),
        code: entry.code.clone(),
    }
}
