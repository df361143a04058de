use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Outline;
use crate::yclients::{
    client::VendorError,
    streams::{Endpoint, Paging, Reach, Stop},
};

/// A list of more pages is none that ends.
const MOST_PAGES: u32 = 50_000;
/// A tree of more nodes is none that ends.
const MOST_PARENTS: usize = 10_000;
/// A list is read so often where it moves while it is read: what both rounds missed is not there.
const ROUNDS: u32 = 2;
/// Short pages after which a list is read on because its own count says that there is more: 50,000 records where the vendor
/// gives 25 at a time, the fewest that it was seen to give instead of what was asked for.
const MOST_BEYOND: u32 = 2_000;

/// How much it matters that no record is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// The list is read once, whatever moves.
    Once,
    /// It is read once more where records are seen to move across the boundary of pages.
    Moved,
    /// It is read once more wherever it cannot be told that none did.
    Doubt,
}

/// Where in a list reading is: as of the page to be read next. It can be kept, to go on later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// When the first request of the list began; before that, nothing.
    pub began_at: Option<DateTime<Utc>>,
    /// When the last page that was read was asked for; before the first one, nothing.
    #[serde(default)]
    pub read_at: Option<DateTime<Utc>>,
    /// The page to be read next, counted from 1.
    pub page: u32,
    /// Records so far, in this round.
    pub rows: u64,
    /// Those of them that were under other nodes of a tree.
    #[serde(default)]
    pub elsewhere: u64,
    /// How many records the list has, as its first page said.
    pub total: Option<u64>,
    /// Whether the list moved while it was read, as far as can be seen.
    pub moved: bool,
    /// How often it was read from the beginning.
    pub round: u32,
    /// Of a tree: whose records are still to be asked for.
    pub parents: Vec<i64>,
    /// Short pages that were not taken for the last one, by the list's own count.
    #[serde(default)]
    pub beyond: u32,
    /// Whether it ended, in this round, with fewer records than its own count said; of a tree, whether that of a node did.
    #[serde(default)]
    pub short: bool,
}

/// What comes after a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Another page, another node of the tree, or the list from its beginning once more.
    Page(Place),
    /// Nothing: the list was read to its end. What it did not have from its beginning on is not in it.
    End,
    /// Nothing, though by its own count the list has more than came: what it did not have may be in it all the same. The
    /// vendor's counts are not to be relied upon (facts, section 1.6), so that it may also be the count that is wrong.
    Short,
}

impl Place {
    /// The beginning of the endpoint's list.
    pub fn start(endpoint: &Endpoint) -> Self {
        let parents = match endpoint.reach {
            Reach::Tree { root, .. } => vec![root],
            Reach::Once | Reach::Each => Vec::new(),
        };
        Self {
            began_at: None,
            read_at: None,
            page: 1,
            rows: 0,
            elsewhere: 0,
            total: None,
            moved: false,
            round: 1,
            parents,
            beyond: 0,
            short: false,
        }
    }

    /// After a pause: records may have moved across the boundary of the pages meanwhile, so that the list counts as one that
    /// moved. The page is not read again: a reader that has time for one page only would never come further.
    pub fn resumed(mut self) -> Self {
        self.moved |= self.page > 1;
        self
    }

    /// Whose records are asked for, in a tree.
    pub(super) fn parent(&self) -> Option<i64> {
        self.parents.first().copied()
    }

    /// What comes after this page was answered; notes what the answer tells of the list.
    ///
    /// [`VendorError::Malformed`] for a list that does not end. Pages are cut by counting, and the list goes on living: a
    /// record that moves across a boundary between two requests is not seen, hence the rounds.
    pub fn after(
        &mut self,
        endpoint: &Endpoint,
        page: &Outline,
        care: Care,
    ) -> Result<Next, VendorError> {
        self.began_at.get_or_insert(page.observed_at);
        self.read_at = Some(page.observed_at);
        self.rows += page.records as u64;
        if self.page == 1 {
            self.total = page.total;
        } else if self.total != page.total {
            self.moved = true;
        }
        let single = self.page == 1 || (self.page == 2 && page.records == 0);
        let lacks = self.lacks(page);
        let mut next = self.clone();
        if next.advance(&endpoint.paging, page, lacks)? {
            return Ok(Next::Page(next));
        }
        self.short |= lacks;
        let is_told = single || self.total == Some(self.rows);
        let again = match care {
            Care::Once => false,
            Care::Moved => self.moved,
            Care::Doubt => self.moved || !is_told,
        };
        if again && endpoint.paging != Paging::None && self.round < ROUNDS {
            return Ok(Next::Page(self.again(endpoint)));
        }
        Ok(if self.short { Next::Short } else { Next::End })
    }

