use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use reqwest::{Client, Method, header::HeaderValue};
use serde_json::Value;
use url::Url;

use super::{
    Patience, Reply, Unread, VendorError, attempts,
    exchange::{self, Request},
    lane::Spending,
};
use crate::control::{Spender, VendorName};

/// Makes calls for one spender, with its token, through its lane. Cheap to clone.
#[derive(Clone)]
pub struct Caller {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) client: Client,
    pub(super) vendor: VendorName,
    pub(super) base: Url,
    pub(super) authorization: HeaderValue,
    pub(super) patience: Patience,
    pub(super) body_limit: usize,
    pub(super) spending: Spending,
}

/// The tokens are in the header; it is not shown.
impl fmt::Debug for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Caller")
            .field("vendor", &self.inner.vendor)
            .field("spender", &self.inner.spending.spender)
            .finish_non_exhaustive()
    }
}

impl Caller {
    /// Who spends the calls, and what for.
    pub fn spender(&self) -> &Spender {
        &self.inner.spending.spender
    }

    /// The time, by the clock that slots are taken by.
    pub(in crate::yclients) fn now(&self) -> DateTime<Utc> {
        self.inner.spending.clock.now()
    }

    /// Asks for what is at a path below the vendor's base address: `/records/123`. Each attempt, of which there are several
    /// where that can help, takes a slot of the lane.
    pub async fn get(&self, path: &str, params: &[(&str, String)]) -> Result<Reply, VendorError> {
        self.get_unread(path, params).await?.read()
    }

    /// The same, for whoever reads the reply later.
    pub async fn get_unread(
        &self,
        path: &str,
        params: &[(&str, String)],
    ) -> Result<Unread, VendorError> {
        let (_, reply) = self.ask(Method::GET, path, params, None).await?;
        Ok(reply)
    }

    /// Posts a body. Only for what may be done twice with one effect (searches, replacing settings): it is tried again.
    pub async fn post(
        &self,
        path: &str,
        params: &[(&str, String)],
        body: &Value,
    ) -> Result<Reply, VendorError> {
        self.post_unread(path, params, body).await?.read()
    }

    /// The same, for whoever reads the reply later.
    pub async fn post_unread(
        &self,
        path: &str,
        params: &[(&str, String)],
        body: &Value,
    ) -> Result<Unread, VendorError> {
        let (_, reply) = self.ask(Method::POST, path, params, Some(body)).await?;
        Ok(reply)
    }

    /// The reply with its status, for the one call whose status matters.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        params: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<(u16, Reply), VendorError> {
        let (status, reply) = self.ask(method, path, params, body).await?;
        Ok((status, reply.read()?))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        params: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<(u16, Unread), VendorError> {
        let inner = &*self.inner;
        let request = Request {
            method,
            url: exchange::address(&inner.base, path, params)?,
            vendor: inner.vendor,
            authorization: inner.authorization.clone(),
            body: body.cloned(),
        };
        attempts::run(inner, &request).await
    }
}
