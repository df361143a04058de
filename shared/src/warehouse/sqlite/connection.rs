use std::{fs::OpenOptions, io::ErrorKind, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::warehouse::WarehouseError;

/// How long a transaction waits for one of another process.
pub(super) const BUSY: Duration = Duration::from_secs(20);
/// A reader keeps this much of the file in memory at most.
const READER_CACHE: &str = "PRAGMA cache_size = -4000";

/// How much of the file a writer keeps in memory at most, and how much of the log comes together before it goes into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// 8 MB of either: a load writes the pages around the rows that it brings.
    Loads,
    /// 64 MB of either: each step of a sweep changes the same scattered pages of the indexes, which would be read and written
    /// again for every one.
    Sweeps,
}

/// `PRAGMA user_version` of a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    /// It holds a warehouse, or nothing yet.
    InUse = 0,
    /// It was erased: whoever still has it open turns to the new one.
    Erased = -1,
}

/// Opens a warehouse for writing, making the file where there is none.
pub(super) fn writer(path: &Path) -> Result<Connection, WarehouseError> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(WarehouseError::File)?;
    }
    create_private(path)?;
    let connection = open(path)?;
    // The first two count only before the first table; a file that has one ignores them.
    prepare(&connection, "PRAGMA page_size = 8192")?;
    prepare(&connection, "PRAGMA auto_vacuum = INCREMENTAL")?;
    prepare(&connection, "PRAGMA journal_mode = WAL")?;
    prepare(&connection, "PRAGMA journal_size_limit = 16777216")?;
    take_room(&connection, Room::Loads)?;
    Ok(connection)
}

/// Gives a writer this much room, within a transaction or without.
pub(super) fn take_room(connection: &Connection, room: Room) -> Result<(), WarehouseError> {
    // The log is counted in pages of 8 KiB.
    let (cache, log) = match room {
        Room::Loads => (
            "PRAGMA cache_size = -8000",
            "PRAGMA wal_autocheckpoint = 1000",
        ),
        Room::Sweeps => (
            "PRAGMA cache_size = -64000",
            "PRAGMA wal_autocheckpoint = 8000",
        ),
    };
    prepare(connection, cache)?;
    prepare(connection, log)
}

/// Opens a warehouse for reading. Where there is no file, an empty database in memory answers: reading makes nothing.
pub(super) fn reader(path: &Path) -> Result<Connection, WarehouseError> {
    if !path.try_exists().map_err(WarehouseError::File)? {
        return Connection::open_in_memory().map_err(failed("opening the file"));
    }
    let connection = open(path)?;
    prepare(&connection, READER_CACHE)?;
    prepare(&connection, "PRAGMA query_only = ON")?;
    Ok(connection)
}

/// Marks the file, inside the transaction that gives it the mark.
pub(super) fn mark(connection: &Connection, mark: Mark) -> Result<(), WarehouseError> {
    connection
        .pragma_update(None, "user_version", mark as i64)
        .map_err(failed("erasing the warehouse"))
}

/// Whether the file that the connection has open was erased.
pub(super) fn is_erased(connection: &Connection) -> Result<bool, WarehouseError> {
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(failed("beginning a transaction"))?;
    Ok(version == Mark::Erased as i64)
}

/// Names the operation that failed.
pub(super) fn failed(operation: &'static str) -> impl Fn(rusqlite::Error) -> WarehouseError {
    move |source| WarehouseError::Sqlite { operation, source }
}

fn open(path: &Path) -> Result<Connection, WarehouseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(failed("opening the file"))?;
    connection
        .busy_timeout(BUSY)
        .map_err(failed("opening the file"))?;
    connection.set_prepared_statement_cache_capacity(64);
    prepare(&connection, "PRAGMA synchronous = NORMAL")?;
    prepare(&connection, "PRAGMA temp_store = FILE")?;
    prepare(&connection, "PRAGMA trusted_schema = OFF")?;
    Ok(connection)
}

/// Runs a pragma. The change to write-ahead logging fails at once where two processes open a new file together.
fn prepare(connection: &Connection, pragma: &str) -> Result<(), WarehouseError> {
    let mut patience = 50;
    loop {
        let ran = connection.query_row(pragma, [], |_| Ok(()));
        match ran {
            Ok(()) | Err(rusqlite::Error::QueryReturnedNoRows) => return Ok(()),
            Err(rusqlite::Error::SqliteFailure(error, _))
                if error.code == ErrorCode::DatabaseBusy && patience > 0 =>
            {
                patience -= 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(source) => return Err(failed("opening the file")(source)),
        }
    }
}

/// The files hold personal data: nobody but their owner reads them. SQLite gives its side files the same mode.
///
/// A file that is there is not opened: closing it would take away every lock that this process's connections hold on it
/// (<https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>), and
/// another process that ends its reading would then remove the log of changes that they write.
fn create_private(path: &Path) -> Result<(), WarehouseError> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(WarehouseError::File(error)),
        _ => Ok(()),
    }
}
