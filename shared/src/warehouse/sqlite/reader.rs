use std::collections::BTreeSet;

use futures::executor::block_on;
use rusqlite::Connection;
use tokio::sync::{
    mpsc::{Receiver, Sender},
    oneshot,
};

use super::{
    connection::failed,
    file::File,
    session::{Known, SqliteSession, batches},
};
use crate::warehouse::{
    Scan, WarehouseError, session,
    snapshot::{Command, Message, is_full},
    unreadable,
};

/// Owns the connection of a snapshot on a thread of its own until nobody can ask any more.
pub(super) fn serve(
    file: &File,
    ready: oneshot::Sender<Result<(), WarehouseError>>,
    mut commands: Receiver<Command>,
) {
    let mut connection = match file.begin_read() {
        Ok(connection) => connection,
        Err(error) => {
            // Who asked has gone: there is nobody to tell.
            let _ = ready.send(Err(error));
            return;
        }
    };
    if ready.send(Ok(())).is_err() {
        return;
    }
    let mut known = Known::default();
    while let Some(command) = commands.blocking_recv() {
        let mut session = SqliteSession {
            connection: &mut connection,
            known: &mut known,
        };
        // An answer that nobody waits for any more is dropped.
        match command {
            Command::Scan {
                scan,
                started,
                messages,
            } => {
                answer(&mut session, &scan, started, &messages);
            }
            Command::Count {
                table,
                filter,
                answer,
            } => {
                let _ = answer.send(block_on(session::count(&mut session, &table, &filter)));
            }
            Command::Tables { answer } => {
                let _ = answer.send(tables(session.connection));
            }
        }
    }
    if let Err(error) = file.end_read(connection) {
        tracing::warn!(error = %error, "a read transaction did not end cleanly");
    }
}

fn answer(
    session: &mut SqliteSession<'_>,
    scan: &Scan,
    started: oneshot::Sender<Result<(), WarehouseError>>,
    messages: &Sender<Message>,
) {
    let select = match block_on(session::select(session, scan)) {
        Ok(select) => select,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    if started.send(Ok(())).is_err() {
        return;
    }
    let read = select.map_or(Ok(()), |select| {
        batches(session.connection, &select, is_full, |rows| {
            messages.blocking_send(Message::Rows(rows)).is_ok()
        })
    });
    let last = match read {
        Ok(()) => Message::End,
        Err((error, read)) => {
            Message::Failed(block_on(unreadable::locate(session, scan, read, error)))
        }
    };
    let _ = messages.blocking_send(last);
}

fn tables(connection: &Connection) -> Result<BTreeSet<String>, WarehouseError> {
    let failed = failed("listing the tables");
    let mut statement = connection
        .prepare_cached("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .map_err(&failed)?;
    statement
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .map_err(&failed)
}
