//! Totals of a day: what the vendor's side adds up to, and what the differences make of it on ours.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::{Map, Value as Json, json};

use super::{
    compare::{Kind, ROW},
    gauge::{self, Gauge, MOST, Values},
};

/// What the rows of one table and day add up to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tally {
    pub rows: i64,
    sums: [Decimal; MOST],
    /// How many rows are in each state.
    states: BTreeMap<i64, i64>,
}

/// What was found to differ among the rows of one table and day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub missing: i64,
    pub extra: i64,
    pub differing: i64,
    /// Of all these, rows that still differ: the warehouse could not take them.
    pub not_mended: i64,
}

/// A field of a difference, as it was noted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noted<'n> {
    pub key: &'n str,
    pub kind: Kind,
    pub field: &'n str,
    pub held: Option<&'n str>,
    pub vendor: Option<&'n str>,
    /// Whether it is the same on both sides now.
    pub mended: bool,
}

impl Tally {
    /// Counts a row in.
    pub fn add(&mut self, gauge: &Gauge, values: &Values) {
        self.rows += 1;
        for (place, value) in values.numbers.iter().enumerate() {
            if let Some(value) = value {
                self.shift(gauge, place, *value, 1);
            }
        }
    }

    /// Turns the vendor's side into ours, as far as this field goes: what agrees is the same on both.
    pub fn unlike(&mut self, gauge: &Gauge, noted: Noted<'_>) {
        if noted.field == ROW {
            match noted.kind {
                Kind::Missing => self.rows -= 1,
                Kind::Extra => self.rows += 1,
                Kind::Differing => {}
            }
        }
        let place = gauge
            .marks
            .iter()
            .position(|mark| mark.column == noted.field);
        let Some(place) = place else {
            return;
        };
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<Decimal>().ok());
        if let Some(value) = number(noted.vendor) {
            self.shift(gauge, place, value, -1);
        }
        if let Some(value) = number(noted.held) {
            self.shift(gauge, place, value, 1);
        }
    }

    fn shift(&mut self, gauge: &Gauge, place: usize, value: Decimal, by: i64) {
        if gauge.marks.get(place).is_some_and(gauge::Mark::is_state) {
            let rows = self.states.entry(value.to_i64().unwrap_or_default());
            let rows = rows.or_default();
            *rows += by;
            if *rows == 0 {
                self.states.retain(|_, rows| *rows != 0);
            }
        } else if let Some(sum) = self.sums.get_mut(place) {
            // Sums beyond 28 digits are none of money.
            *sum = sum.checked_add(value * Decimal::from(by)).unwrap_or(*sum);
        }
    }

    fn value(&self, gauge: &Gauge, place: usize) -> Json {
        match gauge.marks.get(place) {
            Some(mark) if mark.is_state() => json!(self.states),
            Some(mark) => json!(mark.text(self.sums.get(place).copied().unwrap_or_default())),
            None => Json::Null,
        }
    }
}

impl Found {
    /// Counts a row that differs, of which this is a field.
    pub fn add(&mut self, noted: Noted<'_>) {
        self.not_mended += i64::from(!noted.mended);
        match noted.kind {
            Kind::Missing => self.missing += 1,
            Kind::Extra => self.extra += 1,
            Kind::Differing => self.differing += 1,
        }
    }

    /// Whether anything differs.
    pub fn any(self) -> bool {
        self.missing + self.extra + self.differing > 0
    }
}

/// Both sides by indicator, as they are kept.
pub(super) fn totals(gauge: &Gauge, held: &Tally, vendor: &Tally) -> Json {
    let mut totals = Map::new();
    for (place, mark) in gauge.marks.iter().enumerate() {
        let sides =
            json!({ "held": held.value(gauge, place), "vendor": vendor.value(gauge, place) });
        totals.insert(gauge::name(mark.indicator).to_owned(), sides);
    }
    Json::Object(totals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yclients::reconcile::gauge::Subject;

    fn values(numbers: &[i64]) -> Values {
        let mut values = Values::default();
        for (value, number) in values.numbers.iter_mut().zip(numbers) {
            *value = Some(Decimal::from(*number));
        }
        values
    }

    #[test]
    fn our_side_is_the_vendors_but_for_what_differs() {
        let subject = Subject::of(&["yclients_records".to_owned()], |_| true).remove(0);
        let services = &subject.lines[0];
        let mut vendor = Tally::default();
        vendor.add(services, &values(&[100, 1, 120, 100]));
        vendor.add(services, &values(&[50, 2, 50, 25]));
        let mut held = vendor.clone();
        let noted = |kind, field, held, vendor| Noted {
            key: "1",
            kind,
            field,
            held,
            vendor,
            mended: true,
        };
        held.unlike(services, noted(Kind::Missing, "row", None, Some("present")));
        held.unlike(services, noted(Kind::Missing, "cost", None, Some("100.00")));
        held.unlike(
            services,
            noted(Kind::Differing, "cost", Some("49.50"), Some("50.00")),
        );
        held.unlike(services, noted(Kind::Extra, "row", Some("present"), None));
        held.unlike(services, noted(Kind::Extra, "cost", Some("3.00"), None));
        let totals = totals(services, &held, &vendor);
        assert_eq!(
            totals["total_cost"],
            json!({ "held": "52.50", "vendor": "150.00" })
        );
        assert_eq!(totals["quantity"]["vendor"], "3.000000");
        assert_eq!((held.rows, vendor.rows), (2, 2));
        let mut states = Tally::default();
        states.add(&subject.main, &values(&[1]));
        states.add(&subject.main, &values(&[-1]));
        states.unlike(
            &subject.main,
            noted(Kind::Differing, "attendance", Some("2"), Some("1")),
        );
        let told = super::totals(&subject.main, &states, &states);
        assert_eq!(told["status"]["held"], json!({ "-1": 1, "2": 1 }));
    }
}
