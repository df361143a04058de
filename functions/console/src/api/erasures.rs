use axum::{Json, body::Bytes, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wynos::{
    catalog::whole_id,
    control::{Actor, Role},
    retention::{self, People, Person, RetentionError},
};

use super::caller::Writer;
use crate::{
    App,
    http::{Failure, Kind},
};

/// Whom to erase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasureOrder {
    /// The id, as the shop or the vendor knows them; the subscription's origin may be left out.
    customer: String,
    /// `customers`, `yclients_clients` or `altegio_clients`: needed where several people have the id, or nobody of it has a
    /// row and only others name it.
    people: Option<String>,
}

/// What was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Erasure {
    /// The hash under which the personal-data log goes on.
    proof: String,
    /// Whether there is a row of the person. Where there is none, what others say of them is emptied; the journal says when nothing
    /// spoke of them at all (`retention.erased-nothing`). What comes in of them is let in without what is personal either way.
    known: bool,
}

/// Erases what is personal about one customer, everywhere and for good: a minute or so later the journal says
/// that it is done, or that nothing was found of them. The token must be one that an owner made.
#[utoipa::path(
    post, path = "/api/v1/erasures", tag = "records", request_body = ErasureOrder,
    responses(
        (status = 202, body = Erasure),
        (status = 403, description = "The token is not an owner's.", body = super::problem::Problem),
        (status = 404, description = "Nobody of that id has a row here.", body = super::problem::Problem)
    )
)]
pub(crate) async fn erase(
    State(app): State<App>,
    caller: Writer,
    body: Bytes,
) -> Result<(StatusCode, Json<Erasure>), Failure> {
    let order: ErasureOrder = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    must_own(&app, &caller).await?;
    if order.customer.contains('\0') {
        return Err(Failure::field("customer"));
    }
    let (services, shop) = (&app.services, caller.subscription());
    let (person, known) = match &order.people {
        Some(people) => {
            let people = People::parse(people).ok_or_else(|| Failure::field("people"))?;
            let id = order.customer;
            let person = Person { people, id };
            if person.key().is_none() {
                return Err(Failure::field("customer"));
            }
            let known = retention::known_as(services, shop, &person).await;
            match known.map_err(failure)? {
                Some(known) => (known, true),
                None => (person, false),
            }
        }
        None => {
            let known = retention::known_people(services, shop, &order.customer).await;
            let mut known = known.map_err(failure)?;
            if known.is_empty() {
                let whole = whole_id(&order.customer, shop.as_str());
                let own = retention::known_people(services, shop, &whole).await;
                known = own.map_err(failure)?;
            }
            match (known.pop(), known.is_empty()) {
                (Some(person), true) => (person, true),
                (Some(_), false) => return Err(Failure::field("people")),
                (None, _) => return Err(Kind::NotFound.into()),
            }
        }
    };
    let ordered = retention::order_erasure(services, shop, &person, &caller.actor()).await;
    let proof = ordered.map_err(failure)?;
    Ok((StatusCode::ACCEPTED, Json(Erasure { proof, known })))
}

/// Refuses tokens that neither an owner of today made nor the operator.
async fn must_own(app: &App, caller: &Writer) -> Result<(), Failure> {
    let owns = match caller.made_by() {
        Actor::CommandLine => true,
        Actor::Account(account) => {
            let role = app
                .services
                .control
                .role(caller.subscription(), account)
                .await?;
            role == Some(Role::Owner)
        }
        _ => false,
    };
    if owns {
        Ok(())
    } else {
        Err(Kind::Forbidden.into())
    }
}

fn failure(error: RetentionError) -> Failure {
    match error {
        RetentionError::Control(error) => error.into(),
        RetentionError::NoSuchPerson => Kind::NotFound.into(),
        error => Failure::noted(Kind::Unavailable, &error),
    }
}
