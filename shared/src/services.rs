//! What every job and handler is given: the databases, the ports, the keys and the limits.

use std::{path::PathBuf, sync::Arc};

use chrono::TimeDelta;
use url::Url;

use crate::{
    control::{Control, LinkTokens},
    plans::Plans,
    ports::{Cipher, Clock, KeyName, KeyRing, Mailer, Objects, Queue, Secrets, SecretsError},
    stop::Stop,
    warehouse::Warehouses,
    yclients::client::Vendor,
};

/// Everything that a job or handler works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    /// Where the time comes from.
    pub clock: Clock,
    /// The shared database.
    pub control: Control,
    /// The subscriptions' own databases.
    pub warehouses: Warehouses,
    /// Where work waits.
    pub queue: Arc<dyn Queue>,
    /// Where files are.
    pub objects: Arc<dyn Objects>,
    /// Who takes mails.
    pub mailer: Arc<dyn Mailer>,
    /// The vendors whose data is copied.
    pub vendor: Vendor,
    /// Keys, loaded once.
    pub keys: Keys,
    /// Addresses, places and limits.
    pub settings: Arc<Settings>,
    /// The wish that work in hand ends where it can be gone on with.
    pub stop: Stop,
}

/// What it takes to find what is due and to send it off: no warehouse, no file, no mail.
#[derive(Debug, Clone)]
pub struct Dispatcher {
    /// Where the time comes from.
    pub clock: Clock,
    /// The shared database.
    pub control: Control,
    /// Where work waits.
    pub queue: Arc<dyn Queue>,
}

impl Services {
    /// The part of them that sends work off.
    pub fn dispatcher(&self) -> Dispatcher {
        Dispatcher {
            clock: self.clock.clone(),
            control: self.control.clone(),
            queue: Arc::clone(&self.queue),
        }
    }
}

/// The keys that the domain uses, each for one purpose.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Tokens of one-time links.
    pub links: LinkTokens,
    /// Tokens in forms.
    pub csrf: KeyRing,
    /// Values encrypted at rest.
    pub fields: Cipher,
    /// Keys of erased people and swept rows.
    pub suppression: KeyRing,
    /// Paths of webhooks.
    pub webhook: KeyRing,
}

impl Keys {
    /// Takes every key from where the master key is kept.
    pub async fn load(secrets: &dyn Secrets) -> Result<Self, SecretsError> {
        Ok(Self {
            links: LinkTokens::load(secrets).await?,
            csrf: secrets.keys(KeyName::Csrf).await?,
            fields: Cipher::load(secrets).await?,
            suppression: secrets.keys(KeyName::Suppression).await?,
            webhook: secrets.keys(KeyName::Webhook).await?,
        })
    }
}

/// The place that the value of a PASSWORD field is bound to when it is encrypted with [`Keys::fields`]: a value copied to
/// another row or field cannot be decrypted there.
pub fn password_place(table: &str, row: &str, field: &str) -> String {
    format!("{table}/{row}/{field}")
}

/// Addresses, places and limits. [`Settings::new`] gives the defaults for the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where people reach the console: links in mails start with it.
    pub public_url: Url,
    /// A folder for files that cannot be written in one go (spreadsheets, databases) and for uploads being read.
    pub work_dir: PathBuf,
    /// The most bytes that one such file may take there.
    pub work_limit: u64,
    /// Hours that a link can be claimed.
    pub link_hours: u32,
    /// How often a file is tried to be built before it is given up.
    pub build_attempts: u32,
    /// The most bytes of an uploaded file.
    pub upload_limit: u64,
    /// What the plans allow.
    pub plans: Plans,
}

impl Settings {
    /// The defaults: links of 72 hours, 5 attempts to build, 4 GiB of temporary space for a file, uploads up to 4 GiB.
    pub fn new(public_url: Url, work_dir: PathBuf) -> Self {
        const GIBIBYTE: u64 = 1024 * 1024 * 1024;
        Self {
            public_url,
            work_dir,
            work_limit: 4 * GIBIBYTE,
            link_hours: 72,
            build_attempts: 5,
            upload_limit: 4 * GIBIBYTE,
            plans: Plans::default(),
        }
    }

    /// How long a link can be claimed.
    pub fn link_life(&self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.link_hours))
    }

    /// An address of ours: the public URL with these parts of a path after it, each kept in one piece.
    pub fn address(&self, path: &[&str]) -> Url {
        let mut url = self.public_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_start_with_the_public_url_and_keep_their_parts() {
        for base in ["https://example.com/wynos", "https://example.com/wynos/"] {
            let settings = Settings::new(base.parse().unwrap(), PathBuf::from("w"));
            assert_eq!(
                settings.address(&["d", "a/b?c"]).as_str(),
                "https://example.com/wynos/d/a%2Fb%3Fc"
            );
        }
    }
}
