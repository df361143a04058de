use chrono::{DateTime, Utc};

use super::{
    Account, Control, ControlError, NewAccount, NewSubscription, Role, Subscription, Tx, read,
    within,
};

/// The first owner and their subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstOwner {
    /// The subscription.
    pub subscription: Subscription,
    /// Its owner.
    pub account: Account,
}

impl Control {
    /// Whether nobody has an account yet.
    pub async fn first_owner_needed(&self) -> Result<bool, ControlError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM accounts)";
        read!(self, db => sqlx::query_scalar(sql).fetch_one(db).await)
            .map_err(ControlError::database("look for an account"))
    }

    /// [`Tx::create_first_owner`] in a transaction of its own, without an entry in the journal: what people reach goes
    /// through [`crate::access::set_up`].
    pub async fn create_first_owner(
        &self,
        subscription: &NewSubscription,
        owner: &NewAccount,
        now: DateTime<Utc>,
    ) -> Result<FirstOwner, ControlError> {
        let mut tx = self.begin().await?;
        let first = tx.create_first_owner(subscription, owner, now).await?;
        tx.commit().await?;
        Ok(first)
    }
}

impl Tx {
    /// Makes the first subscription with its owner. Of several at once one succeeds; the others, and anyone once there is
    /// an account, get [`ControlError::Taken`].
    pub async fn create_first_owner(
        &mut self,
        subscription: &NewSubscription,
        owner: &NewAccount,
        now: DateTime<Utc>,
    ) -> Result<FirstOwner, ControlError> {
        if !self.take_first_run(now).await? {
            return Err(ControlError::Taken {
                field: "first owner",
            });
        }
        self.create_subscription_with_owner(subscription, owner, now)
            .await
    }

    /// Makes a subscription and a new account that owns it.
    pub async fn create_subscription_with_owner(
        &mut self,
        subscription: &NewSubscription,
        owner: &NewAccount,
        now: DateTime<Utc>,
    ) -> Result<FirstOwner, ControlError> {
        let account = self.create_account(owner, now).await?;
        let subscription = self.create_subscription(subscription, now).await?;
        self.set_role(&subscription.id, &account.id, Role::Owner, now)
            .await?;
        Ok(FirstOwner {
            subscription,
            account,
        })
    }

    async fn take_first_run(&mut self, now: DateTime<Utc>) -> Result<bool, ControlError> {
        let take = "INSERT INTO installation (only_row, set_up_at) VALUES (1, $1) ON CONFLICT (only_row) DO NOTHING";
        let taken = within!(self, db => sqlx::query(take).bind(now).execute(db).await.map(|done| done.rows_affected()))
            .map_err(ControlError::database("take the first run"))?;
        let alone = "SELECT NOT EXISTS (SELECT 1 FROM accounts)";
        let alone: bool = within!(self, db => sqlx::query_scalar(alone).fetch_one(db).await)
            .map_err(ControlError::database("look for an account"))?;
        Ok(taken > 0 && alone)
    }
}
