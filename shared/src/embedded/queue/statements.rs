use std::{path::Path, time::Duration};

use chrono::DateTime;
use rusqlite::{Connection, params};

use super::{QueueError, unavailable};
use crate::{
    SubscriptionId,
    ports::{Change, Envelope, Parked, ParkedPage, QueueName, Receipt, Received},
};

/// A file whose messages take up more than this is not written anew: nobody could send one meanwhile. In bytes.
const MOST_REWRITTEN: i64 = 256 * 1_024 * 1_024;

/// Messages looked at for a change in one commit, so that accepting others does not wait long.
const LOOKED_AT: i64 = 500;

/// How long a dedupe key is remembered, in microseconds: a day.
const REMEMBER: i64 = 24 * 3_600 * 1_000_000;

/// What is sent ahead comes before all that came within so many microseconds: ten minutes.
pub(super) const AHEAD: i64 = 10 * 60 * 1_000_000;

/// The most messages given out or listed at once.
const MAX_ROWS: usize = 1_000;

/// The longest reason that is kept, in characters.
const MAX_REASON: usize = 2_000;

/// Times are microseconds since 1970 in UTC. A message is due at `due`; while it is `leased`, that is when its delivery
/// times out. `attempt` tells one delivery from the next.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        subscription TEXT NOT NULL,
        body TEXT NOT NULL,
        due INTEGER NOT NULL,
        leased INTEGER NOT NULL DEFAULT 0,
        attempt INTEGER NOT NULL DEFAULT 0,
        delivery INTEGER NOT NULL DEFAULT 0,
        parked_at INTEGER,
        reason TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, due, id) WHERE parked_at IS NULL;
    CREATE INDEX IF NOT EXISTS messages_parked ON messages (queue, id) WHERE parked_at IS NOT NULL;
    CREATE TABLE IF NOT EXISTS dedupe (
        queue TEXT NOT NULL,
        key TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        PRIMARY KEY (queue, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS dedupe_by_age ON dedupe (sent_at);
";

/// A message to be accepted.
pub(super) struct Message {
    pub(super) queue: QueueName,
    pub(super) subscription: SubscriptionId,
    pub(super) body: String,
    pub(super) now: i64,
    pub(super) due: i64,
    pub(super) dedupe: Option<String>,
}

/// What becomes of a delivery.
pub(super) enum Settle {
    Extend { until: i64 },
    Ack,
    Release { due: i64 },
    Park { reason: String },
}

pub(super) fn open(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(15))?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // With FULL every commit reaches the disk before it is answered, in WAL mode too.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}

pub(super) fn send(connection: &Connection, message: &Message) -> Result<(), QueueError> {
    let failed = || unavailable("accept a message");
    let queue = message.queue.as_str();
    if let Some(key) = &message.dedupe {
        connection
            .prepare_cached("DELETE FROM dedupe WHERE sent_at <= ?1")
            .and_then(|mut statement| statement.execute([message.now - REMEMBER]))
            .map_err(failed())?;
        let remembered = connection
            .prepare_cached("INSERT INTO dedupe (queue, key, sent_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
            .and_then(|mut statement| statement.execute(params![queue, key, message.now]))
            .map_err(failed())?;
        if remembered == 0 {
            return Ok(());
        }
    }
    connection
        .prepare_cached(
            "INSERT INTO messages (queue, subscription, body, due) VALUES (?1, ?2, ?3, ?4)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                queue,
                message.subscription.as_str(),
                message.body,
                message.due
            ])
        })
        .map_err(failed())?;
    Ok(())
}

