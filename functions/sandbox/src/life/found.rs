use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{offer, words};
use crate::model::{Account, Company, Draw, Ids, Label, Salon, Staff, Storage, Supplier, User};

/// Where the companies stand: zone, city, address, coordinates.
type Place = (
    Tz,
    (i64, &'static str),
    &'static str,
    (&'static str, &'static str),
);

const PLACES: &[Place] = &[
    (
        Tz::Europe__Moscow,
        (1, "Москва"),
        "Талалихина, д. 1, к. 2",
        ("55.735662", "37.678218"),
    ),
    (
        Tz::Asia__Yekaterinburg,
        (11, "Екатеринбург"),
        "ул. Малышева, д. 36",
        ("56.833332", "60.583332"),
    ),
    (
        Tz::Europe__Kaliningrad,
        (31, "Калининград"),
        "Ленинский пр., д. 30",
        ("54.710426", "20.452214"),
    ),
    (
        Tz::Asia__Vladivostok,
        (25, "Владивосток"),
        "ул. Светланская, д. 15",
        ("43.116418", "131.882475"),
    ),
];

/// Numbers of one company begin this far from those of the next.
const RANGE: i64 = 100_000_000;

/// A company with its people, offer and goods, before its first client; `number` counts companies from 0.
pub(super) fn company(draw: &mut Draw, number: usize, at: DateTime<Utc>) -> Salon {
    let index = i64::try_from(number).unwrap_or(0);
    let (time_zone, city, address, coordinates) = PLACES
        .get(number % PLACES.len())
        .copied()
        .unwrap_or((Tz::Europe__Moscow, (1, "Москва"), "", ("0", "0")));
    let company = Company {
        id: 4_564 + index * 1_117,
        title: format!("Ля Визаж {}", number + 1),
        short_descr: "Салон красоты",
        active: true,
        phone: format!("+7 495 000-{:02}-{:02}", 10 + index, draw.below(100)),
        city,
        address: address.to_owned(),
        coordinates,
        time_zone,
        changed: at,
    };
    let mut salon = Salon::new(
        company,
        Ids::above((index + 1) * RANGE + draw.between(0, 999)),
    );
    people(&mut salon, draw);
    furniture(&mut salon);
    offer::goods(&mut salon, draw, at);
    offer::services(&mut salon, draw);
    salon
}

fn people(salon: &mut Salon, draw: &mut Draw) {
    for (name, digits) in [
        ("Администратор", "01"),
        ("Управляющая", "02"),
        ("Бухгалтер", "03"),
    ] {
        let id = salon.ids.take();
        let phone = format!("790000000{digits}");
        salon.users.push(User { id, name, phone });
    }
    let positions: Vec<(i64, &str)> = words::POSITIONS
        .iter()
        .map(|title| (salon.ids.take(), *title))
        .collect();
    for weight in 0..draw.between(9, 14) {
        let staff = colleague(salon, draw, &positions, weight);
        salon.staff.push(staff);
    }
}

/// Somebody new among the staff; every ninth is a room rather than a person.
pub(super) fn colleague(
    salon: &mut Salon,
    draw: &mut Draw,
    positions: &[(i64, &'static str)],
    weight: i64,
) -> Staff {
    let is_room = weight % 9 == 8;
    let woman = draw.percent(70);
    let name = if is_room {
        format!("Кабинет № {}", weight / 9 + 1)
    } else {
        draw.word(if woman { words::WOMEN } else { words::MEN })
            .to_owned()
    };
    let position = draw.pick(positions).copied().filter(|_| !is_room);
    let user_id = salon.users.at(draw.below(8)).map_or(0, |user| user.id);
    let votes_count = draw.between(0, 60);
    Staff {
        id: salon.ids.take(),
        name,
        specialization: if is_room {
            ""
        } else {
            draw.word(words::SPECIALIZATIONS)
        },
        position,
        user_id: if is_room { 0 } else { user_id },
        rating: if votes_count == 0 {
            0
        } else {
            draw.between(380, 500)
        },
        votes_count,
        weight: 20 - weight,
        fired: false,
        hidden: draw.percent(8),
        deleted: None,
    }
}

fn furniture(salon: &mut Salon) {
    for (title, color, icon, entity) in words::LABELS.iter().copied() {
        let id = salon.ids.take();
        salon.labels.push(Label {
            id,
            title,
            color,
            icon,
            entity,
            deleted: false,
        });
    }
    for (title, for_services, comment) in [
        ("Расходники", true, "Для учета расходных материалов"),
        ("Товары", false, "Для учета продаж в магазине"),
        ("Подсобка", false, ""),
    ] {
        let id = salon.ids.take();
        let for_sale = !for_services;
        salon.storages.push(Storage {
            id,
            title,
            for_services,
            for_sale,
            comment,
            deleted: None,
        });
    }
    for (title, cashless, comment) in [
        ("Основная касса", false, "Стоит на ресепшене"),
        ("Расчетный счет", true, "Для безналичных расчетов"),
        ("Авансы", false, ""),
    ] {
        let id = salon.ids.take();
        salon.accounts.push(Account {
            id,
            title,
            cashless,
            comment,
            deleted: None,
        });
    }
    for title in words::SUPPLIERS.iter().copied() {
        let id = salon.ids.take();
        salon.suppliers.push(Supplier { id, title });
    }
}

/// The first instant of the business's day, some days before another instant.
pub(super) fn days_before(at: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    at.checked_sub_signed(TimeDelta::days(days)).unwrap_or(at)
}
