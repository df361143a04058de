use std::{
    collections::HashMap,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::OwnedMutexGuard;

use super::{
    connection::{Mark, Room, failed, is_erased, mark, reader, take_room, writer},
    session::{Known, SqliteSession},
    space,
};
use crate::{SubscriptionId, warehouse::WarehouseError};

/// Files beyond this number are closed, those unused for longest first: opening one reads its whole schema, and closing one
/// waits for the disk.
const MOST_OPEN: usize = 512;
/// So many are kept open however few the process may open, and keep what they read in memory.
const FEWEST_OPEN: usize = 32;
/// What a file takes of the process's open files: a writer and readers, each with the log.
const HANDLES: u64 = 8;
/// What is left for everything else.
const OTHERS: u64 = 256;
/// Idle connections for reading that a file keeps.
const IDLE_READERS: usize = 2;

/// All files of one directory.
#[derive(Debug)]
pub(in crate::warehouse) struct SqliteWarehouses {
    directory: PathBuf,
    most_open: usize,
    open: Mutex<OpenFiles>,
    /// Whether so many are open that none of them may keep pages in memory.
    crowded: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct OpenFiles {
    files: HashMap<SubscriptionId, (Arc<File>, u64)>,
    uses: u64,
}

/// One file: the connection that writes it and idle ones that read it.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    writer: Arc<tokio::sync::Mutex<Option<Writer>>>,
    idle_readers: Mutex<Vec<Connection>>,
    crowded: Arc<AtomicBool>,
}

/// The connection that writes, and what it knows of the tables.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    room: Room,
    known: Known,
}

/// The turn to write a file.
pub(super) type Turn = OwnedMutexGuard<Option<Writer>>;

impl SqliteWarehouses {
    /// The files of a directory. The process's own limit of open files is raised as far as it may be.
    pub fn new(directory: PathBuf) -> Self {
        let limit = rlimit::increase_nofile_limit(OTHERS + HANDLES * MOST_OPEN as u64);
        let files = limit.unwrap_or(0).saturating_sub(OTHERS) / HANDLES;
        let files = usize::try_from(files).unwrap_or(MOST_OPEN);
        Self {
            directory,
            most_open: files.clamp(FEWEST_OPEN, MOST_OPEN),
            open: Mutex::default(),
            crowded: Arc::default(),
        }
    }

    /// The file of a subscription, opened when it is used.
    pub(super) fn file(&self, subscription: &SubscriptionId) -> Arc<File> {
        let mut open = lock(&self.open);
        open.uses += 1;
        let now = open.uses;
        if let Some((file, used)) = open.files.get_mut(subscription) {
            *used = now;
            return Arc::clone(file);
        }
        if open.files.len() >= self.most_open {
            open.close_longest_unused();
        }
        let name = format!("{}.sqlite", subscription.warehouse_name());
        let file = Arc::new(File {
            path: self.directory.join(name),
            writer: Arc::default(),
            idle_readers: Mutex::default(),
            crowded: Arc::clone(&self.crowded),
        });
        let entry = (Arc::clone(&file), now);
        open.files.insert(subscription.clone(), entry);
        let crowded = open.files.len() > FEWEST_OPEN;
        self.crowded.store(crowded, Ordering::Relaxed);
        file
    }
}

#[cfg(test)]
impl SqliteWarehouses {
    /// The same, with fewer files kept open.
    pub(super) fn with_most_open(self, most_open: usize) -> Self {
        Self { most_open, ..self }
    }

    pub(super) fn open_files(&self) -> usize {
        lock(&self.open).files.len()
    }
}

impl OpenFiles {
    /// Files in use stay: two writers of one file in one process would wait for each other on threads.
    fn close_longest_unused(&mut self) {
        let unused = self
            .files
            .iter()
            .filter(|(_, (file, _))| Arc::strong_count(file) == 1)
            .min_by_key(|(_, (_, used))| *used)
            .map(|(subscription, _)| subscription.clone());
        if let Some(subscription) = unused {
            self.files.remove(&subscription);
        }
    }
}

impl File {
    pub async fn turn(&self) -> Turn {
        Arc::clone(&self.writer).lock_owned().await
    }

    pub fn exists(&self) -> Result<bool, WarehouseError> {
        self.path.try_exists().map_err(WarehouseError::File)
    }

