//! Services that records name and the warehouse does not hold: their list is read before it is decided about the records.

use std::collections::{BTreeSet, HashMap};

use super::{
    PullError,
    page::{Page, Tail},
    work::Work,
};
use crate::yclients::{
    categories::{self, SERVICES},
    client::VendorError,
    decode::{Body, Decoded},
    lists::{Care, List},
    streams::{self, Stream},
};

/// The origin of rows of services that are read on the way, whatever the run is about.
const ORIGIN: &str = "pull";

impl Work<'_> {
    /// Learns what can be learned of the services that decoded records name; the vendor's list of them is read for it at most
    /// once in a turn. Whether more is known now than when the records were decoded: then they are to be decoded again.
    ///
    /// A service that is newer than the list is asked about in a later turn: its record changed a short while ago, and the
    /// overlap of what is read as changed brings it once more.
    pub(in crate::yclients) async fn know_services(
        &mut self,
        stream: &Stream,
        decoded: &[Decoded],
    ) -> Result<bool, PullError> {
        if !categories::are_needed_by(stream) {
            return Ok(false);
        }
        let named = categories::named(decoded);
        if named.is_empty() {
            return Ok(false);
        }
        self.learn_categories(stream).await?;
        let known = self.known.as_ref();
        let unknown = known.map(|known| known.unknown(&named)).unwrap_or_default();
        if !unknown.is_empty()
            && !self.services_asked
            && categories::may_be_asked_for(self.tables.get(SERVICES))
        {
            self.services_asked = true;
            Box::pin(self.read_services(stream, &unknown)).await?;
        }
        let known = self.known.as_ref();
        Ok(known.is_some_and(|known| known.tells_more(&named)))
    }

    /// The same of the records of a page that are still to be decoded.
    pub(super) async fn know_services_of(&mut self, page: &Page<'_>) -> Result<(), PullError> {
        if categories::are_needed_by(page.stream) {
            let decoded = self.decode(page, page.records);
            self.know_services(page.stream, &decoded).await?;
        }
        Ok(())
    }

    /// Reads the list of services. Its rows come in as from any list; where it ends, and what is not among them, is left to
    /// the table's own reading.
    async fn read_services(
        &mut self,
        stream: &Stream,
        unknown: &BTreeSet<i64>,
    ) -> Result<(), PullError> {
        let Some(services) = streams::stream(SERVICES) else {
            return Ok(());
        };
        let caller = self.caller.clone();
        let mut list = List::new(&caller, self.branch.company_id, services, None, Care::Moved);
        let mut listed = HashMap::new();
        loop {
            self.keep().await?;
            let answer = match list.next().await {
                Ok(Some(answer)) => answer,
                Ok(None) => break,
                Err(error) => return self.do_without(stream, services, error).await,
            };
            self.keep().await?;
            let page = Page {
                stream: services,
                records: &answer.records,
                // Older shapes of the list tell less of a row.
                body: Body::Partial,
                asked: false,
                observed_at: answer.observed_at,
            };
            listed.extend(categories::told(&self.decode(&page, page.records)));
            self.let_in(&page).await?;
        }
        if listed.is_empty() {
            // It may be a fault: nothing is proved by it.
            return Ok(());
        }
        let now = self.services.clock.now();
        let filtered = self.filters.contains_key(SERVICES);
        let mut known = self.known.take().unwrap_or_default();
        // Two owners of the map would have it copied.
        self.categories = None;
        let to_remember = known.learn(&listed, unknown, filtered, now);
        self.categories.clone_from(&known.by_service);
        let memory = known.memory(&self.source.id);
        self.known = Some(known);
        if to_remember {
            let tail = Tail {
                states: vec![memory?],
                ..Tail::default()
            };
            self.commit_tail(now, &tail).await?;
        }
        Ok(())
    }

    /// Lets services in as the rows of a pull: a comparison counts what it mends by its own.
    async fn let_in(&mut self, page: &Page<'_>) -> Result<(), PullError> {
        let origin = std::mem::replace(&mut self.origin, ORIGIN);
        let committed = self.commit_part(page, page.records, None).await;
        self.origin = origin;
        committed
    }

    /// The list of services does not come. What is wrong with it alone is told of its table, and the records go on by what is
    /// known; but a filter that needs to know more waits for what passes. All else keeps the records from coming too.
    async fn do_without(
        &mut self,
        stream: &Stream,
        services: &Stream,
        error: VendorError,
    ) -> Result<(), PullError> {
        let filter = self.filters.get(stream.table).map(AsRef::as_ref);
        let is_of_the_list = match &error {
            VendorError::Forbidden
            | VendorError::NotFound
            | VendorError::Unrouted
            | VendorError::NothingFound
            | VendorError::Invalid { .. }
            | VendorError::TooLarge { .. } => true,
            VendorError::Unavailable { .. } | VendorError::Malformed { .. } => {
                !categories::decide(stream, filter)
            }
            _ => false,
        };
        if !is_of_the_list {
            return Err(error.into());
        }
        self.note_failed(services, error.into()).await?;
        Ok(())
    }
}
