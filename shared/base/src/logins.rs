//! Whether a database refused this process's login: its password was changed, or whoever it was may not come any more.
//!
//! It is of the whole process, so that nothing has to carry it along. Whoever has the login from a secret looks here and
//! reads the secret anew.

use std::sync::atomic::{AtomicBool, Ordering};

static REFUSED: AtomicBool = AtomicBool::new(false);

/// Notes it, where what a PostgreSQL said is that: class 28 of its codes
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub fn told(code: Option<&str>) {
    if code.is_some_and(|code| code.starts_with("28")) {
        REFUSED.store(true, Ordering::Relaxed);
    }
}

/// Notes it, where an error of a database is that.
#[cfg(feature = "sqlx")]
pub fn noted(error: &sqlx::Error) {
    if let sqlx::Error::Database(error) = error {
        told(error.code().as_deref());
    }
}

/// Whether it was since this was asked last.
pub fn refused() -> bool {
    REFUSED.swap(false, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_logins_is_told_apart_and_once() {
        for other in [None, Some("23505"), Some("57P01")] {
            told(other);
            assert!(!refused(), "{other:?}");
        }
        for code in ["28P01", "28000"] {
            told(Some(code));
            assert!(refused() && !refused(), "{code}");
        }
    }
}
