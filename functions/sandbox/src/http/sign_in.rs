use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Ask};
use crate::{
    accounts::{Account, Accounts},
    world::Shared,
};

/// `POST /auth`: 201 with a token, 200 with a challenge, or 401.
pub fn sign_in(shared: &Shared, ask: &Ask) -> Answer {
    let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let gate = shared.gate();
    let Some(account) = Accounts::sign_in(text("login"), text("password")) else {
        return Answer::refusal(
            StatusCode::UNAUTHORIZED,
            "Не удалось авторизоваться. Проверьте логин и пароль.",
        );
    };
    if account == Account::TwoFactor || gate.faults.spec.names("2fa", text("login")) {
        let body = json!({ "success": true, "data": { "uuid": "0d1f8b1e-6c1f-4f57-9a55-5a0b0a0d2f11" }, "meta": [] });
        return Answer::json(StatusCode::OK, body.to_string());
    }
    let id = 746_310 + account as i64;
    let body = json!({
        "success": true,
        "data": {
            "0": [],
            "id": id,
            "user_token": gate.accounts.token(account),
            "name": "Владелица Салона",
            "phone": "79990000001",
            "login": text("login"),
            "email": "owner@sandbox.test",
            "avatar": "https://yclients.com/images/no-master.png",
            "is_approved": true,
            "is_email_confirmed": true,
        },
        "meta": [],
    });
    Answer::json(StatusCode::CREATED, body.to_string())
}
