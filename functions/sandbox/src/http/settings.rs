use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, Ask};
use crate::{faults::FaultSpec, hooks::HookSettings, world::Shared};

/// `GET|POST /hooks_settings/{c}`.
pub fn hooks(shared: &Shared, ask: &Ask, company_id: i64) -> Answer {
    if ask.method == Method::GET {
        let shown = shared.world().deliveries.settings(company_id).shown();
        return envelope(StatusCode::OK, &shown);
    }
    let body: Value = match serde_json::from_slice(&ask.body) {
        Ok(body) => body,
        Err(_) => return Answer::refusal(StatusCode::BAD_REQUEST, "Неверный формат запроса"),
    };
    match HookSettings::replace(&body) {
        Ok(settings) => {
            let shown = settings.shown();
            shared.change_world().deliveries.set(company_id, settings);
            envelope(StatusCode::CREATED, &shown)
        }
        Err(problem) => Answer::invalid(
            StatusCode::UNPROCESSABLE_ENTITY,
            "An error has occurred.",
            &json!({ "[urls]": [problem] }),
        ),
    }
}

/// `GET /user/permissions/{c}`: what the SPEC forbids is missing.
pub fn permissions(spec: &FaultSpec) -> Answer {
    let may = |name: &str| !spec.names("forbidden", name);
    let shown = json!({
        "timetable": { "timetable_access": may("records"), "master_id": 0, "last_days_count": -1 },
        "record_form": { "record_form_access": may("records"), "record_form_client_access": may("clients") },
        "finances": {
            "finances_access": may("finance_transactions"),
            "finances_transactions_access": may("finance_transactions"),
            "finances_accounts_access": may("accounts"),
            "finances_accounts_ids": [],
        },
        "clients": { "clients_access": may("clients"), "client_phones_access": may("clients") },
        "storages": {
            "storages_access": may("storages"),
            "storages_transactions_access": may("goods_transactions"),
            "storages_ids": [],
        },
        "settings": { "settings_access": may("hooks_settings"), "settings_services_access": may("services") },
    });
    envelope(StatusCode::OK, &shown)
}

fn envelope(status: StatusCode, data: &Value) -> Answer {
    Answer::json(
        status,
        json!({ "success": true, "data": data, "meta": [] }).to_string(),
    )
}
