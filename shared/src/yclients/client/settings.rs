use std::{fmt, time::Duration};

use chrono::TimeDelta;
use url::Url;

use crate::control::{LaneLimits, LaneShare, VendorName};

/// Where one vendor is reached and what lets the program in.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    /// The address that paths are appended to: `https://api.yclients.com/api/v1`.
    pub base_url: String,
    /// The partner's token; without one there are no calls.
    pub partner_token: Option<String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Access")
            .field("base_url", &self.base_url)
            .field("partner_token", &self.partner_token.is_some())
            .finish()
    }
}

/// How long to wait for the vendor and how often to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For a whole answer.
    pub answer: Duration,
    /// How often a call is tried.
    pub attempts: u32,
    /// The wait after the first failure; it doubles with each further one, and up to half of it is added at random.
    pub first_wait: Duration,
    /// The longest wait between two attempts. A vendor that asks for a longer one is not tried again in this call.
    pub longest_wait: Duration,
    /// The longest wait for a slot of the lane; beyond it the call gives up, so that its work can be continued later.
    pub horizon: TimeDelta,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            attempts: 5,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
            horizon: TimeDelta::seconds(60),
        }
    }
}

/// Everything configurable about calls to the vendors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorSettings {
    /// YCLIENTS.
    pub yclients: Access,
    /// Altegio.
    pub altegio: Access,
    /// Hosts that sources may be pointed at by people, beside the ones above: a token is sent there.
    pub other_hosts: Vec<String>,
    /// The name of the address that calls leave from; the vendor counts calls by address.
    pub address: String,
    /// What a lane begins with.
    pub limits: LaneLimits,
    /// The share that is taken of every lane from its next slot on; `None` leaves each lane the one that it has, and a new
    /// one that of its limits.
    pub share: Option<LaneShare>,
    /// Waits and attempts.
    pub patience: Patience,
    /// The most bytes of an answer.
    pub body_limit: usize,
}

impl Default for VendorSettings {
    /// The vendors' usual addresses, no partner token, 90% of the documented limits, answers up to 32 MiB.
    fn default() -> Self {
        Self {
            yclients: Access {
                base_url: "https://api.yclients.com/api/v1".to_owned(),
                partner_token: None,
            },
            altegio: Access {
                base_url: "https://api.alteg.io/api/v1".to_owned(),
                partner_token: None,
            },
            other_hosts: vec!["api.yclients.ru".to_owned()],
            address: "default".to_owned(),
            limits: LaneLimits::default(),
            share: None,
            patience: Patience::default(),
            body_limit: 32 * 1024 * 1024,
        }
    }
}

impl VendorSettings {
    /// The access to this vendor.
    pub const fn access(&self, vendor: VendorName) -> &Access {
        match vendor {
            VendorName::Yclients => &self.yclients,
            VendorName::Altegio => &self.altegio,
        }
    }

    /// Whether a person may point a source at this address: it is one of the vendors' or a configured one. The token is
    /// sent there, and a server's own network must not be reachable through it.
    pub fn allows(&self, url: &Url) -> bool {
        let known = |access: &Access| {
            Url::parse(&access.base_url).is_ok_and(|base| {
                base.scheme() == url.scheme()
                    && base.host_str() == url.host_str()
                    && base.port_or_known_default() == url.port_or_known_default()
            })
        };
        let other = url.scheme() == "https"
            && url.port().is_none()
            && url
                .host_str()
                .is_some_and(|host| self.other_hosts.iter().any(|other| other == host));
        known(&self.yclients) || known(&self.altegio) || other
    }
}

/// Media types by vendor: the version in them is what the vendor promises to keep.
pub(super) const fn media_type(vendor: VendorName) -> &'static str {
    match vendor {
        VendorName::Yclients => "application/vnd.yclients.v2+json",
        VendorName::Altegio => "application/vnd.api.v2+json",
    }
}

/// The language that titles and error texts come in. It is always the same: the texts of throttling are known in it.
pub(super) const fn language(vendor: VendorName) -> &'static str {
    match vendor {
        VendorName::Yclients => "ru-RU",
        VendorName::Altegio => "en-US",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_point_sources_at_the_vendors_hosts_only() {
        let mut settings = VendorSettings::default();
        settings.altegio.base_url = "http://127.0.0.1:4000/api/v1".into();
        for (url, allowed) in [
            ("https://api.yclients.com/api/v1", true),
            ("https://api.yclients.ru/api/v1", true),
            ("http://127.0.0.1:4000/other", true),
            ("http://127.0.0.1:4001/api/v1", false),
            ("http://api.yclients.com/api/v1", false),
            ("https://api.yclients.ru:8443/api/v1", false),
            ("https://api.yclients.com.example.net/", false),
        ] {
            assert_eq!(settings.allows(&url.parse().unwrap()), allowed, "{url}");
        }
    }

    #[test]
    fn a_partner_token_does_not_show() {
        let mut settings = VendorSettings::default();
        settings.yclients.partner_token = Some("tajne".into());
        assert!(!format!("{settings:?}").contains("tajne"));
    }
}
