//! What templates are filled in with: the frame of a page, and words for people.

mod delivery;
mod form;
mod frame;
mod import;
mod planned;
mod reading;
mod refused;
mod removed;
mod source;
mod who;

pub(crate) use delivery::{DeliveryItem, delivery_facts, table_counts, table_label};
pub(crate) use form::Form;
pub(crate) use frame::{Frame, Section};
pub(crate) use import::{ImportItem, Step, import_steps};
pub(crate) use planned::{
    DAYS, JobItem, RunItem, job_kind, period_words, read_period, read_schedule, schedule_words,
    settings_words, with_period, with_schedule,
};
pub(crate) use reading::ReadingItem;
pub(crate) use refused::{
    Refused, days_refusal, path_refusal, period_refusal, planner_refusal, refusal, report_refusal,
    schedule_refusal, written_period_refusal, written_schedule_refusal,
};
pub(crate) use removed::{RemovedItem, RemovedReport};
pub(crate) use source::{SourceItem, SourceTableItem};
pub(crate) use who::{People, language_name};

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use wynos::{catalog::Locale, delivery::human};

use crate::http::{Failure, Kind, Member};

/// A name and a value of a list of facts.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) mono: bool,
}

/// A table's label and how many rows.
#[derive(Debug, Clone)]
pub(crate) struct TableCount {
    pub(crate) label: String,
    pub(crate) count: String,
}

/// A choice of a list in a form.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// One of a few choices, with words about it.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: &'static str,
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) chosen: bool,
}

impl Fact {
    /// A fact in ordinary letters.
    pub(crate) fn new(name: String, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            mono: false,
        }
    }

    /// A fact in letters of one width.
    pub(crate) fn mono(name: String, value: impl Into<String>) -> Self {
        Self {
            mono: true,
            ..Self::new(name, value)
        }
    }
}

/// The page of a template.
pub(crate) fn page(template: &impl Template) -> Result<Response, Failure> {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => Err(Failure::noted(Kind::Internal, &error)),
    }
}

/// A whole number with its thousands told apart.
pub(crate) fn number(locale: Locale, number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let separator = match locale {
        Locale::En => ',',
        Locale::Pl | Locale::Ru => '\u{a0}',
    };
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A time as the member reads it: in their language and the business's zone.
pub(crate) fn moment(member: &Member, at: DateTime<Utc>) -> String {
    human::moment(member.visitor.locale, member.zone, at)
}

/// The same, or a dash where there is none.
pub(crate) fn moment_or_dash(member: &Member, at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "–".to_owned(), |at| moment(member, at))
}

/// A day as the language writes it.
pub(crate) fn day(locale: Locale, day: NaiveDate) -> String {
    human::day(locale, day)
}

/// A period as the language writes it, both days inclusive; empty where there is none.
pub(crate) fn period(locale: Locale, from: Option<NaiveDate>, to: Option<NaiveDate>) -> String {
    match from.zip(to) {
        Some((from, to)) if from == to => day(locale, from),
        Some((from, to)) => format!("{} – {}", day(locale, from), day(locale, to)),
        None => String::new(),
    }
}

/// A size, or a dash where there is none yet.
pub(crate) fn size(locale: Locale, bytes: Option<i64>) -> String {
    let bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok());
    bytes.map_or_else(|| "–".to_owned(), |bytes| human::size(locale, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_the_language_does() {
        let of = |text: &str| text.parse::<NaiveDate>().ok();
        let (from, to) = (of("2026-11-01"), of("2026-11-20"));
        assert_eq!(period(Locale::Pl, from, to), "01.11.2026 – 20.11.2026");
        assert_eq!(period(Locale::En, to, to), "20 November 2026");
        assert_eq!(period(Locale::Ru, from, None), "");
    }

    #[test]
    fn thousands_are_told_apart_as_the_language_does() {
        assert_eq!(number(Locale::En, 1_234_567), "1,234,567");
        assert_eq!(number(Locale::Pl, 1_000), "1\u{a0}000");
        assert_eq!(number(Locale::Ru, 999), "999");
        assert_eq!(number(Locale::En, -1_000), "-1,000");
        assert_eq!(number(Locale::En, 0), "0");
    }
}
