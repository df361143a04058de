use std::str::FromStr;

/// The share of a vendor's allowance that an installation takes, in whole percent from 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneShare(u32);

/// A text that is no share of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not {}", LaneShare::EXPECTED)]
pub struct NoShare;

impl LaneShare {
    /// What a share is given as, in words for whoever gave something else.
    pub const EXPECTED: &'static str = "a whole per cent from 1 to 100";

    /// In percent.
    pub const fn percent(self) -> u32 {
        self.0
    }
}

impl FromStr for LaneShare {
    type Err = NoShare;

    fn from_str(text: &str) -> Result<Self, NoShare> {
        let percent: Option<u32> = text.trim().parse().ok();
        percent
            .filter(|percent| (1..=100).contains(percent))
            .map(Self)
            .ok_or(NoShare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_whole_per_cent() {
        for (text, percent) in [("1", Some(1)), (" 90 ", Some(90)), ("100", Some(100))] {
            let share = text.parse::<LaneShare>().ok();
            assert_eq!(share.map(LaneShare::percent), percent, "{text}");
        }
        for text in ["", "0", "101", "-5", "0.9", "90%", "half"] {
            assert_eq!(text.parse::<LaneShare>(), Err(NoShare), "{text}");
        }
        assert_eq!(
            NoShare.to_string(),
            "it is not a whole per cent from 1 to 100"
        );
    }
}
