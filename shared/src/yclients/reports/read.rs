use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value as Json;

use super::kinds::{documents_of, key_of};
use crate::{
    SourceId,
    control::{Purpose, ReportKind, Source, SourceState, Spender},
    planner::{Period, WorkError},
    services::Services,
    yclients::{
        client::{Caller, VendorError},
        connect,
        decode::scrub,
        lists::{Care, List},
        pull,
        streams::{Endpoint, Stream},
    },
};

/// The most documents of one part of a period: each costs a call.
const MOST_DOCUMENTS: usize = 20_000;
/// Documents handed over at a time …
const DOCUMENTS_AT_ONCE: usize = 50;
/// … and how long they are gathered: where calls are scarce, fewer come, so that whoever reads can say that it goes on.
const GATHERED: Duration = Duration::from_secs(30);

/// Documents that a sample has at most: what it costs in calls, beside the lists that name them. It has to come while somebody
/// waits for it, also where the allowance of a minute is spent.
pub const SAMPLE_DOCUMENTS: usize = 15;

/// Reads records of a source for reports.
pub(super) struct Reader {
    pub source: Source,
    pub zone: Tz,
    services: Services,
    caller: Caller,
    /// The version of the credential that the calls are made with.
    credential_version: i64,
    care: Care,
}

/// Where reading is broken off, to be gone on with later.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit<'s> {
    pub services: &'s Services,
    /// When time is up.
    pub until: DateTime<Utc>,
    /// Whether a list that takes longer can be asked for in smaller parts; otherwise it is read to its end, since nothing
    /// else would come further.
    pub divides: bool,
}

impl Limit<'_> {
    fn ends_lists(&self) -> bool {
        self.services.stop.is_asked() || (self.divides && self.is_late())
    }

    /// Whether no other document is read. One is, however late it is: otherwise nothing would ever come further.
    fn ends_documents(&self, any_read: bool) -> bool {
        self.services.stop.is_asked() || (any_read && self.is_late())
    }

    fn is_late(&self) -> bool {
        self.services.clock.now() >= self.until
    }
}

/// A vendor's record that reports are made of.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub key: String,
    pub body: Json,
}

impl Reader {
    /// Somebody who reads this source; an error that no other attempt would mend where it is not connected any more.
    pub async fn open(
        services: &Services,
        id: &SourceId,
        purpose: Purpose,
    ) -> Result<Self, WorkError> {
        let source = services.control.source(id).await?;
        if source.state != SourceState::Active {
            return Err(WorkError::hopeless(
                "pull.not-active",
                serde_json::json!({}),
            ));
        }
        let credentials = services.control.credentials(&source.subscription_id);
        let credential = credentials.get(&source.credential_id).await?;
        let token = credential
            .token(&services.keys.fields)
            .map_err(|_| WorkError::hopeless("pull.internal", serde_json::json!({})))?;
        let spender = Spender {
            subscription: source.subscription_id.clone(),
            source: Some(source.id.clone()),
            purpose,
        };
        let caller = services
            .vendor
            .caller(
                &services.control,
                &services.clock,
                spender,
                source.vendor,
                source.base_url.as_deref(),
                Some(&token),
            )
            .map_err(vendor_error)?;
        Ok(Self {
            zone: source.time_zone.parse().unwrap_or(Tz::UTC),
            services: services.clone(),
            caller,
            credential_version: credential.version,
            // A record that is missed loses its row, but for a sample.
            care: match purpose {
                Purpose::Preview => Care::Once,
                _ => Care::Doubt,
            },
            source,
        })
    }

    /// The records of a kind and period, to be read page by page; passport data is gone from them. Documents come in the
    /// order of their ids, those `after` one that was read before.
    pub async fn records<'r>(
        &'r self,
        kind: ReportKind,
        period: Option<Period>,
        after: Option<i64>,
        limit: Option<Limit<'r>>,
    ) -> Result<Records<'r>, WorkError> {
        let origin = kind.origin();
        let from = match origin.one {
            Some(path) => match self.documents(&origin, period, limit).await? {
                Some(mut ids) => {
                    if let Some(after) = after {
                        ids = ids.split_off(&after.saturating_add(1));
                    }
                    From::Documents {
                        endpoint: Endpoint::list(path),
                        ids: ids.into_iter().collect::<Vec<_>>().into_iter(),
                    }
                }
                None => From::BrokenOff,
            },
            None => From::Lists {
                streams: origin.streams().collect::<Vec<_>>().into_iter(),
                current: None,
            },
        };
        Ok(Records {
            reader: self,
            kind,
            period,
            from,
            limit,
            any_read: false,
            after,
            nameless: Vec::new(),
        })
    }

    /// The ids of the documents of a period; `None` where the lists that name them were not read to their end.
    async fn documents(
        &self,
        origin: &super::kinds::Origin,
        period: Option<Period>,
        limit: Option<Limit<'_>>,
    ) -> Result<Option<BTreeSet<i64>>, WorkError> {
        let mut ids = BTreeSet::new();
        // A sample has some of each list: what they name differs.
        let sampled = matches!(self.care, Care::Once);
        let share = SAMPLE_DOCUMENTS.div_ceil(origin.lists.len().max(1));
        let mut enough = 0;
        for stream in origin.streams() {
            enough += share;
            let mut list = self.list(stream, period);
            while !(sampled && ids.len() >= enough) {
                if limit.is_some_and(|limit| limit.ends_lists()) {
                    return Ok(None);
                }
                let Some(page) = page(&mut list).await? else {
                    break;
                };
                for body in &page {
                    if sampled && ids.len() >= enough {
                        break;
                    }
                    documents_of(body, &mut ids);
                }
                if ids.len() > MOST_DOCUMENTS {
                    let details = serde_json::json!({ "limit": MOST_DOCUMENTS.to_string() });
                    return Err(WorkError::hopeless("report.too-many-documents", details));
                }
            }
        }
        if sampled {
            ids = ids.into_iter().take(SAMPLE_DOCUMENTS).collect();
        }
        Ok(Some(ids))
    }

    fn list(&self, stream: &'static Stream, period: Option<Period>) -> List<'_> {
        let days = period.map(|period| (period.from, period.to));
        let company = self.source.company_id;
        List::new(&self.caller, company, stream, days, self.care)
    }
}

