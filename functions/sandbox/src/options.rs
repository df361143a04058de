use std::net::{Ipv4Addr, SocketAddr};

use wynos::ports::Clock;

use crate::{faults::FaultSpec, limits::Limits};

/// What a sandbox is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What everything is drawn from: business, quirks, faults, deliveries.
    pub seed: u64,
    /// How many records the business begins with, over all companies.
    pub records: usize,
    /// How many companies there are; the first is in Moscow's time, the second in Yekaterinburg's.
    pub companies: usize,
    /// How many requests a token may make; none: as many as it likes.
    pub limits: Option<Limits>,
    /// What goes wrong.
    pub faults: FaultSpec,
    /// Whether bodies have the vendor's quirks; without them everything is in its documented form.
    pub quirks: bool,
    /// What the sandbox's time begins with; steps may put it ahead of this clock.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 2026,
            records: 2_000,
            companies: 2,
            limits: None,
            faults: FaultSpec::default(),
            quirks: true,
            clock: Clock::System,
        }
    }
}
