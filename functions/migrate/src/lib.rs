//! What happens at a deploy, before the new version is used: never on a cold start.

use anyhow::Context;
use serde_json::{Value as Json, json};
use tracing::info;
use wynos::services::Keys;
use wynos_runtime::{Function, setup_token};

/// Makes the first master key where there is none, brings the shared tables up to date, and tells where the first owner
/// sets up the system while nobody has an account. Safe to run again.
pub async fn migrate(function: &Function) -> anyhow::Result<Json> {
    let secrets = function.master_keys();
    if let Some(kms_key) = &function.config.kms_key {
        let made = secrets.create(kms_key).await?;
        info!(made, "looked for the master key");
    }
    let keys = Keys::load(&secrets)
        .await
        .context("the keys cannot be read")?;
    let control = function.control().await?;
    control.migrate().await?;
    // The plans may be larger than before: what they refused is tried at once.
    let mut tx = control.begin().await?;
    tx.read_refused_by_plan(wynos::ports::Clock::System.now())
        .await?;
    tx.commit().await?;
    let setup_url = if control.first_owner_needed().await? {
        let mut url = function.config.public_url.clone();
        url.set_path("/setup");
        url.query_pairs_mut()
            .append_pair("token", &setup_token(&keys));
        Some(url)
    } else {
        None
    };
    control.close().await;
    info!("the tables are up to date");
    Ok(json!({ "migrated": true, "setup_url": setup_url.map(String::from) }))
}
