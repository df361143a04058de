use std::ops::Range;

use super::line::{each, line};
use crate::model::{Exact, Salon};

pub fn goods_transactions(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.goods_transactions, places, |one| {
        line(
            lines,
            salon,
            one.deleted.is_some(),
            Some(one.changed),
            |line| {
                line.ints([
                    ("id", one.id),
                    ("type_id", i64::from(one.kind as u8)),
                    ("operation_unit_type", if one.service_unit { 2 } else { 1 }),
                ])
                .references([
                    ("document_id", one.document_id),
                    ("good_id", one.good_id),
                    ("storage_id", one.storage_id),
                    ("master_id", one.master_id),
                    ("supplier_id", one.supplier_id),
                    ("service_id", one.service_id),
                    ("client_id", one.client_id),
                    ("record_id", one.record_id),
                ])
                .texts([("comment", one.comment)])
                .exact("amount", one.amount)
                .exact("cost_per_unit", one.cost_per_unit)
                .exact("discount", Exact::<2>::whole(one.discount))
                .exact("cost", one.cost)
                .instant("create_date", one.created)
                .instant("last_change_date", one.changed);
            },
        );
    })
}

pub fn finance_transactions(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.finance_transactions, places, |one| {
        line(
            lines,
            salon,
            one.deleted.is_some(),
            Some(one.changed),
            |line| {
                line.ints([
                    ("id", one.id),
                    ("expense_id", one.expense.id),
                    ("visit_id", one.visit_id),
                    ("sold_item_id", one.sold_item_id),
                ])
                .references([
                    ("document_id", one.document_id),
                    ("account_id", one.account_id),
                    ("client_id", one.client_id),
                    ("master_id", one.master_id),
                    ("supplier_id", one.supplier_id),
                    ("record_id", one.record_id),
                ])
                .texts([
                    ("expense_title", one.expense.title),
                    ("comment", one.comment),
                    ("sold_item_type", one.sold_item_type),
                ])
                .exact("amount", one.amount)
                .instant("date", one.date)
                .instant("last_change_date", one.changed);
            },
        );
    })
}

pub fn documents(salon: &Salon, places: Range<usize>, lines: &mut String) -> bool {
    each(&salon.documents, places, |document| {
        line(lines, salon, document.deleted.is_some(), None, |line| {
            line.ints([
                ("id", document.id),
                ("type_id", i64::from(document.kind as u8)),
                ("number", document.number),
            ])
            .references([
                ("user_id", document.user_id),
                ("company_id", salon.company.id),
                ("storage_id", document.storage_id),
                ("record_id", document.record_id),
            ])
            .texts([
                ("type_title", document.kind.title()),
                ("comment", document.comment),
            ])
            .instant("create_date", document.created);
        });
    })
}
