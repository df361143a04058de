use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{CATEGORIES, CATEGORY_PREFIX, MISC, NO_BRAND, PREFIX, STATUSES};

/// A repair as far as the standard knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) type_id: Option<String>,
    pub(super) type_name: Option<String>,
    pub(super) vendor: Option<String>,
    pub(super) issue: Option<String>,
    pub(super) status: String,
    pub(super) created_at: Option<DateTime<Utc>>,
    /// By the standard's column names.
    pub(super) custom: BTreeMap<String, String>,
}

impl Stored {
    /// Takes a file's cells, given by column name.
    pub(super) fn of_cells<'c>(cell: impl Fn(&str) -> &'c str) -> Self {
        let text = |name: &str| Some(cell(name)).filter(|text| !text.is_empty());
        let category = text("product_category");
        let status = STATUSES
            .iter()
            .find(|(outcome, _)| *outcome == cell("repair_status"))
            .map_or("REQ_SUMMARY", |(_, status)| status);
        let mut stored = Self {
            id: format!("{PREFIX}{}", cell("id")),
            type_id: category
                .map(|name| format!("{CATEGORY_PREFIX}{}:{name}", cell("product_category_id"))),
            type_name: category.map(str::to_owned),
            vendor: text("brand")
                .filter(|brand| *brand != NO_BRAND)
                .map(str::to_owned),
            issue: text("problem").map(str::to_owned),
            status: status.to_owned(),
            created_at: event(cell("event_date")),
            custom: BTreeMap::new(),
        };
        for name in super::COLUMNS {
            // What comes out otherwise than it went in is kept as it is.
            if stored.cell(name, Tz::UTC) != cell(name) {
                stored.custom.insert(name.to_owned(), cell(name).to_owned());
            }
        }
        stored
    }

    /// Whether the repair came in by a file of the standard.
    pub(super) fn is_ords(&self) -> bool {
        self.id.starts_with(PREFIX)
    }

    /// What a column of the standard holds for this repair; days of the shop's own repairs are those of this zone.
    pub(super) fn cell(&self, name: &str, zone: Tz) -> String {
        if let Some(text) = self.custom.get(name) {
            return text.clone();
        }
        match name {
            "id" => self.id.strip_prefix(PREFIX).unwrap_or(&self.id).to_owned(),
            "product_category" => self.category().0,
            "product_category_id" => self.category().1,
            "partner_product_category" if !self.is_ords() => {
                self.type_name.clone().unwrap_or_default()
            }
            "brand" => self.vendor.clone().unwrap_or_else(|| NO_BRAND.to_owned()),
            "repair_status" => outcome(&self.status).to_owned(),
            "event_date" => self
                .day(zone)
                .map(|day| day.to_string())
                .unwrap_or_default(),
            "problem" => self.issue.clone().unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// The category's name and number.
    fn category(&self) -> (String, String) {
        let of_id = self
            .type_id
            .as_deref()
            .and_then(|id| id.strip_prefix(CATEGORY_PREFIX))
            .and_then(|rest| rest.split_once(':'));
        if let Some((number, name)) = of_id {
            return (name.to_owned(), number.to_owned());
        }
        let by_name = self.type_name.as_deref().and_then(|wanted| {
            CATEGORIES
                .into_iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        });
        let (name, number) = match by_name {
            Some(category) => category,
            None if self.is_ords() && self.type_id.is_none() => ("", ""),
            None => MISC,
        };
        (name.to_owned(), number.to_owned())
    }

    fn day(&self, zone: Tz) -> Option<NaiveDate> {
        let at = self.created_at?;
        Some(if self.is_ords() {
            at.date_naive()
        } else {
            at.with_timezone(&zone).date_naive()
        })
    }
}

/// Noon in UTC: the same day on nearly all the world's clocks.
fn event(day: &str) -> Option<DateTime<Utc>> {
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    Some(day.and_time(NaiveTime::from_hms_opt(12, 0, 0)?).and_utc())
}

fn outcome(status: &str) -> &'static str {
    let exact = STATUSES.iter().find(|(_, ours)| *ours == status);
    match (exact, status) {
        (Some((outcome, _)), _) => outcome,
        (None, "WAITING_FOR_COLLECTION" | "PASSED_FOR_RETURN") => "Fixed",
        (None, "NOT_ACCEPTED") => "Repairable",
        (None, "SCRAPPED") => "End of life",
        _ => "Unknown",
    }
}