/// A message that cannot be read is parked, so that it does not stand in the way of the others for ever.
pub(super) fn receive(
    connection: &Connection,
    queue: QueueName,
    max: usize,
    now: i64,
    until: i64,
) -> Result<Vec<Received>, QueueError> {
    let sql = "UPDATE messages SET leased = 1, due = ?3, attempt = attempt + 1, delivery = delivery + 1 \
               WHERE id IN (SELECT id FROM messages WHERE queue = ?1 AND parked_at IS NULL AND due <= ?2 \
               ORDER BY due, id LIMIT ?4) RETURNING id, delivery, attempt, body";
    let failed = || unavailable("give out messages");
    let limit = i64::try_from(max.min(MAX_ROWS)).unwrap_or(1);
    let mut statement = connection.prepare_cached(sql).map_err(failed())?;
    let rows = statement
        .query_map(params![queue.as_str(), now, until, limit], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, u32>(2)?,
                row.get::<_, String>(3)?,
            ))
        })
        .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
        .map_err(failed())?;
    let mut received = Vec::with_capacity(rows.len());
    for (id, delivery, attempt, body) in rows {
        let receipt = Receipt(format!("{id}.{delivery}"));
        match serde_json::from_str(&body) {
            Ok(envelope) => received.push((
                id,
                Received {
                    id: id.to_string(),
                    receipt,
                    attempt,
                    envelope,
                },
            )),
            Err(error) => {
                let reason = format!("the message cannot be read: {error}");
                settle(connection, queue, &receipt, now, &Settle::Park { reason })?;
            }
        }
    }
    // RETURNING promises no order; those that wait longest come first.
    received.sort_by_key(|(id, _)| *id);
    Ok(received.into_iter().map(|(_, received)| received).collect())
}

pub(super) fn settle(
    connection: &Connection,
    queue: QueueName,
    receipt: &Receipt,
    now: i64,
    settle: &Settle,
) -> Result<(), QueueError> {
    let failed = || unavailable("settle a delivery");
    let (id, delivery) = parse_receipt(receipt).ok_or(QueueError::ReceiptExpired)?;
    let key = params![queue.as_str(), id, delivery, now];
    let held = "queue = ?1 AND id = ?2 AND delivery = ?3 AND leased = 1 AND due > ?4 AND parked_at IS NULL";
    let changed = match settle {
        Settle::Ack => connection
            .prepare_cached(&format!("DELETE FROM messages WHERE {held}"))
            .and_then(|mut statement| statement.execute(key)),
        Settle::Extend { until } => connection
            .prepare_cached(&format!("UPDATE messages SET due = ?5 WHERE {held}"))
            .and_then(|mut statement| {
                statement.execute(params![queue.as_str(), id, delivery, now, until])
            }),
        Settle::Release { due } => connection
            .prepare_cached(&format!(
                "UPDATE messages SET due = ?5, leased = 0 WHERE {held}"
            ))
            .and_then(|mut statement| {
                statement.execute(params![queue.as_str(), id, delivery, now, due])
            }),
        Settle::Park { reason } => {
            let reason: String = reason.chars().take(MAX_REASON).collect();
            connection
                .prepare_cached(&format!(
                    "UPDATE messages SET parked_at = ?4, reason = ?5, leased = 0 WHERE {held}"
                ))
                .and_then(|mut statement| {
                    statement.execute(params![queue.as_str(), id, delivery, now, reason])
                })
        }
    }
    .map_err(failed())?;
    if changed > 0 {
        Ok(())
    } else {
        Err(QueueError::ReceiptExpired)
    }
}

/// Every delivery is over.
pub(super) fn hand_back(connection: &Connection, now: i64) -> Result<(), QueueError> {
    let sql = "UPDATE messages SET due = ?1, leased = 0 WHERE leased = 1 AND due > ?1 AND parked_at IS NULL";
    connection
        .execute(sql, [now])
        .map_err(unavailable("hand back messages"))?;
    Ok(())
}

fn parse_receipt(receipt: &Receipt) -> Option<(i64, i64)> {
    let (id, delivery) = receipt.0.split_once('.')?;
    Some((id.parse().ok()?, delivery.parse().ok()?))
}

/// One that cannot be read is listed as of kind `unreadable`, without a body, so that it does not hide its neighbours.
pub(super) fn parked(
    connection: &Connection,
    queue: QueueName,
    page: &ParkedPage,
) -> Result<Vec<Parked>, QueueError> {
    let sql = "SELECT id, reason, parked_at, attempt, body, subscription FROM messages \
               WHERE queue = ?1 AND parked_at IS NOT NULL AND id > ?2 AND (?3 = '' OR subscription = ?3) \
               ORDER BY id LIMIT ?4";
    let after: i64 = page
        .after
        .as_deref()
        .map_or(0, |after| after.parse().unwrap_or(i64::MAX));
    let subscription = page
        .subscription
        .as_ref()
        .map_or("", SubscriptionId::as_str);
    let limit = i64::try_from(page.limit.min(MAX_ROWS)).unwrap_or(1);
    let failed = || unavailable("list parked messages");
    let mut statement = connection.prepare_cached(sql).map_err(failed())?;
    statement
        .query_map(
            params![queue.as_str(), after, subscription, limit],
            parked_row,
        )
        .and_then(Iterator::collect)
        .map_err(failed())
}

