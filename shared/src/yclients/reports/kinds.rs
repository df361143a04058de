//! What each kind of report is made of: which list of the vendor, what tells its records apart, and which day they belong to.

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use serde_json::Value as Json;
use wynos_base::exact;

use super::path::elements;
use crate::{
    control::ReportKind,
    planner::Period,
    yclients::streams::{Stream, stream},
};

/// Where records of a kind come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// The list that is read: its own, or for documents the lists that name them.
    pub lists: &'static [&'static str],
    /// The path of one record, where there is no list of them.
    pub one: Option<&'static str>,
    /// Fields that may hold the day or moment it belongs to, the first that does counts.
    pub days: &'static [&'static str],
}

impl ReportKind {
    pub(super) const fn origin(self) -> Origin {
        match self {
            Self::Documents => Origin {
                // The reference has no list of documents; their ids come with what they are about (facts: §2.8).
                lists: &[
                    "yclients_records",
                    "yclients_goods_transactions",
                    "yclients_finance_transactions",
                ],
                one: Some("/storage_operations/documents/{company}/{id}"),
                days: &["create_date", "date_created"],
            },
            Self::Consumables => Origin::list(&["yclients_records"], &["date", "datetime"]),
            Self::GoodsTransactions => {
                Origin::list(&["yclients_goods_transactions"], &["create_date"])
            }
            Self::FinanceTransactions => {
                Origin::list(&["yclients_finance_transactions"], &["date"])
            }
            Self::RecordCategories => Origin::list(&["yclients_labels"], &[]),
            Self::Services => Origin::list(&["yclients_services"], &[]),
        }
    }

    /// Whether its records belong to days. Others are read whole, whatever the period.
    pub fn has_days(self) -> bool {
        !self.origin().days.is_empty()
    }

    /// Whether a record is one of the report: appointments are those that consumables were used at, and are not deleted.
    pub(super) fn takes(self, body: &Json) -> bool {
        let flag = |name: &str| match body.get(name) {
            Some(Json::Bool(flag)) => *flag,
            Some(Json::Number(number)) => number.as_i64() == Some(1),
            Some(Json::String(text)) => text == "1",
            _ => false,
        };
        let used = || {
            // What is no list is told of where it is read.
            let consumables = body.get("consumables");
            consumables.is_some_and(|used| elements(used).is_none_or(|used| !used.is_empty()))
        };
        match self {
            Self::Consumables => used() && !flag("deleted"),
            Self::RecordCategories => !flag("deleted"),
            _ => true,
        }
    }
}

impl Origin {
    const fn list(lists: &'static [&'static str], days: &'static [&'static str]) -> Self {
        Self {
            lists,
            one: None,
            days,
        }
    }

    pub(super) fn streams(&self) -> impl Iterator<Item = &'static Stream> {
        self.lists.iter().filter_map(|table| stream(table))
    }

    /// The day that a record belongs to, in the branch's zone. The vendor chose it for the period it was asked for; where
    /// the offset in the record says otherwise, the period is right (facts: §1.7).
    pub(super) fn day(&self, body: &Json, period: Option<Period>, zone: Tz) -> Option<NaiveDate> {
        let texts = self.days.iter().filter_map(|name| body.get(name)?.as_str());
        let day = texts.filter_map(|text| day_of(text, zone)).next();
        match period {
            Some(period) if !self.days.is_empty() => {
                Some(day.unwrap_or(period.from).clamp(period.from, period.to))
            }
            _ => day,
        }
    }
}

fn day_of(text: &str, zone: Tz) -> Option<NaiveDate> {
    let instant = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"));
    if let Ok(at) = instant {
        return Some(at.with_timezone(&zone).date_naive());
    }
    NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()
}

/// What tells a record apart: its id, which comes as a number or a text.
pub(super) fn key_of(body: &Json) -> Option<String> {
    match body.get("id")? {
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) if !text.is_empty() && text.len() <= 100 => {
            Some(exact::number(text).unwrap_or(text).to_owned())
        }
        _ => None,
    }
}

/// The ids of documents that a record names.
pub(super) fn documents_of(body: &Json, ids: &mut std::collections::BTreeSet<i64>) {
    let id = |value: &Json| match value {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    let mut take = |value: Option<&Json>| ids.extend(value.and_then(id).filter(|id| *id > 0));
    take(body.get("document_id"));
    let items = |list: &str| body.get(list).and_then(elements).into_iter().flatten();
    for document in items("documents") {
        take(document.get("id"));
    }
    for list in ["consumables", "finance_transactions", "goods_transactions"] {
        for item in items(list) {
            take(item.get("document_id"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_has_its_lists_and_days_stay_in_the_period() {
        for kind in ReportKind::ALL {
            let origin = kind.origin();
            assert_eq!(origin.streams().count(), origin.lists.len(), "{kind}");
            assert_eq!(
                origin.streams().all(|stream| stream.window.is_some()),
                kind.has_days(),
                "{kind}"
            );
        }
        let origin = ReportKind::FinanceTransactions.origin();
        let day = |text: &str| text.parse().unwrap();
        let period = Period {
            from: day("2026-03-01"),
            to: day("2026-03-02"),
        };
        let of =
            |text: &str| origin.day(&json!({ "date": text }), Some(period), Tz::Europe__Moscow);
        assert_eq!(of("2026-03-01T23:30:00+0300"), Some(day("2026-03-01")));
        assert_eq!(of("2026-03-02 10:00:00"), Some(day("2026-03-02")));
        assert_eq!(
            of("2026-03-02T23:30:00+0000"),
            Some(day("2026-03-02")),
            "the period is right"
        );
        assert_eq!(of("soon"), Some(day("2026-03-01")));
        assert_eq!(key_of(&json!({ "id": "5" })).as_deref(), Some("5"));
        assert_eq!(key_of(&json!({ "id": null })), None);
        let mut ids = Default::default();
        documents_of(
            &json!({ "document_id": 3, "documents": [{ "id": "4" }, { "id": 3 }], "consumables": { "1": { "document_id": 0 }, "4": { "document_id": 6 } } }),
            &mut ids,
        );
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), [3, 4, 6]);
        let takes = |consumables: Json| {
            ReportKind::Consumables.takes(&json!({ "consumables": consumables }))
        };
        assert!(takes(json!({ "3": { "id": 1 } })) && takes(json!("later")));
        assert!(!takes(json!([])) && !takes(json!({})) && !takes(Json::Null));
    }
}
