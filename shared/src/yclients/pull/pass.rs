//! Passes through the vendor's lists.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};

use super::{
    PullError,
    ahead::{Ahead, Asked, Read, next_pass},
    cursor::{Pass, Reading, TableCursor},
    page::{Absence, Page, Tail, of_source},
    work::Work,
};
use crate::{
    warehouse::{Filter, Operator},
    yclients::{
        client::VendorError,
        decode::Body,
        lists::{self, Care, Next, Outline},
        streams::{Reach, Stream},
    },
    zone::start_of_day,
};

/// A pass that came no further for so long is begun again: too much has moved since. It counts from the last page that was
/// read and not from the first one: at a pace that many sources share, a very long list takes longer, and would never end.
/// What moved while it was read its second round finds.
const STALE: TimeDelta = TimeDelta::hours(6);
/// The vendor's days and ours may begin an hour apart, so that rows near the ends of a window prove nothing.
const DOUBT: TimeDelta = TimeDelta::hours(2);

/// How far reading came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::yclients) enum Drained {
    /// Everything that was to be read is.
    All,
    /// The time is over; the cursor says where to go on.
    OutOfTime,
}

impl Work<'_> {
    /// Reads what the cursor says is under way and to come. After an error the cursor is as the last commit left it in the
    /// warehouse, and the one given here is of no more use.
    pub(super) async fn drain(
        &mut self,
        stream: &'static Stream,
        cursor: &mut TableCursor,
        key: &str,
    ) -> Result<Drained, PullError> {
        let now = self.services.clock.now();
        cursor.pass = cursor.pass.take().map(|pass| {
            let last = pass.place.read_at.or(pass.place.began_at);
            let stale = last.is_some_and(|at| now - at > STALE)
                || pass.pushed != kept(&self.pushed(stream, &pass.reading));
            if stale {
                return Pass::new(pass.reading, cursor.endpoint_of(stream));
            }
            Pass {
                place: pass.place.resumed(),
                ..pass
            }
        });
        let mut ahead = None;
        loop {
            if cursor.pass.is_none() {
                if cursor.then.is_empty() {
                    return Ok(Drained::All);
                }
                let reading = cursor.then.remove(0);
                cursor.pass = Some(Pass::new(reading, cursor.endpoint_of(stream)));
            }
            if ahead.is_none() && self.out_of_time() {
                return Ok(Drained::OutOfTime);
            }
            self.keep().await?;
            ahead = self.step(stream, cursor, key, ahead).await?;
            self.tell(stream.table);
            if cursor.pass.is_none() {
                self.window_read(cursor.unread()).await?;
            }
        }
    }

    /// Reads one page and commits it; the next one is asked for and read meanwhile.
    async fn step(
        &mut self,
        stream: &'static Stream,
        cursor: &mut TableCursor,
        key: &str,
        ahead: Option<Ahead>,
    ) -> Result<Option<Ahead>, PullError> {
        let Some(pass) = cursor.pass.clone() else {
            return Ok(None);
        };
        let asked = self.asked(stream, cursor, pass);
        let read = match ahead.and_then(|ahead| ahead.page(&asked.pass)) {
            Some(read) => read,
            None => asked.page().await,
        };
        let read = match read {
            Ok(read) => read,
            Err(
                error @ (VendorError::Forbidden | VendorError::NotFound | VendorError::Unrouted),
            ) if cursor.endpoint < stream.fallbacks.len() => {
                self.fall_back(stream, cursor, asked.pass, error.code());
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(code) = cursor.turned_away_by.take() {
            self.tell_problem("load.table-poorer", Some(stream.table), &code)
                .await?;
        }
        // The answer may have taken longer than the lease.
        self.keep().await?;
        let absent = self.advance(&asked, cursor, &read.outline).await?;
        let doubted = TableCursor {
            pass: cursor.pass.clone().map(|pass| Pass {
                set_aside: true,
                ..pass
            }),
            ..cursor.clone()
        };
        let state = |cursor: &TableCursor| -> Result<_, PullError> {
            Ok(vec![(key.to_owned(), Some(serde_json::to_value(cursor)?))])
        };
        let tail = Tail {
            states: state(cursor)?,
            states_if_set_aside: Some(state(&doubted)?),
            absent,
            ..Tail::default()
        };
        let next = next_pass(stream, cursor).filter(|_| !self.out_of_time());
        let next = next.map(|next| self.asked(stream, cursor, next));
        let commit = self.commit_read(&asked, read, &tail);
        let ahead = match next {
            Some(next) => Some(Ahead::ask(next, commit).await?),
            None => {
                commit.await?;
                None
            }
        };
        if self.has_set_aside() {
            *cursor = doubted;
        }
        Ok(ahead)
    }

    /// Moves the cursor behind the page; gives what the list proves to be gone, where this was its end.
    async fn advance(
        &self,
        asked: &Asked,
        cursor: &mut TableCursor,
        page: &Outline,
    ) -> Result<Option<Absence>, PullError> {
        let mut pass = asked.pass.clone();
        let care = care(asked.stream, &pass.reading);
        match pass.place.after(&asked.endpoint, page, care)? {
            Next::Page(place) => {
                cursor.pass = Some(Pass { place, ..pass });
                Ok(None)
            }
            Next::End => self.ended(asked.stream, cursor, &pass, page).await,
            Next::Short => {
                let absent = self.ended(asked.stream, cursor, &pass, page).await?;
                if absent.is_some() {
                    let table = Some(asked.stream.table);
                    self.tell_problem("load.list-short", table, "short").await?;
                }
                Ok(None)
            }
        }
    }

    /// Writes the rows of a page; where the warehouse refuses one of them, record by record.
    async fn commit_read(
        &mut self,
        asked: &Asked,
        read: Read,
        tail: &Tail,
    ) -> Result<(), PullError> {
        let page = Page {
            stream: asked.stream,
            records: &[],
            body: asked.body,
            asked: false,
            observed_at: read.outline.observed_at,
        };
        if !self.commit_whole(&page, read.decoded, tail).await? {
            let answer = asked.records(&read.reply)?;
            self.commit(page.with(&answer.records), tail).await?;
        }
        Ok(())
    }

    /// The question that a pass is at.
    fn asked(&self, stream: &'static Stream, cursor: &TableCursor, mut pass: Pass) -> Asked {
        pass.pushed = kept(&self.pushed(stream, &pass.reading));
        Asked {
            stream,
            caller: self.caller.clone(),
            branch: Arc::clone(&self.branch),
            categories: self.categories.clone(),
            endpoint: *cursor.endpoint_of(stream),
            params: self.params(stream, &pass.reading),
            // Older shapes and searches tell less of a row than its own list.
            body: match cursor.endpoint {
                0 => Body::Full,
                _ => Body::Partial,
            },
            pass,
        }
    }

    /// What is asked for beside what the endpoint always is.
    fn params(&self, stream: &Stream, reading: &Reading) -> Vec<(&'static str, String)> {
        let mut params = Vec::new();
        if let (Reading::Changes { after } | Reading::Deleted { after }, Some(by)) =
            (reading, stream.cursor)
        {
            params.push((by.after, by.value(*after, self.branch.time_zone)));
        }
        if let (Reading::Window { from, to } | Reading::DeletedWindow { from, to }, Some(window)) =
            (reading, stream.window)
        {
            params.extend(window.params(*from, *to));
        }
        if reading.is_of_deleted() {
            let deleted = stream.deletion.pass().unwrap_or_default();
            let own = |(name, value): &(&'static str, &'static str)| (*name, (*value).to_owned());
            params.extend(deleted.iter().map(own));
        }
        params.extend(self.pushed(stream, reading));
        params
    }

    /// What of the filter the vendor applies itself, which saves calls. Not where changes are asked for: a row that has left
    /// the filter is among these only without it.
    fn pushed(&self, stream: &Stream, reading: &Reading) -> Vec<(&'static str, String)> {
        match (reading, self.filters.get(stream.table)) {
            (Reading::Changes { .. } | Reading::Deleted { .. }, _) | (_, None) => Vec::new(),
            (Reading::Whole, Some(_)) if !stream.deletion.by_absence() => Vec::new(),
            (_, Some(filter)) => lists::pushed(stream, filter),
        }
    }

    /// Tries the next endpoint from the beginning. One that cannot be asked by time is read whole. People are told once it has
    /// answered: where it is refused too, nothing is read instead.
    fn fall_back(&self, stream: &Stream, cursor: &mut TableCursor, pass: Pass, code: &str) {
        if cursor.endpoint == 0 {
            let now = self.services.clock.now();
            if cursor.turned_away_at.replace(now).is_none() {
                cursor.turned_away_by = Some(code.to_owned());
            }
        }
        cursor.endpoint += 1;
        let endpoint = *cursor.endpoint_of(stream);
        let reading = if endpoint.filters_by_time {
            pass.reading
        } else {
            cursor.then.clear();
            Reading::Whole
        };
        cursor.pass = Some(Pass::new(reading, &endpoint));
    }

    /// What a list that was read to its end means for the cursor, and for rows that it did not have.
    async fn ended(
        &self,
        stream: &Stream,
        cursor: &mut TableCursor,
        pass: &Pass,
        last: &Outline,
    ) -> Result<Option<Absence>, PullError> {
        let began_at = pass.place.began_at.unwrap_or(last.observed_at);
        cursor.pass = None;
        cursor.put_off = None;
        if cursor.endpoint == 0 {
            cursor.turned_away_at = None;
        }
        let filter = match pass.reading {
            Reading::Whole => {
                cursor.loaded_to = Some(began_at);
                if !stream.deletion.by_absence() || is_part_of_a_tree(stream, cursor) {
                    return Ok(None);
                }
                let may_be_a_fault = last.is_nothing || !cursor.empty_once;
                if pass.place.rows == 0 && may_be_a_fault && self.holds_rows(stream).await? {
                    cursor.empty_once = !last.is_nothing;
                    return Ok(None);
                }
                cursor.empty_once = false;
                cursor.whole_at = Some(last.observed_at);
                Filter::All
            }
            Reading::Changes { .. } => {
                cursor.loaded_to = Some(began_at);
                return Ok(None);
            }
            Reading::Window { from, to } => {
                cursor.reaches_back_to(from);
                cursor.loaded_to.get_or_insert(began_at);
                cursor.days_at = Some(began_at);
                if !stream.deletion.by_window() {
                    return Ok(None);
                }
                self.days(stream, from, to)
            }
            Reading::Deleted { .. } | Reading::DeletedWindow { .. } => return Ok(None),
        };
        if pass.set_aside {
            return Ok(None);
        }
        Ok(stream.declaration().map(|table| Absence {
            table: table.clone(),
            filter,
            seen_since: began_at,
        }))
    }

    async fn holds_rows(&self, stream: &Stream) -> Result<bool, PullError> {
        let Some(table) = stream.declaration() else {
            return Ok(false);
        };
        let snapshot = self.warehouse.snapshot().await?;
        let held = snapshot
            .count(table, &of_source(self.source.id.as_str()))
            .await?;
        Ok(held > 0)
    }

    /// Rows that are certainly of these days.
    fn days(&self, stream: &Stream, from: NaiveDate, to: NaiveDate) -> Filter {
        let column = stream.window.map_or("", |window| window.column);
        let zone = self.branch.time_zone;
        let begin = start_of_day(from, zone) + DOUBT;
        let end = start_of_day(to + TimeDelta::days(1), zone) - DOUBT;
        Filter::compare(column, Operator::AtLeast, begin).and(Filter::compare(
            column,
            Operator::Less,
            end,
        ))
    }
}

/// A row that is missed is lost where it was asked for by change, and taken for deleted where absence proves something.
fn care(stream: &Stream, reading: &Reading) -> Care {
    match reading {
        Reading::Whole | Reading::Changes { .. } => Care::Doubt,
        Reading::Window { .. } if stream.deletion.by_window() => Care::Doubt,
        Reading::Window { .. } | Reading::Deleted { .. } | Reading::DeletedWindow { .. } => {
            Care::Moved
        }
    }
}

/// A fallback that gives one level of a tree does not tell what is gone from the others.
fn is_part_of_a_tree(stream: &Stream, cursor: &TableCursor) -> bool {
    cursor.endpoint > 0 && matches!(stream.endpoint.reach, Reach::Tree { .. })
}

fn kept(pushed: &[(&'static str, String)]) -> Vec<(String, String)> {
    let own = |(name, value): &(&'static str, String)| ((*name).to_owned(), value.clone());
    pushed.iter().map(own).collect()
}
