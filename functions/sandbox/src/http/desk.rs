use axum::http::StatusCode;

use super::{Answer, Ask, Call, Endpoint, clients_search, lists, settings, singles, whole};
use crate::{
    accounts::Account,
    faults::FaultSpec,
    model::Salon,
    render::Page,
    world::{Shared, World},
};

/// Answers a request of somebody who may ask.
pub fn answer(shared: &Shared, ask: &Ask, call: Call, account: Account) -> Answer {
    match (call.endpoint, call.company) {
        (Endpoint::HooksSettings, Some(company)) => return settings::hooks(shared, ask, company),
        (Endpoint::Permissions, _) => return settings::permissions(&shared.gate().faults.spec),
        (Endpoint::Companies | Endpoint::Groups, _) => {
            // Whoever has the gate may wait for the world: it is not asked for the other way round.
            let spec = shared.gate().faults.spec.clone();
            return companies(&shared.world(), &spec, call.endpoint, account, ask);
        }
        _ => {}
    }
    let world = shared.world();
    match (call.endpoint, call.company, call.id) {
        (Endpoint::DocumentGoods | Endpoint::DocumentFinance, _, Some(id)) => {
            let mut salons = world.business.salons.iter();
            let Some(salon) = salons.find(|salon| salon.documents.get(id).is_some()) else {
                return Answer::not_found();
            };
            whole::of_document(world.page(salon), call.endpoint, id)
        }
        (endpoint, Some(company), id) => {
            let Some(salon) = world.business.salon(company) else {
                return Answer::refusal(StatusCode::NOT_FOUND, "Филиал не найден.");
            };
            of_company(world.page(salon), ask, endpoint, id)
        }
        _ => Answer::not_found(),
    }
}

fn of_company(page: Page<'_>, ask: &Ask, endpoint: Endpoint, id: Option<i64>) -> Answer {
    let answered = match (endpoint, id) {
        (Endpoint::ClientsSearch, _) => Ok(clients_search::search(page, ask)),
        (Endpoint::Labels, Some(entity)) => Ok(whole::labels(page, entity)),
        (Endpoint::GoodsCategories, Some(parent)) => Ok(whole::goods_categories(page, parent)),
        (Endpoint::CategoryNode, Some(category)) => Ok(whole::category_node(page, category)),
        (endpoint, Some(id)) => Ok(singles::one(page, ask, endpoint, id)),
        (Endpoint::Company, None) => Ok(Answer::data(StatusCode::OK, 4_096, "[]", |json| {
            page.company(json);
        })),
        (Endpoint::GoodsSearch, None) => Ok(whole::goods_search(page, ask)),
        (Endpoint::Records, None) => lists::records(page, ask),
        (Endpoint::Clients, None) => lists::clients(page, ask),
        (Endpoint::Goods, None) => lists::goods(page, ask),
        (Endpoint::GoodsTransactions, None) => lists::goods_transactions(page, ask),
        (Endpoint::FinanceTransactions, None) => lists::finance_transactions(page, ask),
        (endpoint, None) => Ok(whole::whole(page, ask, endpoint)),
    };
    answered.unwrap_or_else(|parameter| {
        let message = format!("Неверное значение параметра {parameter}");
        Answer::refusal(StatusCode::BAD_REQUEST, &message)
    })
}

/// The companies that are open to the account.
fn companies(
    world: &World,
    spec: &FaultSpec,
    endpoint: Endpoint,
    account: Account,
    ask: &Ask,
) -> Answer {
    let seen = if account == Account::Manager {
        1
    } else {
        usize::MAX
    };
    let is_open = |salon: &&Salon| !spec.closes(salon.company.id);
    let salons = world.business.salons.iter().take(seen);
    let salons: Vec<&Salon> = salons.filter(is_open).collect();
    if endpoint == Endpoint::Groups {
        return Answer::data(StatusCode::OK, 1_024, "[]", |json| {
            json.array(|json| {
                json.object(|json| {
                    json.key("id").raw(77);
                    json.key("title").text("Ля Визаж");
                    json.key("companies").array(|json| {
                        for salon in salons {
                            json.object(|json| {
                                json.key("id").raw(salon.company.id);
                                json.key("title").text(&salon.company.title);
                            });
                        }
                    });
                });
            });
        });
    }
    let count = ask.count("count", 50, 300);
    let shown = salons
        .into_iter()
        .skip((ask.page() - 1).saturating_mul(count))
        .take(count);
    Answer::data(StatusCode::OK, 4_096, "[]", |json| {
        json.array(|json| {
            for salon in shown {
                world.page(salon).company_in_list(json);
            }
        });
    })
}
