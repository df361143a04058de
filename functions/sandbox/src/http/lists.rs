use axum::http::StatusCode;

use super::{Answer, Ask, Endpoint, Span};
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
        page.record(json, record, including)
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
        page.client(json, client)
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
        page.goods_listed(json, one)
    }))
}

/// `/transactions/{c}`, newest first; deleted ones only where `deleted=1` asks for them.
pub fn finance_transactions(page: Page<'_>, ask: &Ask) -> Result<Answer, Wrong> {
    let days = Span::days(ask, ["start_date", "end_date"], &page.salon.company)?;
    let changes = Span::changes(ask, &page.salon.company)?;
    let deleted = ask.is_on("deleted");
    let names = [
        "account_id",
        "client_id",
        "document_id",
        "record_id",
        "visit_id",
    ];
    let [account, client, document, record, visit] = names.map(|name| ask.number(name));
    let fitting = page.salon.finance_transactions.iter().rev().filter(|one| {
        one.deleted.is_some() == deleted
            && changes.holds(one.changed)
            && days.holds(one.date)
            && account.is_none_or(|id| one.account_id == id)
            && client.is_none_or(|id| one.client_id == id)
            && document.is_none_or(|id| one.document_id == id)
            && record.is_none_or(|id| one.record_id == id)
            && visit.is_none_or(|id| one.visit_id == id)
    });
    let count = ask.count("count", 50, 1_000);
    Ok(paged(ask, count, fitting, false, |json, one| {
        page.finance_listed(json, one)
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

/// Lists that come whole.
pub fn whole(page: Page<'_>, endpoint: Endpoint) -> Answer {
    let salon = page.salon;
    let staff = salon.staff.iter().filter(|one| one.deleted.is_none());
    match endpoint {
        Endpoint::Staff => list(Meta::Count, staff, |json, one| page.staff(json, one)),
        Endpoint::StaffDeprecated => list(Meta::Empty, staff, |json, one| {
            page.staff_deprecated(json, one)
        }),
        Endpoint::ServiceCategories => {
            let shown = salon
                .service_categories
                .iter()
                .filter(|one| one.deleted.is_none());
            list(Meta::TotalCount, shown, |json, one| {
                page.service_category(json, one)
            })
        }
        Endpoint::Services => {
            let shown = salon.services.iter().filter(|one| one.deleted.is_none());
            list(Meta::TotalCount, shown, |json, one| page.service(json, one))
        }
        Endpoint::Storages => {
            let shown = salon.storages.iter().filter(|one| one.deleted.is_none());
            list(Meta::Empty, shown, |json, one| page.storage(json, one))
        }
        Endpoint::Accounts => {
            let shown = salon.accounts.iter().filter(|one| one.deleted.is_none());
            list(Meta::EmptyObject, shown, |json, one| {
                page.account(json, one)
            })
        }
        _ => Answer::not_found(),
    }
}

/// The forms of `meta` (facts §1.3).
#[derive(Clone, Copy)]
enum Meta {
    Empty,
    EmptyObject,
    Count,
    TotalCount,
}

fn list<'a, T: 'a>(
    meta: Meta,
    rows: impl Iterator<Item = &'a T>,
    write: impl Fn(&mut Json, &T),
) -> Answer {
    let rows: Vec<&T> = rows.collect();
    let meta = match meta {
        Meta::Empty => "[]".to_owned(),
        Meta::EmptyObject => "{}".to_owned(),
        Meta::Count => format!(r#"{{"count":{}}}"#, rows.len()),
        Meta::TotalCount => format!(r#"{{"total_count":{}}}"#, rows.len()),
    };
    Answer::data(StatusCode::OK, rows.len() * 1_024, &meta, |json| {
        json.array(|json| rows.into_iter().for_each(|row| write(json, row)));
    })
}

/// `/labels/{c}/{entity}`: the deleted ones too.
pub fn labels(page: Page<'_>, entity: i64) -> Answer {
    let shown = page
        .salon
        .labels
        .iter()
        .filter(|label| label.entity == entity);
    list(Meta::Empty, shown, |json, label| page.label(json, label))
}

/// `/goods_categories/{c}/{parent}`: one level only.
pub fn goods_categories(page: Page<'_>, parent: i64) -> Answer {
    let categories = page.salon.goods_categories.iter();
    let shown = categories.filter(|one| one.parent_id == parent && one.deleted.is_none());
    list(Meta::Empty, shown, |json, one| {
        page.goods_category(json, one)
    })
}

/// `/goods/category_node/{c}/{category}`: a category with the categories and goods below it; 0 is above the roots.
pub fn category_node(page: Page<'_>, category: i64) -> Answer {
    let salon = page.salon;
    let found = salon.goods_categories.get(category);
    if category != 0 && found.is_none() {
        return Answer::not_found();
    }
    let below = salon
        .goods_categories
        .iter()
        .filter(|one| one.parent_id == category && one.deleted.is_none());
    let goods = salon
        .goods
        .iter()
        .filter(|one| one.category_id == category && one.deleted.is_none());
    let below = below.map(|one| (one.id, 0, one.title.as_str()));
    let children: Vec<_> = below
        .chain(goods.map(|one| (0, one.id, one.title.as_str())))
        .collect();
    Answer::data(StatusCode::OK, children.len() * 192, "[]", |json| {
        json.object(|json| {
            let parent = found.map_or(0, |one| one.parent_id);
            node(
                json,
                (parent, category, 0),
                found.map_or("", |one| &one.title),
            );
            json.key("children_count").raw(children.len());
            json.key("children").array(|json| {
                for (id, good, title) in children {
                    json.object(|json| node(json, (category, id, good), title));
                }
            });
        });
    })
}

fn node(json: &mut Json, (parent, category, item): (i64, i64, i64), title: &str) {
    json.numbers([
        ("parent_id", parent),
        ("item_id", item),
        ("category_id", category),
    ]);
    json.key("title").text(title);
    json.flags([
        ("is_chain", false),
        ("is_category", item == 0),
        ("is_item", item != 0),
    ]);
}

/// What belongs to a document: movements of goods, or of money.
pub fn of_document(page: Page<'_>, endpoint: Endpoint, document: i64) -> Answer {
    if endpoint == Endpoint::DocumentGoods {
        let lines = page
            .salon
            .goods_transactions
            .iter()
            .filter(|one| one.document_id == document);
        let shown = lines.filter(|one| one.deleted.is_none());
        return list(Meta::Count, shown, |json, one| page.goods_flat(json, one));
    }
    let lines = page
        .salon
        .finance_transactions
        .iter()
        .filter(|one| one.document_id == document);
    list(
        Meta::Empty,
        lines.filter(|one| one.deleted.is_none()),
        |json, one| page.finance_flat(json, one),
    )
}
