//! Everything that changes data or settings, or lets data out, writes an entry.

mod api;
mod pages;
pub(super) mod table;

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::Value;
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::Cursor,
    journal::{self, JournalFilter},
};

use self::table::{Noted, TABLE};
use super::{Site, browser::Answer, browser::Browser};

/// Does things and looks at what the journal says of each.
struct Watch<'a> {
    site: &'a Site,
    shop: SubscriptionId,
    proven: BTreeSet<&'static str>,
}

impl Watch<'_> {
    fn new(site: &Site, shop: SubscriptionId) -> Watch<'_> {
        Watch {
            site,
            shop,
            proven: BTreeSet::new(),
        }
    }

    /// How many entries of each code there are; each of them reads as a sentence in every language.
    async fn entries(&self) -> BTreeMap<String, usize> {
        let journal = self.site.services.control.journal(&self.shop);
        let mut counts = BTreeMap::new();
        let mut from: Option<Cursor> = None;
        loop {
            let filter = JournalFilter::default();
            let page = journal.list(&filter, from.as_ref(), 200).await.unwrap();
            for entry in &page.items {
                for locale in Locale::ALL {
                    let text = journal::message(locale, entry);
                    let sound = !text.starts_with("journal-") && !text.contains(['{', '$']);
                    assert!(sound, "{}: {text}", entry.code);
                }
                *counts.entry(entry.code.clone()).or_insert(0) += 1;
            }
            match page.next {
                Some(next) => from = Some(next),
                None => return counts,
            }
        }
    }

    /// Sends a request, does what follows from it, and asks the journal.
    async fn ask(
        &mut self,
        browser: &mut Browser,
        route: &'static str,
        path: &str,
        sent: (Body, &[(&str, &str)]),
    ) -> Answer {
        let (_, noted) = TABLE
            .iter()
            .find(|(known, _)| *known == route)
            .unwrap_or_else(|| panic!("{route} is not in the table"));
        let before = self.entries().await;
        let method: Method = route.split(' ').next().unwrap().parse().unwrap();
        let answer = browser.request(method, path, sent.0, sent.1).await;
        let done = answer.status.is_success() || answer.status == StatusCode::SEE_OTHER;
        assert!(done, "{route} {path}: {} {}", answer.status, answer.body);
        self.site.work().await;
        self.site
            .services
            .clock
            .advance(chrono::TimeDelta::seconds(1));
        if let Noted::As(code) = noted {
            let count = |entries: &BTreeMap<String, usize>| entries.get(*code).copied();
            let (had, has) = (count(&before).unwrap_or(0), count(&self.entries().await));
            assert!(has.unwrap_or(0) > had, "{route} left no entry {code}");
        }
        self.proven.insert(route);
        answer
    }

    /// Posts a form.
    async fn form(
        &mut self,
        browser: &mut Browser,
        route: &'static str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &browser.csrf);
        form.extend_pairs(fields);
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let sent = (Body::from(form.finish()), kind.as_slice());
        self.ask(browser, route, path, sent).await
    }

    /// Asks as a program.
    async fn program(
        &mut self,
        browser: &mut Browser,
        route: &'static str,
        path: &str,
        token: &str,
        body: Value,
    ) -> Value {
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let headers = [("authorization", token)];
        let answer = self.ask(browser, route, path, (body, &headers)).await;
        serde_json::from_str(&answer.body).unwrap_or(Value::Null)
    }

    /// Every row of the table whose route begins so, and whose entry can be seen, was tried.
    fn is_complete(&self, begins: &str) {
        let of = |route: &str| {
            let path = route.split(' ').nth(1).unwrap();
            path.starts_with("/api/") == (begins == "/api/")
        };
        let untried: Vec<_> = TABLE
            .iter()
            .filter(|(route, noted)| of(route) && matches!(noted, Noted::As(_)))
            .filter(|(route, _)| !self.proven.contains(route))
            .collect();
        assert!(untried.is_empty(), "{untried:?}");
    }
}
