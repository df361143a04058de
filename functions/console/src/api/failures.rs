use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Failures that an address may have within [`WINDOW`].
const ALLOWED: u32 = 30;

/// After this long, an address begins afresh.
const WINDOW: TimeDelta = TimeDelta::minutes(1);

/// Addresses remembered; when there are more, all begin afresh.
const MAX_ADDRESSES: usize = 10_000;

/// Counts, per network address, requests whose token was wrong, so that tokens cannot be tried out quickly.
#[derive(Debug, Default)]
pub(crate) struct FailureLimit(Mutex<HashMap<IpAddr, (DateTime<Utc>, u32)>>);

impl FailureLimit {
    /// Whether the address has to wait.
    pub(crate) fn is_exhausted(&self, address: Option<IpAddr>, now: DateTime<Utc>) -> bool {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&unit(address));
        count.is_some_and(|(since, failures)| now - *since < WINDOW && *failures >= ALLOWED)
    }

    /// Counts a failure of the address.
    pub(crate) fn count(&self, address: Option<IpAddr>, now: DateTime<Utc>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_ADDRESSES {
            counts.clear();
        }
        let (since, failures) = counts.entry(unit(address)).or_insert((now, 0));
        if now - *since >= WINDOW {
            (*since, *failures) = (now, 0);
        }
        *failures += 1;
    }
}

/// What is counted together: IPv6 gives whole /64 networks to one subscriber.
fn unit(address: Option<IpAddr>) -> IpAddr {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        Some(address) => address,
        None => Ipv6Addr::UNSPECIFIED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_its_failures_and_others_do_not() {
        let (limit, now) = (FailureLimit::default(), DateTime::UNIX_EPOCH);
        let address = |text: &str| Some(text.parse().unwrap());
        for _ in 0..ALLOWED {
            assert!(!limit.is_exhausted(address("2001:db8::1"), now));
            limit.count(address("2001:db8::1"), now);
        }
        assert!(
            limit.is_exhausted(address("2001:db8::2"), now),
            "one /64 is one subscriber"
        );
        assert!(!limit.is_exhausted(address("192.0.2.1"), now));
        assert!(!limit.is_exhausted(address("2001:db8::1"), now + WINDOW));
    }
}
