use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::text_enum::text_enum;
use crate::{SourceId, SubscriptionId};

mod ledger;
mod share;
mod spending;
#[cfg(test)]
mod tests;

pub use share::{LaneShare, NoShare};
pub use spending::{LaneSpenders, Spending, Spent, SpentCalls};

/// The most slots of one block.
const MAX_BLOCK: usize = 100;

text_enum! {
    /// What a call to the vendor is for.
    Purpose {
        /// Signing in, and asking for the companies of an account.
        Connect = "connect",
        /// The regular reading of what changed.
        Pull = "pull",
        /// The reading of a period of the past.
        History = "history",
        /// Reading again what a webhook event spoke of, and the settings of webhooks.
        Webhook = "webhook",
        /// The comparison with the vendor.
        Reconciliation = "reconciliation",
        /// Reports.
        Report = "report",
        /// Details and previews that a person asks for.
        Preview = "preview",
    }
}

/// One allowance of a vendor. Who shares a lane shares the calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LaneKey {
    /// The vendor's host, with its port where it has one.
    pub host: String,
    /// A hash of the partner token, which is no way back to it.
    pub token_hash: String,
    /// The name of the address that the calls leave from, as the vendor counts by address.
    pub address: String,
}

impl LaneKey {
    /// The lane of a host for this partner token, from an address of this name.
    pub fn new(host: &str, partner_token: &str, address: &str) -> Self {
        let digest = HEXLOWER.encode(&Sha256::digest(format!("lane:{partner_token}")));
        Self {
            host: host.to_owned(),
            token_hash: digest.chars().take(16).collect(),
            address: address.to_owned(),
        }
    }

    /// The id of the lane: a hash of the three.
    pub fn id(&self) -> String {
        let text = format!("{}\n{}\n{}", self.host, self.token_hash, self.address);
        let digest = HEXLOWER.encode(&Sha256::digest(text));
        digest.chars().take(32).collect()
    }
}

/// What a vendor allows, and how much of it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneLimits {
    /// Calls a minute.
    pub per_minute: u32,
    /// Calls a second.
    pub per_second: u32,
    /// The share of both that is taken, in percent.
    pub share: u32,
}

impl Default for LaneLimits {
    /// 90% of 200 calls a minute and 5 a second (the vendor's documentation, "Ограничения").
    fn default() -> Self {
        Self {
            per_minute: 200,
            per_second: 5,
            share: 90,
        }
    }
}

impl LaneLimits {
    /// The same limits, of which this share is taken.
    #[must_use]
    pub const fn taking(self, share: LaneShare) -> Self {
        Self {
            share: share.percent(),
            ..self
        }
    }

    /// The time between two calls that keeps both limits when every slot is used.
    pub fn interval(self) -> TimeDelta {
        let per = |calls: u32, micros: i64| {
            let taken = i64::from(calls.max(1)) * i64::from(self.share.clamp(1, 100));
            (micros * 100 + taken - 1) / taken
        };
        let micros = per(self.per_minute, 60_000_000).max(per(self.per_second, 1_000_000));
        TimeDelta::microseconds(micros.max(1))
    }
}

/// A lane as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The id.
    pub id: String,
    /// What it is the allowance of.
    pub key: LaneKey,
    /// What is allowed and taken.
    pub limits: LaneLimits,
    /// The next slot that nobody has.
    pub next_slot: DateTime<Utc>,
    /// Until when the vendor refuses calls.
    pub blocked_until: Option<DateTime<Utc>>,
}

/// Who makes calls, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spender {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The source, where there is one yet.
    pub source: Option<SourceId>,
    /// What for.
    pub purpose: Purpose,
}

/// Slots of a lane: moments at which one call each may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slots {
    /// These are taken, in order.
    Taken {
        /// The moments.
        at: Vec<DateTime<Utc>>,
        /// The time between two slots of the lane.
        interval: TimeDelta,
    },
    /// So many wait already that none is free before that moment, which is too far away.
    Busy {
        /// The next free slot.
        until: DateTime<Utc>,
    },
}

/// The beginning of the hour that calls of this time are counted in, in UTC.
fn hour_of(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::hours(1))
        .unwrap_or(DateTime::UNIX_EPOCH)
}
