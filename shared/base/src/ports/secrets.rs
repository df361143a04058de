use std::{fmt, io, sync::Arc};

use futures::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Disposition;

/// What a key is for; each purpose has keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// Tokens of one-time links.
    DeliveryLink,
    /// Signatures of URLs to objects.
    ObjectUrl,
    /// Tokens in forms, against requests forged by other sites.
    Csrf,
    /// Values encrypted at rest.
    Field,
    /// Keys of erased people and swept rows.
    Suppression,
    /// Paths of webhooks.
    Webhook,
}

impl KeyName {
    /// The name that the key is derived from: changing one loses what was made with it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeliveryLink => "delivery-link",
            Self::ObjectUrl => "object-url",
            Self::Csrf => "csrf",
            Self::Field => "field",
            Self::Suppression => "suppression",
            Self::Webhook => "webhook",
        }
    }
}

/// The secret that all keys of one version are derived from.
#[derive(Clone)]
pub struct MasterKey {
    version: u32,
    bytes: [u8; 32],
}

impl MasterKey {
    /// A master key of that version, counted from 1.
    pub fn new(version: u32, bytes: [u8; 32]) -> Self {
        Self { version, bytes }
    }

    /// Its version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The key for one purpose: HMAC-SHA256 of its name and version.
    pub fn derive(&self, name: KeyName) -> SecretKey {
        let master = SecretKey {
            version: self.version,
            bytes: self.bytes,
        };
        let bytes = master.mac(&[
            b"wynos",
            name.as_str().as_bytes(),
            &self.version.to_be_bytes(),
        ]);
        SecretKey {
            version: self.version,
            bytes,
        }
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MasterKey")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// One key of 32 bytes.
#[derive(Clone)]
pub struct SecretKey {
    version: u32,
    bytes: [u8; 32],
}

impl SecretKey {
    /// Its version, counted from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The key itself, for a cipher.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// HMAC-SHA256 of the parts, each told apart by its length.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.over(parts).finalize().into_bytes().into()
    }

    /// Whether `mac` is that of the parts; takes the same time whichever byte differs.
    pub fn verify(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.over(parts).verify_slice(mac).is_ok()
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        // HMAC fills a short key up with zeros to a block of the hash; done here, there is no length that could be wrong.
        let mut block = [0; 64];
        for (slot, byte) in block.iter_mut().zip(self.bytes) {
            *slot = byte;
        }
        let mut hmac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        for part in parts {
            hmac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hmac.update(part);
        }
        hmac
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SecretKey")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The keys for one purpose, in every version that is still honoured.
#[derive(Debug, Clone)]
pub struct KeyRing {
    current: SecretKey,
    older: Arc<[SecretKey]>,
}

impl KeyRing {
    /// Derives the keys for one purpose from the master keys: new things are made with `current`.
    pub fn derive(name: KeyName, current: &MasterKey, older: &[MasterKey]) -> Self {
        Self {
            current: current.derive(name),
            older: older.iter().map(|master| master.derive(name)).collect(),
        }
    }

    /// The key to make new things with.
    pub fn current(&self) -> &SecretKey {
        &self.current
    }

    /// The key of that version, if it is still honoured.
    pub fn version(&self, version: u32) -> Option<&SecretKey> {
        self.all().find(|key| key.version == version)
    }

    /// Every key that is still honoured, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &SecretKey> {
        std::iter::once(&self.current).chain(self.older.iter())
    }
}

/// Holds the master key and gives out what is derived from it.
pub trait Secrets: Send + Sync + fmt::Debug {
    /// The keys for one purpose.
    fn keys<'a>(&'a self, name: KeyName) -> BoxFuture<'a, Result<KeyRing, SecretsError>>;
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Others than its owner can read the file.
    #[error("the key file {path} can be read by others; allow its owner only (mode 0600)")]
    Exposed {
        /// The file.
        path: String,
    },
    /// What is stored is not a master key.
    #[error("{place} is not a master key")]
    Malformed {
        /// The file and line, or the name of the secret.
        place: String,
    },
    /// The place where the master key is kept cannot be read or written.
    #[error("the master key cannot be read")]
    Unavailable {
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl SecretsError {
    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Exposed { .. } | Self::Malformed { .. } | Self::Unavailable { .. } => {
                Disposition::Retry
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_purpose_and_version_and_are_found_by_version() {
        let (old, new) = (MasterKey::new(1, [7; 32]), MasterKey::new(2, [7; 32]));
        let ring = KeyRing::derive(KeyName::Csrf, &new, std::slice::from_ref(&old));
        assert_eq!(ring.current().version(), 2);
        assert_ne!(ring.current().bytes(), ring.version(1).unwrap().bytes());
        assert_ne!(
            new.derive(KeyName::Csrf).bytes(),
            new.derive(KeyName::Field).bytes()
        );
        assert!(ring.version(3).is_none());
    }

    #[test]
    fn a_mac_tells_where_one_part_ends() {
        let key = MasterKey::new(1, [1; 32]).derive(KeyName::ObjectUrl);
        let mac = key.mac(&[b"ab", b"c"]);
        assert!(key.verify(&[b"ab", b"c"], &mac));
        assert!(!key.verify(&[b"a", b"bc"], &mac));
        assert!(!key.verify(&[b"ab", b"c"], &mac[..31]));
    }

    #[test]
    fn secrets_never_show() {
        let master = MasterKey::new(1, [0xAB; 32]);
        let shown = format!(
            "{master:?} {:?}",
            KeyRing::derive(KeyName::Field, &master, &[])
        );
        assert!(
            !shown.contains("171") && !shown.to_lowercase().contains("ab, ab"),
            "{shown}"
        );
    }
}
