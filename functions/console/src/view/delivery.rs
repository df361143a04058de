use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use wynos::{
    catalog::{self, Locale},
    control::{Delivery, DeliveryStatus},
    i18n::{Args, text, text_with},
    journal, sheets,
};

use super::{Fact, People, TableCount, language_name, moment, number, size};
use crate::http::Member;

/// A delivery, in words.
#[derive(Debug)]
pub(crate) struct DeliveryItem {
    pub(crate) href: String,
    pub(crate) what: String,
    pub(crate) purpose: Option<String>,
    pub(crate) tone: &'static str,
    pub(crate) state: String,
    pub(crate) explained: String,
    pub(crate) when: String,
    pub(crate) by: String,
    pub(crate) size: String,
    /// Whether it is being worked on.
    pub(crate) busy: bool,
    /// Whether ordering it again makes sense.
    pub(crate) again: bool,
}

impl DeliveryItem {
    /// The delivery as the member sees it now.
    pub(crate) fn of(
        member: &Member,
        people: &People,
        delivery: &Delivery,
        now: DateTime<Utc>,
    ) -> Self {
        let locale = member.visitor.locale;
        let status = delivery.status_at(now);
        Self {
            href: format!("{}/exports/{}", member.base(), delivery.id),
            what: what(locale, delivery),
            purpose: delivery.purpose.clone(),
            tone: tone(status),
            state: text(locale, &format!("console-delivery-{}", status.as_str())),
            explained: explained(member, people, delivery, status),
            when: moment(member, delivery.ordered_at),
            by: people.actor(&delivery.ordered_by),
            size: size(locale, delivery.size),
            busy: matches!(status, DeliveryStatus::Ordered | DeliveryStatus::Building),
            again: matches!(status, DeliveryStatus::Expired | DeliveryStatus::Failed),
        }
    }
}

/// The kind of file, in words.
fn what(locale: Locale, delivery: &Delivery) -> String {
    let (table, profile) = (delivery.table_name.as_deref(), delivery.profile.as_deref());
    journal::kind_of_file(locale, delivery.format.as_str(), table, profile)
}

const fn tone(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Ordered | DeliveryStatus::Building => "busy",
        DeliveryStatus::Ready => "good",
        DeliveryStatus::Claimed | DeliveryStatus::Expired => "",
        DeliveryStatus::Failed => "bad",
    }
}

fn explained(
    member: &Member,
    people: &People,
    delivery: &Delivery,
    status: DeliveryStatus,
) -> String {
    let locale = member.visitor.locale;
    let time = |at: Option<DateTime<Utc>>| at.map(|at| moment(member, at)).unwrap_or_default();
    let person = |id: Option<&_>| id.map(|id| people.account(id)).unwrap_or_default();
    let key = format!("console-delivery-{}-text", status.as_str());
    let args = match status {
        DeliveryStatus::Ready => Args::new()
            .with("who", person(delivery.recipient_id.as_ref()))
            .with("until", time(delivery.expires_at)),
        DeliveryStatus::Expired => Args::new().with("until", time(delivery.expires_at)),
        DeliveryStatus::Claimed => Args::new()
            .with("who", person(delivery.claimed_by.as_ref()))
            .with("when", time(delivery.claimed_at)),
        DeliveryStatus::Failed => {
            let sentence = text(locale, &key);
            let code = delivery.failure_code.as_deref().unwrap_or("internal");
            let reason = journal::reason(locale, code, delivery.failure_details.as_ref());
            return format!("{reason} {sentence}");
        }
        DeliveryStatus::Ordered | DeliveryStatus::Building => Args::new(),
    };
    text_with(locale, &key, &args)
}

/// What is known about a delivery's file, as pairs.
pub(crate) fn delivery_facts(member: &Member, delivery: &Delivery) -> Vec<Fact> {
    let locale = member.visitor.locale;
    let t = |key: &str| text(locale, key);
    let mut facts = Vec::new();
    if let Some(name) = &delivery.file_name {
        facts.push(Fact::new(t("console-fact-name"), name));
    }
    if delivery.size.is_some() {
        facts.push(Fact::new(t("console-size"), size(locale, delivery.size)));
    }
    if let Some(sha256) = &delivery.sha256 {
        facts.push(Fact::mono(t("console-fact-sha256"), sha256));
    }
    if let Some(at) = delivery.ready_at {
        facts.push(Fact::new(t("console-fact-ready"), moment(member, at)));
    }
    if let Some(at) = delivery
        .expires_at
        .filter(|_| delivery.claimed_at.is_none())
    {
        facts.push(Fact::new(t("console-fact-expires"), moment(member, at)));
    }
    facts.push(Fact::new(
        t("console-fact-locale"),
        language_name(delivery.locale),
    ));
    if delivery.include_passwords {
        facts.push(Fact::new(
            t("console-fact-passwords"),
            t("console-fact-passwords-in"),
        ));
    }
    if let Some(purpose) = &delivery.purpose {
        facts.push(Fact::new(t("console-fact-purpose"), purpose));
    }
    facts
}

/// Rows per table, in words, in the order of the catalog.
pub(crate) fn table_counts(locale: Locale, counts: &BTreeMap<String, i64>) -> Vec<TableCount> {
    let known = catalog::tables().iter().map(|table| table.name.as_ref());
    let order: Vec<&str> = known.collect();
    let place = |name: &str| {
        order
            .iter()
            .position(|known| *known == name)
            .unwrap_or(usize::MAX)
    };
    let mut tables: Vec<_> = counts.iter().collect();
    tables.sort_by_key(|(name, _)| place(name));
    let row = |(name, count): (&String, &i64)| TableCount {
        label: table_label(locale, name),
        count: number(locale, *count),
    };
    tables.into_iter().map(row).collect()
}

/// The table's label; its name where the catalog does not know it.
pub(crate) fn table_label(locale: Locale, name: &str) -> String {
    let table = catalog::table(name).map(|table| &table.label);
    let label = table.or_else(|| sheets::prepared_title(name));
    label.map_or_else(|| name.to_owned(), |label| label.get(locale).to_owned())
}
