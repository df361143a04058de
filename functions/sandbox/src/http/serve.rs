use std::{sync::Arc, time::Instant};

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

use super::{Answer, Ask, Call, desk, sign_in};
use crate::{accounts::Account, faults::Fault, http::Endpoint, limits::Refusal, world::Shared};

/// Bodies of requests are small: settings, searches, passwords.
const LONGEST_BODY: usize = 1024 * 1024;

/// The rows of a page that is shorter than it is asked for.
const SHORT_PAGE: usize = 10;

/// Answers a request as the vendor would: limits, faults, rights, and then what was asked for.
pub async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return Answer::page(StatusCode::PAYLOAD_TOO_LARGE).respond();
    };
    let query = parts.uri.query().unwrap_or_default();
    let mut ask = Ask::new(
        parts.method,
        parts.uri.path(),
        query,
        &parts.headers,
        body.to_vec(),
    );
    let call = Call::of(&ask);
    if names_list(&shared, "short", call) {
        ask.cap(SHORT_PAGE);
    }
    let (refused, fault, slowness, hang) = {
        let mut gate = shared.gate();
        let limits = gate.limits;
        let refused = gate.ledger.ask(&ask.partner, limits, Instant::now()).err();
        let fault = if refused.is_none() {
            gate.faults.befall(parts.uri.path())
        } else {
            None
        };
        (refused, fault, gate.faults.slowness(), gate.faults.hang())
    };
    if !slowness.is_zero() {
        tokio::time::sleep(slowness).await;
    }
    let answer = match (refused, fault) {
        (Some(refusal), _) => throttle(&shared, Some(refusal)),
        (None, Some(Fault::Throttle)) => throttle(&shared, None),
        (None, Some(Fault::Html)) => Answer::page(StatusCode::INTERNAL_SERVER_ERROR),
        (None, Some(Fault::Gateway)) => Answer::page(StatusCode::BAD_GATEWAY),
        (None, Some(Fault::Empty)) => {
            Answer::json(StatusCode::INTERNAL_SERVER_ERROR, String::new())
        }
        (None, fault) => {
            if fault == Some(Fault::Timeout) {
                tokio::time::sleep(hang).await;
            }
            answer(&shared, &ask, call)
        }
    };
    let answer = match names_list(&shared, "lossy", call) {
        true => answer.with_every_other(),
        false => answer,
    };
    let whole = matches!(fault, None | Some(Fault::Timeout));
    if let Some(call) = call {
        let answered = whole && refused.is_none() && answer.status.is_success();
        shared.gate().note(call.endpoint.name(), answered);
    }
    match fault {
        Some(Fault::Truncate) => answer.cut(),
        Some(Fault::Reset) => answer.break_off(),
        Some(Fault::Unreadable) => answer.with_strange_ids(),
        _ => answer.respond(),
    }
}

/// Whether the SPEC names a fault for the list that is asked for.
fn names_list(shared: &Shared, fault: &str, call: Option<Call>) -> bool {
    let list = call.filter(|call| call.id.is_none());
    list.is_some_and(|call| shared.gate().faults.spec.names(fault, call.endpoint.name()))
}

/// One request too many: 429 without a body, with or without a hint, or 200 with the message in it.
fn throttle(shared: &Shared, refusal: Option<Refusal>) -> Answer {
    let mut gate = shared.gate();
    gate.refusals += 1;
    match gate.refusals % 3 {
        0 => Answer::refusal(StatusCode::OK, "Превышен лимит запросов"),
        1 => Answer::json(StatusCode::TOO_MANY_REQUESTS, String::new()),
        _ => {
            let mut answer = Answer::json(StatusCode::TOO_MANY_REQUESTS, String::new());
            answer.retry_after = Some(if refusal == Some(Refusal::Minute) {
                5
            } else {
                1
            });
            answer
        }
    }
}

fn answer(shared: &Shared, ask: &Ask, call: Option<Call>) -> Answer {
    if ask.partner.is_empty() {
        return unauthorized(ask);
    }
    let Some(call) = call else {
        return Answer::not_found();
    };
    if call.endpoint == Endpoint::Auth {
        return sign_in::sign_in(shared, ask);
    }
    let account = match may_ask(shared, ask, call) {
        Ok(account) => account,
        Err(answer) => return answer,
    };
    drift(shared, ask, call);
    desk::answer(shared, ask, call, account)
}

/// Whether the user is known, the company theirs and open to them, its licence paid, and the right given.
fn may_ask(shared: &Shared, ask: &Ask, call: Call) -> Result<Account, Answer> {
    let gate = shared.gate();
    let spec = &gate.faults.spec;
    let account = gate
        .accounts
        .of_token(&ask.user)
        .filter(|_| !spec.names("revoked", &ask.user));
    let Some(account) = account else {
        return Err(unauthorized(ask));
    };
    if let Some(company) = call.company {
        let world = shared.world();
        let mut salons = world.business.salons.iter();
        let Some(place) = salons.position(|salon| salon.company.id == company) else {
            return Err(Answer::refusal(StatusCode::NOT_FOUND, "Филиал не найден."));
        };
        if account == Account::Manager && place > 0 {
            return Err(Answer::refusal(StatusCode::FORBIDDEN, "Access denied."));
        }
        let is_shown =
            call.endpoint == Endpoint::Company && !spec.names("closed", &company.to_string());
        if spec.closes(company) && !is_shown {
            return Err(unauthorized(ask));
        }
        if spec.names("licence", &company.to_string()) {
            let status = if call.endpoint == Endpoint::ClientsSearch {
                StatusCode::PAYMENT_REQUIRED
            } else {
                StatusCode::FORBIDDEN
            };
            let message = format!("Необходимо продлить лицензию в филиале с id: {company}");
            return Err(Answer::refusal(status, &message));
        }
    }
    if spec.names("broken", call.endpoint.name()) {
        return Err(Answer::page(StatusCode::INTERNAL_SERVER_ERROR));
    }
    if spec.names("forbidden", call.endpoint.name()) {
        return Err(Answer::refusal(StatusCode::FORBIDDEN, "Недостаточно прав"));
    }
    if spec.names("gone", call.endpoint.name()) {
        return Err(Answer::not_found());
    }
    Ok(account)
}

/// 401, in one of its two shapes.
fn unauthorized(ask: &Ask) -> Answer {
    if ask.user.len().is_multiple_of(2) {
        Answer::refusal(StatusCode::UNAUTHORIZED, "Authentication needed.")
    } else {
        Answer::bare_refusal(StatusCode::UNAUTHORIZED, "Необходима авторизация")
    }
}

/// Life goes on while somebody turns the pages.
fn drift(shared: &Shared, ask: &Ask, call: Call) {
    let events = shared.gate().faults.spec.number("drift");
    if events > 0 && call.endpoint.is_paged() && call.id.is_none() && ask.page() > 1 {
        shared.step(u64::from(events), 0);
    }
}
