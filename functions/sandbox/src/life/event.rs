use chrono::{DateTime, TimeDelta, Utc};

use super::people::some;
use crate::model::{Attendance, Draw, Record, Salon};

/// Something happens in a company at `at`, as often as it would in a salon; its changes are noted there.
pub fn happen(salon: &mut Salon, draw: &mut Draw, at: DateTime<Utc>) {
    // What was drawn may not be possible just now: then the next thing happens.
    for _ in 0..20 {
        let done = match draw.below(1_000) {
            0..=249 => make_record(salon, draw, at),
            250..=389 => open(salon, draw).and_then(|id| salon.reschedule(id, draw, at)),
            390..=589 => due(salon, draw, at).and_then(|id| salon.complete(id, draw, at)),
            590..=639 => due(salon, draw, at).and_then(|id| salon.miss(id, at)),
            640..=689 => open(salon, draw).and_then(|id| salon.remove_record(id, at)),
            690..=699 => some(&salon.records, draw, |one| !one.deleted)
                .map(|one| one.id)
                .and_then(|id| salon.remove_record(id, at)),
            700..=759 => some(&salon.records, draw, |one| !one.deleted)
                .map(|one| one.id)
                .and_then(|id| salon.touch(id, draw, at)),
            760..=799 => Some(salon.meet(draw, at)).map(|_| ()),
            800..=859 => salon.correct_client(draw, at),
            860..=867 => salon.forget_client(draw, at),
            868..=917 => salon.move_goods(draw, at),
            918..=934 => salon.change_goods(draw, at),
            935..=946 => salon.correct_goods(draw, at),
            947..=967 => salon.other_payment(draw, at),
            968..=981 => salon.correct_payment(draw, at),
            982..=989 => salon.change_services(draw, at),
            990..=994 => salon.change_staff(draw, at),
            _ => salon.change_furniture(draw, at),
        };
        if done.is_some() {
            return;
        }
    }
}

fn make_record(salon: &mut Salon, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
    let start = at + TimeDelta::minutes(draw.between(-8, 14 * 96) * 15);
    // Visits begin at full quarters of an hour.
    let seconds = start.timestamp() - start.timestamp().rem_euclid(900);
    salon
        .book(draw, at, DateTime::from_timestamp(seconds, 0)?)
        .map(|_| ())
}

/// How many of the newest records are looked through for one that is still open.
const RECENT: usize = 2_000;

fn open(salon: &Salon, draw: &mut Draw) -> Option<i64> {
    recent(salon, draw, |record| record.is_open())
}

/// An open record whose time has come, or failing that, one that is open: people come early in a simulation.
fn due(salon: &Salon, draw: &mut Draw, at: DateTime<Utc>) -> Option<i64> {
    recent(salon, draw, |record| record.is_open() && record.start <= at).or_else(|| {
        recent(salon, draw, |record| {
            record.attendance == Attendance::Waiting && record.is_open()
        })
    })
}

fn recent(salon: &Salon, draw: &mut Draw, fits: impl Fn(&Record) -> bool) -> Option<i64> {
    let count = salon.records.len();
    let first = count.saturating_sub(RECENT);
    let tries = (0..60).map(|_| first + draw.below(count - first));
    let found = tries
        .filter_map(|place| salon.records.at(place))
        .find(|record| fits(record));
    found.map(|record| record.id)
}
