use std::ops::Range;

use super::line::{each, line};
use crate::model::{Exact, Salon};

pub fn staff(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.staff, places, |staff| {
        line(lines, salon, staff.deleted.is_some(), None, |line| {
            let position = staff.position.map_or(0, |(id, _)| id);
            line.ints([("id", staff.id), ("weight", staff.weight)])
                .references([("position_id", position)])
                .texts([
                    ("name", &staff.name),
                    ("specialization", staff.specialization),
                ])
                .shown("position_title", staff.position.map(|(_, title)| title))
                .flags([("fired", staff.fired), ("hidden", staff.hidden)])
                .exact("rating", Exact::<6>(staff.rating * 10_000));
        });
    })
}

pub fn clients(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.clients, places, |client| {
        line(
            lines,
            salon,
            client.deleted.is_some(),
            Some(client.changed),
            |line| {
                line.ints([
                    ("id", client.id),
                    ("visits", client.visits),
                    ("sex_id", client.sex_id),
                    ("importance_id", client.importance_id),
                ])
                .texts([
                    ("name", client.name),
                    ("surname", &client.surname),
                    ("patronymic", client.patronymic),
                    ("display_name", &client.display_name()),
                    ("email", &client.email),
                    ("card", &client.card),
                    ("comment", client.comment),
                ])
                // With a plus: the vendor sends the same phone with it, without it, and as a number.
                .shown("phone", Some(format_args!("+{}", client.phone)))
                .shown("birth_date", client.birth_date)
                .exact("discount", Exact::<2>::whole(client.discount))
                .exact("spent", client.spent)
                .exact("paid", client.paid)
                .exact("balance", client.paid - client.spent)
                .instant("last_change_date", client.changed);
            },
        );
    })
}
