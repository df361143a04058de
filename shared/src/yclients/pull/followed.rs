//! What is known of services whose lines follow them from category to category: which category the lines were given, how often
//! that changed any, and which of them are to be looked at once more.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An event that was taken in beside the list of services may have been decoded by the one before. After so long the lines of
/// services that moved are looked at once more.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// How far records follow the services that they name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Followed {
    /// The category of each service that its lines were given.
    pub(super) given: BTreeMap<i64, i64>,
    /// How often categories of lines changed that way: a filter that was applied before is applied again.
    pub(super) moves: u64,
    /// Services that moved, whose lines are to be looked at once more.
    lately: BTreeSet<i64>,
    /// When the last of them did.
    moved_at: Option<DateTime<Utc>>,
    /// Whether this change is counted already.
    #[serde(skip)]
    counted: bool,
    /// Whether this change is kept already as one that is under way.
    #[serde(skip)]
    begun: bool,
}

impl Followed {
    /// Counts the change, once.
    pub(super) fn count(&mut self) {
        if !std::mem::replace(&mut self.counted, true) {
            self.moves += 1;
        }
    }

    /// Counts the change; `true` the first time, when that has to be kept before anything changes by it.
    pub(super) fn begins(&mut self) -> bool {
        self.count();
        !std::mem::replace(&mut self.begun, true)
    }

    /// Whether the lines of services that moved lately are to be looked at once more by now.
    fn are_settled(&self, now: DateTime<Utc>) -> bool {
        self.moved_at.is_some_and(|at| now - at >= SETTLED_AFTER)
    }

    /// Notes that lines have the categories of their services as of `now`, and which of those moved. What moved before is
    /// remembered until it has been looked at once more, whatever else came meanwhile.
    pub(super) fn follows(
        &mut self,
        categories: &HashMap<i64, i64>,
        moved: BTreeSet<i64>,
        now: DateTime<Utc>,
    ) {
        if self.are_settled(now) {
            self.lately.clear();
            self.moved_at = None;
        }
        if !moved.is_empty() {
            self.lately.extend(moved);
            self.moved_at = Some(now);
        }
        self.given = categories.iter().map(|(id, to)| (*id, *to)).collect();
    }
}

/// Services whose lines may have another category than this one.
pub(super) fn behind(
    followed: &Followed,
    categories: &HashMap<i64, i64>,
    now: DateTime<Utc>,
) -> BTreeMap<i64, i64> {
    let settles = followed.are_settled(now);
    let is_behind = |service: &i64, category: &i64| {
        followed.given.get(service) != Some(category)
            || (settles && followed.lately.contains(service))
    };
    let known = categories.iter();
    known
        .filter(|&(service, category)| is_behind(service, category))
        .map(|(service, category)| (*service, *category))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn services_are_behind_that_are_new_or_moved_and_for_once_more_those_that_moved_a_while_ago() {
        let noon = at("2026-05-10T12:00:00Z");
        let categories = HashMap::from([(1, 10), (2, 30), (3, 30), (4, 40)]);
        let mut followed = Followed {
            given: BTreeMap::from([(1, 10), (2, 20), (3, 30), (9, 90)]),
            lately: BTreeSet::from([3]),
            moved_at: Some(noon),
            ..Followed::default()
        };
        let soon = noon + TimeDelta::minutes(9);
        let later = noon + TimeDelta::minutes(10);
        let of = |followed: &Followed, now| behind(followed, &categories, now);
        assert_eq!(of(&followed, soon), BTreeMap::from([(2, 30), (4, 40)]));
        let once_more = BTreeMap::from([(2, 30), (3, 30), (4, 40)]);
        assert_eq!(of(&followed, later), once_more);
        (followed.lately, followed.moved_at) = (BTreeSet::new(), None);
        assert_eq!(of(&followed, later), BTreeMap::from([(2, 30), (4, 40)]));
    }

    #[test]
    fn services_that_moved_are_looked_at_once_more_though_others_came_or_moved_meanwhile() {
        let noon = at("2026-05-10T12:00:00Z");
        let after = |minutes: i64| noon + TimeDelta::minutes(minutes);
        let mut followed = Followed::default();
        let mut categories = HashMap::from([(1, 10)]);
        followed.follows(&categories, BTreeSet::from([1]), noon);
        // A service that was not known before is there, and none moved.
        categories.insert(9, 90);
        let behind_soon = behind(&followed, &categories, after(5));
        assert_eq!(behind_soon, BTreeMap::from([(9, 90)]));
        followed.follows(&categories, BTreeSet::new(), after(5));
        assert_eq!(behind(&followed, &categories, after(9)), BTreeMap::new());
        let mut moved = followed.clone();
        let once_more = behind(&followed, &categories, after(10));
        assert_eq!(once_more, BTreeMap::from([(1, 10)]));
        followed.follows(&categories, BTreeSet::new(), after(10));
        assert_eq!((followed.lately.len(), followed.moved_at), (0, None));
        assert_eq!(behind(&followed, &categories, after(60)), BTreeMap::new());
        // Another one moved: both are looked at when that one is.
        categories.insert(9, 91);
        moved.follows(&categories, BTreeSet::from([9]), after(8));
        assert_eq!(behind(&moved, &categories, after(17)), BTreeMap::new());
        let both = BTreeMap::from([(1, 10), (9, 91)]);
        assert_eq!(behind(&moved, &categories, after(18)), both);
    }

    #[test]
    fn how_far_records_follow_is_kept_as_it_is_and_one_change_counts_once() {
        let mut followed = Followed {
            given: BTreeMap::from([(1, 10)]),
            ..Followed::default()
        };
        followed.count();
        assert!(
            followed.begins(),
            "it is kept before the first line changes"
        );
        assert!(!followed.begins(), "and not for every page of lines");
        let kept = serde_json::to_value(&followed).unwrap();
        let read: Followed = serde_json::from_value(kept).unwrap();
        assert_eq!((read.moves, &read.given), (1, &followed.given));
        assert!(!read.counted && !read.begun);
    }
}
