use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use tracing::warn;
use url::Url;

use super::{
    ConnectError, Entry, SignIn,
    account::{self, Note, caller_with},
    companies,
    removal::{self, Removed},
};
use crate::{
    SourceId,
    control::{Actor, Source, SourceSettings},
    journal::{Category, Severity},
    services::Services,
    yclients::{hooks, pull, streams},
};

/// So long the vendor may take to have an address taken out of its settings.
const VENDOR_MAY_TAKE: Duration = Duration::from_secs(10);

/// What can be changed of a source; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// What its owner calls it.
    pub name: Option<String>,
    /// The company's time zone, an IANA name.
    pub time_zone: Option<String>,
    /// Whether webhook events are hints only, so that the entity is read again.
    pub hints: Option<bool>,
    /// Where the vendor is reached, for all sources of the credential: `Some(None)` for the configured address. A person
    /// may name known hosts only.
    pub base_url: Option<Option<String>>,
}

/// Changes the settings of a source. By another time zone the days of the last month are read again; what is older keeps the
/// times it was read with until a history of its period is loaded, which the journal says.
pub async fn change(
    services: &Services,
    id: &SourceId,
    change: &Change,
    by: &Actor,
) -> Result<Source, ConnectError> {
    if let Some(Some(address)) = &change.base_url {
        check_address(services, address, by)?;
    }
    let settings = SourceSettings {
        name: change.name.clone(),
        time_zone: change.time_zone.clone(),
        hints: change.hints,
        ..SourceSettings::default()
    };
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let before = tx.sources(id.subscription()).get(id).await?;
    let source = tx
        .sources(id.subscription())
        .change(id, &settings, now)
        .await?;
    if let Some(base_url) = &change.base_url {
        tx.credentials(id.subscription())
            .move_to(&source.credential_id, base_url.as_deref(), now)
            .await?;
    }
    let source = tx.sources(id.subscription()).get(id).await?;
    let note = Note::settings("source.changed", id, &source.name, by, now);
    note.write(&mut tx, now).await?;
    let is_moved = before.time_zone != source.time_zone;
    if is_moved {
        // Times were read by the zone before: the next reading reads the last month again.
        for stream in streams::streams().iter().filter(|s| s.window.is_some()) {
            let mut sources = tx.sources(id.subscription());
            pull::make_due(&mut sources, id, stream.table, now).await?;
        }
        let note = Note {
            severity: Severity::Warning,
            details: json!({ "source": source.name, "zone": source.time_zone, "before": before.time_zone }),
            ..Note::settings("source.zone-changed", id, &source.name, by, now)
        };
        note.write(&mut tx, now).await?;
    }
    tx.commit().await?;
    if is_moved && let Err(error) = pull::request(&services.dispatcher(), id.clone()).await {
        // Its tables are due: the next look at what is due finds them.
        warn!(source = %id, error = &error as &dyn std::error::Error, "the reading begins a little later");
    }
    Ok(source)
}

/// A person's token goes to known hosts only; whoever sits at the machine may send it anywhere.
pub(super) fn check_address(
    services: &Services,
    address: &str,
    by: &Actor,
) -> Result<(), ConnectError> {
    let url = Url::parse(address).map_err(|_| ConnectError::AddressNotAllowed)?;
    if *by == Actor::CommandLine || services.vendor.settings().allows(&url) {
        Ok(())
    } else {
        Err(ConnectError::AddressNotAllowed)
    }
}

/// What signing in anew came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// The source that it was done for.
    pub source: Source,
    /// Sources of the credential, this one perhaps among them, whose companies the account does not see: they stand still,
    /// are tried every day, and go on when their company is open to the account.
    pub closed: Vec<Source>,
}

