//! What could not become a row, kept aside with its reason, and tried again.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde_json::Value as Json;
use wynos_base::exact;

use crate::{
    SubscriptionId,
    catalog::Locale,
    control::Actor,
    i18n,
    import::{self, Finding, ImportError},
    services::Services,
    warehouse::{Filter, Operator, Scan, Value, ValueRef, Warehouse, WarehouseError, internal},
    yclients::hooks::{self, IngestError, Retried},
};

/// A record that was kept aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Parked {
    /// Its name among them.
    pub id: String,
    /// The table that it was for.
    pub table: String,
    /// The source that it came from; `local` for the shop's own.
    pub source: String,
    /// Why: `import.` and the code of the finding, or the vendor's reader in words.
    pub reason: String,
    /// The record as far as it is kept; secrets are masked.
    pub body: Json,
    /// When, in UTC.
    pub at: DateTime<Utc>,
}

impl Parked {
    /// Whether it can be tried again by itself. Of what was no JSON only the length is kept.
    pub fn is_replayable(&self) -> bool {
        self.is_of_import() || (self.source != "local" && self.reason != "webhook.unreadable")
    }

    /// Whether an import keeps it, which can be tried again with other values.
    pub fn is_of_import(&self) -> bool {
        is_of_import(&self.id)
    }
}

fn is_of_import(id: &str) -> bool {
    id.starts_with("import:")
}

/// What became of a record that was kept aside and tried again.
#[derive(Debug)]
pub enum Replayed {
    /// It came in, or what is there is newer.
    Done,
    /// A row of an import that is still kept aside, for these reasons.
    Problems(Vec<Finding>),
    /// A vendor's record that is still kept aside, for this reason; [`in_words`] says it to people.
    Refused(String),
}

/// Why it could not be tried again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Other values were given for what a vendor sent.
    #[error("only rows of imports take other values")]
    Values,
    /// A row of an import could not be written.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A vendor's record could not be written.
    #[error(transparent)]
    Vendor(#[from] IngestError),
}

/// Tries again what is kept aside under this name: a row of an import, with other values for some of its columns as of
/// [`import::replay`], or what a vendor sent, which takes none. `None` when nothing of this name is kept aside.
pub async fn replay(
    services: &Services,
    subscription: &SubscriptionId,
    id: &str,
    values: &BTreeMap<String, String>,
    by: &Actor,
) -> Result<Option<Replayed>, ReplayError> {
    if is_of_import(id) {
        let replayed = import::replay(services, subscription, id, values, by).await?;
        return Ok(replayed.map(|replayed| match replayed {
            import::Replayed::Done => Replayed::Done,
            import::Replayed::Refused(findings) => Replayed::Problems(findings),
        }));
    }
    if !values.is_empty() {
        return Err(ReplayError::Values);
    }
    let retried = hooks::replay(services, subscription, id, by).await?;
    Ok(retried.map(|retried| match retried {
        Retried::Done => Replayed::Done,
        Retried::Refused(reason) => Replayed::Refused(reason),
    }))
}

/// Why a vendor's record is kept aside, in the reader's language; what the warehouse said of it, as it said it.
pub fn in_words(locale: Locale, reason: &str) -> String {
    let of_reader = reason.strip_prefix("webhook.").unwrap_or(reason);
    let of_reader = format!("parked-reason-{}", of_reader.replace('_', "-"));
    let of_problem = format!("problem-{}", reason.replace('.', "-"));
    [of_reader, of_problem]
        .iter()
        .find_map(|key| i18n::known(locale, key))
        .unwrap_or_else(|| reason.to_owned())
}

/// Records that were kept aside, in the order of their names, after this one; at most so many.
pub async fn records(
    warehouse: &Warehouse,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Parked>, WarehouseError> {
    let beyond = after.map_or(Filter::All, |id| {
        Filter::compare("id", Operator::Greater, Value::from(id))
    });
    let scan = Scan::of(internal::parked())
        .columns(["id", "table", "source_id", "reason", "body", "at"])
        .filter(beyond)
        .limit(limit);
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    let mut found = Vec::new();
    while let Some(rows) = batches.next().await {
        for row in rows?.iter() {
            let said = |column: usize| row.get(column).as_str().unwrap_or_default();
            let ValueRef::Timestamp(at) = row.get(5) else {
                continue;
            };
            found.push(Parked {
                id: said(0).to_owned(),
                table: said(1).to_owned(),
                source: said(2).to_owned(),
                reason: said(3).to_owned(),
                body: exact::shown(said(4)).unwrap_or_default(),
                at,
            });
        }
    }
    Ok(found)
}
