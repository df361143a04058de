//! Stock cards without a delivery, for the list of the warehouse.

use std::collections::HashSet;

use futures::TryStreamExt;

use crate::{
    catalog::repair_shop::LOCAL_SOURCE,
    delivery::DeliveryError,
    sheets::Cards,
    warehouse::{Rows, Scan, Snapshot},
};

/// Cards that are asked about at once.
const PAGE: u64 = 500;

/// Reads the cards page by page: a snapshot answers one question at a time, and each page has two.
pub(super) struct Undelivered<'a> {
    snapshot: &'a Snapshot,
    cards: &'a Cards,
    /// What is still to be read.
    rest: Option<Scan>,
}

impl<'a> Undelivered<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, cards: &'a Cards) -> Self {
        Self {
            snapshot,
            cards,
            rest: cards.scan(),
        }
    }

    /// The next rows of the list; none of them where all cards of a page have a delivery, and `None` after the last page.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Rows>>, DeliveryError> {
        let Some(scan) = self.rest.take() else {
            return Ok(None);
        };
        let page = self.read(scan.clone().limit(PAGE)).await?;
        let ids = || page.iter().flat_map(Rows::iter);
        let ids = || ids().filter_map(|card| card.get(0).as_str());
        let Some(last) = ids().last() else {
            return Ok(None);
        };
        self.rest = Some(scan.after(vec![LOCAL_SOURCE.into(), last.into()]));
        let mut delivered: HashSet<String> = HashSet::new();
        if let Some(scan) = self.cards.delivered(ids()) {
            let mut batches = self.snapshot.scan(scan).await?;
            while let Some(rows) = batches.try_next().await? {
                let parts = rows.iter().filter_map(|row| row.get(0).as_str());
                delivered.extend(parts.map(ToOwned::to_owned));
            }
        }
        let spread = |cards| self.cards.spread(cards, |id| !delivered.contains(id));
        Ok(Some(page.iter().map(spread).collect()))
    }

    async fn read(&self, scan: Scan) -> Result<Vec<Rows>, DeliveryError> {
        Ok(self.snapshot.scan(scan).await?.try_collect().await?)
    }
}
