use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use url::form_urlencoded;

use super::{Failure, Kind, Visitor};
use crate::App;

/// The most fields of a form.
const MAX_FIELDS: usize = 2_000;

/// The fields of a form that this visitor's own page sent: whoever takes this needs no further check against requests
/// forged by other sites.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The field's text without white space around it; empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The field exactly as it was typed.
    pub(crate) fn raw(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The field's text; `None` when it is empty or not there.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value of a field that can be there several times.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let own = self.0.iter().filter(move |(known, _)| known == name);
        own.map(|(_, value)| value.as_str())
    }

    /// Every field with its value, in the order of the form.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.0.iter();
        fields.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a box was ticked.
    pub(crate) fn ticked(&self, name: &str) -> bool {
        self.text(name) == "yes"
    }

    /// Takes a field, where a form comes piece by piece.
    pub(crate) fn push(&mut self, name: String, value: String) {
        self.0.push((name, value));
    }
}

/// Checks the token of a form that is read piece by piece.
pub(crate) fn checked_token(app: &App, visitor: &Visitor, token: &str) -> Result<(), Failure> {
    if visitor.sent(app, token) {
        Ok(())
    } else {
        Err(Kind::FormExpired.into())
    }
}

impl FromRequest<App> for Fields {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let visitor = request
            .extensions()
            .get::<Arc<Visitor>>()
            .cloned()
            .ok_or(Kind::Internal)?;
        let body = Bytes::from_request(request, app).await.map_err(|refused| {
            let too_large = refused.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            if too_large {
                Kind::TooLarge
            } else {
                Kind::Malformed
            }
        })?;
        let fields = Self(
            form_urlencoded::parse(&body)
                .into_owned()
                .take(MAX_FIELDS)
                .collect(),
        );
        checked_token(app, &visitor, fields.raw("csrf"))?;
        // No browser sends it, and not every database can keep it.
        match fields.0.iter().find(|(_, value)| value.contains('\0')) {
            Some((name, _)) => Err(Failure::field(name.clone())),
            None => Ok(fields),
        }
    }
}
