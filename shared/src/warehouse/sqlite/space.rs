//! The pages of a file.

use std::time::Duration;

use rusqlite::Connection;

use super::{
    connection::{BUSY, failed},
    session::SqliteSession,
};
use crate::{ports::is_disk_full, warehouse::WarehouseError};

/// How long whoever still reads what was there before is waited for.
const READERS_END: Duration = Duration::from_secs(2);

/// Bytes of the pages that hold something. Free ones take the next rows, so that they do not count.
pub(super) fn used(connection: &Connection) -> Result<u64, WarehouseError> {
    let number = |pragma| {
        let read = connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let number = read.map_err(failed("measuring the warehouse"))?;
        Ok::<_, WarehouseError>(u64::try_from(number).unwrap_or(0))
    };
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(pages.saturating_mul(number("page_size")?))
}

/// Writes a file of at most so many bytes anew, and its log into it; whether no earlier content is left in them. Nothing less
/// would do: `secure_delete` leaves what SQLite copied from page to page, and what was deleted without it.
pub(super) fn scrub(connection: &Connection, most_bytes: u64) -> Result<bool, WarehouseError> {
    let failed = failed("clearing the file of what it held");
    if used(connection)? > most_bytes {
        return Ok(false);
    }
    match connection.execute_batch("VACUUM") {
        Err(error) if is_disk_full(&error) => return Ok(false),
        done => done.map_err(&failed)?,
    }
    connection.busy_timeout(READERS_END).map_err(&failed)?;
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(&failed)?;
    connection.busy_timeout(BUSY).map_err(&failed)?;
    Ok(busy == 0)
}

impl SqliteSession<'_> {
    /// Takes at most this many free pages off the end of the file; how many free ones are left.
    pub fn give_back(&mut self, pages: u32) -> Result<u64, WarehouseError> {
        let failed = failed("giving space back");
        let mut statement = self
            .connection
            .prepare(&format!("PRAGMA incremental_vacuum({pages})"))
            .map_err(&failed)?;
        // Every step of it frees one page.
        let mut steps = statement.raw_query();
        while steps.next().map_err(&failed)?.is_some() {}
        let left: i64 = self
            .connection
            .pragma_query_value(None, "freelist_count", |row| row.get(0))
            .map_err(&failed)?;
        Ok(u64::try_from(left).unwrap_or(0))
    }
}
