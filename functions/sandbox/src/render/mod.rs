//! Bodies in the vendor's shapes, with its quirks.

mod client;
mod company;
mod finance;
mod goods;
mod json;
mod record;
mod services;
mod staff;
mod taste;
mod times;

pub use json::Json;
pub use record::Including;
pub use taste::Taste;
pub use times::Wall;

use chrono::{DateTime, Utc};

use crate::model::Salon;

/// What it takes to write one company's rows.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The company.
    pub salon: &'a Salon,
    /// The seed of the quirks; none: everything in its documented form.
    pub quirks: Option<u64>,
}

impl Page<'_> {
    fn taste(&self, endpoint: &str, id: i64) -> Taste {
        self.quirks
            .map_or(Taste::PLAIN, |seed| Taste::of(seed, endpoint, id))
    }

    /// Wall time where the company is, without an offset.
    pub fn naive(&self, at: DateTime<Utc>) -> Wall {
        Wall::naive(at, self.salon.company.offset(at))
    }

    /// Wall time where the company is, with its offset without a colon.
    fn bare(&self, at: DateTime<Utc>) -> Wall {
        Wall::bare(at, self.salon.company.offset(at))
    }

    /// The instant in another zone than the company's: goods and money of Moscow companies are told so (facts §1.7).
    fn eastward(&self, at: DateTime<Utc>) -> Wall {
        let offset = self.salon.company.offset(at);
        Wall::bare(
            at,
            if self.quirks.is_some() {
                offset + 3_600
            } else {
                offset
            },
        )
    }
}
