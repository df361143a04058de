use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ControlError;

/// The longest idempotency key, in bytes.
const MAX_KEY: usize = 200;

/// Refuses an idempotency key that is empty or too long to be stored.
pub(super) fn check_key(key: Option<&str>) -> Result<(), ControlError> {
    match key {
        Some(key) if key.is_empty() || key.len() > MAX_KEY => Err(ControlError::Invalid {
            field: "idempotency key",
        }),
        _ => Ok(()),
    }
}

/// A hash of everything that was asked for, to tell a repeated request from another one under the same key.
pub(super) fn request_hash<T: Serialize>(request: &T) -> Result<String, ControlError> {
    let json =
        serde_json::to_vec(request).map_err(|_| ControlError::Invalid { field: "request" })?;
    Ok(HEXLOWER.encode(&Sha256::digest(json)))
}
