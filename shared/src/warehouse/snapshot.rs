use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures::Stream;
use tokio::sync::{mpsc, oneshot};

use super::{Filter, Rows, Scan, WarehouseError};
use crate::{catalog::Table, ports::Interruptible};

/// A batch is given out when it has this many rows …
const BATCH_ROWS: usize = 500;
/// … or this many bytes of text.
const BATCH_BYTES: usize = 1 << 20;
/// Batches that may wait for the one who reads them.
const WAITING: usize = 2;

/// One consistent read of a warehouse. It owns a connection in a transaction; dropping it ends the transaction.
#[derive(Debug)]
pub struct Snapshot {
    commands: mpsc::Sender<Command>,
    interruptible: Interruptible,
}

/// The rows of a scan, in batches. It ends with an error if the scan was not read to its end; one that ends without an
/// error is complete. It may outlive its snapshot.
#[derive(Debug)]
pub struct RowStream {
    messages: mpsc::Receiver<Message>,
    ended: bool,
    interruptible: Interruptible,
}

/// What the owner of the connection is asked.
#[derive(Debug)]
pub(super) enum Command {
    Scan {
        scan: Box<Scan>,
        started: oneshot::Sender<Result<(), WarehouseError>>,
        messages: mpsc::Sender<Message>,
    },
    Count {
        table: Arc<Table>,
        filter: Filter,
        answer: oneshot::Sender<Result<u64, WarehouseError>>,
    },
    Tables {
        answer: oneshot::Sender<Result<BTreeSet<String>, WarehouseError>>,
    },
}

/// What a scan sends: an end that is not said is not an end.
#[derive(Debug)]
pub(super) enum Message {
    Rows(Rows),
    Failed(WarehouseError),
    End,
}

impl Snapshot {
    /// A snapshot and the commands that its connection's owner is to serve.
    pub(super) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (commands, served) = mpsc::channel(1);
        let interruptible = Interruptible::default();
        let snapshot = Self {
            commands,
            interruptible,
        };
        (snapshot, served)
    }

    pub(super) fn interruptible(mut self, interruptible: Interruptible) -> Self {
        self.interruptible = interruptible;
        self
    }

    /// Begins to read the rows of one table. Read a stream to its end, or drop it, before the next question: one
    /// connection answers one question at a time. A table that does not exist has no rows.
    pub async fn scan(&self, scan: Scan) -> Result<RowStream, WarehouseError> {
        let (started, has_started) = oneshot::channel();
        let (sender, messages) = mpsc::channel(WAITING);
        let scan = Box::new(scan);
        self.ask(Command::Scan {
            scan,
            started,
            messages: sender,
        })
        .await?;
        has_started.await.map_err(|_| WarehouseError::Stopped)??;
        Ok(RowStream {
            messages,
            ended: false,
            interruptible: self.interruptible.clone(),
        })
    }

    /// How many living rows of a table meet the condition.
    pub async fn count(&self, table: &Arc<Table>, filter: &Filter) -> Result<u64, WarehouseError> {
        let (answer, answered) = oneshot::channel();
        let (table, filter) = (Arc::clone(table), filter.clone());
        self.ask(Command::Count {
            table,
            filter,
            answer,
        })
        .await?;
        answered.await.map_err(|_| WarehouseError::Stopped)?
    }

    /// The names of the tables that exist.
    pub async fn tables(&self) -> Result<BTreeSet<String>, WarehouseError> {
        let (answer, answered) = oneshot::channel();
        self.ask(Command::Tables { answer }).await?;
        answered.await.map_err(|_| WarehouseError::Stopped)?
    }

    async fn ask(&self, command: Command) -> Result<(), WarehouseError> {
        self.interruptible
            .read("warehouse.ask")
            .map_err(WarehouseError::File)?;
        let sent = self.commands.send(command).await;
        sent.map_err(|_| WarehouseError::Stopped)
    }
}

impl Stream for RowStream {
    type Item = Result<Rows, WarehouseError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.messages
            .poll_recv(context)
            .map(|message| match message {
                Some(Message::Rows(rows)) => match self.interruptible.read("warehouse.rows") {
                    Ok(()) => Some(Ok(rows)),
                    Err(error) => {
                        self.ended = true;
                        Some(Err(WarehouseError::File(error)))
                    }
                },
                Some(Message::End) => {
                    self.ended = true;
                    None
                }
                Some(Message::Failed(error)) => {
                    self.ended = true;
                    Some(Err(error))
                }
                None => {
                    self.ended = true;
                    Some(Err(WarehouseError::Stopped))
                }
            })
    }
}

/// Whether a batch is to be given out.
pub(super) fn is_full(batch: &Rows) -> bool {
    batch.len() >= BATCH_ROWS || batch.text_len() >= BATCH_BYTES
}
