use data_encoding::BASE64URL_NOPAD;

use super::{DeliveryId, SecretToken, TokenHash};
use crate::ports::{KeyName, KeyRing, Secrets, SecretsError};

/// Makes the tokens of one-time links: HMAC-SHA256 of the delivery's id, 256 bits.
///
/// The token is stored nowhere; whoever writes the mail makes it again. The database holds its hash alone.
#[derive(Debug, Clone)]
pub struct LinkTokens {
    keys: KeyRing,
}

/// A token and the version of the key that made it.
#[derive(Debug, Clone)]
pub struct LinkToken {
    /// The token, for the link.
    pub token: SecretToken,
    /// What to store in its place.
    pub hash: TokenHash,
    /// The version of the key, to be stored so that the token can be made again.
    pub key_version: i64,
}

impl LinkTokens {
    /// Takes the keys for links.
    pub async fn load(secrets: &dyn Secrets) -> Result<Self, SecretsError> {
        Ok(Self::new(secrets.keys(KeyName::DeliveryLink).await?))
    }

    /// With these keys.
    pub fn new(keys: KeyRing) -> Self {
        Self { keys }
    }

    /// The token of a delivery that is being ordered, made with the current key.
    pub fn issue(&self, delivery: &DeliveryId) -> LinkToken {
        let key = self.keys.current();
        let token =
            SecretToken::encoded(BASE64URL_NOPAD.encode(&key.mac(&[delivery.as_str().as_bytes()])));
        LinkToken {
            hash: token.hash(),
            token,
            key_version: i64::from(key.version()),
        }
    }

    /// Whether a key is newer than those that are known here: it was replaced a moment ago, and others knew of it first.
    pub fn is_ahead(&self, key_version: i64) -> bool {
        key_version > i64::from(self.keys.current().version())
    }

    /// The same token again, made with the key of that version; `None` when that key is not honoured any more.
    pub fn again(&self, delivery: &DeliveryId, key_version: i64) -> Option<SecretToken> {
        let key = self.keys.version(u32::try_from(key_version).ok()?)?;
        Some(SecretToken::encoded(
            BASE64URL_NOPAD.encode(&key.mac(&[delivery.as_str().as_bytes()])),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::MasterKey;

    #[test]
    fn a_link_is_made_again_after_its_key_was_replaced() {
        let (old, new) = (MasterKey::new(1, [1; 32]), MasterKey::new(2, [2; 32]));
        let id = DeliveryId::random();
        let issued = LinkTokens::new(KeyRing::derive(KeyName::DeliveryLink, &old, &[])).issue(&id);
        let rotated = LinkTokens::new(KeyRing::derive(KeyName::DeliveryLink, &new, &[old]));
        assert_eq!(
            rotated.again(&id, issued.key_version).unwrap().hash(),
            issued.hash
        );
        assert_ne!(rotated.issue(&id).hash, issued.hash);
        assert_ne!(
            rotated.again(&DeliveryId::random(), 1).unwrap().hash(),
            issued.hash
        );
        assert_eq!(issued.token.reveal().len(), 43);
        assert!(rotated.again(&id, 3).is_none());
        assert_eq!(
            [1, 2, 3].map(|version| rotated.is_ahead(version)),
            [false, false, true]
        );
    }
}
