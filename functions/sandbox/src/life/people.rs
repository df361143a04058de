use chrono::{DateTime, NaiveDate, Utc};

use super::words;
use crate::model::{Client, Draw, Entity, Money, Row, Rows, Salon, Status};

/// A random row that fits, or none after a few tries.
pub(super) fn some<'a, T: Row>(
    rows: &'a Rows<T>,
    draw: &mut Draw,
    fits: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    (0..12).find_map(|_| rows.at(draw.below(rows.len())).filter(|row| fits(row)))
}

impl Salon {
    /// Enters a client.
    pub(super) fn meet(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> i64 {
        let woman = draw.percent(75);
        let (men, women) = draw.pick(words::PATRONYMICS).copied().unwrap_or_default();
        let id = self.ids.take();
        let number = id % 10_000_000;
        let categories = some(&self.labels, draw, |label| label.entity == 1).map(|label| label.id);
        let client = Client {
            id,
            name: draw.word(if woman { words::WOMEN } else { words::MEN }),
            surname: surname(draw, woman),
            patronymic: match (draw.percent(20), woman) {
                (false, _) => "",
                (true, true) => women,
                (true, false) => men,
            },
            phone: format!("7999{number:07}"),
            email: if draw.percent(40) {
                format!("client{number}@example.com")
            } else {
                String::new()
            },
            card: if draw.percent(10) {
                format!("{:09}", number * 7)
            } else {
                String::new()
            },
            birth_date: birthday(draw),
            comment: if draw.percent(15) {
                draw.word(words::CLIENT_COMMENTS)
            } else {
                ""
            },
            discount: if draw.percent(20) {
                draw.between(1, 4) * 5
            } else {
                0
            },
            visits: 0,
            failed_visits: 0,
            sex_id: if draw.percent(30) {
                0
            } else if woman {
                2
            } else {
                1
            },
            importance_id: if draw.percent(80) {
                0
            } else {
                draw.between(1, 3)
            },
            spent: Money::ZERO,
            paid: Money::ZERO,
            categories: categories
                .into_iter()
                .filter(|_| draw.percent(25))
                .collect(),
            source: draw.percent(30).then(|| draw.word(words::SOURCES)),
            changed: at,
            deleted: None,
        };
        self.clients.push(client);
        self.note(Entity::Client, id, Status::Create);
        id
    }

    /// Changes something about a client: a remark, a discount, an e-mail, the phone.
    pub(super) fn correct_client(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let id = some(&self.clients, draw, |client| client.deleted.is_none())?.id;
        let client = self.clients.get_mut(id)?;
        match draw.below(5) {
            0 => client.comment = draw.word(words::CLIENT_COMMENTS),
            1 => client.discount = draw.between(0, 6) * 5,
            2 => client.email = format!("new{}@example.com", draw.below(1_000_000)),
            3 => client.phone = format!("7998{:07}", draw.below(10_000_000)),
            _ => client.surname = surname(draw, client.sex_id == 2),
        }
        client.changed = at;
        self.note(Entity::Client, id, Status::Update);
        Some(())
    }

    /// Removes a client from the lists; records keep naming the number.
    pub(super) fn forget_client(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let id = some(&self.clients, draw, |client| client.deleted.is_none())?.id;
        let client = self.clients.get_mut(id)?;
        (client.deleted, client.changed) = (Some(at), at);
        self.note(Entity::Client, id, Status::Delete);
        Some(())
    }

    /// Somebody comes to work, or leaves: first they are fired, later they are gone from the list.
    pub(super) fn change_staff(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        if draw.percent(40) {
            let positions: Vec<_> = self
                .staff
                .iter()
                .filter_map(|staff| staff.position)
                .collect();
            let colleague = super::found::colleague(self, draw, &positions, 1);
            let id = self.staff.push(colleague);
            self.note(Entity::Staff, id, Status::Create);
            return Some(());
        }
        let working = self
            .staff
            .iter()
            .filter(|staff| !staff.fired && staff.deleted.is_none())
            .count();
        let staff = some(&self.staff, draw, |staff| staff.deleted.is_none())?;
        let (id, fired) = (staff.id, staff.fired);
        let staff = self.staff.get_mut(id)?;
        let status = if fired {
            staff.deleted = Some(at);
            Status::Delete
        } else if working > 5 && draw.percent(50) {
            staff.fired = true;
            Status::Update
        } else {
            staff.specialization = draw.word(words::SPECIALIZATIONS);
            staff.rating = draw.between(380, 500);
            Status::Update
        };
        self.note(Entity::Staff, id, status);
        Some(())
    }
}

fn surname(draw: &mut Draw, woman: bool) -> String {
    if draw.percent(30) {
        return String::new();
    }
    let stem = draw.word(words::SURNAMES);
    format!("{stem}{}", if woman { "ова" } else { "ов" })
}

fn birthday(draw: &mut Draw) -> Option<NaiveDate> {
    let year = i32::try_from(draw.between(1950, 2010)).ok()?;
    let day = u32::try_from(draw.between(1, 365)).ok()?;
    NaiveDate::from_yo_opt(year, day).filter(|_| draw.percent(50))
}
