use chrono::{DateTime, Utc};

use super::{AccountId, Control, ControlError, Tx, read, text_enum::text_enum, within};
use crate::SubscriptionId;

/// The most rows of one list.
const MAX_ROWS: i64 = 500;

text_enum! {
    /// What an account may do in a subscription; each role may do what those after it may.
    Role {
        /// Everything, people included.
        Owner = "owner",
        /// Import, export and settings.
        Manager = "manager",
        /// Look only.
        Viewer = "viewer",
    }
}

/// A subscription that an account belongs to.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Membership {
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// Its name.
    pub name: String,
    /// The account's role in it.
    pub role: Role,
}

/// An account that belongs to a subscription.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Member {
    /// The account.
    pub account_id: AccountId,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
}

impl Control {
    /// The account's role in the subscription; `None` when it does not belong to it.
    pub async fn role(
        &self,
        subscription: &SubscriptionId,
        account: &AccountId,
    ) -> Result<Option<Role>, ControlError> {
        let sql = "SELECT role FROM memberships WHERE subscription_id = $1 AND account_id = $2";
        read!(self, db => sqlx::query_scalar(sql).bind(subscription).bind(account).fetch_optional(db).await)
            .map_err(ControlError::database("read a membership"))
    }

    /// The subscriptions that the account belongs to, by name; at most 500.
    pub async fn memberships(&self, account: &AccountId) -> Result<Vec<Membership>, ControlError> {
        let sql = "SELECT m.subscription_id, s.name, m.role FROM memberships m \
                   JOIN subscriptions s ON s.id = m.subscription_id \
                   WHERE m.account_id = $1 ORDER BY s.name, s.id LIMIT $2";
        read!(self, db => sqlx::query_as(sql).bind(account).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list memberships"))
    }

    /// The accounts that belong to the subscription, by name; at most 500.
    pub async fn members(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Vec<Member>, ControlError> {
        let sql = "SELECT m.account_id, a.email, a.name, m.role FROM memberships m \
                   JOIN accounts a ON a.id = m.account_id \
                   WHERE m.subscription_id = $1 ORDER BY a.name, a.id LIMIT $2";
        read!(self, db => sqlx::query_as(sql).bind(subscription).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list members"))
    }
}

impl Tx {
    /// Lets the account into the subscription, or changes its role. The last owner stays one:
    /// [`ControlError::Invalid`] otherwise.
    pub async fn set_role(
        &mut self,
        subscription: &SubscriptionId,
        account: &AccountId,
        role: Role,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        self.lock_subscription(subscription).await?;
        let sql = "INSERT INTO memberships (subscription_id, account_id, role, created_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (subscription_id, account_id) DO UPDATE SET role = excluded.role";
        within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(account)
            .bind(role)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("set a role"))?;
        self.check_an_owner_is_left(subscription).await
    }

    /// Takes the account out of the subscription; `false` when it did not belong to it. The last owner stays:
    /// [`ControlError::Invalid`] otherwise.
    pub async fn remove_member(
        &mut self,
        subscription: &SubscriptionId,
        account: &AccountId,
    ) -> Result<bool, ControlError> {
        self.lock_subscription(subscription).await?;
        let sql = "DELETE FROM memberships WHERE subscription_id = $1 AND account_id = $2";
        let removed = within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(account)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("remove a member"))?;
        self.check_an_owner_is_left(subscription).await?;
        Ok(removed > 0)
    }

    /// Two changes of one subscription's people follow each other, so that two owners cannot remove one another at once.
    async fn lock_subscription(
        &mut self,
        subscription: &SubscriptionId,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE subscriptions SET name = name WHERE id = $1";
        let found = within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("lock a subscription"))?;
        if found > 0 {
            Ok(())
        } else {
            Err(ControlError::NotFound {
                what: "subscription",
            })
        }
    }

    async fn check_an_owner_is_left(
        &mut self,
        subscription: &SubscriptionId,
    ) -> Result<(), ControlError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM memberships WHERE subscription_id = $1 AND role = 'owner')";
        let left: bool =
            within!(self, db => sqlx::query_scalar(sql).bind(subscription).fetch_one(db).await)
                .map_err(ControlError::database("look for an owner"))?;
        if left {
            Ok(())
        } else {
            Err(ControlError::Invalid {
                field: "last owner",
            })
        }
    }
}
