use std::{error::Error, io};

/// What PostgreSQL calls a full disk (Appendix A of its documentation, `disk_full`).
const POSTGRES_FULL: &str = "53100";
/// What SQLite calls it (`SQLITE_FULL`).
const SQLITE_FULL: &str = "13";

/// Whether an error comes from a disk without room, however deep that lies: of this machine, or of the database server.
pub fn is_disk_full(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let of_file = error.downcast_ref().is_some_and(|error: &io::Error| {
            matches!(
                error.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            )
        });
        let of_sqlite = error.downcast_ref().is_some_and(|error: &rusqlite::Error| {
            error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
        });
        let of_database = error.downcast_ref().is_some_and(|error: &sqlx::Error| {
            let code = error.as_database_error().and_then(|error| error.code());
            code.is_some_and(|code| code == POSTGRES_FULL || code == SQLITE_FULL)
        });
        if of_file || of_sqlite || of_database {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::ObjectsError;

    #[test]
    fn a_full_disk_is_known_however_deep_it_lies() {
        let stored = |source: io::Error| ObjectsError::Unavailable {
            action: "store an object",
            source: Box::new(source),
        };
        assert!(is_disk_full(&stored(io::ErrorKind::StorageFull.into())));
        assert!(!is_disk_full(&stored(io::ErrorKind::BrokenPipe.into())));
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        assert!(is_disk_full(&rusqlite::Error::SqliteFailure(code, None)));
    }
}
