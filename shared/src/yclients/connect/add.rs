use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use tracing::warn;

use super::{
    Company, ConnectError,
    account::{Note, caller_of},
    companies,
    tables::choosable,
    upkeep,
};
use crate::{
    SubscriptionId,
    control::{
        Actor, ControlError, Credential, CredentialId, NewSource, Purpose, Source, Tx, VendorName,
    },
    journal::{Category, Severity},
    services::Services,
    yclients::{
        client::{Caller, VendorError},
        hooks, pull, reconcile,
    },
};

/// A company to be connected.
#[derive(Debug, Clone)]
pub struct Add {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// What it signs in with.
    pub credential: CredentialId,
    /// The company's id at the vendor.
    pub company: i64,
    /// What its owner calls it; by default the vendor's title.
    pub name: Option<String>,
    /// Who does it.
    pub by: Actor,
}

/// A company that was connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its source.
    pub source: Source,
    /// Whether the source is one that was removed before with its rows kept, and goes on with them.
    pub taken_up: bool,
}

/// Connects a company that the credential's account sees, with all its tables, and asks for its first pull. The vendor is
/// asked first whether the licence is good and the company may be read; [`VendorError::CompanyClosed`] where the account that
/// lists it is not let in.
///
/// Where a source of the company was removed and its rows were kept, that source is taken up again: under its id, so that
/// nothing is there twice, with its settings, tables and filters, and everything is read anew. Addresses of its webhook from
/// before let nothing in. Its reports go on by their schedules. The jobs that read or compared it went when it was removed; it
/// is given the comparisons of a new one.
pub async fn add(services: &Services, add: &Add) -> Result<Added, ConnectError> {
    let control = &services.control;
    let credential = control
        .credentials(&add.subscription)
        .get(&add.credential)
        .await?;
    let caller = caller_of(services, &credential, None, Purpose::Connect)?;
    let seen = companies::visible(&caller).await?;
    let listed = seen.into_iter().find(|company| company.id == add.company);
    let company = listed.ok_or(ConnectError::NoSuchCompany {
        company: add.company,
    })?;
    let company = probe(&caller, company).await?;
    let subscription = control.subscription(&add.subscription).await?;
    let new = new_source(add, &credential, &company, &subscription.time_zone);
    let sources = control.sources(&add.subscription);
    let kept = sources.kept_of(credential.vendor, company.id).await?;
    if let Some(kept) = &kept {
        // Before it is connected: nothing reads a removed source, so that its first pull finds this.
        let noted = Box::pin(pull::read_anew(services, kept)).await;
        noted.map_err(Box::new)?;
    }
    let now = services.clock.now();
    let mut tx = control.begin().await?;
    let added = connected(&mut tx, add, &new, kept.as_ref(), now).await?;
    let source = &added.source;
    // Before anything of the source can come: a source that is not connected after all is never asked about.
    upkeep::tell_vendor(services, source).await?;
    reconcile::add_jobs(&mut tx, &subscription, source, &add.by, now)
        .await
        .map_err(Box::new)?;
    if added.taken_up {
        // Its reports waited for it.
        let zone = subscription.time_zone.parse().unwrap_or(Tz::UTC);
        let mut jobs = tx.planned_jobs(&add.subscription);
        jobs.resume_of_source(&source.id, zone, now).await?;
    }
    tx.commit().await?;
    if added.taken_up
        && let Err(error) = hooks::request_drain(services, &source.id).await
    {
        // The next event that has to wait asks for it too.
        warn!(
            source = %source.id,
            error = &error as &dyn std::error::Error,
            "events that wait go in later"
        );
    }
    if let Err(error) = pull::request(&services.dispatcher(), source.id.clone()).await {
        // Its tables are due: the next look at what is due finds them.
        warn!(
            source = %source.id,
            error = &error as &dyn std::error::Error,
            "the first pull was not queued, and begins a little later"
        );
    }
    Ok(added)
}

/// Makes the source, or takes the one up again that was kept, with its tables and its entry in the journal.
async fn connected(
    tx: &mut Tx,
    add: &Add,
    new: &NewSource,
    kept: Option<&Source>,
    now: DateTime<Utc>,
) -> Result<Added, ConnectError> {
    let mut writer = tx.sources(&add.subscription);
    let again = match kept {
        Some(kept) => {
            let name = wanted_name(add);
            writer.take_up(&kept.id, new, name, now).await?
        }
        None => None,
    };
    let taken_up = again.is_some();
    let source = match again {
        Some(source) => source,
        None => writer.create(new, now).await.map_err(|error| match error {
            ControlError::Taken { .. } => ConnectError::Connected {
                company: add.company,
            },
            other => other.into(),
        })?,
    };
    let tables = choosable();
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_ref()).collect();
    pull::add_tables(&mut writer, &source.id, &names, now).await?;
    if taken_up {
        writer.forget_readings(&source.id).await?;
        for name in &names {
            pull::make_due(&mut writer, &source.id, name, now).await?;
        }
    }
    let note = Note {
        category: Category::Access,
        severity: Severity::Info,
        code: if taken_up {
            "source.taken-up"
        } else {
            "source.added"
        },
        source: &source.id,
        by: &add.by,
        counts: [("tables".to_owned(), names.len() as i64)].into(),
        details: json!({ "source": source.name, "company": source.company_id.to_string() }),
        once: match taken_up {
            true => now.timestamp_micros().to_string(),
            false => "added".to_owned(),
        },
    };
    note.write(tx, now).await?;
    Ok(Added { source, taken_up })
}

/// What the vendor says of the company itself; fails where its licence has run out or nothing of it may be read. Whoever asks
/// has just been answered with the list of their companies.
async fn probe(caller: &Caller, listed: Company) -> Result<Company, ConnectError> {
    let id = listed.id;
    let details = caller.get(&format!("/company/{id}/"), &[]).await;
    let details = details.map_err(of_company)?;
    let company = companies::read(&details.data).filter(|company| company.id == id);
    // An expired licence lets the company itself be read, and nothing in it. That records may not be read is the matter of
    // that table alone.
    let one = [("page", "1".to_owned()), ("count", "1".to_owned())];
    match caller.get(&format!("/records/{id}"), &one).await {
        Ok(_) | Err(VendorError::Forbidden | VendorError::NothingFound) => {}
        Err(error) => return Err(of_company(error).into()),
    }
    Ok(Company {
        time_zone: company
            .and_then(|company| company.time_zone)
            .or(listed.time_zone),
        ..listed
    })
}

/// What an error of a call for a company stands for, where the token was answered a moment ago: it is not the token that is
/// refused.
fn of_company(error: VendorError) -> VendorError {
    match error {
        VendorError::Unauthorized => VendorError::CompanyClosed,
        other => other,
    }
}

fn new_source(
    add: &Add,
    credential: &Credential,
    company: &Company,
    subscription_zone: &str,
) -> NewSource {
    let title: String = company.title.chars().take(100).collect();
    let vendor: VendorName = credential.vendor;
    NewSource {
        credential_id: credential.id.clone(),
        name: wanted_name(add).unwrap_or(&title).to_owned(),
        vendor,
        base_url: credential.base_url.clone(),
        company_id: company.id,
        title,
        time_zone: company
            .time_zone
            .map(Tz::name)
            .unwrap_or(subscription_zone)
            .to_owned(),
        created_by: add.by.clone(),
    }
}

/// What the source is to be called, where somebody said so.
fn wanted_name(add: &Add) -> Option<&str> {
    let name = add.name.as_deref().map(str::trim);
    name.filter(|name| !name.is_empty())
}
