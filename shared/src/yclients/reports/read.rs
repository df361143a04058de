use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde_json::Value as Json;

use super::kinds::{documents_of, endpoints, key_of};
use crate::{
    SourceId,
    control::{Purpose, ReportKind, Source, SourceState, Spender},
    planner::{Period, WorkError},
    services::Services,
    yclients::{
        client::{Caller, VendorError},
        decode::scrub,
        streams::{Endpoint, Method, Paging, Stop, Stream},
    },
};

/// The most pages of one list; a vendor that never ends is not read for ever.
const MOST_PAGES: u32 = 20_000;
/// The most documents of one part of a period: each costs a call.
const MOST_DOCUMENTS: usize = 20_000;
/// Documents handed over at a time.
const DOCUMENTS_AT_ONCE: usize = 50;

/// Reads records of a source for reports.
pub(super) struct Reader {
    pub source: Source,
    pub zone: Tz,
    caller: Caller,
}

/// A vendor's record that reports are made of.
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
        for stream in origin.streams() {
            let mut list = Listing::new(self, stream, period);
            while let Some(page) = list.next().await? {
                for body in &page {
                    documents_of(body, &mut ids);
                }
                if ids.len() > MOST_DOCUMENTS {
                    let details = serde_json::json!({ "limit": MOST_DOCUMENTS.to_string() });
                    return Err(WorkError::hopeless("report.too-many-documents", details));
                }
            }
        }
        Ok(ids)
    }

    async fn page(
        &self,
        endpoint: &Endpoint,
        params: &[(&'static str, String)],
        page: u32,
    ) -> Result<Vec<Json>, VendorError> {
        let path = endpoint.path_of(self.source.company_id, None);
        let mut params = params.to_vec();
        if let Paging::Pages {
            size_param, size, ..
        } = endpoint.paging
        {
            params.push(("page", page.to_string()));
            params.push((size_param, size.to_string()));
        }
        let reply = match endpoint.method {
            Method::Get => self.caller.get(&path, &params).await,
            Method::Post => {
                let body = body_of(endpoint, &params);
                self.caller.post(&path, &[], &body).await
            }
        };
        let data = match reply {
            Ok(reply) => reply.data,
            Err(VendorError::NothingFound) => Json::Null,
            Err(error) => return Err(error),
        };
        let mut records = endpoint.records(data);
        records.iter_mut().for_each(scrub);
        Ok(records)
    }
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
        current: Option<Listing<'r>>,
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
                    && let Some(page) = list.next().await?
                {
                    break page;
                }
                match streams.next() {
                    Some(stream) => {
                        *current = Some(Listing::new(self.reader, stream, self.period));
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

/// One list of the vendor, page by page to its end; where the vendor refuses it, the next endpoint that has the same is
/// tried.
struct Listing<'r> {
    reader: &'r Reader,
    endpoints: std::vec::IntoIter<&'static Endpoint>,
    window: Option<Vec<(&'static str, String)>>,
    current: Option<(&'static Endpoint, Vec<(&'static str, String)>)>,
    page: u32,
    refused: Option<VendorError>,
}

impl<'r> Listing<'r> {
    fn new(reader: &'r Reader, stream: &'static Stream, period: Option<Period>) -> Self {
        let window = stream.window.zip(period);
        let endpoints = endpoints(stream, window.map(|(window, _)| window));
        Self {
            reader,
            endpoints: endpoints.into_iter(),
            window: window.map(|(window, period)| {
                window.params(period.from, period.to).into_iter().collect()
            }),
            current: None,
            page: 0,
            refused: None,
        }
    }

    async fn next(&mut self) -> Result<Option<Vec<Json>>, WorkError> {
        loop {
            if self.current.is_none() && !self.begin() {
                return match self.refused.take() {
                    Some(error) => Err(vendor_error(error)),
                    None => Ok(None),
                };
            }
            let Some((endpoint, params)) = &self.current else {
                return Ok(None);
            };
            self.page += 1;
            if self.page > MOST_PAGES {
                let details = serde_json::json!({ "limit": MOST_PAGES.to_string() });
                return Err(WorkError::hopeless("report.endless", details));
            }
            match self.reader.page(endpoint, params, self.page).await {
                Ok(records) => {
                    if is_last(&endpoint.paging, records.len()) {
                        self.current = None;
                        self.endpoints = Vec::new().into_iter();
                        self.refused = None;
                    }
                    return Ok(Some(records));
                }
                Err(error @ (VendorError::Forbidden | VendorError::NotFound)) => {
                    self.refused.get_or_insert(error);
                    self.current = None;
                }
                Err(error) => return Err(vendor_error(error)),
            }
        }
    }

    /// Goes to the first page of the next endpoint; `false` where there is none.
    fn begin(&mut self) -> bool {
        let Some(endpoint) = self.endpoints.next() else {
            return false;
        };
        let params = endpoint.params.iter();
        let mut params: Vec<_> = params
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        params.extend(self.window.iter().flatten().cloned());
        self.current = Some((endpoint, params));
        self.page = 0;
        true
    }
}

fn is_last(paging: &Paging, count: usize) -> bool {
    match paging {
        Paging::None => true,
        Paging::Pages {
            size,
            stop: Stop::ShortPage,
            ..
        } => count < *size as usize,
        Paging::Pages {
            stop: Stop::EmptyPage,
            ..
        } => count == 0,
    }
}

fn found(body: Json) -> Option<Found> {
    key_of(&body).map(|key| Found { key, body })
}

fn body_of(endpoint: &Endpoint, params: &[(&str, String)]) -> Json {
    let mut body: Json = endpoint
        .body
        .and_then(|body| serde_json::from_str(body).ok())
        .unwrap_or_else(|| serde_json::json!({}));
    if let Some(fields) = body.as_object_mut() {
        for (name, value) in params {
            let number = value.parse::<i64>().map(Json::from);
            fields.insert(
                (*name).to_owned(),
                number.unwrap_or_else(|_| value.as_str().into()),
            );
        }
    }
    body
}

fn vendor_error(error: VendorError) -> WorkError {
    WorkError {
        code: error.code(),
        details: serde_json::json!({}),
        disposition: error.disposition(),
        source: Some(Box::new(error)),
    }
}
