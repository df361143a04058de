use wynos::{
    catalog::Locale,
    control::Role,
    i18n::{Args, text, text_with},
};

use super::language_name;
use crate::http::{Member, Visitor, asset_path};

/// What surrounds the content of a page.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) csrf: String,
    pub(crate) nav: Option<Nav>,
    pub(crate) notice: Option<Notice>,
    /// Whether the page waits for something and should be read again.
    pub(crate) busy: bool,
    pub(crate) narrow: bool,
    locale: Locale,
}

/// The signed-in person's way around.
#[derive(Debug)]
pub(crate) struct Nav {
    pub(crate) person: String,
    pub(crate) several: bool,
    pub(crate) current: Option<Current>,
}

/// The subscription whose pages are shown.
#[derive(Debug)]
pub(crate) struct Current {
    pub(crate) name: String,
    base: String,
    section: Section,
    changes: bool,
    owns: bool,
}

/// A part of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Counts and the latest work.
    Overview,
    /// Files that leave.
    Exports,
    /// Files that come in.
    Imports,
    /// Companies of a vendor.
    Sources,
    /// What runs by itself, and reports.
    Jobs,
    /// What happened.
    Journal,
    /// What happened to customers' data.
    Personal,
    /// Who may come in.
    People,
}

/// A link of the menu.
#[derive(Debug)]
pub(crate) struct MenuLink {
    pub(crate) href: String,
    pub(crate) key: &'static str,
    pub(crate) here: bool,
}

/// One sentence above the content.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) tone: &'static str,
    pub(crate) text: String,
}

/// A language to choose.
#[derive(Debug)]
pub(crate) struct LanguageChoice {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) chosen: bool,
}

impl Frame {
    /// The frame of a page for this visitor, in the middle of the window.
    pub(crate) fn of(visitor: &Visitor, title: &str) -> Self {
        let person = visitor
            .signed_in
            .as_ref()
            .map(|(account, _)| account.name.clone());
        Self {
            title: text(visitor.locale, title),
            csrf: visitor.csrf.clone(),
            nav: person.map(|person| Nav {
                person,
                several: false,
                current: None,
            }),
            notice: None,
            busy: false,
            narrow: true,
            locale: visitor.locale,
        }
    }

    /// The frame of a page of a subscription.
    pub(crate) fn inside(member: &Member, section: Section, title: &str) -> Self {
        let mut frame = Self::of(&member.visitor, title);
        frame.narrow = false;
        if let Some(nav) = &mut frame.nav {
            nav.several = member.several;
            nav.current = Some(Current {
                name: member.subscription.name.clone(),
                base: member.base(),
                section,
                changes: member.may_change(),
                owns: member.role == Role::Owner,
            });
        }
        frame
    }

    /// Says one sentence of the given tone (`good`, `bad`, `busy`) above the content.
    #[must_use]
    pub(crate) fn say(mut self, tone: &'static str, text: String) -> Self {
        self.notice = Some(Notice { tone, text });
        self
    }

    /// Whether what is said has this tone.
    pub(crate) fn notice_is(&self, tone: &str) -> bool {
        self.notice
            .as_ref()
            .is_some_and(|notice| notice.tone == tone)
    }

    /// The language of the page.
    pub(crate) fn locale(&self) -> Locale {
        self.locale
    }

    /// The code of the language of the page.
    pub(crate) fn lang(&self) -> &'static str {
        self.locale.code()
    }

    /// The text of this key.
    pub(crate) fn t(&self, key: &str) -> String {
        text(self.locale, key)
    }

    /// The text of this key, filled in with one value.
    pub(crate) fn with(&self, key: &str, name: &str, value: &str) -> String {
        text_with(self.locale, key, &Args::new().with(name, value))
    }

    /// The text of this key, filled in with a `count`.
    pub(crate) fn count(&self, key: &str, count: &usize) -> String {
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        text_with(self.locale, key, &Args::new().with("count", count))
    }

    /// The address of a file that pages are made with.
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        asset_path(name)
    }

    /// The languages to choose from, that of the page chosen.
    pub(crate) fn locales(&self) -> Vec<LanguageChoice> {
        let choice = |locale: Locale| LanguageChoice {
            code: locale.code(),
            name: language_name(locale),
            chosen: locale == self.locale,
        };
        Locale::ALL.into_iter().map(choice).collect()
    }
}

impl Current {
    /// The links of the menu.
    pub(crate) fn links(&self) -> Vec<MenuLink> {
        let link = |section, path: &str, key| MenuLink {
            href: format!("{}{path}", self.base),
            key,
            here: section == self.section,
        };
        let mut links = vec![
            link(Section::Overview, "", "console-nav-overview"),
            link(Section::Exports, "/exports", "console-nav-exports"),
            link(Section::Imports, "/imports", "console-nav-imports"),
            link(Section::Sources, "/sources", "console-nav-sources"),
            link(Section::Jobs, "/jobs", "console-nav-jobs"),
            link(Section::Journal, "/journal", "console-nav-journal"),
        ];
        if self.changes {
            links.push(link(
                Section::Personal,
                "/personal-data",
                "console-nav-personal",
            ));
        }
        if self.owns {
            links.push(link(Section::People, "/people", "console-nav-people"));
        }
        links
    }
}
