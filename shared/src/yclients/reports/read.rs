use std::collections::BTreeSet;

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
        decode::scrub,
        lists::{Care, List},
        streams::{Endpoint, Stream},
    },
};

/// The most documents of one part of a period: each costs a call.
const MOST_DOCUMENTS: usize = 20_000;
/// Documents handed over at a time.
const DOCUMENTS_AT_ONCE: usize = 50;

/// Documents that a sample has at most: what it costs in calls, beside the lists that name them. It has to come while somebody
/// waits for it, also where the allowance of a minute is spent.
pub const SAMPLE_DOCUMENTS: usize = 15;

/// Reads records of a source for reports.
pub(super) struct Reader {
    pub source: Source,
    pub zone: Tz,
    caller: Caller,
    care: Care,
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
            caller,
            // A record that is missed loses its row, but for a sample.
            care: match purpose {
                Purpose::Preview => Care::Once,
                _ => Care::Doubt,
            },
            source,
        })
    }

    /// The records of a kind and period, to be read page by page; passport data is gone from them.
    pub async fn records(
        &self,
        kind: ReportKind,
        period: Option<Period>,
    ) -> Result<Records<'_>, WorkError> {
        let origin = kind.origin();
        let from = match origin.one {
            Some(path) => From::Documents {
                endpoint: Endpoint::list(path),
                ids: self.documents(&origin, period).await?.into_iter(),
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
            nameless: 0,
        })
    }

    async fn documents(
        &self,
        origin: &super::kinds::Origin,
        period: Option<Period>,
    ) -> Result<BTreeSet<i64>, WorkError> {
        let mut ids = BTreeSet::new();
        // A sample has some of each list: what they name differs.
        let sampled = matches!(self.care, Care::Once);
        let share = SAMPLE_DOCUMENTS.div_ceil(origin.lists.len().max(1));
        let mut enough = 0;
        for stream in origin.streams() {
            enough += share;
            let mut list = self.list(stream, period);
            while !(sampled && ids.len() >= enough)
                && let Some(page) = page(&mut list).await?
            {
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
        Ok(ids)
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
    /// Records without an id so far, which are left out.
    pub nameless: u64,
}

enum From<'r> {
    Lists {
        streams: std::vec::IntoIter<&'static Stream>,
        current: Option<List<'r>>,
    },
    Documents {
        endpoint: Endpoint,
        ids: std::collections::btree_set::IntoIter<i64>,
    },
}

impl Records<'_> {
    /// The next page; `None` after the last. Some pages are empty.
    pub async fn next(&mut self) -> Result<Option<Vec<Found>>, WorkError> {
        let bodies = match &mut self.from {
            From::Lists { streams, current } => loop {
                if let Some(list) = current
                    && let Some(page) = page(list).await?
                {
                    break page;
                }
                match streams.next() {
                    Some(stream) => {
                        *current = Some(self.reader.list(stream, self.period));
                    }
                    None => return Ok(None),
                }
            },
            From::Documents { endpoint, ids } => {
                let some: Vec<i64> = ids.by_ref().take(DOCUMENTS_AT_ONCE).collect();
                if some.is_empty() {
                    return Ok(None);
                }
                self.reader.one_by_one(endpoint, some).await?
            }
        };
        let bodies: Vec<Json> = bodies
            .into_iter()
            .filter(|body| self.kind.takes(body))
            .collect();
        let all = bodies.len();
        let found: Vec<Found> = bodies.into_iter().filter_map(found).collect();
        self.nameless += (all - found.len()) as u64;
        Ok(Some(found))
    }
}

impl Reader {
    async fn one_by_one(&self, endpoint: &Endpoint, ids: Vec<i64>) -> Result<Vec<Json>, WorkError> {
        let mut bodies = Vec::with_capacity(ids.len());
        for id in ids {
            let path = endpoint.path_of(self.source.company_id, Some(id));
            match self.caller.get(&path, &[]).await {
                Ok(reply) => bodies.extend(endpoint.records(reply.data)),
                // It was deleted since.
                Err(VendorError::NotFound | VendorError::NothingFound) => {}
                Err(error) => return Err(vendor_error(error)),
            }
        }
        bodies.iter_mut().for_each(scrub);
        Ok(bodies)
    }
}

fn found(body: Json) -> Option<Found> {
    key_of(&body).map(|key| Found { key, body })
}

fn vendor_error(error: VendorError) -> WorkError {
    WorkError {
        code: error.code(),
        details: serde_json::json!({}),
        disposition: error.disposition(),
        source: Some(Box::new(error)),
    }
}
