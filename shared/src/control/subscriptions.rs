use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Control, ControlError, Tx, read, text_enum::text_enum, within};
use crate::{SubscriptionId, catalog::Locale};

/// The longest name.
const MAX_NAME: usize = 200;

text_enum! {
    /// What a subscription has paid for.
    Plan {
        /// To try it out.
        Trial = "trial",
        /// The real thing.
        Standard = "standard",
    }
}

/// One business using Wynos.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Subscription {
    /// The id.
    pub id: SubscriptionId,
    /// The name of the business.
    pub name: String,
    /// The plan.
    pub plan: Plan,
    /// The language of its files and messages.
    pub locale: Locale,
    /// Its time zone, an IANA name.
    pub time_zone: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// Where its warehouse is; understood by what opens warehouses.
    pub placement: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A business to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// The name of the business.
    pub name: String,
    /// The plan.
    pub plan: Plan,
    /// The language of its files and messages.
    pub locale: Locale,
    /// Its time zone, an IANA name.
    pub time_zone: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// Where its warehouse is to be.
    pub placement: String,
}

impl NewSubscription {
    fn check(&self) -> Result<(), ControlError> {
        let capitals = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        let name = self.name.trim();
        let checks = [
            ("name", !name.is_empty() && name.chars().count() <= MAX_NAME),
            ("time zone", self.time_zone.parse::<Tz>().is_ok()),
            ("country", capitals(&self.country, 2)),
            ("currency", capitals(&self.currency, 3)),
            ("placement", !self.placement.is_empty()),
        ];
        match checks.into_iter().find(|(_, right)| !right) {
            Some((field, _)) => Err(ControlError::Invalid { field }),
            None => Ok(()),
        }
    }
}

impl Control {
    /// The subscription of that id.
    pub async fn subscription(&self, id: &SubscriptionId) -> Result<Subscription, ControlError> {
        let sql = "SELECT id, name, plan, locale, time_zone, country, currency, placement, created_at \
                   FROM subscriptions WHERE id = $1";
        read!(self, db => sqlx::query_as(sql).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a subscription"))?
            .ok_or(ControlError::NotFound {
                what: "subscription",
            })
    }
}

impl Tx {
    /// Makes a subscription with a new id.
    pub async fn create_subscription(
        &mut self,
        new: &NewSubscription,
        now: DateTime<Utc>,
    ) -> Result<Subscription, ControlError> {
        new.check()?;
        let sql = "INSERT INTO subscriptions \
                   (id, name, plan, locale, time_zone, country, currency, placement, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                   RETURNING id, name, plan, locale, time_zone, country, currency, placement, created_at";
        within!(self, db => sqlx::query_as(sql)
            .bind(SubscriptionId::random())
            .bind(new.name.trim())
            .bind(new.plan)
            .bind(new.locale)
            .bind(&new.time_zone)
            .bind(&new.country)
            .bind(&new.currency)
            .bind(&new.placement)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("create a subscription"))?
        .pop()
        .ok_or(ControlError::NotFound {
            what: "subscription",
        })
    }
}
