use std::{str::FromStr, sync::Arc};

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use chrono_tz::Tz;
use wynos::{
    SubscriptionId,
    control::{Account, Actor, Role, Subscription},
    yclients::pull,
};

use super::{Failure, Kind, SignedIn, Visitor};
use crate::App;

/// A signed-in person in a subscription that they belong to; the only way that pages get at a subscription's anything.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) visitor: Arc<Visitor>,
    pub(crate) account: Account,
    pub(crate) subscription: Subscription,
    pub(crate) role: Role,
    /// The zone that times are shown in: the business's.
    pub(crate) zone: Tz,
    /// Whether the person belongs to more than one subscription.
    pub(crate) several: bool,
}

impl Member {
    /// The id of the subscription.
    pub(crate) fn id(&self) -> &SubscriptionId {
        &self.subscription.id
    }

    /// The path that the subscription's pages begin with.
    pub(crate) fn base(&self) -> String {
        format!("/s/{}", self.subscription.id)
    }

    /// The person as whoever does something.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Account(self.account.id.clone())
    }

    /// Whether the person may bring data in and order files.
    pub(crate) fn may_change(&self) -> bool {
        matches!(self.role, Role::Owner | Role::Manager)
    }

    /// Refuses whoever may only look.
    pub(crate) fn must_change(&self) -> Result<(), Failure> {
        if self.may_change() {
            Ok(())
        } else {
            Err(Kind::Forbidden.into())
        }
    }
}

impl FromRequestParts<App> for Member {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let person = SignedIn::from_request_parts(parts, app).await?;
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Kind::NotFound)?;
        let named = params.iter().find(|(name, _)| *name == "subscription");
        let id = named
            .and_then(|(_, text)| SubscriptionId::from_str(text).ok())
            .ok_or(Kind::NotFound)?;
        let control = &app.services.control;
        // Whether there is such a subscription is nobody else's business either.
        let role = control
            .role(&id, &person.account.id)
            .await?
            .ok_or(Kind::NotFound)?;
        let subscription = control.subscription(&id).await?;
        pull::used(&app.services, &id, None).await;
        let several = control.memberships(&person.account.id).await?.len() > 1;
        Ok(Self {
            visitor: person.visitor,
            account: person.account,
            zone: subscription.time_zone.parse().unwrap_or(Tz::UTC),
            subscription,
            role,
            several,
        })
    }
}
