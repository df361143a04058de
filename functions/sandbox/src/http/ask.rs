use axum::http::{HeaderMap, Method, header};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use percent_encoding::percent_decode_str;

use crate::model::Company;

/// A request, taken apart.
#[derive(Debug)]
pub struct Ask {
    /// GET, POST…
    pub method: Method,
    /// The parts of the path below `/api/v1`, without empty ones.
    pub path: Vec<String>,
    /// The parameters of the query, in their order.
    pub params: Vec<(String, String)>,
    /// The partner's token; empty: none.
    pub partner: String,
    /// The user's token; empty: none.
    pub user: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Ask {
    /// Takes a request apart.
    pub fn new(
        method: Method,
        path: &str,
        query: &str,
        headers: &HeaderMap,
        body: Vec<u8>,
    ) -> Self {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let parts = path.split('/').filter(|part| !part.is_empty());
        let params = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(name), decode(value))
            });
        let authorization = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let (partner, user) = tokens(authorization.unwrap_or_default());
        Self {
            method,
            path: parts.map(decode).collect(),
            params: params.collect(),
            partner,
            user,
            body,
        }
    }

    /// A parameter's value; an empty one is none.
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self
            .params
            .iter()
            .find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// A whole number; anything else is none, as at the vendor.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.param(name).and_then(|value| value.parse().ok())
    }

    /// Whether a parameter is switched on.
    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.param(name), Some("1" | "true"))
    }

    /// The page, from 1.
    pub fn page(&self) -> usize {
        self.number("page")
            .and_then(|page| usize::try_from(page).ok())
            .unwrap_or(1)
            .max(1)
    }

    /// How many rows a page has: what was asked for within `most`, otherwise `default`.
    pub fn count(&self, name: &str, default: usize, most: usize) -> usize {
        let asked = self
            .number(name)
            .and_then(|count| usize::try_from(count).ok());
        asked
            .filter(|count| *count > 0)
            .unwrap_or(default)
            .min(most)
    }

    /// Asks for pages of `most` rows at most.
    pub fn cap(&mut self, most: usize) {
        let count = self.count("count", most, most);
        self.params.retain(|(name, _)| name != "count");
        self.params.push(("count".to_owned(), count.to_string()));
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

/// `Bearer partner, User user`, with or without the space.
fn tokens(authorization: &str) -> (String, String) {
    let mut tokens = (String::new(), String::new());
    for part in authorization.split(',').map(str::trim) {
        if let Some(partner) = part.strip_prefix("Bearer ") {
            partner.trim().clone_into(&mut tokens.0);
        } else if let Some(user) = part.strip_prefix("User ") {
            user.trim().clone_into(&mut tokens.1);
        }
    }
    tokens
}

/// A span of time: from, inclusive, and until, exclusive.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// Nothing before it.
    pub from: Option<DateTime<Utc>>,
    /// Nothing at it or after it.
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    /// Whether an instant lies in it.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }

    /// Days of the company, both inclusive: `start_date`, `end_date`; the name of a wrong parameter fails.
    pub fn days<'a>(ask: &Ask, names: [&'a str; 2], company: &Company) -> Result<Self, &'a str> {
        let [first, last] = names;
        let from = ask
            .param(first)
            .map(|text| day(text, company, 0).ok_or(first))
            .transpose()?;
        let until = ask
            .param(last)
            .map(|text| day(text, company, 1).ok_or(last))
            .transpose()?;
        Ok(Self { from, until })
    }

    /// Change times: `changed_after`, `changed_before`, both inclusive; the name of a wrong parameter fails.
    pub fn changes(ask: &Ask, company: &Company) -> Result<Self, &'static str> {
        let parse = |name: &'static str| {
            ask.param(name)
                .map(|text| instant(text, company).ok_or(name))
                .transpose()
        };
        let until = parse("changed_before")?.map(|at| at + TimeDelta::seconds(1));
        Ok(Self {
            from: parse("changed_after")?,
            until,
        })
    }
}

/// The first instant of a day of the company, `later` days on.
fn day(text: &str, company: &Company, later: i64) -> Option<DateTime<Utc>> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()? + TimeDelta::days(later);
    Some(in_zone(day.and_time(NaiveTime::MIN), company))
}

/// `2020-01-01T12:00:00`, with an offset or in the company's time, also with a space or only a day.
fn instant(text: &str, company: &Company) -> Option<DateTime<Utc>> {
    for format in [
        "%Y-%m-%dT%H:%M:%S%z",
        "%Y-%m-%dT%H:%M:%S%:z",
        "%Y-%m-%d %H:%M:%S%z",
    ] {
        if let Ok(at) = DateTime::parse_from_str(text, format) {
            return Some(at.to_utc());
        }
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"] {
        if let Ok(naive) = NaiveDateTime::parse_from_str(text, format) {
            return Some(in_zone(naive, company));
        }
    }
    day(text, company, 0)
}

fn in_zone(naive: NaiveDateTime, company: &Company) -> DateTime<Utc> {
    let offset = company.offset(naive.and_utc());
    naive.and_utc() - TimeDelta::seconds(i64::from(offset))
}
