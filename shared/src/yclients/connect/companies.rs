use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde_json::Value;

use super::{ConnectError, account::caller_of, opened::note_refusal};
use crate::{
    SubscriptionId,
    control::{CredentialId, Purpose},
    services::Services,
    yclients::client::{Caller, VendorError},
};

/// Companies of one page, as the vendor gives by default.
const PAGE: usize = 50;

/// The most pages that are asked for.
const MAX_PAGES: usize = 100;

/// A company that an account sees at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its id at the vendor.
    pub id: i64,
    /// What the vendor calls it.
    pub title: String,
    /// The city, where the vendor says it.
    pub city: Option<String>,
    /// Its time zone, where the vendor says it by name.
    pub time_zone: Option<Tz>,
}

/// The companies that a credential's account sees, in the vendor's order; at most 5,000. A token that the vendor refuses stops
/// the sources of the credential, as of [`super::refused()`].
pub async fn companies(
    services: &Services,
    subscription: &SubscriptionId,
    credential: &CredentialId,
) -> Result<Vec<Company>, ConnectError> {
    let credential = services
        .control
        .credentials(subscription)
        .get(credential)
        .await?;
    let caller = caller_of(services, &credential, None, Purpose::Connect)?;
    let seen = visible(&caller).await;
    if let Err(ConnectError::Vendor(VendorError::Unauthorized)) = &seen {
        note_refusal(services, subscription, &credential.id, credential.version).await?;
    }
    seen
}

/// The companies that a caller's user manages. Pages are read until one brings nothing new: an empty page ends every list
/// of the vendor, and a server that ignores the page gives the same one again.
pub(super) async fn visible(caller: &Caller) -> Result<Vec<Company>, ConnectError> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for page in 1..=MAX_PAGES {
        let params = [
            ("my", "1".to_owned()),
            ("page", page.to_string()),
            ("count", PAGE.to_string()),
        ];
        let reply = match caller.get("/companies", &params).await {
            Ok(reply) => reply,
            Err(VendorError::NothingFound) => break,
            Err(error) => return Err(error.into()),
        };
        let before = found.len();
        let listed = reply.data.as_array().map(Vec::as_slice).unwrap_or_default();
        let companies = listed.iter().filter_map(read);
        found.extend(companies.filter(|company| seen.insert(company.id)));
        if found.len() == before {
            break;
        }
    }
    Ok(found)
}

/// Reads one company; `None` for what has no id.
pub(super) fn read(body: &Value) -> Option<Company> {
    let text = |name: &str| {
        let text = body.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let id = body.get("id")?;
    let id = id.as_i64().or_else(|| id.as_str()?.trim().parse().ok())?;
    // `timezone` holds a name in one endpoint and hours in another; hours say nothing of summer time.
    let zones = [text("timezone_name"), text("timezone")];
    Some(Company {
        id,
        title: text("title")
            .or_else(|| text("public_title"))
            .unwrap_or_else(|| id.to_string()),
        city: text("city"),
        time_zone: zones
            .into_iter()
            .flatten()
            .find_map(|zone| zone.parse().ok()),
    })
}
