//! What this process did, in numbers, for whoever shows figures: a function writes them after each event.
//!
//! They are of the whole process, so that nothing has to carry them along; they decide nothing.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// Rows that are new or changed in a warehouse, whatever brought them.
    RowsLoaded,
    /// Events of webhooks that are durable in the queue.
    EventsAccepted,
    /// Files that are ready to be taken.
    ExportsBuilt,
    /// Pulls of a source that came to their end with what was due.
    SourcesRead,
    /// Requests to a vendor.
    VendorCalls,
    /// Of these, the ones that the vendor refused: too many, or a token, a licence or a right that does not suffice.
    VendorRefusals,
}

impl Tally {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RowsLoaded,
        Self::EventsAccepted,
        Self::ExportsBuilt,
        Self::SourcesRead,
        Self::VendorCalls,
        Self::VendorRefusals,
    ];

    /// Its name, by which alarms know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RowsLoaded => "RowsLoaded",
            Self::EventsAccepted => "EventsAccepted",
            Self::ExportsBuilt => "ExportsBuilt",
            Self::SourcesRead => "SourcesRead",
            Self::VendorCalls => "VendorCalls",
            Self::VendorRefusals => "VendorRefusals",
        }
    }

    /// So many more.
    pub fn add(self, number: u64) {
        if let Some(count) = COUNTS.get(self as usize) {
            count.fetch_add(number, Ordering::Relaxed);
        }
    }
}

static COUNTS: [AtomicU64; Tally::ALL.len()] = [const { AtomicU64::new(0) }; Tally::ALL.len()];

/// What was counted since this was asked last; what was not counted is left out.
pub fn take() -> Vec<(Tally, u64)> {
    let counted = Tally::ALL.into_iter().zip(&COUNTS);
    let counted = counted.map(|(tally, count)| (tally, count.swap(0, Ordering::Relaxed)));
    counted.filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_once() {
        Tally::VendorCalls.add(2);
        Tally::VendorCalls.add(1);
        assert_eq!(take(), [(Tally::VendorCalls, 3)]);
        assert_eq!(take(), []);
    }
}
