use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{Account, Control, ControlError, Password, accounts::email_key, throttle::Throttled};

/// What came of an attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// The person is who they say.
    Granted(Account),
    /// There is no such account, or the password is another; which of them is not said.
    Wrong,
    /// Too many attempts on this account or from this address.
    Throttled {
        /// When the next attempt will be looked at.
        until: DateTime<Utc>,
    },
}

impl Control {
    /// Checks an e-mail address and a password, coming from `address`. An address without an account costs the same time
    /// as a wrong password.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        address: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<SignIn, ControlError> {
        let key = email_key(email);
        let network = network(address);
        let (on_account, from_address) = (Throttled::Account(&key), Throttled::Address(&network));
        if let Err(until) = self.count_attempt(on_account, from_address, now).await? {
            return Ok(SignIn::Throttled { until });
        }
        let (id, stored) = self.accounts().with_password(email).await?.unzip();
        let right = Password::verify(stored, password).await?;
        let Some(id) = id.filter(|_| right) else {
            return Ok(SignIn::Wrong);
        };
        let mut tx = self.begin().await?;
        tx.forget_attempts(on_account).await?;
        tx.forgive_attempt(from_address, now).await?;
        tx.commit().await?;
        Ok(SignIn::Granted(self.accounts().get(&id).await?))
    }

    async fn count_attempt(
        &self,
        on_account: Throttled<'_>,
        from_address: Throttled<'_>,
        now: DateTime<Utc>,
    ) -> Result<Result<(), DateTime<Utc>>, ControlError> {
        let mut tx = self.begin().await?;
        tx.trim_throttle(now).await?;
        // Always the address first: two transactions that lock in one order cannot wait for each other.
        for what in [from_address, on_account] {
            if let Err(until) = tx.count_attempt(what, now).await? {
                // Rolled back: an attempt that is not looked at counts nowhere.
                tx.rollback().await?;
                return Ok(Err(until));
            }
        }
        tx.commit().await?;
        Ok(Ok(()))
    }
}

/// The address as a unit of throttling: IPv6 gives whole /64 networks to one subscriber.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let prefix = address.to_bits() >> 64;
            format!("{prefix:016x}::/64")
        }
    }
}