    /// Whether the list, or the node's, has more records than came of it, by its own count. An empty page behind the end may
    /// count nothing: where it tells of fewer than came, the first page is believed.
    fn lacks(&self, of: &Outline) -> bool {
        let came = self.rows.saturating_sub(self.elsewhere);
        let told = of
            .total
            .filter(|total| of.records > 0 || *total >= came)
            .or(self.total);
        told.is_some_and(|total| came < total)
    }

    /// The same list from its beginning once more. What either round saw was there.
    fn again(&self, endpoint: &Endpoint) -> Self {
        Self {
            began_at: self.began_at,
            read_at: self.read_at,
            round: self.round + 1,
            ..Self::start(endpoint)
        }
    }

    /// Goes to the next page, or the next node of a tree; `false` at the end of the list. A short page of a list that lacks
    /// records, by its own count, is not its last one: the vendor may give fewer than it is asked for. Only an empty one is.
    fn advance(&mut self, paging: &Paging, of: &Outline, lacks: bool) -> Result<bool, VendorError> {
        let is_full = match paging {
            Paging::None => false,
            Paging::Pages {
                stop: Stop::EmptyPage,
                ..
            } => of.records > 0,
            Paging::Pages { size, .. } => of.records >= *size as usize,
        };
        let goes_beyond = !is_full
            && *paging != Paging::None
            && lacks
            && of.records > 0
            && self.beyond < MOST_BEYOND;
        if !self.parents.is_empty() {
            self.parents.extend(&of.ids);
        }
        if self.page >= MOST_PAGES || self.parents.len() > MOST_PARENTS {
            return Err(VendorError::Malformed { status: 200 });
        }
        if is_full || goes_beyond {
            self.beyond += u32::from(goes_beyond);
            self.page += 1;
            return Ok(true);
        }
        if self.parents.len() > 1 {
            self.parents.remove(0);
            self.page = 1;
            self.short |= lacks;
            self.elsewhere = self.rows;
            self.beyond = 0;
            return Ok(true);
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: Endpoint = Endpoint::pages("/things/{company}", 2, Stop::ShortPage);

    fn answer(ids: &[i64], total: Option<u64>) -> Outline {
        Outline {
            records: ids.len(),
            ids: ids.to_vec(),
            total,
            is_nothing: false,
            observed_at: "2026-05-10T12:00:00Z".parse().unwrap(),
        }
    }

    type Asked = Vec<(u32, u32, Option<i64>)>;

    /// The pages that are asked for where the list answers so, in turn.
    fn read(endpoint: &Endpoint, care: Care, answers: &[Outline]) -> Asked {
        let (asked, end) = read_to(endpoint, care, answers);
        assert_eq!(end, Next::End, "{asked:?}");
        asked
    }

    /// The same, with what comes after them.
    fn read_to(endpoint: &Endpoint, care: Care, answers: &[Outline]) -> (Asked, Next) {
        let mut place = Place::start(endpoint);
        let mut asked = Vec::new();
        for answer in answers {
            asked.push((place.round, place.page, place.parent()));
            match place.after(endpoint, answer, care).unwrap() {
                Next::Page(next) => place = next,
                end => return (asked, end),
            }
        }
        panic!("the list did not end: {asked:?}");
    }

    #[test]
    fn a_short_page_ends_a_list_and_doubt_reads_it_once_more() {
        let told = [answer(&[1, 2], Some(3)), answer(&[3], Some(3))];
        assert_eq!(
            read(&PAGES, Care::Doubt, &told),
            [(1, 1, None), (1, 2, None)]
        );
        let untold = [answer(&[1, 2], None), answer(&[3], None)];
        assert_eq!(read(&PAGES, Care::Moved, &untold).len(), 2);
        let twice: Vec<Outline> = untold.iter().chain(&untold).cloned().collect();
        assert_eq!(
            read(&PAGES, Care::Doubt, &twice),
            [(1, 1, None), (1, 2, None), (2, 1, None), (2, 2, None)]
        );
        let moved = [answer(&[1, 2], Some(4)), answer(&[4], Some(3))];
        let moved: Vec<Outline> = moved.iter().chain(&told).cloned().collect();
        assert_eq!(read(&PAGES, Care::Moved, &moved).len(), 4);
        assert_eq!(read(&PAGES, Care::Once, &moved).len(), 2);
    }

    #[test]
    fn only_an_empty_page_ends_a_list_whose_short_pages_do_not() {
        let goods = Endpoint::pages("/goods/{company}", 100, Stop::EmptyPage);
        let answers = [answer(&[1, 2], None), answer(&[], None)];
        assert_eq!(
            read(&goods, Care::Doubt, &answers),
            [(1, 1, None), (1, 2, None)]
        );
    }

    #[test]
    fn a_short_page_does_not_end_a_list_that_counts_more() {
        let some = [
            answer(&[1], Some(4)),
            answer(&[2], Some(4)),
            answer(&[3, 4], Some(4)),
            answer(&[], Some(4)),
        ];
        let pages = [(1, 1, None), (1, 2, None), (1, 3, None), (1, 4, None)];
        assert_eq!(read(&PAGES, Care::Doubt, &some), pages);
        // The last page is short, and nothing is missing.
        let all = [answer(&[1], Some(2)), answer(&[2], Some(2))];
        assert_eq!(read(&PAGES, Care::Doubt, &all).len(), 2);
        // A count of the page instead of the list says nothing.
        let of_page = [answer(&[1, 2], Some(2)), answer(&[3], Some(1))];
        assert_eq!(read(&PAGES, Care::Once, &of_page).len(), 2);
    }

    #[test]
    fn a_list_that_ends_below_its_count_ends_and_proves_nothing() {
        for of_empty in [Some(5), Some(0), None] {
            let fewer = [answer(&[1], Some(5)), answer(&[], of_empty)];
            let (asked, end) = read_to(&PAGES, Care::Once, &fewer);
            assert_eq!((asked.len(), end), (2, Next::Short));
        }
        let none = [answer(&[], Some(5))];
        assert_eq!(read_to(&PAGES, Care::Once, &none).1, Next::Short);
        let whole = Endpoint::list("/things/{company}");
        let fewer = [answer(&[1], Some(2))];
        assert_eq!(read_to(&whole, Care::Doubt, &fewer).1, Next::Short);
        // What the second round has whole is whole.
        let first = [
            answer(&[1, 2], Some(4)),
            answer(&[3], Some(4)),
            answer(&[], Some(4)),
        ];
        let second = [answer(&[1, 2], Some(3)), answer(&[3], Some(3))];
        let both: Vec<Outline> = first.into_iter().chain(second).collect();
        assert_eq!(read(&PAGES, Care::Doubt, &both).len(), 5);
        // Rows that were deleted meanwhile are in no count any more.
        let fewer_now = [answer(&[1, 2], Some(4)), answer(&[3], Some(3))];
        assert_eq!(read(&PAGES, Care::Once, &fewer_now).len(), 2);
    }

    #[test]
    fn a_wrong_count_keeps_nobody_for_ever() {
        let mut place = Place::start(&PAGES);
        for pages in 0.. {
            assert!(pages <= MOST_BEYOND);
            match place.after(&PAGES, &answer(&[1], Some(u64::MAX)), Care::Once) {
                Ok(Next::Page(next)) => place = next,
                end => {
                    assert_eq!(end.unwrap(), Next::Short);
                    break;
                }
            }
        }
    }

    #[test]
    fn a_node_of_a_tree_is_measured_by_its_own_count() {
        let tree = Endpoint::list("/tree/{company}/{parent}").reaching(Reach::Tree {
            root: 0,
            parent_field: "parent_id",
        });
        let whole = [
            answer(&[5, 6], Some(2)),
            answer(&[], Some(0)),
            answer(&[], Some(0)),
        ];
        assert_eq!(read(&tree, Care::Doubt, &whole).len(), 3);
        let lacking = [
            answer(&[5, 6], Some(2)),
            answer(&[], Some(3)),
            answer(&[], Some(0)),
        ];
        let (asked, end) = read_to(&tree, Care::Doubt, &lacking);
        assert_eq!((asked.len(), end), (3, Next::Short));
    }

    #[test]
    fn every_node_of_a_tree_is_asked_for_what_lies_under_it() {
        let tree = Endpoint::list("/tree/{company}/{parent}").reaching(Reach::Tree {
            root: 0,
            parent_field: "parent_id",
        });
        let answers = [
            answer(&[5, 6], None),
            answer(&[7], None),
            answer(&[], None),
            answer(&[], None),
        ];
        let parents: Vec<_> = read(&tree, Care::Doubt, &answers)
            .into_iter()
            .map(|(_, _, parent)| parent.unwrap())
            .collect();
        assert_eq!(parents, [0, 5, 6, 7]);
    }

    #[test]
    fn a_list_that_does_not_end_is_refused() {
        let mut place = Place {
            page: MOST_PAGES,
            ..Place::start(&PAGES)
        };
        let after = place.after(&PAGES, &answer(&[1, 2], None), Care::Once);
        assert!(matches!(after, Err(VendorError::Malformed { .. })));
    }
}