/// Puts a new token in the place of a source's refused or old one. All sources of the credential whose companies the account
/// sees go on with it. An account that sees none of them is another person's: [`ConnectError::NoSuchCompany`].
pub async fn renew(
    services: &Services,
    id: &SourceId,
    entry: Entry,
    by: &Actor,
) -> Result<Renewed, ConnectError> {
    let subscription = id.subscription();
    let source = services.control.source(id).await?;
    let credential = services
        .control
        .credentials(subscription)
        .get(&source.credential_id)
        .await?;
    let sign_in = SignIn {
        subscription: subscription.clone(),
        vendor: credential.vendor,
        base_url: credential.base_url.clone(),
        entry,
        by: by.clone(),
    };
    let new = account::enter(services, &sign_in).await?;
    let seen = companies::visible(&caller_with(services, subscription, &new)?).await?;
    let sharing = services
        .control
        .sources(subscription)
        .of_credential(&credential.id)
        .await?;
    let sees = |source: &Source| seen.iter().any(|company| company.id == source.company_id);
    let (open, closed): (Vec<Source>, Vec<Source>) = sharing.into_iter().partition(sees);
    if open.is_empty() {
        return Err(ConnectError::NoSuchCompany {
            company: source.company_id,
        });
    }
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let renewed = tx
        .credentials(subscription)
        .renew(&credential.id, &new, &services.keys.fields, now)
        .await?;
    let with_fallbacks = streams::streams()
        .iter()
        .filter(|stream| !stream.fallbacks.is_empty());
    let poorer: Vec<&str> = with_fallbacks.map(|stream| stream.table).collect();
    for source in &open {
        let note = Note {
            category: Category::Access,
            severity: Severity::Info,
            code: "source.renewed",
            source: &source.id,
            by,
            counts: [].into(),
            details: json!({ "source": source.name }),
            // A source that was taken up again has had other credentials.
            once: format!("{}:{}", renewed.id, renewed.version),
        };
        note.write(&mut tx, now).await?;
        pull::reopen(&mut tx, source, now).await?;
        // Lists that were refused may be open to this account: their next reading asks for them again.
        let mut sources = tx.sources(subscription);
        sources.set_due(&source.id, &poorer, Some(now)).await?;
    }
    for source in &closed {
        pull::close(&mut tx, source, now).await?;
    }
    let source = tx.sources(subscription).get(id).await?;
    tx.commit().await?;
    Ok(Renewed { source, closed })
}

/// Pauses a source: nothing of it is pulled until it is resumed. Doing it again changes nothing.
pub async fn pause(services: &Services, id: &SourceId, by: &Actor) -> Result<Source, ConnectError> {
    set_paused(services, id, true, by).await
}

/// Lets a paused source go on, and the events that came meanwhile in.
pub async fn resume(
    services: &Services,
    id: &SourceId,
    by: &Actor,
) -> Result<Source, ConnectError> {
    let source = set_paused(services, id, false, by).await?;
    hooks::request_drain(services, id).await?;
    Ok(source)
}

async fn set_paused(
    services: &Services,
    id: &SourceId,
    paused: bool,
    by: &Actor,
) -> Result<Source, ConnectError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut writer = tx.sources(id.subscription());
    let before = writer.get(id).await?;
    let source = writer.set_paused(id, paused, now).await?;
    if before.state != source.state {
        let code = if paused {
            "source.paused"
        } else {
            "source.resumed"
        };
        let note = Note::settings(code, id, &source.name, by, now);
        note.write(&mut tx, now).await?;
    }
    tx.commit().await?;
    Ok(source)
}

/// Removes a source, its webhook's address at the vendor first, while there is a token for it. Its rows stay as they are, or
/// go where `rows` is true: [`super::clear()`] does that, now or by the housekeeping. Rows that stay can be erased later by
/// [`super::erase_kept()`], and [`super::add()`] goes on with them where the company is connected again. The token is
/// forgotten with the last source that used it.
///
/// With the rows go its reports, their rows and tables, and its jobs. Where they stay, the jobs that read and compare it go,
/// its reports wait until the company is connected again, and retention goes on.
pub async fn remove(
    services: &Services,
    id: &SourceId,
    rows: bool,
    by: &Actor,
) -> Result<Removed, ConnectError> {
    let left = leave_vendor(services, id, by).await;
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let source = tx.sources(id.subscription()).remove(id, rows, now).await?;
    tx.credentials(id.subscription())
        .forget_unused(&source.credential_id)
        .await?;
    let ended = removal::end(&mut tx, id, rows, now).await?;
    let kept = if rows { "removed" } else { "kept" };
    let note = Note {
        details: ended.details(&source.name, Some(kept)),
        once: format!("{rows}:{}", moment(source.removed_at)),
        ..Note::settings("source.removed", id, &source.name, by, now)
    };
    note.write(&mut tx, now).await?;
    if !left {
        let note = Note {
            severity: Severity::Warning,
            ..Note::settings("webhook.left", id, &source.name, by, now)
        };
        note.write(&mut tx, now).await?;
    }
    tx.commit().await?;
    if rows {
        removal::clear_reports(services, id, ended, now).await;
    }
    Ok(Removed { source, ended })
}

/// What tells one removal of a source from another.
pub(super) fn moment(removed_at: Option<DateTime<Utc>>) -> i64 {
    removed_at.map_or(0, |at| at.timestamp_micros())
}

/// Takes the webhook's address out of the vendor's settings; whether it is certain that it is not there any more. A vendor who
/// does not answer in time keeps nobody from removing a source.
async fn leave_vendor(services: &Services, id: &SourceId, by: &Actor) -> bool {
    let (services, id, by) = (services.clone(), id.clone(), by.clone());
    // What is under way with the control database is not broken off, but left to its end.
    let work = tokio::spawn(async move { hooks::unregister(&services, &id, &by).await.is_ok() });
    matches!(
        tokio::time::timeout(VENDOR_MAY_TAKE, work).await,
        Ok(Ok(true))
    )
}
