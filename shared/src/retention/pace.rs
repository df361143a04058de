use std::time::Duration;

/// How much is done at once so that one transaction takes about as long as it may, and how long others have their turn
/// between two of them.
#[derive(Debug)]
pub(super) struct Pace {
    size: u64,
    least: u64,
    most: u64,
    /// Of the last eight steps, those that had to wait, a bit for each.
    waits: u8,
    /// Steps that are still made as if others were loading.
    courtesy: u32,
    rest: Duration,
}

impl Pace {
    /// How long a transaction takes where nobody waits for it: well under a second. Short ones cost more altogether, since
    /// each of them writes the same scattered pages of the indexes.
    const ALONE: Duration = Duration::from_millis(450);
    /// How long it takes while others load, who then wait about as long for every page of theirs.
    const BESIDE_OTHERS: Duration = Duration::from_millis(25);
    /// Whoever waited longer than this for its turn may not have been alone; twice in eight steps, it was not. Once may be
    /// the processors'.
    const NOTICED: Duration = Duration::from_millis(2);
    /// So many steps after it last waited, it counts as alone again.
    const COURTESY: u32 = 40;
    /// The longest rest.
    const REST: Duration = Duration::from_millis(250);

    pub const fn new(least: u64, most: u64) -> Self {
        Self {
            size: least,
            least,
            most,
            waits: 0,
            courtesy: 0,
            rest: Duration::ZERO,
        }
    }

    /// A pace of steps of another kind, beside the same others.
    pub const fn of_other_things(&self, least: u64, most: u64) -> Self {
        Self {
            courtesy: self.courtesy,
            waits: self.waits,
            ..Self::new(least, most)
        }
    }

    pub const fn size(&self) -> u64 {
        self.size
    }

    /// How long to leave the warehouse to others now: as long as the last step took, where there are any. They would fall
    /// behind if each of theirs had to wait for one of these.
    pub const fn rest(&self) -> Duration {
        self.rest
    }

    /// Learns from how long the last one took, and waited for its turn before: at most twice as much the next time, and
    /// much less at once where it took too long.
    pub fn took(&mut self, time: Duration, waited: Duration) {
        self.waits = self.waits << 1 | u8::from(waited > Self::NOTICED);
        self.courtesy = if self.waits.count_ones() > 1 {
            Self::COURTESY
        } else {
            self.courtesy.saturating_sub(1)
        };
        let (aim, rest) = if self.courtesy > 0 {
            (Self::BESIDE_OTHERS, time.min(Self::REST))
        } else {
            (Self::ALONE, Duration::ZERO)
        };
        self.rest = rest;
        let per_cent = aim.as_micros() * 100 / time.as_micros().max(1);
        let per_cent = u64::try_from(per_cent.clamp(10, 200)).unwrap_or(100);
        self.size = (self.size * per_cent / 100).clamp(self.least.div_ceil(10), self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_follows_the_time_within_its_bounds() {
        let alone = Duration::ZERO;
        let mut pace = Pace::new(500, 20_000);
        for _ in 0..20 {
            pace.took(Duration::from_millis(1), alone);
        }
        assert_eq!(pace.size(), 20_000);
        assert_eq!(pace.rest(), Duration::ZERO);
        pace.took(Duration::from_millis(900), alone);
        assert_eq!(pace.size(), 10_000);
        for _ in 0..20 {
            pace.took(Duration::from_secs(9), alone);
        }
        assert_eq!(pace.size(), 50);
        pace.took(Duration::ZERO, alone);
        assert_eq!(pace.size(), 100);
    }

    #[test]
    fn it_is_slower_beside_others_and_leaves_them_half_of_the_time() {
        let mut pace = Pace::new(500, 20_000);
        for _ in 0..20 {
            pace.took(Duration::from_millis(200), Duration::from_millis(5));
        }
        assert_eq!(pace.size(), 50);
        assert_eq!(pace.rest(), Duration::from_millis(200));
        let long = Duration::from_secs(9);
        pace.took(long, Duration::ZERO);
        assert_eq!(pace.rest(), Duration::from_millis(250), "but not for ever");
    }

    #[test]
    fn others_are_not_forgotten_at_once() {
        let quick = Duration::from_millis(10);
        let mut pace = Pace::new(500, 20_000);
        let waited = Duration::from_millis(5);
        pace.took(quick, waited);
        assert_eq!(pace.rest(), Duration::ZERO, "once is not often");
        pace.took(quick, waited);
        // Seven more steps remember that there were two.
        for _ in 1..Pace::COURTESY + 6 {
            pace.took(quick, Duration::ZERO);
            assert_eq!(pace.rest(), quick);
        }
        pace.took(quick, Duration::ZERO);
        assert_eq!(pace.rest(), Duration::ZERO);
    }
}
