//! Registering a source's webhook with the vendor: read the company's settings, put ours in, write them back.

mod settings;

use serde_json::{Value as Json, json};
use url::Url;

use crate::{
    SourceId,
    catalog::Locale,
    control::{Actor, ControlError, Purpose, Source},
    i18n,
    journal::{self, Category, NewEntry, Severity},
    services::Services,
    yclients::{
        client::VendorError,
        connect::{self, ConnectError, OpenedSource},
        hooks,
    },
};

use settings::HookSettings;

/// How a source's webhook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Where the vendor sends events to. Whoever knows it can send some.
    pub address: Url,
    /// Whether the vendor sends events there.
    pub registered: bool,
    /// The host of another address of this source that the vendor sends events to: it has an older key, or was made where the
    /// server was reached elsewhere.
    pub elsewhere: Option<String>,
    /// How many addresses of others the company has.
    pub others: usize,
    /// Whether others have addresses and everything is switched off for all of them.
    pub switched_off: bool,
    /// What the vendor does not tell of, in its words, or would not tell of were the address registered beside those of others
    /// as things are. [`Kinds::Add`] switches it on. Where there are no others, registering switches all of it on.
    pub missing: Vec<&'static str>,
}

impl Registration {
    /// What will not come and how to have it, for programs that register; nothing where all of it comes.
    pub fn advice(&self, locale: Locale) -> Option<String> {
        if self.missing.is_empty() && !self.switched_off {
            return None;
        }
        let off = self
            .switched_off
            .then(|| i18n::text(locale, "webhook-all-off"));
        let missing = (!self.missing.is_empty()).then(|| {
            let things = i18n::Args::new().with("things", self.missing.join(", "));
            i18n::text_with(locale, "webhook-missing", &things)
        });
        let remedy = i18n::text(locale, "webhook-add-kinds");
        let told = off.into_iter().chain(missing).chain([remedy]);
        Some(told.collect::<Vec<_>>().join(" "))
    }
}

/// What the vendor tells of, where other programs have addresses of the company too: its flags are the same for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// What it tells the others: nothing changes for them.
    Keep,
    /// All that tables are kept of, beside what it tells already; the others are told of it too from then on, and anything at
    /// all where it was switched off for them.
    Add,
}

/// Why a webhook was not registered, or not taken away.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// The source, or the vendor.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The vendor has as many addresses as it takes.
    #[error("the company has {limit} addresses for webhooks already, which is the most")]
    Full {
        /// The most.
        limit: usize,
    },
    /// Others have addresses, and all of it is switched off: to switch it on would be to switch it on for them.
    #[error("webhooks of others are there and switched off")]
    SwitchedOff,
    /// Addresses of others are told of different things, which writing would make the same.
    #[error("webhooks of others have settings of their own, which would be lost")]
    Differing,
    /// The vendor's settings do not look as they should.
    #[error("the vendor's settings of webhooks cannot be read")]
    Unreadable,
    /// The vendor took the settings, and has others.
    #[error("the vendor did not keep the settings of webhooks")]
    NotKept,
}

impl RegistrationError {
    /// The code; what it says to people has the key `problem-` and the code. `None` for what is no fault of the request.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Connect(error) => return error.code(),
            Self::Full { .. } => "webhook.full",
            Self::SwitchedOff => "webhook.switched-off",
            Self::Differing => "webhook.differing",
            Self::Unreadable => "webhook.unreadable",
            Self::NotKept => "webhook.not-kept",
        })
    }

    /// What it says to people.
    pub fn text(&self, locale: Locale) -> String {
        match self {
            Self::Connect(error) => error.text(locale),
            Self::Full { limit } => {
                let limit = json!({ "most": limit });
                journal::reason(locale, "webhook.full", Some(&limit))
            }
            other => journal::reason(locale, other.code().unwrap_or("internal"), None),
        }
    }
}

impl From<VendorError> for RegistrationError {
    fn from(error: VendorError) -> Self {
        Self::Connect(error.into())
    }
}

impl From<ControlError> for RegistrationError {
    fn from(error: ControlError) -> Self {
        Self::Connect(error.into())
    }
}

/// The address of a source's webhook, to be copied or registered.
pub fn address(services: &Services, source: &Source) -> Url {
    let version = u32::try_from(source.webhook_version).unwrap_or(1);
    let path = hooks::path(&services.keys.webhook, &source.id, version);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    services.settings.address(&parts)
}

/// How the source's webhook stands at the vendor now.
pub async fn registration(
    services: &Services,
    id: &SourceId,
) -> Result<Registration, RegistrationError> {
    let opened = open(services, id).await?;
    let settings = read(services, &opened).await?;
    Ok(shown(services, &opened.source, &settings))
}

/// Has the vendor send events to us, in the place of any address of this source before. What others have stays.
pub async fn register(
    services: &Services,
    id: &SourceId,
    by: &Actor,
) -> Result<Registration, RegistrationError> {
    register_for(services, id, Kinds::Keep, by).await
}

/// As [`register`], of these kinds. The addresses of others stay whatever is said.
pub async fn register_for(
    services: &Services,
    id: &SourceId,
    kinds: Kinds,
    by: &Actor,
) -> Result<Registration, RegistrationError> {
    let opened = open(services, id).await?;
    let before = read(services, &opened).await?;
    let (url, common) = (address(services, &opened.source), common(id));
    let body = before.with(url.as_str(), &common, kinds)?;
    let after = write(services, &opened, &body).await?;
    if !after.has(url.as_str()) {
        return Err(RegistrationError::NotKept);
    }
    let is_more = !before.is_active() || !before.missing(url.as_str()).is_empty();
    if kinds == Kinds::Add && is_more && before.others(&common) > 0 {
        note(services, &opened.source, "webhook.kinds-added", by).await?;
    }
    note(services, &opened.source, "webhook.registered", by).await?;
    Ok(shown(services, &opened.source, &after))
}

