use chrono::{DateTime, TimeDelta, Utc};

use super::found;
use crate::model::{Business, Draw, Record, Salon};

/// What a business is made from.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Everything is drawn from it.
    pub seed: u64,
    /// How many records there are, over all companies.
    pub records: usize,
    /// How many companies there are.
    pub companies: usize,
    /// Its present: nothing but the beginning of booked visits is later.
    pub present: DateTime<Utc>,
}

/// Records that a company makes in a day.
const RECORDS_A_DAY: usize = 40;
/// How far back a history goes at least and at most, in days.
const DAYS: (usize, usize) = (60, 1_800);

/// A business with its past: the same outline gives the same business, row by row.
pub fn business(outline: &Outline) -> Business {
    let companies = outline.companies.max(1);
    let salons = (0..companies)
        .map(|number| {
            let extra = usize::from(number < outline.records % companies);
            salon(outline, number, outline.records / companies + extra)
        })
        .collect();
    Business { salons }
}

fn salon(outline: &Outline, number: usize, records: usize) -> Salon {
    let mut draw = Draw::new(outline.seed, u64::try_from(number).unwrap_or(0) + 1);
    let days = (records / RECORDS_A_DAY).clamp(DAYS.0, DAYS.1);
    let seconds = i64::try_from(days).unwrap_or(60) * 86_400;
    let begin = found::days_before(outline.present, seconds / 86_400);
    let mut salon = found::company(&mut draw, number, begin);
    let clients = (records / 6).max(30);
    let total = i64::try_from(records.max(1)).unwrap_or(i64::MAX);
    let mut met = 0;
    for index in 0..records {
        let created =
            begin + TimeDelta::seconds(seconds * i64::try_from(index).unwrap_or(0) / total);
        // Clients come over time, so that numbers and change times rise together as they do at the vendor.
        while met * records <= index * clients {
            salon.meet(&mut draw, created);
            met += 1;
        }
        let start = opening(&mut draw, &salon, created);
        let Some(id) = salon.book(&mut draw, created, start) else {
            continue;
        };
        live_through(&mut salon, &mut draw, id, outline.present);
        if draw.percent(8) {
            salon.move_goods(&mut draw, created);
        }
        if draw.percent(6) {
            salon.other_payment(&mut draw, created);
        }
        salon.changes.clear();
    }
    while met < clients {
        salon.meet(&mut draw, outline.present - TimeDelta::days(1));
        met += 1;
    }
    rearrange(&mut salon, &mut draw, outline.present);
    salon.changes.clear();
    salon
}

/// Between nine in the morning and eight in the evening where the company is, at a full quarter of an hour, up to two weeks on.
fn opening(draw: &mut Draw, salon: &Salon, created: DateTime<Utc>) -> DateTime<Utc> {
    let day = created + TimeDelta::days(draw.between(0, 14));
    let offset = i64::from(salon.company.offset(day));
    let local_midnight = (day.timestamp() + offset).div_euclid(86_400) * 86_400;
    let seconds = local_midnight + 9 * 3_600 + draw.between(0, 44) * 900 - offset;
    DateTime::from_timestamp(seconds, 0).unwrap_or(created)
}

/// What became of a record by now.
fn live_through(salon: &mut Salon, draw: &mut Draw, id: i64, present: DateTime<Utc>) {
    let Some((created, start, length)) = salon.records.get(id).map(times) else {
        return;
    };
    let end = start.max(created) + TimeDelta::seconds(length);
    if draw.percent(6) {
        let deleted = (created + TimeDelta::minutes(draw.between(1, 600))).min(present);
        salon.remove_record(id, deleted);
    } else if end >= present {
        if draw.percent(25) {
            salon.touch(id, draw, (created + TimeDelta::minutes(20)).min(present));
        }
    } else if draw.percent(7) {
        salon.miss(id, end);
    } else {
        salon.complete(id, draw, end);
    }
}

const fn times(record: &Record) -> (DateTime<Utc>, DateTime<Utc>, i64) {
    (record.created, record.start, record.length)
}

/// A few things left the lists in the past week, though old records still name them.
fn rearrange(salon: &mut Salon, draw: &mut Draw, present: DateTime<Utc>) {
    for hours in 1..4 {
        let at = present - TimeDelta::hours(hours * 24);
        salon.forget_client(draw, at);
        salon.change_services(draw, at);
        salon.change_staff(draw, at);
        salon.correct_goods(draw, at);
        salon.correct_payment(draw, at);
        salon.change_goods(draw, at);
    }
}
