//! What a BI tool signs in with.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::WarehouseError;
use crate::ports::{random_bytes, random_text};

/// How often the password is hashed; the number that PostgreSQL uses itself.
const ITERATIONS: u32 = 4_096;

/// A login that reads one warehouse and writes nothing. The password is shown once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct BiLogin {
    /// The name to sign in with.
    pub user: String,
    /// The password.
    pub password: String,
    /// The database to open: one of its own, on the same server.
    pub database: String,
    /// The schema that the tables and views are in.
    pub schema: String,
}

/// The password is not shown.
impl std::fmt::Debug for BiLogin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("BiLogin")
            .field("user", &self.user)
            .field("database", &self.database)
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

/// A password, and what PostgreSQL keeps of it (SCRAM-SHA-256, RFC 5802 and 7677): the password itself never travels in a
/// statement, which servers may log.
pub(super) fn password() -> Result<(String, String), WarehouseError> {
    let password = random_text::<32>();
    let salt = random_bytes::<16>();
    let kept = verifier(&password, &salt, ITERATIONS).ok_or(WarehouseError::Stopped)?;
    Ok((password, kept))
}

fn verifier(password: &str, salt: &[u8], iterations: u32) -> Option<String> {
    let mut block = mac(password.as_bytes(), &[salt, &1_u32.to_be_bytes()])?;
    let mut salted = block;
    for _ in 1..iterations {
        block = mac(password.as_bytes(), &[&block])?;
        for (sum, more) in salted.iter_mut().zip(block) {
            *sum ^= more;
        }
    }
    let stored = Sha256::digest(mac(&salted, &[b"Client Key"])?);
    let server = mac(&salted, &[b"Server Key"])?;
    Some(format!(
        "SCRAM-SHA-256${iterations}:{}${}:{}",
        BASE64.encode(salt),
        BASE64.encode(&stored),
        BASE64.encode(&server)
    ))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677: its password and salt, and from its exchange the proofs that these keys make.
    #[test]
    fn a_password_is_kept_as_scram_says() {
        let salt = BASE64.decode(b"W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let kept = verifier("pencil", &salt, 4_096).unwrap();
        let (head, keys) = kept.rsplit_once('$').unwrap();
        assert_eq!(head, "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==");
        let (_, server) = keys.split_once(':').unwrap();
        let message = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                       s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let server = BASE64.decode(server.as_bytes()).unwrap();
        let signature = mac(&server, &[message.as_bytes()]).unwrap();
        assert_eq!(
            BASE64.encode(&signature),
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        );
    }

    #[test]
    fn the_password_is_in_no_log() {
        let login = BiLogin {
            user: "bi_w_shop".to_owned(),
            password: "tajne".to_owned(),
            database: "bi_w_shop".to_owned(),
            schema: "w_shop".to_owned(),
        };
        assert!(!format!("{login:?}").contains("tajne"));
    }
}
