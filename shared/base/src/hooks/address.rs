use data_encoding::BASE64URL_NOPAD;

use crate::{SourceId, ports::KeyRing};

/// What the MAC is made over beside the source and the version, so that it fits no other purpose of the same key.
const PURPOSE: &[u8] = b"hook";

/// The longest text that is looked at: a version, a full stop, and 32 bytes in base64.
const MAX_KEY: usize = 64;

/// An address that was checked: made by us, for this source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAddress {
    /// Whose events are sent there.
    pub source: SourceId,
    /// Which of the source's addresses it is, counted from 1; only control knows which of them were revoked.
    pub version: u32,
}

/// The path of a source's webhook, `/hooks/<source id>/<key version>.<HMAC>`. Whoever knows it can send events.
///
/// The version is the source's own: a new one is a new address, and the old one goes on working until it is revoked. A
/// new master key changes the address too, and the old one works for as long as the old master key is honoured.
pub fn path(keys: &KeyRing, source: &SourceId, version: u32) -> String {
    let mac = keys.current().mac(&parts(source, &version.to_be_bytes()));
    format!("/hooks/{source}/{version}.{}", BASE64URL_NOPAD.encode(&mac))
}

/// The address that these two parts of a path stand for, or `None` when we did not make it. The time that it takes tells
/// nothing about the right key.
pub fn check(keys: &KeyRing, source: &str, key: &str) -> Option<HookAddress> {
    if key.len() > MAX_KEY {
        return None;
    }
    let source: SourceId = source.parse().ok()?;
    let (number, mac) = key.split_once('.')?;
    let version: u32 = number.parse().ok()?;
    // One address has one spelling: no sign, no zeros before.
    if version == 0 || version.to_string() != number {
        return None;
    }
    let mac = BASE64URL_NOPAD.decode(mac.as_bytes()).ok()?;
    let bytes = version.to_be_bytes();
    let mut ours = false;
    for key in keys.all() {
        ours |= key.verify(&parts(&source, &bytes), &mac);
    }
    ours.then_some(HookAddress { source, version })
}

fn parts<'a>(source: &'a SourceId, version: &'a [u8; 4]) -> [&'a [u8]; 3] {
    [PURPOSE, source.as_str().as_bytes(), version]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{KeyName, MasterKey};

    fn ring(current: u32, older: &[u32]) -> KeyRing {
        let master = |version: u32| MasterKey::new(version, [u8::try_from(version).unwrap(); 32]);
        let older: Vec<_> = older.iter().map(|version| master(*version)).collect();
        KeyRing::derive(KeyName::Webhook, &master(current), &older)
    }

    fn checked(keys: &KeyRing, path: &str) -> Option<HookAddress> {
        let mut parts = path.strip_prefix("/hooks/")?.split('/');
        check(keys, parts.next()?, parts.next()?)
    }

    #[test]
    fn an_address_is_checked_without_a_database() {
        let keys = ring(1, &[]);
        let source: SourceId = "sampleshop-a1b2c3d4".parse().unwrap();
        for version in [1, 2, 77, u32::MAX] {
            let path = path(&keys, &source, version);
            assert!(path.len() < 200, "{path}");
            let address = HookAddress {
                source: source.clone(),
                version,
            };
            assert_eq!(checked(&keys, &path), Some(address));
        }
    }

    #[test]
    fn forged_addresses_are_refused() {
        let keys = ring(1, &[]);
        let source: SourceId = "sampleshop-a1b2c3d4".parse().unwrap();
        let path = path(&keys, &source, 1);
        let key = path.rsplit('/').next().unwrap();
        let mac = key.strip_prefix("1.").unwrap();
        let mut last = mac.to_owned();
        let end = if last.pop() == Some('A') { 'Q' } else { 'A' };
        let forged = [
            ("sampleshop-a1b2c3d5", key.to_owned()),
            ("sampleshoq-a1b2c3d4", key.to_owned()),
            ("sampleshop", key.to_owned()),
            ("", key.to_owned()),
            (source.as_str(), String::new()),
            (source.as_str(), ".".to_owned()),
            (source.as_str(), "1.".to_owned()),
            (source.as_str(), mac.to_owned()),
            (source.as_str(), format!("2.{mac}")),
            (source.as_str(), format!("0.{mac}")),
            (source.as_str(), format!("01.{mac}")),
            (source.as_str(), format!("+1.{mac}")),
            (source.as_str(), format!("-1.{mac}")),
            (source.as_str(), format!("4294967297.{mac}")),
            (source.as_str(), format!("1.{mac}=")),
            (source.as_str(), format!("1.{mac}A")),
            (source.as_str(), format!("1.{last}")),
            (source.as_str(), format!("1.{last}{end}")),
            (source.as_str(), format!("1.{}", "A".repeat(43))),
            (source.as_str(), format!("1.{}", "A".repeat(100_000))),
            (source.as_str(), format!("1.{}", mac.to_lowercase())),
        ];
        for (source, key) in forged {
            assert_eq!(check(&keys, source, &key), None, "{source} {key}");
        }
    }

    #[test]
    fn addresses_outlive_a_new_master_key_for_as_long_as_the_old_one_is_honoured() {
        let source: SourceId = "sampleshop-a1b2c3d4".parse().unwrap();
        let old = path(&ring(1, &[]), &source, 3);
        let rotated = ring(2, &[1]);
        assert_eq!(
            checked(&rotated, &old).map(|address| address.version),
            Some(3)
        );
        let new = path(&rotated, &source, 3);
        assert_ne!(old, new);
        assert!(checked(&rotated, &new).is_some());
        assert_eq!(checked(&ring(2, &[]), &old), None, "the old key is gone");
        assert_eq!(checked(&ring(1, &[]), &new), None, "not yet known there");
    }
}
