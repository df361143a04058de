use axum::http::StatusCode;

use super::{Answer, Ask, Endpoint};
use crate::render::{Including, Json, Page};

/// One row by its number; some are answered as lists of one.
pub fn one(page: Page<'_>, ask: &Ask, endpoint: Endpoint, id: i64) -> Answer {
    let salon = page.salon;
    let shown = match endpoint {
        Endpoint::Records => {
            let including = Including {
                consumables: ask.is_on("include_consumables"),
                finance_transactions: ask.is_on("include_finance_transactions"),
            };
            salon
                .records
                .get(id)
                .map(|row| object(|json| page.record(json, row, including)))
        }
        Endpoint::Clients => {
            let row = salon.clients.get(id).filter(|row| row.deleted.is_none());
            row.map(|row| object(|json| page.client(json, row)))
        }
        Endpoint::Staff => {
            let row = salon.staff.get(id).filter(|row| row.deleted.is_none());
            row.map(|row| object(|json| page.staff(json, row)))
        }
        Endpoint::StaffDeprecated => {
            let row = salon.staff.get(id).filter(|row| row.deleted.is_none());
            row.map(|row| object(|json| page.staff_deprecated(json, row)))
        }
        Endpoint::ServiceCategories => {
            let row = salon
                .service_categories
                .get(id)
                .filter(|row| row.deleted.is_none());
            row.map(|row| object(|json| page.service_category(json, row)))
        }
        Endpoint::Services => {
            let row = salon.services.get(id).filter(|row| row.deleted.is_none());
            row.map(|row| object(|json| page.service(json, row)))
        }
        Endpoint::Goods => {
            let row = salon.goods.get(id).filter(|row| row.deleted.is_none());
            row.map(|row| perhaps_in_list(page, id, |json| page.good(json, row)))
        }
        Endpoint::GoodsTransactions => salon
            .goods_transactions
            .get(id)
            .map(|row| object(|json| page.goods_single(json, row))),
        Endpoint::FinanceTransactions => {
            let row = salon
                .finance_transactions
                .get(id)
                .filter(|row| row.deleted.is_none());
            row.map(|row| perhaps_in_list(page, id, |json| page.finance_flat(json, row)))
        }
        Endpoint::Documents => {
            let row = salon.documents.get(id).filter(|row| row.deleted.is_none());
            row.map(|row| object(|json| page.document(json, row)))
        }
        _ => None,
    };
    shown.unwrap_or_else(Answer::not_found)
}

fn object(write: impl FnOnce(&mut Json)) -> Answer {
    Answer::data(StatusCode::OK, 4_096, "[]", write)
}

/// Both forms have been documented: the object, and a list of one.
fn perhaps_in_list(page: Page<'_>, id: i64, write: impl FnOnce(&mut Json)) -> Answer {
    if page.quirks.is_some() && id % 2 == 0 {
        object(|json| json.array(write))
    } else {
        object(write)
    }
}
