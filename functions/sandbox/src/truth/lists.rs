use std::ops::Range;

use super::line::{each, line};
use crate::model::{Exact, Quantity, Salon};

pub fn company(salon: &Salon, lines: &mut String) -> bool {
    let company = &salon.company;
    line(lines, salon, false, None, |line| {
        line.ints([
            ("id", company.id),
            ("country_id", 1),
            ("city_id", company.city.0),
        ])
        .texts([
            ("title", &company.title),
            ("public_title", &company.title),
            ("short_descr", company.short_descr),
            ("phone", &company.phone),
            ("city", company.city.1),
            ("address", &company.address),
            ("timezone_name", company.time_zone.name()),
            ("currency_short_title", "р"),
        ])
        .flags([("active", company.active)])
        .shown("coordinate_lat", Some(company.coordinates.0))
        .shown("coordinate_lon", Some(company.coordinates.1));
    });
    false
}

pub fn service_categories(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.service_categories, places, |category| {
        line(lines, salon, category.deleted.is_some(), None, |line| {
            line.ints([("id", category.id), ("weight", category.weight)])
                .texts([("title", category.title)]);
        });
    })
}

pub fn services(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.services, places, |service| {
        line(lines, salon, service.deleted.is_some(), None, |line| {
            line.ints([
                ("id", service.id),
                ("weight", service.weight),
                ("duration", service.duration),
                ("active", i64::from(service.active)),
            ])
            .references([("category_id", service.category_id)])
            .texts([("title", &service.title)])
            .exact("price_min", service.price_min)
            .exact("price_max", service.price_max)
            .exact("discount", Exact::<2>::ZERO);
        });
    })
}

pub fn labels(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.labels, places, |label| {
        // Labels of records only: those of clients have a list that no table is made from.
        if label.entity == 2 {
            line(lines, salon, label.deleted, None, |line| {
                line.ints([("id", label.id), ("entity", label.entity)])
                    .references([("salon_id", salon.company.id)])
                    .texts([
                        ("title", label.title),
                        ("color", label.color),
                        ("icon", label.icon),
                    ])
                    .flags([("deleted", label.deleted)]);
            });
        }
    })
}

pub fn goods(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.goods, places, |good| {
        line(
            lines,
            salon,
            good.deleted.is_some(),
            Some(good.changed),
            |line| {
                line.ints([
                    ("id", good.id),
                    ("unit_id", good.unit.id),
                    ("service_unit_id", good.service_unit.id),
                ])
                .references([
                    ("category_id", good.category_id),
                    ("salon_id", salon.company.id),
                ])
                .texts([
                    ("title", &good.title),
                    ("article", &good.article),
                    ("barcode", &good.barcode),
                    ("unit_short_title", good.unit.short_title),
                    ("service_unit_short_title", good.service_unit.short_title),
                ])
                .exact("cost", good.cost)
                .exact("actual_cost", good.actual_cost.price())
                .exact("unit_actual_cost", good.unit_actual_cost())
                .exact("unit_equals", Quantity::whole(good.unit_equals))
                .exact("critical_amount", good.critical_amount)
                .exact("desired_amount", good.desired_amount)
                .instant("last_change_date", good.changed);
            },
        );
    })
}

pub fn goods_categories(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.goods_categories, places, |category| {
        line(lines, salon, category.deleted.is_some(), None, |line| {
            line.ints([("id", category.id)])
                .references([("parent_id", category.parent_id)])
                .texts([("title", &category.title)]);
        });
    })
}

pub fn storages(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.storages, places, |storage| {
        line(lines, salon, storage.deleted.is_some(), None, |line| {
            line.ints([("id", storage.id)])
                .texts([("title", storage.title), ("comment", storage.comment)])
                .flags([
                    ("for_services", storage.for_services),
                    ("for_sale", storage.for_sale),
                ]);
        });
    })
}

pub fn accounts(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.accounts, places, |account| {
        line(lines, salon, account.deleted.is_some(), None, |line| {
            line.ints([("id", account.id), ("type", i64::from(account.cashless))])
                .texts([("title", account.title), ("comment", account.comment)]);
        });
    })
}
