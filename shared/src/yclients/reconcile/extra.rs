//! What is held of a window and was not in the vendor's list. Pages move while a list is read, so the vendor is asked again
//! before a row is called extra: for the list, then for each record by its id.

use chrono::{DateTime, NaiveDate, Utc};
use futures::TryStreamExt;

use super::{
    compare::{Line, MOVED, only_held},
    rows::day_of,
    window::{Batch, Read, Window},
};
use crate::{
    catalog::system,
    warehouse::{Filter, Operator, Scan},
    yclients::{
        client::VendorError,
        decode::Body,
        lists,
        pull::{
            PullError,
            page::{Absence, Tail},
            work::Work,
        },
    },
};

/// More candidates than this are looked for in the list once more, and among the deleted, before each costs a call.
const FEW: usize = 5;
/// So many are asked for by their ids. Where all of these are gone, the list is believed for the rest.
const ASKED: usize = 200;
/// More candidates than this are a list that cannot be trusted.
const MOST: usize = 200_000;
/// Rows that become tombstones in one transaction.
const STEP: usize = 500;

/// What the vendor said of a record that was asked for by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It is not there, or deleted.
    Gone,
    /// It is there, in these days.
    Here,
    /// It is there, in other days.
    Elsewhere,
}

impl Work<'_> {
    /// Asks for the records that ours claims to be newer of, each by its id. What was asked for agrees from then on, so that
    /// a day with very many comes to its end in the end.
    pub(super) async fn look_again(&mut self, window: &mut Window<'_>) -> Result<Read, PullError> {
        let again = std::mem::take(&mut window.again);
        if again.len() > ASKED && !window.is_one_day() {
            return Ok(Read::Broken);
        }
        let asked_at = self.services.clock.now();
        let mut read = Read::Whole;
        let mut gone = Vec::new();
        for id in again {
            if self.out_of_time() {
                read = Read::Broken;
                break;
            }
            if self.ask(window, id).await? == Said::Gone {
                gone.push(id);
            }
        }
        self.bury(window, &gone, asked_at).await?;
        Ok(read)
    }

    /// Finds rows of the window that the vendor does not have, and makes tombstones of them. A list that lacks records, at
    /// once or when it is read once more, proves nothing: of a day whose list ended short each is asked for by its id, if
    /// they are not too many, and otherwise nothing is taken for extra.
    pub(super) async fn find_extra(&mut self, window: &mut Window<'_>) -> Result<Read, PullError> {
        let mut candidates = self.unseen(window).await?;
        let asks_deleted = window.subject.stream.deletion.pass().is_some();
        if candidates.len() > FEW && window.lacks.is_none() && asks_deleted {
            if self.read_list(window, true).await? == Read::Broken {
                return Ok(Read::Broken);
            }
            candidates.retain(|id| !window.seen.contains(id));
        }
        if candidates.len() > FEW && window.lacks.is_none() {
            if self.read_list(window, false).await? == Read::Broken {
                return Ok(Read::Broken);
            }
            if self.look_again(window).await? == Read::Broken {
                return Ok(Read::Broken);
            }
            candidates.retain(|id| !window.seen.contains(id));
        }
        if !window.may_ask() || (window.lacks.is_some() && candidates.len() > ASKED) {
            return Ok(Read::Whole);
        }
        let asked_at = self.services.clock.now();
        let mut gone = Vec::new();
        let mut hidden = 0;
        for (number, id) in candidates.iter().enumerate() {
            if number >= ASKED {
                break;
            }
            if self.out_of_time() {
                self.bury(window, &gone, asked_at).await?;
                return Ok(Read::Broken);
            }
            match self.ask(window, *id).await? {
                Said::Gone => gone.push(*id),
                Said::Here => hidden += 1,
                Said::Elsewhere => {}
            }
        }
        if candidates.len() > ASKED {
            if hidden > 0 {
                // The list lacks what is there: nothing can be told of the rest.
                return Err(VendorError::Malformed { status: 200 }.into());
            }
            gone.extend(candidates.iter().skip(ASKED));
        }
        self.bury(window, &gone, asked_at).await?;
        Ok(Read::Whole)
    }

    /// Ids of living rows of the window that its list did not have, and that nobody has seen since it was begun.
    async fn unseen(&self, window: &Window<'_>) -> Result<Vec<i64>, PullError> {
        let subject = window.subject;
        let Some(began_at) = window.began_at else {
            return Ok(Vec::new());
        };
        let column = subject.window.column;
        let (begin, end) = window.bounds(self.branch.time_zone);
        let mut filter = Filter::equal(system::SOURCE_ID, self.source.id.as_str())
            .and(Filter::compare(column, Operator::AtLeast, begin))
            .and(Filter::compare(column, Operator::Less, end))
            .and(Filter::compare(
                system::OBSERVED_AT,
                Operator::Less,
                began_at,
            ));
        if let Some(own) = self.filters.get(subject.stream.table) {
            filter = filter.and(Filter::clone(own));
        }
        let key = subject.main.table.key.first();
        let scan = Scan::of(&subject.main.table)
            .columns(key.map(ToString::to_string))
            .filter(filter)
            .tolerant();
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        let mut unseen = Vec::new();
        while let Some(rows) = batches.try_next().await? {
            let ids = rows.iter().filter_map(|row| row.get(0).as_integer());
            unseen.extend(ids.filter(|id| !window.seen.contains(id)));
            if unseen.len() > MOST {
                return Err(VendorError::Malformed { status: 200 }.into());
            }
        }
        Ok(unseen)
    }

    /// Asks for a record by its id; one that the vendor tells of is compared and let in like those of the list.
    pub(super) async fn ask(
        &mut self,
        window: &mut Window<'_>,
        id: i64,
    ) -> Result<Said, PullError> {
        self.keep().await?;
        let subject = window.subject;
        let company = self.branch.company_id;
        let Some(answer) = lists::one(&self.caller, company, subject.stream, id).await? else {
            return Ok(Said::Gone);
        };
        let batch = Batch {
            records: &answer.records,
            // Single records are told in other shapes than lists, which leave some fields out.
            body: if answer.is_of_deleted(subject.stream) {
                Body::Deleted
            } else {
                Body::Partial
            },
            asked: true,
            observed_at: answer.observed_at,
        };
        let zone = self.branch.time_zone;
        let suspects = self.compare_batch(window, &batch).await?;
        let mut said = Said::Here;
        for suspect in suspects.iter().filter(|suspect| suspect.living) {
            let day = day_of(suspect.told.at, zone);
            if suspect.told.deleted {
                said = Said::Gone;
            } else if day.is_some_and(|day| day < window.from || day > window.to) {
                said = Said::Elsewhere;
            }
        }
        if said == Said::Elsewhere {
            self.follow(window, &batch, id).await?;
        } else {
            self.settle_all(window, &batch, suspects).await?;
        }
        Ok(said)
    }

    /// A record that the vendor has on other days: on ours it is extra.
    async fn follow(
        &mut self,
        window: &Window<'_>,
        batch: &Batch<'_>,
        id: i64,
    ) -> Result<(), PullError> {
        let noted = self.only_ours(window, &[id], Some(MOVED)).await?;
        self.mend(window, batch, batch.records, noted).await
    }

    /// Makes tombstones of rows that the vendor did not have any more; what was seen since then stays.
    async fn bury(
        &mut self,
        window: &Window<'_>,
        ids: &[i64],
        asked_at: DateTime<Utc>,
    ) -> Result<(), PullError> {
        let subject = window.subject;
        for ids in ids.chunks(STEP) {
            let noted = self.only_ours(window, ids, None).await?;
            if noted.is_empty() {
                continue;
            }
            let tail = Tail {
                absent: Some(Absence::of_ids(&subject.main.table, ids, asked_at)),
                notes: vec![self.noted(subject, noted, true)],
                ..Tail::default()
            };
            self.commit_tail(asked_at, &tail).await?;
        }
        Ok(())
    }

    /// What of these rows only we have.
    async fn only_ours(
        &self,
        window: &Window<'_>,
        ids: &[i64],
        word: Option<&'static str>,
    ) -> Result<Vec<(NaiveDate, Vec<Line>)>, PullError> {
        let held = self.held(window.subject, ids).await?;
        let living = held.iter().filter(|(_, held)| held.living);
        let zone = self.branch.time_zone;
        let noted = living.map(|(id, held)| {
            let day = window.day(held.at, zone);
            (day, only_held(window.subject, *id, held, word))
        });
        Ok(noted.collect())
    }
}
