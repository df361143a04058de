use std::ops::Range;

use super::line::{Line, each, line};
use crate::model::{Exact, Quantity, Record, Salon};

pub fn records(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.records, places, |record| {
        line(lines, salon, record.deleted, Some(record.changed), |line| {
            columns(line, salon, record);
        });
    })
}

fn columns(line: &mut Line, salon: &Salon, record: &Record) {
    let attendance = i64::from(record.attendance as i8);
    line.ints([
        ("id", record.id),
        ("visit_id", record.visit_id),
        ("created_user_id", record.created_user_id),
        ("clients_count", 1),
        ("attendance", attendance),
        ("visit_attendance", attendance),
        ("confirmed", 1),
        ("seance_length", record.length),
        ("length", record.length),
        ("paid_full", i64::from(record.paid_full)),
    ])
    .references([
        ("company_id", salon.company.id),
        ("staff_id", record.staff_id),
        ("client_id", record.client_id.unwrap_or(0)),
    ])
    .texts([("comment", record.comment)])
    .flags([("online", record.online), ("deleted", record.deleted)])
    .shown(
        "date",
        Some(
            record
                .start
                .with_timezone(&salon.company.time_zone)
                .format("%Y-%m-%d %H:%M:%S"),
        ),
    )
    .instant("datetime", record.start)
    .instant("create_date", record.created)
    .instant("last_change_date", record.changed);
}

pub fn services(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.records, places, |record| {
        for (number, service) in (1..).zip(&record.services) {
            let title = salon
                .services
                .get(service.id)
                .map_or("", |service| &service.title);
            line(lines, salon, record.deleted, None, |line| {
                line.ints([("record_id", record.id), ("line", number)])
                    .references([("service_id", service.id)])
                    .texts([("title", title)])
                    .exact("cost", service.cost())
                    .exact("cost_to_pay", service.cost())
                    .exact("manual_cost", service.cost())
                    .exact("cost_per_unit", service.first_cost.price())
                    .exact("discount", Exact::<2>::whole(service.discount))
                    .exact("first_cost", service.first_cost * service.amount)
                    .exact("amount", Quantity::whole(service.amount));
            });
        }
    })
}

pub fn consumables(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.records, places, |record| {
        for (number, used) in (1..).zip(salon.consumables_of(record)) {
            line(lines, salon, record.deleted, None, |line| {
                line.ints([
                    ("record_id", record.id),
                    ("line", number),
                    ("goods_transaction_id", used.id),
                    ("document_id", used.document_id),
                    ("type_id", i64::from(used.kind as u8)),
                    ("operation_unit_type", if used.service_unit { 2 } else { 1 }),
                ])
                .references([
                    ("company_id", salon.company.id),
                    ("good_id", used.good_id),
                    ("service_id", used.service_id),
                    ("storage_id", used.storage_id),
                    ("master_id", used.master_id),
                ])
                .exact("amount", used.amount)
                .exact("cost_per_unit", used.cost_per_unit)
                .exact("discount", Exact::<2>::whole(used.discount))
                .exact("cost", used.cost)
                .texts([("comment", used.comment)])
                .instant("create_date", used.created);
            });
        }
    })
}

pub fn labels(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.records, places, |record| {
        for (number, id) in (1..).zip(&record.labels) {
            let Some(label) = salon.labels.get(*id) else {
                continue;
            };
            line(lines, salon, record.deleted, None, |line| {
                line.ints([("record_id", record.id), ("line", number)])
                    .references([("label_id", label.id)])
                    .texts([
                        ("title", label.title),
                        ("color", label.color),
                        ("icon", label.icon),
                    ]);
            });
        }
    })
}