/// Has the vendor send nothing to us any more. What others have stays.
pub async fn unregister(
    services: &Services,
    id: &SourceId,
    by: &Actor,
) -> Result<Registration, RegistrationError> {
    let opened = open(services, id).await?;
    let before = read(services, &opened).await?;
    let common = common(id);
    if !before.has_ours(&common) {
        return Ok(shown(services, &opened.source, &before));
    }
    let body = before.without(&common)?;
    let after = write(services, &opened, &body).await?;
    note(services, &opened.source, "webhook.unregistered", by).await?;
    Ok(shown(services, &opened.source, &after))
}

/// Gives the source a new address. Where the vendor sends to the old one, the new one takes its place there. The old one
/// works until [`revoke`]: events are under way to it, and somebody may have to put the new one in its place by hand.
pub async fn rotate(
    services: &Services,
    id: &SourceId,
    by: &Actor,
) -> Result<Registration, RegistrationError> {
    let opened = open(services, id).await?;
    let before = read(services, &opened).await?;
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let source = tx
        .sources(id.subscription())
        .new_webhook_key(id, now)
        .await?;
    tx.commit().await?;
    note(services, &source, "webhook.rotated", by).await?;
    if !before.has_ours(&common(id)) {
        return Ok(shown(services, &source, &before));
    }
    register(services, id, by).await
}

/// Lets events in by the newest address only.
pub async fn revoke(
    services: &Services,
    id: &SourceId,
    by: &Actor,
) -> Result<(), RegistrationError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let source = tx
        .sources(id.subscription())
        .revoke_webhook_keys(id, now)
        .await?;
    tx.commit().await?;
    note(services, &source, "webhook.revoked", by).await
}

async fn open(services: &Services, id: &SourceId) -> Result<OpenedSource, RegistrationError> {
    Ok(connect::reach(services, id, Purpose::Webhook).await?)
}

fn path(source: &Source) -> String {
    format!("/hooks_settings/{}", source.company_id)
}

async fn read(
    services: &Services,
    opened: &OpenedSource,
) -> Result<HookSettings, RegistrationError> {
    match opened.caller.get(&path(&opened.source), &[]).await {
        Ok(reply) => HookSettings::read(reply.data),
        Err(error) => Err(refused(services, opened, error).await?),
    }
}

/// Writes, and reads what the vendor made of it: its answer to writing leaves flags out.
async fn write(
    services: &Services,
    opened: &OpenedSource,
    body: &Json,
) -> Result<HookSettings, RegistrationError> {
    let path = path(&opened.source);
    match opened.caller.post(&path, &[], body).await {
        Ok(_) => read(services, opened).await,
        Err(error) => Err(refused(services, opened, error).await?),
    }
}

/// A token that is refused is noted, so that the owner is asked for a new one. Where only the company is closed to the
/// account, its reading finds out and says so.
async fn refused(
    services: &Services,
    opened: &OpenedSource,
    error: VendorError,
) -> Result<RegistrationError, RegistrationError> {
    if !matches!(error, VendorError::Unauthorized) {
        return Ok(error.into());
    }
    let error = connect::whose_refusal(&opened.caller).await;
    if matches!(error, VendorError::Unauthorized) {
        connect::refused(services, opened).await?;
    }
    Ok(error.into())
}

/// What every address of this source has in it, whatever its key, and wherever this server was reached when it was made: one
/// that stayed at the vendor from before is ours too, and nobody else's has the source's id in such a place.
fn common(id: &SourceId) -> String {
    format!("/hooks/{id}/")
}

fn shown(services: &Services, source: &Source, settings: &HookSettings) -> Registration {
    let address = address(services, source);
    let common = common(&source.id);
    let elsewhere = settings
        .ours_elsewhere(address.as_str(), &common)
        .filter(|_| settings.is_active());
    let others = settings.others(&common);
    let registered = settings.is_active() && settings.has(address.as_str());
    Registration {
        elsewhere: elsewhere.map(|known| {
            let host = Url::parse(known).ok();
            let host = host.as_ref().and_then(Url::host_str);
            host.unwrap_or("-").to_owned()
        }),
        switched_off: others > 0 && !settings.is_active(),
        missing: match registered || others > 0 {
            true => settings.missing(address.as_str()),
            false => Vec::new(),
        },
        registered,
        others,
        address,
    }
}

async fn note(
    services: &Services,
    source: &Source,
    code: &str,
    by: &Actor,
) -> Result<(), RegistrationError> {
    let now = services.clock.now();
    let entry = NewEntry {
        at: now,
        category: Category::Settings,
        severity: Severity::Info,
        source_id: Some(source.id.to_string()),
        actor: by.clone(),
        code: code.to_owned(),
        counts: std::collections::BTreeMap::new(),
        details: json!({ "source": source.name }),
        dedupe_key: format!("{code}:{}:{}", source.id, now.timestamp_micros()),
    };
    let mut tx = services.control.begin().await?;
    tx.append_journal(&source.subscription_id, &entry).await?;
    Ok(tx.commit().await?)
}
