use axum::http::HeaderMap;
use serde::Serialize;
use wynos::{SubscriptionId, control::Actor};

use super::caller::{Writer, idempotency_key};
use crate::{App, http::Failure};

/// A request that is done once under its `Idempotency-Key`; without one it is done as often as it comes.
pub(crate) struct Once {
    subscription: SubscriptionId,
    actor: Actor,
    key: Option<String>,
    done: bool,
}

impl Once {
    /// Notes the request under the key that it carries. Another request under the same key is refused.
    pub(crate) async fn begin<T: Serialize>(
        app: &App,
        caller: &Writer,
        headers: &HeaderMap,
        request: &T,
    ) -> Result<Self, Failure> {
        let mut once = Self {
            subscription: caller.subscription().clone(),
            actor: caller.actor(),
            key: idempotency_key(headers)?,
            done: false,
        };
        if let Some(key) = &once.key {
            let (shop, actor) = (&once.subscription, &once.actor);
            let now = app.services.clock.now();
            let mut tx = app.services.control.begin().await?;
            once.done = tx.begin_request(shop, actor, key, request, now).await?;
            tx.commit().await?;
        }
        Ok(once)
    }

    /// Whether it was done before.
    pub(crate) const fn is_done(&self) -> bool {
        self.done
    }

    /// Notes that it is done.
    pub(crate) async fn end(&self, app: &App) -> Result<(), Failure> {
        if let Some(key) = &self.key {
            let now = app.services.clock.now();
            let mut tx = app.services.control.begin().await?;
            tx.end_request(&self.subscription, &self.actor, key, now)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