    /// Works in a transaction that is committed when the work succeeds. A connection on which anything failed is closed,
    /// so that nothing half done can stay on it.
    pub fn write<T>(
        &self,
        mut turn: Turn,
        room: Room,
        work: impl FnOnce(&mut SqliteSession<'_>) -> Result<T, WarehouseError>,
    ) -> Result<T, WarehouseError> {
        let mut writer = self.begin_write(turn.take())?;
        if writer.room != room {
            take_room(&writer.connection, room)?;
            writer.room = room;
        }
        let version = schema_version(&writer.connection)?;
        if version != writer.known.version {
            writer.known = Known {
                version,
                ..Known::default()
            };
        }
        let done = work(&mut SqliteSession {
            connection: &mut writer.connection,
            known: &mut writer.known,
        })?;
        writer.known.version = schema_version(&writer.connection)?;
        writer
            .connection
            .execute_batch("COMMIT")
            .map_err(failed("committing a load"))?;
        self.rest(&writer.connection)?;
        *turn = Some(writer);
        Ok(done)
    }

    /// A writer in a transaction. Where the file was erased under it, it turns to the one that comes after; a file that
    /// stays in its place although it was erased is empty, and is taken as it is.
    fn begin_write(&self, idle: Option<Writer>) -> Result<Writer, WarehouseError> {
        let mut idle = idle;
        let mut patience = 10;
        loop {
            let writer = match idle.take() {
                Some(writer) => writer,
                None => self.new_writer()?,
            };
            begin_immediate(&writer.connection)?;
            if !is_erased(&writer.connection)? {
                return Ok(writer);
            }
            if patience == 0 {
                mark(&writer.connection, Mark::InUse)?;
                return Ok(writer);
            }
            patience -= 1;
            drop(writer);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Works in a transaction that only reads.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&mut SqliteSession<'_>) -> Result<T, WarehouseError>,
    ) -> Result<T, WarehouseError> {
        let mut connection = self.begin_read()?;
        let mut known = Known::default();
        let done = work(&mut SqliteSession {
            connection: &mut connection,
            known: &mut known,
        })?;
        self.end_read(connection)?;
        Ok(done)
    }

    /// A connection in a transaction that sees the warehouse as it is now.
    pub fn begin_read(&self) -> Result<Connection, WarehouseError> {
        let idle = lock(&self.idle_readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => reader(&self.path)?,
        };
        begin_read(&connection)?;
        if is_erased(&connection)? {
            drop(connection);
            connection = reader(&self.path)?;
            begin_read(&connection)?;
        }
        Ok(connection)
    }

    /// Ends the transaction and keeps the connection for the next reader.
    pub fn end_read(&self, connection: Connection) -> Result<(), WarehouseError> {
        connection
            .execute_batch("COMMIT")
            .map_err(failed("ending a read"))?;
        self.rest(&connection)?;
        let mut idle = lock(&self.idle_readers);
        // An empty database in memory stood for a file that may be there by now.
        if connection.path().is_some_and(|path| !path.is_empty()) && idle.len() < IDLE_READERS {
            idle.push(connection);
        }
        Ok(())
    }

    /// Writes the file anew where it holds at most so many bytes, and the log into the file; whether no earlier content is
    /// left in them.
    pub fn scrub(&self, mut turn: Turn, most_bytes: u64) -> Result<bool, WarehouseError> {
        let writer = match turn.take() {
            Some(writer) => writer,
            None => self.new_writer()?,
        };
        let done = space::scrub(&writer.connection, most_bytes)?;
        self.rest(&writer.connection)?;
        *turn = Some(writer);
        Ok(done)
    }

    /// Empties the file and removes it. Processes that have it open find it marked and turn to whatever comes after it.
    pub fn erase(&self, mut turn: Turn) -> Result<(), WarehouseError> {
        let writer = turn.take();
        if !self.exists()? {
            return Ok(());
        }
        let writer = match writer {
            Some(writer) => writer,
            None => self.new_writer()?,
        };
        let connection = writer.connection;
        begin_immediate(&connection)?;
        if !is_erased(&connection)? {
            drop_everything(&connection)?;
            mark(&connection, Mark::Erased)?;
        }
        connection
            .execute_batch("COMMIT")
            .map_err(failed("erasing the warehouse"))?;
        lock(&self.idle_readers).clear();
        for suffix in ["", "-wal", "-shm"] {
            remove(&self.path, suffix)?;
        }
        Ok(())
    }

    /// Lets go of what a connection that is used no more keeps in memory, where there are many of them.
    fn rest(&self, connection: &Connection) -> Result<(), WarehouseError> {
        if self.crowded.load(Ordering::Relaxed) {
            let shrink = connection.execute_batch("PRAGMA shrink_memory");
            shrink.map_err(failed("letting go of memory"))?;
        }
        Ok(())
    }

    fn new_writer(&self) -> Result<Writer, WarehouseError> {
        Ok(Writer {
            connection: writer(&self.path)?,
            room: Room::Loads,
            known: Known::default(),
        })
    }
}

fn begin_immediate(connection: &Connection) -> Result<(), WarehouseError> {
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(failed("beginning a transaction"))
}

/// SQLite takes its snapshot at the first read, not at `BEGIN`.
fn begin_read(connection: &Connection) -> Result<(), WarehouseError> {
    let failed = failed("beginning a transaction");
    connection.execute_batch("BEGIN").map_err(&failed)?;
    connection
        .query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(&failed)
}

/// Changes whenever any process creates or alters a table.
fn schema_version(connection: &Connection) -> Result<i64, WarehouseError> {
    connection
        .pragma_query_value(None, "schema_version", |row| row.get(0))
        .map_err(failed("beginning a transaction"))
}

fn drop_everything(connection: &Connection) -> Result<(), WarehouseError> {
    let failed = failed("erasing the warehouse");
    let mut statement = connection
        .prepare("SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view')")
        .map_err(&failed)?;
    let names = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect::<Result<Vec<(String, String)>, _>>)
        .map_err(&failed)?;
    drop(statement);
    for (kind, name) in names {
        let name = name.replace('"', "\"\"");
        let dropped = format!("DROP {kind} \"{name}\"");
        connection.execute_batch(&dropped).map_err(&failed)?;
    }
    Ok(())
}

fn remove(path: &Path, suffix: &str) -> Result<(), WarehouseError> {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    match std::fs::remove_file(name) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(WarehouseError::File(error)),
        _ => Ok(()),
    }
}

/// A panic elsewhere leaves these lists usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
