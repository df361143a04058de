use axum::http::StatusCode;

use super::{Answer, Ask, Endpoint};
use crate::render::{Json, Page};

/// How many goods a search gives where nobody says, and at most.
const SEARCHED: (usize, usize) = (25, 100);

/// Lists that come whole.
pub fn whole(page: Page<'_>, ask: &Ask, endpoint: Endpoint) -> Answer {
    let salon = page.salon;
    let (category, master) = (ask.number("category_id"), ask.number("staff_id"));
    let staff = salon.staff.iter().filter(|one| one.deleted.is_none());
    match endpoint {
        Endpoint::Staff => list(Meta::Count, staff, |json, one| page.staff(json, one)),
        Endpoint::StaffDeprecated => list(Meta::Empty, staff, |json, one| {
            page.staff_deprecated(json, one);
        }),
        Endpoint::ServiceCategories => {
            let shown = salon
                .service_categories
                .iter()
                .filter(|one| one.deleted.is_none());
            list(Meta::TotalCount, shown, |json, one| {
                page.service_category(json, one);
            })
        }
        Endpoint::Services => {
            let shown = salon.services.iter().filter(|one| {
                one.deleted.is_none()
                    && category.is_none_or(|id| one.category_id == id)
                    && master.is_none_or(|id| one.staff.iter().any(|(staff, _)| *staff == id))
            });
            list(Meta::TotalCount, shown, |json, one| page.service(json, one))
        }
        Endpoint::Storages => {
            let shown = salon.storages.iter().filter(|one| one.deleted.is_none());
            list(Meta::Empty, shown, |json, one| page.storage(json, one))
        }
        Endpoint::Accounts => {
            let shown = salon.accounts.iter().filter(|one| one.deleted.is_none());
            list(Meta::EmptyObject, shown, |json, one| {
                page.account(json, one);
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
        page.goods_category(json, one);
    })
}

/// `/goods/search/{c}`: without a term the categories at the top, with one the goods that have it in their titles.
pub fn goods_search(page: Page<'_>, ask: &Ask) -> Answer {
    let term = ask.param("term").map(str::to_lowercase);
    let categories = page
        .salon
        .goods_categories
        .iter()
        .filter(|one| term.is_none() && one.parent_id == 0 && one.deleted.is_none());
    let goods = page.salon.goods.iter().filter(|one| {
        one.deleted.is_none()
            && term
                .as_ref()
                .is_some_and(|term| one.title.to_lowercase().contains(term))
    });
    let goods = goods.map(|one| (one.category_id, 0, one.id, one.title.as_str()));
    let categories = categories.map(|one| (0, one.id, 0, one.title.as_str()));
    let count = ask.count("count", SEARCHED.0, SEARCHED.1);
    let shown: Vec<_> = categories.chain(goods).take(count).collect();
    Answer::data(StatusCode::OK, shown.len() * 192, "[]", |json| {
        json.array(|json| {
            for (parent, category, item, title) in shown {
                json.object(|json| node(json, (parent, category, item), title));
            }
        });
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