fn parked_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Parked> {
    let envelope = match serde_json::from_str(&row.get::<_, String>(4)?) {
        Ok(envelope) => envelope,
        Err(_) => Envelope {
            version: 0,
            kind: "unreadable".to_owned(),
            subscription: row
                .get::<_, String>(5)?
                .parse()
                .map_err(|_| rusqlite::Error::InvalidQuery)?,
            body: serde_json::Value::Null,
        },
    };
    Ok(Parked {
        id: row.get::<_, i64>(0)?.to_string(),
        reason: row.get(1)?,
        parked_at: DateTime::from_timestamp_micros(row.get(2)?).unwrap_or(DateTime::UNIX_EPOCH),
        attempt: row.get(3)?,
        envelope,
    })
}

pub(super) fn forget_parked(
    connection: &Connection,
    queue: QueueName,
    subscription: &SubscriptionId,
    before: i64,
) -> Result<u64, QueueError> {
    let sql = "DELETE FROM messages WHERE queue = ?1 AND subscription = ?2 AND parked_at < ?3";
    let dropped = connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            statement.execute(params![queue.as_str(), subscription.as_str(), before])
        })
        .map_err(unavailable("drop parked messages"))?;
    Ok(dropped as u64)
}

pub(super) fn replay(
    connection: &Connection,
    queue: QueueName,
    subscription: &SubscriptionId,
    id: &str,
    now: i64,
) -> Result<bool, QueueError> {
    let Ok(id) = id.parse::<i64>() else {
        return Ok(false);
    };
    let sql = "UPDATE messages SET parked_at = NULL, reason = NULL, attempt = 0, due = ?4 \
               WHERE queue = ?1 AND subscription = ?2 AND id = ?3 AND parked_at IS NOT NULL";
    let changed = connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            statement.execute(params![queue.as_str(), subscription.as_str(), id, now])
        })
        .map_err(unavailable("replay a message"))?;
    Ok(changed > 0)
}

/// What became of some messages that were looked at.
pub(super) struct Rewritten {
    pub(super) changed: u64,
    /// The last one that was looked at; `None` where none was left.
    pub(super) last: Option<i64>,
}

/// Looks at the next messages of a subscription and keeps them as they are after the change.
pub(super) fn rewrite(
    connection: &Connection,
    queue: QueueName,
    subscription: &SubscriptionId,
    after: i64,
    change: &Change,
) -> Result<Rewritten, QueueError> {
    let failed = || unavailable("change messages");
    let sql = "SELECT id, body FROM messages WHERE id > ?1 AND queue = ?2 AND subscription = ?3 ORDER BY id LIMIT ?4";
    let mut statement = connection.prepare_cached(sql).map_err(failed())?;
    let found = statement
        .query_map(
            params![after, queue.as_str(), subscription.as_str(), LOOKED_AT],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
        )
        .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
        .map_err(failed())?;
    let mut done = Rewritten {
        changed: 0,
        last: found.last().map(|(id, _)| *id),
    };
    for (id, body) in found {
        // What cannot be read was put aside as it is, and is never shown.
        let Ok(mut envelope) = serde_json::from_str::<Envelope>(&body) else {
            continue;
        };
        if !change(&mut envelope.body) {
            continue;
        }
        let body = serde_json::to_string(&envelope).map_err(|source| QueueError::Corrupt {
            id: id.to_string(),
            source: source.into(),
        })?;
        connection
            .prepare_cached("UPDATE messages SET body = ?2 WHERE id = ?1")
            .and_then(|mut statement| statement.execute(params![id, body]))
            .map_err(failed())?;
        done.changed += 1;
    }
    Ok(done)
}

/// Writes the file anew, and its log into it: the space of what was changed or deleted keeps none of it.
pub(super) fn rewrite_file(connection: &Connection) -> rusqlite::Result<()> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let used = number("page_count")?.saturating_sub(number("freelist_count")?);
    if used.saturating_mul(number("page_size")?) <= MOST_REWRITTEN {
        connection.execute_batch("VACUUM")?;
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
