use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use serde::Serialize;

/// How many requests one partner token may make in any sixty seconds, and in any one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In any sixty seconds.
    pub per_minute: usize,
    /// In any second.
    pub per_second: usize,
}

impl Default for Limits {
    /// The vendor's (facts §1.5).
    fn default() -> Self {
        Self {
            per_minute: 200,
            per_second: 5,
        }
    }
}

/// More tokens than this are counted as one.
const MOST_TOKENS: usize = 1_000;
const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// Who asked how often. Refused requests do not count against the limits.
#[derive(Debug, Default)]
pub struct Ledger {
    tokens: HashMap<String, VecDeque<Instant>>,
    /// What was counted.
    pub counts: Counts,
}

/// What a ledger counted since it was made or cleared.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// Requests that came.
    pub requests: u64,
    /// Requests that were refused for their number.
    pub refused: u64,
    /// Of these, for more than the minute's.
    pub refused_by_minute: u64,
    /// Of these, for more than the second's.
    pub refused_by_second: u64,
    /// The most requests that were let through in any sixty seconds.
    pub most_in_a_minute: usize,
    /// The most requests that were let through in any second.
    pub most_in_a_second: usize,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The minute's requests are spent.
    Minute,
    /// The second's requests are spent.
    Second,
}

impl Ledger {
    /// Counts a request of a token at `now`, and says whether it is one too many.
    pub fn ask(
        &mut self,
        token: &str,
        limits: Option<Limits>,
        now: Instant,
    ) -> Result<(), Refusal> {
        self.counts.requests += 1;
        let token = if self.tokens.len() < MOST_TOKENS {
            token
        } else {
            ""
        };
        let past = self.tokens.entry(token.to_owned()).or_default();
        while past
            .front()
            .is_some_and(|at| now.duration_since(*at) >= MINUTE)
        {
            past.pop_front();
        }
        let in_second = past
            .iter()
            .rev()
            .take_while(|at| now.duration_since(**at) < SECOND)
            .count();
        if let Some(limits) = limits {
            if past.len() >= limits.per_minute {
                self.counts.refused += 1;
                self.counts.refused_by_minute += 1;
                return Err(Refusal::Minute);
            }
            if in_second >= limits.per_second {
                self.counts.refused += 1;
                self.counts.refused_by_second += 1;
                return Err(Refusal::Second);
            }
        }
        // Without limits a pull may ask thousands of times a second; only the count matters then.
        if limits.is_some() {
            past.push_back(now);
            self.counts.most_in_a_minute = self.counts.most_in_a_minute.max(past.len());
            self.counts.most_in_a_second = self.counts.most_in_a_second.max(in_second + 1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_request_in_a_second_is_refused() {
        let (mut ledger, begin) = (Ledger::default(), Instant::now());
        let limits = Some(Limits::default());
        for _ in 0..5 {
            assert_eq!(ledger.ask("a", limits, begin), Ok(()));
        }
        assert_eq!(
            ledger.ask("a", limits, begin + SECOND / 2),
            Err(Refusal::Second)
        );
        assert_eq!(ledger.ask("b", limits, begin), Ok(()));
        assert_eq!(ledger.ask("a", limits, begin + SECOND), Ok(()));
        assert_eq!(
            (ledger.counts.refused, ledger.counts.refused_by_second),
            (1, 1)
        );
    }

    #[test]
    fn the_201st_request_in_a_minute_is_refused() {
        let (mut ledger, begin) = (Ledger::default(), Instant::now());
        let limits = Some(Limits::default());
        for index in 0..200 {
            assert_eq!(
                ledger.ask("a", limits, begin + Duration::from_millis(250 * index)),
                Ok(())
            );
        }
        let late = begin + Duration::from_secs(55);
        assert_eq!(ledger.ask("a", limits, late), Err(Refusal::Minute));
        assert_eq!(ledger.ask("a", limits, begin + MINUTE), Ok(()));
        assert_eq!(ledger.counts.most_in_a_minute, 200);
    }
}
