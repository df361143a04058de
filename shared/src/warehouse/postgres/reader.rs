use std::collections::{BTreeSet, HashMap};

use futures::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, Postgres, Row as _, pool::PoolConnection,
};
use tokio::sync::{
    mpsc::{Receiver, Sender},
    oneshot,
};

use super::{
    session::{Known, PostgresSession, failed},
    value::{bind, push},
};
use crate::warehouse::{
    Rows, Scan, WarehouseError, session,
    snapshot::{Command, Message, is_full},
    sql::{Select, quoted},
    unreadable,
};

/// The transaction of every read.
pub(super) const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Owns the connection of a snapshot in a task of its own until nobody can ask any more.
pub(super) async fn serve(
    mut connection: PoolConnection<Postgres>,
    schema: String,
    ready: oneshot::Sender<Result<(), WarehouseError>>,
    mut commands: Receiver<Command>,
) {
    let failed = failed("beginning a transaction");
    let mut transaction = match connection.begin_with(BEGIN_READ).await {
        Ok(transaction) => transaction,
        Err(error) => {
            // Who asked has gone: there is nobody to tell.
            let _ = ready.send(Err(failed(error)));
            return;
        }
    };
    let abandoned = serve_in(&mut transaction, &schema, ready, &mut commands).await;
    drop(transaction);
    if abandoned {
        // The rest of a scan that nobody read may be gigabytes on their way: a new connection is cheaper.
        connection.close_on_drop();
    }
}

/// Serves inside the transaction; whether a scan's reader left before its end.
async fn serve_in(
    connection: &mut PgConnection,
    schema: &str,
    ready: oneshot::Sender<Result<(), WarehouseError>>,
    commands: &mut Receiver<Command>,
) -> bool {
    let mut session = match enter(connection, schema).await {
        Ok(session) => session,
        Err(error) => {
            let _ = ready.send(Err(error));
            return false;
        }
    };
    if ready.send(Ok(())).is_err() {
        return false;
    }
    let mut abandoned = false;
    while let Some(command) = commands.recv().await {
        // An answer that nobody waits for any more is dropped.
        match command {
            Command::Scan {
                scan,
                started,
                messages,
            } => {
                abandoned |= answer(&mut session, &scan, started, &messages).await;
            }
            Command::Count {
                table,
                filter,
                answer,
            } => {
                let _ = answer.send(session::count(&mut session, &table, &filter).await);
            }
            Command::Tables { answer } => {
                let _ = answer.send(tables(&mut session).await);
            }
        }
    }
    abandoned
}

/// The warehouse's role for the rest of the transaction; where there is no such warehouse, nothing exists.
pub(super) async fn enter<'c>(
    connection: &'c mut PgConnection,
    schema: &'c str,
) -> Result<PostgresSession<'c>, WarehouseError> {
    let failed = failed("beginning a transaction");
    let exists = exists(connection, schema).await?;
    if exists {
        let role = format!("SET LOCAL ROLE {}", quoted(schema)?);
        sqlx::raw_sql(AssertSqlSafe(role))
            .execute(&mut *connection)
            .await
            .map_err(&failed)?;
    }
    Ok(PostgresSession {
        connection,
        schema,
        exists,
        known: Known::new(),
        size: None,
        readable_changed: false,
        seen: HashMap::new(),
    })
}

/// Whether the warehouse's schema is there.
async fn exists(connection: &mut PgConnection, schema: &str) -> Result<bool, WarehouseError> {
    let failed = failed("beginning a transaction");
    let row = sqlx::query("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)")
        .bind(schema)
        .fetch_one(connection)
        .await
        .map_err(&failed)?;
    row.try_get(0).map_err(failed)
}

/// Answers a scan; whether its reader left before the end.
async fn answer(
    session: &mut PostgresSession<'_>,
    scan: &Scan,
    started: oneshot::Sender<Result<(), WarehouseError>>,
    messages: &Sender<Message>,
) -> bool {
    let select = match session::select(session, scan).await {
        Ok(select) => select,
        Err(error) => {
            let _ = started.send(Err(error));
            return false;
        }
    };
    if started.send(Ok(())).is_err() {
        return false;
    }
    let read = match select {
        Some(select) => batches(session.connection, &select, messages).await,
        None => Ok(true),
    };
    let (last, abandoned) = match read {
        Ok(to_the_end) => (Message::End, !to_the_end),
        Err((error, read)) => {
            let error = unreadable::locate(session, scan, read, error).await;
            (Message::Failed(error), false)
        }
    };
    let _ = messages.send(last).await;
    abandoned
}

/// Sends the rows in batches; whether all of them were taken. With an error comes how many rows were read before it.
async fn batches(
    connection: &mut PgConnection,
    select: &Select,
    messages: &Sender<Message>,
) -> Result<bool, (WarehouseError, u64)> {
    let mut query = sqlx::query(AssertSqlSafe(select.statement.text.as_str())).persistent(false);
    for value in &select.statement.values {
        query = bind(query, value);
    }
    let mut batch = Rows::new(select.answers.len());
    let mut taken = 0;
    let mut rows = query.fetch(connection);
    loop {
        let row = match rows.try_next().await {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => return Err((failed("scanning a table")(error), taken)),
        };
        let (table, answers) = (&select.table, &select.answers);
        if let Err(error) = push(&mut batch, &row, table, answers, select.tolerant) {
            return Err((error, taken + batch.len() as u64));
        }
        if is_full(&batch) {
            taken += batch.len() as u64;
            let next = batch.next_batch();
            let full = std::mem::replace(&mut batch, next);
            if messages.send(Message::Rows(full)).await.is_err() {
                return Ok(false);
            }
        }
    }
    Ok(batch.is_empty() || messages.send(Message::Rows(batch)).await.is_ok())
}

async fn tables(session: &mut PostgresSession<'_>) -> Result<BTreeSet<String>, WarehouseError> {
    let failed = failed("listing the tables");
    let rows = sqlx::query("SELECT tablename::text FROM pg_tables WHERE schemaname = $1")
        .bind(session.schema)
        .fetch_all(&mut *session.connection)
        .await
        .map_err(&failed)?;
    let names = rows.iter().map(|row| row.try_get(0));
    names.collect::<Result<_, _>>().map_err(&failed)
}
