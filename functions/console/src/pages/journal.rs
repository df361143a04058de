use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use wynos::{
    control::Cursor,
    i18n::text,
    journal::{self, Category, Entry, JournalFilter, Severity},
};

use super::older;
use crate::{
    App,
    http::{Failure, Kind, Member},
    view::{Frame, People, Section, moment, number, page, table_label},
};

/// Entries of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "journal.html")]
struct JournalPage {
    frame: Frame,
    categories: Vec<CategoryLink>,
    entries: Vec<EntryItem>,
    next: Option<String>,
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
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    category: String,
    from: Option<String>,
}

/// `GET /s/{subscription}/journal`: what happened, newest first.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let category: Option<Category> = match wanted.category.as_str() {
        "" => None,
        name => Some(name.parse().map_err(|_| Kind::NotFound)?),
    };
    let from = wanted
        .from
        .as_deref()
        .map(Cursor::decode)
        .transpose()
        .map_err(|_| Kind::InvalidCursor)?;
    let filter = JournalFilter {
        category,
        ..JournalFilter::default()
    };
    let found = app
        .services
        .control
        .journal(member.id())
        .list(&filter, from.as_ref(), PAGE)
        .await?;
    let people = People::of(&app, &member).await?;
    let path = category.map_or_else(
        || "/journal?".to_owned(),
        |category| format!("/journal?category={}&", category.as_str()),
    );
    page(&JournalPage {
        frame: Frame::inside(&member, Section::Journal, "console-journal-title"),
        categories: categories(&member, category),
        entries: found
            .items
            .iter()
            .map(|entry| item(&member, &people, entry))
            .collect(),
        next: older(&member.base(), &path, found.next.as_ref()),
    })
}

fn categories(member: &Member, chosen: Option<Category>) -> Vec<CategoryLink> {
    let locale = member.visitor.locale;
    let base = format!("{}/journal", member.base());
    let all = CategoryLink {
        href: base.clone(),
        name: text(locale, "console-journal-all"),
        here: chosen.is_none(),
    };
    let shown = [
        Category::Export,
        Category::Import,
        Category::Load,
        Category::Report,
        Category::Access,
        Category::Settings,
        Category::Problem,
    ];
    let link = |category: Category| CategoryLink {
        href: format!("{base}?category={}", category.as_str()),
        name: text(locale, &format!("console-category-{}", category.as_str())),
        here: chosen == Some(category),
    };
    std::iter::once(all)
        .chain(shown.into_iter().map(link))
        .collect()
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
        text: journal::message(locale, entry),
        counts: known.map(count).collect::<Vec<_>>().join(" · "),
        who: people.actor(&entry.actor),
    }
}