/// The next page of a list, without passport data.
async fn page(list: &mut List<'_>) -> Result<Option<Vec<Json>>, WorkError> {
    let answer = list.next().await.map_err(vendor_error)?;
    Ok(answer.map(|mut answer| {
        answer.records.iter_mut().for_each(scrub);
        answer.records
    }))
}

/// Records of a kind and period, page by page.
pub(super) struct Records<'r> {
    reader: &'r Reader,
    kind: ReportKind,
    period: Option<Period>,
    from: From<'r>,
    limit: Option<Limit<'r>>,
    any_read: bool,
    /// The last document that was read.
    pub after: Option<i64>,
    /// Digests of records without an id, which are left out, of the pages since they were last taken.
    pub nameless: Vec<u64>,
}

/// What comes next of some records.
pub(super) enum Page {
    /// Some of them, each once; or none, and more may come.
    Found(Vec<Found>),
    /// There are no more.
    End,
    /// It is time to end, and there may be more.
    BrokenOff,
}

enum From<'r> {
    Lists {
        streams: std::vec::IntoIter<&'static Stream>,
        current: Option<List<'r>>,
    },
    Documents {
        endpoint: Endpoint,
        ids: std::vec::IntoIter<i64>,
    },
    BrokenOff,
}

impl Records<'_> {
    /// The next page.
    pub async fn next(&mut self) -> Result<Page, WorkError> {
        let bodies = match &mut self.from {
            From::BrokenOff => return Ok(Page::BrokenOff),
            From::Lists { streams, current } => loop {
                if self.limit.is_some_and(|limit| limit.ends_lists()) {
                    return Ok(Page::BrokenOff);
                }
                if let Some(list) = current
                    && let Some(page) = page(list).await?
                {
                    break page;
                }
                match streams.next() {
                    Some(stream) => {
                        *current = Some(self.reader.list(stream, self.period));
                    }
                    None => return Ok(Page::End),
                }
            },
            From::Documents { endpoint, ids } => {
                let begun = Instant::now();
                let mut bodies = Vec::new();
                let mut some = 0;
                while some < DOCUMENTS_AT_ONCE && begun.elapsed() < GATHERED {
                    let Some(id) = ids.as_slice().first().copied() else {
                        break;
                    };
                    let any_read = self.any_read;
                    if self
                        .limit
                        .is_some_and(|limit| limit.ends_documents(any_read))
                    {
                        if some == 0 {
                            return Ok(Page::BrokenOff);
                        }
                        break;
                    }
                    match self.reader.document(endpoint, id, &mut bodies).await {
                        Ok(()) => {}
                        // What was read before is handed over first; asking again tells.
                        Err(VendorError::Throttled { .. }) if some > 0 => break,
                        Err(error) => return Err(vendor_error(error)),
                    }
                    ids.next();
                    some += 1;
                    self.any_read = true;
                    self.after = Some(id);
                }
                if some == 0 {
                    return Ok(Page::End);
                }
                bodies
            }
        };
        let bodies: Vec<Json> = bodies
            .into_iter()
            .filter(|body| self.kind.takes(body))
            .collect();
        let mut found: Vec<Found> = Vec::with_capacity(bodies.len());
        for body in bodies {
            match key_of(&body) {
                Some(key) => found.push(Found { key, body }),
                None => self.nameless.push(digest(&body)),
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|found| seen.insert(found.key.clone()));
        Ok(Page::Found(found))
    }
}

impl Reader {
    /// The error with which reading ended; of a refused token it is told whether the whole account is refused or this company
    /// alone, which costs one call. That the company is closed is noted of the source, as where its own reading finds it.
    pub async fn told_apart(&self, error: WorkError) -> WorkError {
        let vendor = error.source.as_deref();
        let vendor = vendor.and_then(|vendor| vendor.downcast_ref::<VendorError>());
        if !matches!(vendor, Some(VendorError::Unauthorized)) {
            return error;
        }
        let error = connect::whose_refusal(&self.caller).await;
        if matches!(error, VendorError::CompanyClosed) {
            let version = self.credential_version;
            let noted = pull::found_closed(&self.services, &self.source, version).await;
            if let Err(failed) = noted {
                return failed.into();
            }
        }
        vendor_error(error)
    }

    /// Adds a document to others, without passport data.
    async fn document(
        &self,
        endpoint: &Endpoint,
        id: i64,
        bodies: &mut Vec<Json>,
    ) -> Result<(), VendorError> {
        let path = endpoint.path_of(self.source.company_id, Some(id));
        let reply = match self.caller.get(&path, &[]).await {
            Ok(reply) => reply,
            // It was deleted since.
            Err(VendorError::NotFound | VendorError::NothingFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        let before = bodies.len();
        bodies.extend(endpoint.records(reply.data));
        bodies.iter_mut().skip(before).for_each(scrub);
        Ok(())
    }
}

/// What stands for a record without an id, which has only what it says to be known by.
fn digest(body: &Json) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.to_string().hash(&mut hasher);
    hasher.finish()
}

fn vendor_error(error: VendorError) -> WorkError {
    WorkError {
        code: error.code(),
        details: serde_json::json!({}),
        disposition: error.disposition(),
        source: Some(Box::new(error)),
    }
}
