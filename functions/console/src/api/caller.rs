use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use wynos::{
    SubscriptionId,
    control::{Actor, ApiToken, Scope},
    warehouse::Warehouse,
    yclients::pull,
};

use crate::{
    App,
    http::{Failure, Kind},
};

/// The longest idempotency key, in bytes.
const MAX_KEY: usize = 200;

/// A program that may look at its subscription.
#[derive(Debug, Clone)]
pub(crate) struct Reader(ApiToken);

/// A program that may also change things in its subscription.
#[derive(Debug, Clone)]
pub(crate) struct Writer(Reader);

impl Reader {
    /// The subscription that the token opens; there is no way to name another.
    pub(crate) fn subscription(&self) -> &SubscriptionId {
        &self.0.subscription_id
    }

    /// The program as whoever does something.
    pub(crate) fn actor(&self) -> Actor {
        Actor::ApiToken(self.0.id.clone())
    }

    /// Who made the token.
    pub(crate) const fn made_by(&self) -> &Actor {
        &self.0.created_by
    }

    /// The warehouse of that subscription.
    pub(crate) fn warehouse(&self, app: &App) -> Warehouse {
        app.services.warehouses.open(self.subscription())
    }
}

impl std::ops::Deref for Writer {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let header = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let (scheme, secret) = header
            .and_then(|value| value.split_once(' '))
            .ok_or(Kind::Unauthorized)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Kind::Unauthorized.into());
        }
        let now = app.services.clock.now();
        let token = app.services.control.api_token(secret.trim(), now).await?;
        let token = token.ok_or(Kind::Unauthorized)?;
        pull::used(&app.services, &token.subscription_id, None).await;
        Ok(Self(token))
    }
}

impl FromRequestParts<App> for Writer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let reader = Reader::from_request_parts(parts, app).await?;
        if reader.0.scope == Scope::Write {
            Ok(Self(reader))
        } else {
            Err(Kind::InsufficientScope.into())
        }
    }
}

/// The request's `Idempotency-Key`.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value
        .to_str()
        .ok()
        .filter(|key| (1..=MAX_KEY).contains(&key.len()));
    key.map(|key| Some(key.to_owned()))
        .ok_or_else(|| Failure::field("Idempotency-Key"))
}
