use axum::http::StatusCode;

use super::{Answer, Ask, Span};
use crate::{
    model::Row,
    render::{Including, Json, Page},
};

/// The name of a parameter whose value cannot be read.
pub type Wrong = &'static str;

/// `/records/{c}`: newest first, so that what is made while somebody reads moves the rest along.
pub fn records(page: Page<'_>, ask: &Ask) -> Result<Answer, Wrong> {
    let company = &page.salon.company;
    let days = Span::days(ask, ["start_date", "end_date"], company)?;
    let created = Span::days(ask, ["c_start_date", "c_end_date"], company)?;
    let changes = Span::changes(ask, company)?;
    let with_deleted = ask.is_on("with_deleted");
    let ids = ["staff_id", "client_id", "created_user_id"].map(|name| ask.number(name));
    let [staff, client, user] = ids;
    let including = Including {
        consumables: ask.is_on("include_consumables"),
        finance_transactions: ask.is_on("include_finance_transactions"),
    };
    let fitting = page.salon.records.iter().rev().filter(|record| {
        (with_deleted || !record.deleted)
            && changes.holds(record.changed)
            && days.holds(record.start)
            && created.holds(record.created)
            && staff.is_none_or(|id| record.staff_id == id)
            && client.is_none_or(|id| record.client_id == Some(id))
            && user.is_none_or(|id| record.created_user_id == id)
    });
    let count = ask.count("count", 50, 300);
    Ok(paged(ask, count, fitting, true, |json, record| {
        page.record(json, record, including);
    }))
}

/// The deprecated `/clients/{c}`: the only full list with change times.
pub fn clients(page: Page<'_>, ask: &Ask) -> Result<Answer, Wrong> {
    let changes = Span::changes(ask, &page.salon.company)?;
    let clients = page.salon.clients.iter();
    let fitting =
        clients.filter(|client| client.deleted.is_none() && changes.holds(client.changed));
    let count = ask.count("count", 20, 200);
    Ok(paged(ask, count, fitting, true, |json, client| {
        page.client(json, client);
    }))
}

/// More goods on one page the vendor does not give: it silently gives this few.
const GOODS_AFTER_ALL: usize = 25;
const MOST_GOODS: usize = 100;

/// `/goods/{c}`: some places of a page stay empty, so that a short page is not the last one.
pub fn goods(page: Page<'_>, ask: &Ask) -> Result<Answer, Wrong> {
    let changes = Span::changes(ask, &page.salon.company)?;
    let category = ask.number("category_id");
    let term = ask.param("term").map(str::to_lowercase);
    let asked = ask.count("count", GOODS_AFTER_ALL, usize::MAX);
    let count = if asked > MOST_GOODS {
        GOODS_AFTER_ALL
    } else {
        asked
    };
    let first = (ask.page() - 1).saturating_mul(count);
    let places = first..first.saturating_add(count);
    let fitting = page.salon.goods.iter().filter(|good| {
        good.deleted.is_none()
            && changes.holds(good.changed)
            && category.is_none_or(|id| good.category_id == id)
            && term
                .as_ref()
                .is_none_or(|term| good.title.to_lowercase().contains(term))
    });
    let mut place = 0;
    let mut shown = Vec::with_capacity(count);
    for good in fitting {
        place += usize::from(page.quirks.is_some() && good.id % 5 == 0);
        if places.contains(&place) {
            shown.push(good);
        }
        place += 1;
        if place >= places.end {
            break;
        }
    }
    Ok(Answer::data(StatusCode::OK, count * 1_024, "[]", |json| {
        json.array(|json| shown.into_iter().for_each(|good| page.good(json, good)));
    }))
}

/// `/storages/transactions/{c}`, newest first; deleted ones are not there.
pub fn goods_transactions(page: Page<'_>, ask: &Ask) -> Result<Answer, Wrong> {
    let days = Span::days(ask, ["start_date", "end_date"], &page.salon.company)?;
    let changes = Span::changes(ask, &page.salon.company)?;
    let document = ask.number("document_id");
    let fitting = page.salon.goods_transactions.iter().rev().filter(|one| {
        one.deleted.is_none()
            && changes.holds(one.changed)
            && days.holds(one.created)
            && document.is_none_or(|id| one.document_id == id)
    });
    let count = ask.count("count", 20, 1_000);
    Ok(paged(ask, count, fitting, false, |json, one| {
        page.goods_listed(json, one);
    }))
}

/// `/transactions/{c}`, newest first; deleted ones only where `deleted=1` asks for them.
pub fn finance_transactions(page: Page<'_>, ask: &Ask) -> Result<Answer, Wrong> {
    let days = Span::days(ask, ["start_date", "end_date"], &page.salon.company)?;
    let changes = Span::changes(ask, &page.salon.company)?;
    let deleted = ask.is_on("deleted");
    let number = |name: &str| ask.number(name);
    let (account, client, document) = (
        number("account_id"),
        number("client_id"),
        number("document_id"),
    );
    let (record, visit) = (number("record_id"), number("visit_id"));
    let (supplier, master) = (number("supplier_id"), number("master_id"));
    let fitting = page.salon.finance_transactions.iter().rev().filter(|one| {
        let asked = [
            (account, one.account_id),
            (client, one.client_id),
            (document, one.document_id),
            (record, one.record_id),
            (visit, one.visit_id),
            (supplier, one.supplier_id),
            (master, one.master_id),
        ];
        one.deleted.is_some() == deleted
            && changes.holds(one.changed)
            && days.holds(one.date)
            && asked
                .iter()
                .all(|(wanted, is)| wanted.is_none_or(|id| id == *is))
    });
    let count = ask.count("count", 50, 1_000);
    Ok(paged(ask, count, fitting, false, |json, one| {
        page.finance_listed(json, one);
    }))
}

/// A page of `count` rows; with `counted`, `meta` says how many there are in all.
fn paged<'a, T: Row + 'a>(
    ask: &Ask,
    count: usize,
    mut fitting: impl Iterator<Item = &'a T>,
    counted: bool,
    write: impl Fn(&mut Json, &T),
) -> Answer {
    let first = (ask.page() - 1).saturating_mul(count);
    let mut before = 0;
    while before < first && fitting.next().is_some() {
        before += 1;
    }
    let shown: Vec<&T> = fitting.by_ref().take(count).collect();
    let meta = if counted {
        let total = before + shown.len() + fitting.count();
        format!(r#"{{"page":{},"total_count":{total}}}"#, ask.page())
    } else {
        "[]".to_owned()
    };
    Answer::data(StatusCode::OK, shown.len() * 2_560 + 64, &meta, |json| {
        json.array(|json| shown.into_iter().for_each(|row| write(json, row)));
    })
}
