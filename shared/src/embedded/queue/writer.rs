use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{QueueError, unavailable};

/// The most requests of one commit.
const GROUP: usize = 256;

/// Something to do.
pub(super) enum Request {
    /// Within a transaction that others share; gives back what tells its sender how it went, once that is durable.
    Shared(Shared),
    /// Outside of any.
    Alone(Box<dyn FnOnce(&Connection) + Send>),
}

type Shared = Box<dyn FnOnce(&Connection) -> Answer + Send>;

/// Tells the sender: told `None`, that all is durable; told an error, that the commit failed.
type Answer = Box<dyn FnOnce(Option<&rusqlite::Error>) + Send>;

/// Wraps a piece of work so that its result is told after the commit.
pub(super) fn request<T: Send + 'static>(
    action: &'static str,
    work: impl FnOnce(&Connection) -> Result<T, QueueError> + Send + 'static,
    answer: oneshot::Sender<Result<T, QueueError>>,
) -> Request {
    Request::Shared(Box::new(move |connection| {
        let result = within_savepoint(connection, action, work);
        Box::new(move |failure| {
            let result = match failure {
                None => result,
                Some(error) => Err(QueueError::Unavailable {
                    action,
                    source: format!("it could not commit: {error}").into(),
                }),
            };
            // Whoever gave up waiting finds out by the message coming again.
            let _ = answer.send(result);
        })
    }))
}

/// A request that fails takes back its own changes, not those of its neighbours.
fn within_savepoint<T>(
    connection: &Connection,
    action: &'static str,
    work: impl FnOnce(&Connection) -> Result<T, QueueError>,
) -> Result<T, QueueError> {
    connection
        .execute_batch("SAVEPOINT request")
        .map_err(unavailable(action))?;
    let result = work(connection);
    let end = if result.is_ok() {
        "RELEASE request"
    } else {
        "ROLLBACK TO request; RELEASE request"
    };
    connection.execute_batch(end).map_err(unavailable(action))?;
    result
}

/// Does what comes until nobody can ask any more: everything that waits goes into one transaction.
pub(super) fn run(mut connection: Connection, mut waiting: mpsc::Receiver<Request>) {
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = waiting.blocking_recv() {
        let mut next = Some(first);
        let mut alone = None;
        while let Some(request) = next {
            match request {
                Request::Shared(work) => group.push(work),
                Request::Alone(work) => {
                    alone = Some(work);
                    break;
                }
            }
            next = (group.len() < GROUP)
                .then(|| waiting.try_recv().ok())
                .flatten();
        }
        if !group.is_empty() {
            run_group(&mut connection, &mut group);
        }
        if let Some(work) = alone {
            work(&connection);
        }
    }
}

fn run_group(connection: &mut Connection, group: &mut Vec<Shared>) {
    let transaction =
        match connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate) {
            Ok(transaction) => transaction,
            Err(error) => {
                // Dropped, the requests tell their senders that there is no answer.
                tracing::error!(%error, requests = group.len(), "the queue cannot begin to write");
                group.clear();
                return;
            }
        };
    let answers: Vec<Answer> = group
        .drain(..)
        .map(|request| request(&transaction))
        .collect();
    let committed = transaction.commit();
    if let Err(error) = &committed {
        tracing::error!(%error, requests = answers.len(), "the queue cannot commit");
    }
    for answer in answers {
        answer(committed.as_ref().err());
    }
}
