use serde_json::json;

use super::{
    ConnectError,
    account::{Note, caller_of},
};
use crate::{
    SourceId, SubscriptionId,
    control::{Actor, CredentialId, Purpose, Source, SourceState},
    journal::{Category, Severity},
    services::Services,
    yclients::client::Caller,
};

/// A source with somebody who makes its calls.
#[derive(Debug, Clone)]
pub struct OpenedSource {
    /// The source.
    pub source: Source,
    /// Who makes the calls.
    pub caller: Caller,
    /// The version of the credential that the calls are made with, for [`refused`].
    pub credential_version: i64,
}

/// Opens a source for calls of this purpose. [`ConnectError::NotActive`] for one that is paused, removed or waits for a
/// credential.
pub async fn open(
    services: &Services,
    id: &SourceId,
    purpose: Purpose,
) -> Result<OpenedSource, ConnectError> {
    let source = services.control.source(id).await?;
    opened(services, source, purpose, &[SourceState::Active]).await
}

/// The same, for what is not reading: a source that is paused can be reached too.
///
/// # Errors
///
/// Those of [`open`].
pub async fn reach(
    services: &Services,
    id: &SourceId,
    purpose: Purpose,
) -> Result<OpenedSource, ConnectError> {
    let source = services.control.source(id).await?;
    let states = [SourceState::Active, SourceState::Paused];
    opened(services, source, purpose, &states).await
}

async fn opened(
    services: &Services,
    source: Source,
    purpose: Purpose,
    states: &[SourceState],
) -> Result<OpenedSource, ConnectError> {
    if !states.contains(&source.state) {
        return Err(ConnectError::NotActive {
            state: source.state.as_str(),
        });
    }
    let credential = services
        .control
        .credentials(&source.subscription_id)
        .get(&source.credential_id)
        .await?;
    Ok(OpenedSource {
        caller: caller_of(services, &credential, Some(&source.id), purpose)?,
        credential_version: credential.version,
        source,
    })
}

/// Notes that the vendor refused the token that a source was opened with: every source of the credential waits for a new
/// one, and the journal says so of each, once. Nothing happens when the credential was renewed meanwhile.
pub async fn refused(services: &Services, opened: &OpenedSource) -> Result<(), ConnectError> {
    let source = &opened.source;
    let version = opened.credential_version;
    note_refusal(
        services,
        &source.subscription_id,
        &source.credential_id,
        version,
    )
    .await
}

/// The same of a credential whose token, of that version, was refused to somebody who asked for no source in particular.
pub(super) async fn note_refusal(
    services: &Services,
    subscription: &SubscriptionId,
    credential: &CredentialId,
    version: i64,
) -> Result<(), ConnectError> {
    let now = services.clock.now();
    let sharing = services
        .control
        .sources(subscription)
        .of_credential(credential)
        .await?;
    let mut tx = services.control.begin().await?;
    let noted = tx
        .credentials(subscription)
        .refused(credential, version, now)
        .await?;
    for source in sharing.iter().filter(|_| noted) {
        let note = Note {
            category: Category::Problem,
            severity: Severity::Error,
            code: "source.refused",
            source: &source.id,
            by: &Actor::System,
            counts: [].into(),
            details: json!({ "source": source.name }),
            // A source that was taken up again has had other credentials.
            once: format!("{credential}:{version}"),
        };
        note.write(&mut tx, now).await?;
    }
    Ok(tx.commit().await?)
}
