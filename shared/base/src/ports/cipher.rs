use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use data_encoding::BASE64_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{KeyName, KeyRing, Secrets, SecretsError, random_bytes};

/// What an encrypted text starts with.
const PREFIX: &str = "enc:v1:";

/// Bytes of `XChaCha20`'s nonce; long enough to be drawn at random.
const NONCE: usize = 24;

/// Encrypts texts kept at rest: XChaCha20-Poly1305, each text bound to the place that it belongs to.
///
/// The result is `enc:v1:` and base64 of the key's version (4 bytes), the nonce (24 bytes) and the sealed text.
#[derive(Debug, Clone)]
pub struct Cipher {
    keys: KeyRing,
}

/// Why a text was not decrypted. It never says what the text was.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CipherError {
    /// The text does not have the shape of an encrypted one.
    #[error("the value is not an encrypted one")]
    Malformed,
    /// The key that it was encrypted with is not honoured any more.
    #[error("the value was encrypted with key version {version}, which is not there")]
    UnknownKey {
        /// The version.
        version: u32,
    },
    /// It was changed, or moved from the place that it belongs to.
    #[error("the encrypted value was changed or belongs elsewhere")]
    Tampered,
    /// The value could not be encrypted: it is longer than the cipher takes.
    #[error("the value is too long to be encrypted")]
    TooLong,
}

impl Cipher {
    /// Takes the keys for values at rest.
    pub async fn load(secrets: &dyn Secrets) -> Result<Self, SecretsError> {
        Ok(Self::new(secrets.keys(KeyName::Field).await?))
    }

    /// A cipher with these keys.
    pub fn new(keys: KeyRing) -> Self {
        Self { keys }
    }

    /// Whether the text has the mark of an encrypted one.
    pub fn is_encrypted(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Encrypts a text with the current key. `place` must be told again to decrypt it, for example table, column and id.
    pub fn encrypt(&self, text: &str, place: &str) -> Result<String, CipherError> {
        self.seal(text, place, random_bytes())
    }

    /// Encrypts a text so that the same text for the same place gives the same result for as long as the key stays. It
    /// tells nothing but that, and lets contents be compared without being decrypted.
    pub fn encrypt_same(&self, text: &str, place: &str) -> Result<String, CipherError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.keys.current().bytes())
            .map_err(|_| CipherError::Malformed)?;
        mac.update(b"nonce of a text that is encrypted the same each time");
        mac.update(&(place.len() as u64).to_be_bytes());
        mac.update(place.as_bytes());
        mac.update(text.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut nonce = [0; NONCE];
        nonce
            .iter_mut()
            .zip(digest)
            .for_each(|(byte, digit)| *byte = digit);
        self.seal(text, place, nonce)
    }

    fn seal(&self, text: &str, place: &str, nonce: [u8; NONCE]) -> Result<String, CipherError> {
        let key = self.keys.current();
        let payload = Payload {
            msg: text.as_bytes(),
            aad: place.as_bytes(),
        };
        let sealed = XChaCha20Poly1305::new(key.bytes().into())
            .encrypt(&nonce.into(), payload)
            .map_err(|_| CipherError::TooLong)?;
        let mut bytes = Vec::with_capacity(4 + NONCE + sealed.len());
        bytes.extend_from_slice(&key.version().to_be_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(format!("{PREFIX}{}", BASE64_NOPAD.encode(&bytes)))
    }

    /// Gives back the text that was encrypted for the same place.
    pub fn decrypt(&self, encrypted: &str, place: &str) -> Result<String, CipherError> {
        let encoded = encrypted
            .strip_prefix(PREFIX)
            .ok_or(CipherError::Malformed)?;
        let bytes = BASE64_NOPAD
            .decode(encoded.as_bytes())
            .map_err(|_| CipherError::Malformed)?;
        let (version, rest) = bytes
            .split_first_chunk::<4>()
            .ok_or(CipherError::Malformed)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE>()
            .ok_or(CipherError::Malformed)?;
        let version = u32::from_be_bytes(*version);
        let key = self
            .keys
            .version(version)
            .ok_or(CipherError::UnknownKey { version })?;
        let payload = Payload {
            msg: sealed,
            aad: place.as_bytes(),
        };
        let opened = XChaCha20Poly1305::new(key.bytes().into())
            .decrypt(&(*nonce).into(), payload)
            .map_err(|_| CipherError::Tampered)?;
        String::from_utf8(opened).map_err(|_| CipherError::Tampered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::MasterKey;

    fn cipher(current: u32, older: &[u32]) -> Cipher {
        let master = |version: u32| MasterKey::new(version, [version as u8; 32]);
        let older: Vec<MasterKey> = older.iter().copied().map(master).collect();
        Cipher::new(KeyRing::derive(KeyName::Field, &master(current), &older))
    }

    #[test]
    fn a_text_comes_back_for_its_place_only() {
        let cipher = cipher(1, &[]);
        let sealed = cipher.encrypt("zażółć 1234", "repairs.pin/7").unwrap();
        assert!(Cipher::is_encrypted(&sealed) && !sealed.contains("1234"));
        assert_eq!(
            cipher.decrypt(&sealed, "repairs.pin/7").unwrap(),
            "zażółć 1234"
        );
        assert_eq!(
            cipher.decrypt(&sealed, "repairs.pin/8"),
            Err(CipherError::Tampered)
        );
        assert_ne!(
            sealed,
            cipher.encrypt("zażółć 1234", "repairs.pin/7").unwrap()
        );
    }

    #[test]
    fn the_same_text_can_be_encrypted_the_same_for_its_place_only() {
        let cipher = cipher(1, &[]);
        let sealed = cipher.encrypt_same("tajne", "x").unwrap();
        assert_eq!(cipher.encrypt_same("tajne", "x").unwrap(), sealed);
        assert_eq!(cipher.decrypt(&sealed, "x").unwrap(), "tajne");
        for (text, place) in [("tajne", "y"), ("tajne!", "x"), ("ajne", "xt")] {
            let other = cipher.encrypt_same(text, place).unwrap();
            assert_ne!(
                other[..PREFIX.len() + 38],
                sealed[..PREFIX.len() + 38],
                "{text} {place}"
            );
        }
    }

    #[test]
    fn any_changed_character_is_noticed() {
        let cipher = cipher(1, &[]);
        let sealed = cipher.encrypt("tajne", "x").unwrap();
        for at in PREFIX.len()..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert!(
                cipher
                    .decrypt(std::str::from_utf8(&changed).unwrap(), "x")
                    .is_err(),
                "at {at}"
            );
        }
        for text in [
            "",
            "tajne",
            "enc:v1:",
            "enc:v1:!",
            "enc:v1:AAAA",
            "enc:v2:AAAA",
        ] {
            assert_eq!(
                cipher.decrypt(text, "x"),
                Err(CipherError::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn older_keys_decrypt_until_they_are_taken_away() {
        let sealed = cipher(1, &[]).encrypt("tajne", "x").unwrap();
        assert_eq!(cipher(2, &[1]).decrypt(&sealed, "x").unwrap(), "tajne");
        assert_eq!(
            cipher(2, &[]).decrypt(&sealed, "x"),
            Err(CipherError::UnknownKey { version: 1 })
        );
    }
}
