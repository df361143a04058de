//! Passes through the vendor's lists.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use serde_json::Value as Json;

use super::{
    PullError,
    cursor::{Pass, Reading, TableCursor},
    page::{Absence, Page, Tail, of_source},
    work::Work,
};
use crate::{
    warehouse::{Filter, Operator, Value},
    yclients::{
        client::{Reply, VendorError},
        decode::Body,
        streams::{Method, Paging, Reach, Stop, Stream},
    },
};

/// A list of more pages is none that ends.
const MOST_PAGES: u32 = 50_000;
/// A tree of more nodes is none that ends.
const MOST_PARENTS: usize = 10_000;
/// A list is read so often where it moves while it is read: what both rounds missed is not there.
const ROUNDS: u32 = 2;
/// A pass that was interrupted longer ago is begun again: too much has moved since.
const STALE: TimeDelta = TimeDelta::hours(6);
/// The vendor's days and ours may begin an hour apart (its offsets are not to be relied upon), so that rows near the ends
/// of a window prove nothing.
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
        stream: &Stream,
        cursor: &mut TableCursor,
        key: &str,
    ) -> Result<Drained, PullError> {
        let now = self.services.clock.now();
        cursor.pass = cursor.pass.take().map(|pass| {
            let stale = pass.began_at.is_some_and(|at| now - at > STALE);
            if stale {
                Pass::new(pass.reading, cursor.endpoint_of(stream))
            } else {
                pass.resumed()
            }
        });
        loop {
            if cursor.pass.is_none() {
                if cursor.then.is_empty() {
                    return Ok(Drained::All);
                }
                let reading = cursor.then.remove(0);
                cursor.pass = Some(Pass::new(reading, cursor.endpoint_of(stream)));
            }
            if self.out_of_time() {
                return Ok(Drained::OutOfTime);
            }
            self.keep().await?;
            self.step(stream, cursor, key).await?;
            self.tell(stream.table);
        }
    }

    /// Reads one answer and commits it.
    async fn step(
        &mut self,
        stream: &Stream,
        cursor: &mut TableCursor,
        key: &str,
    ) -> Result<(), PullError> {
        let Some(mut pass) = cursor.pass.clone() else {
            return Ok(());
        };
        let endpoint = *cursor.endpoint_of(stream);
        let began_at = self.services.clock.now();
        let reply = match self.ask(stream, cursor, &pass).await {
            Ok(reply) => reply,
            Err(VendorError::NothingFound) => Reply {
                data: Json::Null,
                meta: Json::Null,
                began_at,
            },
            Err(VendorError::Forbidden | VendorError::NotFound)
                if cursor.endpoint < stream.fallbacks.len() =>
            {
                fall_back(stream, cursor, pass);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        // The answer may have taken longer than the lease.
        self.keep().await?;
        let observed_at = reply.began_at;
        note_total(&mut pass, &reply.meta);
        let mut records = endpoint.records(reply.data);
        if let Some(parent) = pass.parents.first() {
            endpoint.under(*parent, &mut records);
        }
        if matches!(
            pass.reading,
            Reading::Deleted { .. } | Reading::DeletedWindow { .. }
        ) {
            stream.deletion.mark(&mut records);
        }
        pass.began_at.get_or_insert(observed_at);
        pass.rows += records.len() as u64;
        let single = pass.page == 1 || (pass.page == 2 && records.is_empty());
        let absent = if advance(&endpoint.paging, &mut pass, &records)? {
            cursor.pass = Some(pass);
            None
        } else if wants_another_round(stream, &endpoint.paging, &pass, single) {
            cursor.pass = Some(pass.again(&endpoint));
            None
        } else {
            self.ended(stream, cursor, &pass, observed_at).await?
        };
        let body = if cursor.endpoint == 0 {
            Body::Full
        } else {
            // Older shapes and searches tell less of a row than its own list.
            Body::Partial
        };
        let page = Page {
            stream,
            records: &records,
            body,
            observed_at,
        };
        let tail = Tail {
            cursor: (key.to_owned(), Some(serde_json::to_value(&*cursor)?)),
            absent,
        };
        self.commit(page, &tail).await
    }

    async fn ask(
        &self,
        stream: &Stream,
        cursor: &TableCursor,
        pass: &Pass,
    ) -> Result<Reply, VendorError> {
        let endpoint = cursor.endpoint_of(stream);
        let path = endpoint.path_of(self.branch.company_id, pass.parents.first().copied());
        let mut params: Vec<(&str, String)> = endpoint
            .params
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        if let (Reading::Changes { after } | Reading::Deleted { after }, Some(by)) =
            (&pass.reading, stream.cursor)
        {
            params.push((by.after, by.value(*after, self.branch.time_zone)));
        }
        if let (Reading::Window { from, to } | Reading::DeletedWindow { from, to }, Some(window)) =
            (&pass.reading, stream.window)
        {
            params.extend(window.params(*from, *to));
        }
        if matches!(
            pass.reading,
            Reading::Deleted { .. } | Reading::DeletedWindow { .. }
        ) {
            let deleted = stream.deletion.pass().unwrap_or_default();
            params.extend(
                deleted
                    .iter()
                    .map(|(name, value)| (*name, (*value).to_owned())),
            );
        }
        if proves_absence(stream, &pass.reading)
            && let Some(filter) = self.filters.get(stream.table)
        {
            params.extend(pushed(stream, filter));
        }
        let pages = match endpoint.paging {
            Paging::None => None,
            Paging::Pages {
                size_param, size, ..
            } => Some((size_param, size)),
        };
        match endpoint.method {
            Method::Get => {
                if let Some((size_param, size)) = pages {
                    params.push(("page", pass.page.to_string()));
                    params.push((size_param, size.to_string()));
                }
                self.caller.get(&path, &params).await
            }
            Method::Post => {
                let mut body: Json = endpoint
                    .body
                    .and_then(|body| serde_json::from_str(body).ok())
                    .unwrap_or_else(|| serde_json::json!({}));
                if let (Some(fields), Some((size_param, size))) = (body.as_object_mut(), pages) {
                    fields.insert("page".to_owned(), pass.page.into());
                    fields.insert(size_param.to_owned(), size.into());
                }
                self.caller.post(&path, &params, &body).await
            }
        }
    }

    /// What a list that was read to its end means for the cursor, and for rows that it did not have.
    async fn ended(
        &self,
        stream: &Stream,
        cursor: &mut TableCursor,
        pass: &Pass,
        observed_at: DateTime<Utc>,
    ) -> Result<Option<Absence>, PullError> {
        let began_at = pass.began_at.unwrap_or(observed_at);
        cursor.pass = None;
        let filter = match pass.reading {
            Reading::Whole => {
                cursor.loaded_to = Some(began_at);
                if !stream.deletion.by_absence() || is_part_of_a_tree(stream, cursor) {
                    return Ok(None);
                }
                if pass.rows == 0 && !cursor.empty_once && self.holds_rows(stream).await? {
                    cursor.empty_once = true;
                    return Ok(None);
                }
                cursor.empty_once = false;
                cursor.whole_at = Some(began_at);
                Filter::All
            }
            Reading::Changes { .. } => {
                cursor.loaded_to = Some(began_at);
                return Ok(None);
            }
            Reading::Window { from, to } => {
                cursor.loaded_to.get_or_insert(began_at);
                cursor.days_at = Some(began_at);
                if !stream.deletion.by_window() {
                    return Ok(None);
                }
                self.days(stream, from, to)
            }
            Reading::Deleted { .. } | Reading::DeletedWindow { .. } => return Ok(None),
        };
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
        let start = |day: NaiveDate| {
            let midnight = day.and_time(NaiveTime::MIN);
            let zone = self.branch.time_zone;
            // A day may begin at an hour that the clocks skip.
            zone.from_local_datetime(&midnight)
                .earliest()
                .map_or_else(|| midnight.and_utc(), |at| at.to_utc())
        };
        let begin = start(from) + DOUBT;
        let end = start(to + TimeDelta::days(1)) - DOUBT;
        Filter::compare(column, Operator::AtLeast, begin).and(Filter::compare(
            column,
            Operator::Less,
            end,
        ))
    }
}

/// Tries the next endpoint from the beginning. One that cannot be asked by time is read whole.
fn fall_back(stream: &Stream, cursor: &mut TableCursor, pass: Pass) {
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

/// Goes to the next page, or the next node of a tree; `false` at the end of the list.
fn advance(paging: &Paging, pass: &mut Pass, records: &[Json]) -> Result<bool, PullError> {
    let more_pages = match paging {
        Paging::None => false,
        Paging::Pages { size, stop, .. } => match stop {
            Stop::ShortPage => records.len() >= *size as usize,
            Stop::EmptyPage => !records.is_empty(),
        },
    };
    if !pass.parents.is_empty() {
        pass.parents.extend(records.iter().filter_map(id_of));
    }
    if pass.page >= MOST_PAGES || pass.parents.len() > MOST_PARENTS {
        return Err(VendorError::Malformed { status: 200 }.into());
    }
    if more_pages {
        pass.page += 1;
        return Ok(true);
    }
    if pass.parents.len() > 1 {
        pass.parents.remove(0);
        pass.page = 1;
        return Ok(true);
    }
    Ok(false)
}

fn id_of(record: &Json) -> Option<i64> {
    let id = record.get("id")?;
    id.as_i64().or_else(|| id.as_str()?.parse().ok())
}

fn note_total(pass: &mut Pass, meta: &Json) {
    let total = meta.get("total_count").and_then(|total| {
        let text = || total.as_str()?.parse().ok();
        total.as_u64().or_else(text)
    });
    if pass.page == 1 {
        pass.total = total;
    } else if pass.total != total {
        pass.moved = true;
    }
}

/// Pages are cut by counting, and the list goes on living: a row that moves across a boundary between two requests is not
/// seen. Where it cannot be told that none did, the list is read once more.
fn wants_another_round(stream: &Stream, paging: &Paging, pass: &Pass, single: bool) -> bool {
    let matters = match pass.reading {
        Reading::Whole | Reading::Changes { .. } => true,
        Reading::Window { .. } => stream.deletion.by_window(),
        Reading::Deleted { .. } | Reading::DeletedWindow { .. } => false,
    };
    let is_told = single || pass.total == Some(pass.rows);
    let may_have_moved = pass.moved || (matters && !is_told);
    *paging != Paging::None && may_have_moved && pass.round < ROUNDS
}

/// A fallback that gives one level of a tree does not tell what is gone from the others.
fn is_part_of_a_tree(stream: &Stream, cursor: &TableCursor) -> bool {
    cursor.endpoint > 0 && matches!(stream.endpoint.reach, Reach::Tree { .. })
}

fn proves_absence(stream: &Stream, reading: &Reading) -> bool {
    match reading {
        Reading::Whole => stream.deletion.by_absence(),
        Reading::Window { .. } => stream.deletion.by_window(),
        _ => false,
    }
}

/// The parts of a filter that the vendor can apply itself. Only lists whose missing rows are taken for gone may be asked
/// so: from a list of changes a row that has just fallen out of the filter would be missing, and stay as it was.
fn pushed<'s>(stream: &'s Stream, filter: &Filter) -> Vec<(&'s str, String)> {
    match filter {
        Filter::And(all) => all
            .iter()
            .flat_map(|filter| pushed(stream, filter))
            .collect(),
        Filter::Compare {
            column,
            operator: Operator::Equal,
            value,
        } => {
            let text = match value {
                Value::Integer(number) => number.to_string(),
                Value::Text(text) => text.clone(),
                _ => return Vec::new(),
            };
            let parameter = stream.parameter(column);
            parameter
                .into_iter()
                .map(|parameter| (parameter, text.clone()))
                .collect()
        }
        _ => Vec::new(),
    }
}
