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

/// Whether to go on reading.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Go {
    On,
    Stop,
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

    /// Hands the records of a kind and period over, page by page; passport data is gone from them. Records without an id are
    /// counted in what it gives.
    pub async fn records(
        &self,
        kind: ReportKind,
        period: Option<Period>,
        mut each: impl AsyncFnMut(Vec<Found>) -> Result<Go, WorkError>,
    ) -> Result<u64, WorkError> {
        let origin = kind.origin();
        let mut nameless = 0;
        if let Some(one) = origin.one {
            let ids = self.documents(&origin, period).await?;
            return self.documents_one_by_one(one, ids, each).await;
        }
        for stream in origin.streams() {
            self.list(stream, period, async |mut page| {
                page.retain(|body| kind.takes(body));
                let all = page.len();
                let found: Vec<Found> = page.into_iter().filter_map(found).collect();
                nameless += (all - found.len()) as u64;
                each(found).await
            })
            .await?;
        }
        Ok(nameless)
    }

    async fn documents(
        &self,
        origin: &super::kinds::Origin,
        period: Option<Period>,
    ) -> Result<BTreeSet<i64>, WorkError> {
        let mut ids = BTreeSet::new();
        for stream in origin.streams() {
            self.list(stream, period, async |page| {
                for body in &page {
                    documents_of(body, &mut ids);
                }
                if ids.len() > MOST_DOCUMENTS {
                    let details = serde_json::json!({ "limit": MOST_DOCUMENTS.to_string() });
                    return Err(WorkError::hopeless("report.too-many-documents", details));
                }
                Ok(Go::On)
            })
            .await?;
        }
        Ok(ids)
    }

    async fn documents_one_by_one(
        &self,
        path: &'static str,
        ids: BTreeSet<i64>,
        mut each: impl AsyncFnMut(Vec<Found>) -> Result<Go, WorkError>,
    ) -> Result<u64, WorkError> {
        let endpoint = Endpoint::list(path);
        let mut batch = Vec::new();
        let mut nameless = 0;
        for id in ids {
            let path = endpoint.path_of(self.source.company_id, Some(id));
            let data = match self.caller.get(&path, &[]).await {
                Ok(reply) => reply.data,
                // It was deleted since.
                Err(VendorError::NotFound | VendorError::NothingFound) => continue,
                Err(error) => return Err(vendor_error(error)),
            };
            for body in endpoint.records(data) {
                match found(body) {
                    Some(found) => batch.push(found),
                    None => nameless += 1,
                }
            }
            if batch.len() >= DOCUMENTS_AT_ONCE
                && each(std::mem::take(&mut batch)).await? == Go::Stop
            {
                return Ok(nameless);
            }
        }
        if !batch.is_empty() {
            each(batch).await?;
        }
        Ok(nameless)
    }

    /// Reads one list to its end; where the vendor refuses it, the next endpoint that has the same is tried.
    async fn list(
        &self,
        stream: &'static Stream,
        period: Option<Period>,
        mut each: impl AsyncFnMut(Vec<Json>) -> Result<Go, WorkError>,
    ) -> Result<(), WorkError> {
        let window = stream.window.zip(period);
        let mut refused = None;
        for endpoint in endpoints(stream, window.map(|(window, _)| window)) {
            let mut params: Vec<(&str, String)> = endpoint
                .params
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect();
            if let Some((window, period)) = window {
                params.extend(window.params(period.from, period.to));
            }
            match self.pages(endpoint, &params, &mut each).await {
                Err(ListError::Vendor(
                    error @ (VendorError::Forbidden | VendorError::NotFound),
                )) => {
                    refused.get_or_insert(error);
                }
                Err(ListError::Vendor(error)) => return Err(vendor_error(error)),
                Err(ListError::Work(error)) => return Err(error),
                Ok(()) => return Ok(()),
            }
        }
        match refused {
            Some(error) => Err(vendor_error(error)),
            None => Ok(()),
        }
    }

    async fn pages(
        &self,
        endpoint: &Endpoint,
        params: &[(&str, String)],
        each: &mut impl AsyncFnMut(Vec<Json>) -> Result<Go, WorkError>,
    ) -> Result<(), ListError> {
        let path = endpoint.path_of(self.source.company_id, None);
        for page in 1..=MOST_PAGES {
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
                Err(error) => return Err(ListError::Vendor(error)),
            };
            let mut records = endpoint.records(data);
            records.iter_mut().for_each(scrub);
            let count = records.len();
            if count > 0 && each(records).await.map_err(ListError::Work)? == Go::Stop {
                return Ok(());
            }
            let over = match endpoint.paging {
                Paging::None => true,
                Paging::Pages {
                    size,
                    stop: Stop::ShortPage,
                    ..
                } => count < size as usize,
                Paging::Pages {
                    stop: Stop::EmptyPage,
                    ..
                } => count == 0,
            };
            if over {
                return Ok(());
            }
        }
        let details = serde_json::json!({ "limit": MOST_PAGES.to_string() });
        Err(ListError::Work(WorkError::hopeless(
            "report.endless",
            details,
        )))
    }
}

enum ListError {
    Vendor(VendorError),
    Work(WorkError),
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
