use std::{
    fmt,
    sync::{LazyLock, OnceLock},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// The fewest characters of a password.
const MIN_LENGTH: usize = Password::MIN_LENGTH;

/// The most bytes of a password; more would only cost time.
const MAX_LENGTH: usize = 1_024;

/// KiB of memory for one hash. OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 iterations, 1 lane.
const MEMORY_KIB: u32 = 19 * 1_024;

/// Passes over that memory; see [`MEMORY_KIB`].
const ITERATIONS: u32 = 2;

/// At most that many passwords are hashed at once, each taking [`MEMORY_KIB`].
static SLOTS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(4));

/// The hash of a password, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a password was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too few characters.
    #[error("a password has at least {MIN_LENGTH} characters")]
    TooShort,
    /// Too many bytes.
    #[error("a password has at most {MAX_LENGTH} bytes")]
    TooLong,
    /// It could not be hashed.
    #[error("the password could not be hashed")]
    Hashing,
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

impl Password {
    /// The fewest characters of a password.
    pub const MIN_LENGTH: usize = 10;

    /// Hashes a new password, off the threads that serve requests.
    pub async fn hash(password: &str) -> Result<Self, PasswordError> {
        if password.chars().count() < MIN_LENGTH {
            return Err(PasswordError::TooShort);
        }
        if password.len() > MAX_LENGTH {
            return Err(PasswordError::TooLong);
        }
        let password = password.to_owned();
        aside(move || hash_now(&password)).await
    }

    /// A hash as it was stored.
    pub(super) fn stored(phc: String) -> Self {
        Self(phc)
    }

    /// What is stored.
    pub(super) fn phc(&self) -> &str {
        &self.0
    }

    /// Whether the password is the one that was hashed. With no hash at all it takes the same time and says no, so that
    /// the time does not tell whether there is such an account.
    pub(super) async fn verify(
        stored: Option<Self>,
        password: &str,
    ) -> Result<bool, PasswordError> {
        // What is too long cannot have been hashed; another text is hashed in its place, for the time that it takes.
        let fits = password.len() <= MAX_LENGTH;
        let password = if fits {
            password.to_owned()
        } else {
            String::new()
        };
        aside(move || {
            let exists = stored.is_some();
            let stored = match stored {
                Some(stored) => stored,
                None => nobodys()?,
            };
            let parsed = PasswordHash::new(&stored.0).map_err(|_| PasswordError::Hashing)?;
            let right = Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok();
            Ok(right && exists && fits)
        })
        .await
    }
}

fn hash_now(password: &str) -> Result<Password, PasswordError> {
    let params =
        Params::new(MEMORY_KIB, ITERATIONS, 1, None).map_err(|_| PasswordError::Hashing)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2
        .hash_password(password.as_bytes())
        .map_err(|_| PasswordError::Hashing)?;
    Ok(Password(hash.to_string()))
}

/// The hash of a password that nobody has.
fn nobodys() -> Result<Password, PasswordError> {
    static NOBODYS: OnceLock<Password> = OnceLock::new();
    if let Some(password) = NOBODYS.get() {
        return Ok(password.clone());
    }
    let password = hash_now(&crate::ports::random_text::<40>())?;
    Ok(NOBODYS.get_or_init(|| password).clone())
}

async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    let _slot = SLOTS.acquire().await.map_err(|_| PasswordError::Hashing)?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| PasswordError::Hashing)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let hashed = Password::hash("correct horse").await.unwrap();
        assert!(
            hashed.phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hashed.phc()
        );
        assert!(
            Password::verify(Some(hashed.clone()), "correct horse")
                .await
                .unwrap()
        );
        assert!(
            !Password::verify(Some(hashed.clone()), "correct horses")
                .await
                .unwrap()
        );
        assert!(!Password::verify(None, "correct horse").await.unwrap());
        assert_ne!(
            Password::hash("correct horse").await.unwrap(),
            hashed,
            "salted"
        );
    }

    #[tokio::test]
    async fn passwords_of_any_allowed_length_work() {
        let longest = "ż".repeat(MAX_LENGTH / 2);
        for password in ["ążźćęłńóśÓ", longest.as_str()] {
            let hashed = Password::hash(password).await.unwrap();
            assert!(
                Password::verify(Some(hashed.clone()), password)
                    .await
                    .unwrap()
            );
            assert!(
                !Password::verify(Some(hashed), &format!("{password}x"))
                    .await
                    .unwrap()
            );
        }
        assert_eq!(
            Password::hash("123456789").await,
            Err(PasswordError::TooShort)
        );
        assert_eq!(
            Password::hash(&"x".repeat(MAX_LENGTH + 1)).await,
            Err(PasswordError::TooLong)
        );
    }
}
