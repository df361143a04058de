use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// A company of the vendor: a branch of a business, with a zone of its own.
#[derive(Debug, Clone)]
pub struct Company {
    /// The vendor's number.
    pub id: i64,
    /// The title.
    pub title: String,
    /// What it is.
    pub short_descr: &'static str,
    /// Whether it works.
    pub active: bool,
    /// The phone.
    pub phone: String,
    /// The city's number and name.
    pub city: (i64, &'static str),
    /// The address.
    pub address: String,
    /// Latitude and longitude.
    pub coordinates: (&'static str, &'static str),
    /// The zone that its dates are in.
    pub time_zone: Tz,
    /// When it last changed; the vendor does not tell.
    pub changed: DateTime<Utc>,
}

impl Company {
    /// The zone's offset from UTC at an instant, in seconds to the east.
    pub fn offset(&self, at: DateTime<Utc>) -> i32 {
        use chrono::Offset;
        at.with_timezone(&self.time_zone)
            .offset()
            .fix()
            .local_minus_utc()
    }
}
