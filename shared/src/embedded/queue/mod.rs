use chrono::{DateTime, Utc};
use std::{path::Path, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    SubscriptionId,
    ports::{
        Change, Clock, Envelope, Parked, ParkedPage, Queue, QueueError, QueueName, Receipt,
        Received,
    },
};

#[cfg(test)]
mod batch_tests;
mod failure;
mod statements;
#[cfg(test)]
mod tests;
mod writer;

use failure::{stopped, unavailable};
use statements::{AHEAD, Message, Settle};

/// Requests waiting for the writer; more wait to be let in.
const WAITING: usize = 1_024;

/// The largest message, encoded; that of the service that takes the queue's place elsewhere (1 MiB since August 2025). A
/// webhook's event of 700 KiB has to fit.
const MAX_MESSAGE: usize = 1_024 * 1_024;

/// Queues in a SQLite file of their own.
///
/// One thread does everything in the order that it comes, many requests to one commit: a message that was accepted
/// survives a power cut, and accepting a thousand at once costs few writes to the disk.
#[derive(Debug, Clone)]
pub struct SqliteQueue {
    requests: mpsc::Sender<writer::Request>,
    arrivals: Arc<[Notify; QueueName::ALL.len()]>,
    clock: Clock,
}

impl SqliteQueue {
    /// Opens the file, making it when it is not there.
    pub fn open(file: &Path, clock: Clock) -> Result<Self, QueueError> {
        let connection = statements::open(file).map_err(unavailable("open its file"))?;
        let (requests, waiting) = mpsc::channel(WAITING);
        std::thread::Builder::new()
            .name("wynos-queue".into())
            .spawn(move || writer::run(connection, waiting))
            .map_err(unavailable("start its thread"))?;
        Ok(Self {
            requests,
            arrivals: Arc::new(std::array::from_fn(|_| Notify::new())),
            clock,
        })
    }

    /// Waits until a message is sent to that queue by this process, at most for `limit`: messages of other processes and
    /// those whose delay or time-out ends are found by looking now and then.
    pub async fn wait(&self, queue: QueueName, limit: Duration) {
        if let Some(arrival) = self.arrivals.get(queue as usize) {
            let _ = tokio::time::timeout(limit, arrival.notified()).await;
        }
    }

    /// Makes every message due that is in somebody's hands: whoever had them has ended. Only for a process that has the file
    /// to itself and has not begun to work; what was killed then goes on at once, and not when time-outs have passed.
    pub async fn hand_back(&self) -> Result<(), QueueError> {
        let now = self.clock.now().timestamp_micros();
        self.request("hand back messages", move |connection| {
            statements::hand_back(connection, now)
        })
        .await
    }

    /// Writes the file anew, without what was in it before.
    async fn rewrite_file(&self) -> Result<(), QueueError> {
        const ACTION: &str = "rewrite its file";
        let (answer, answered) = oneshot::channel();
        let work = move |connection: &rusqlite::Connection| {
            let _ = answer.send(statements::rewrite_file(connection).map_err(unavailable(ACTION)));
        };
        self.requests
            .send(writer::Request::Alone(Box::new(work)))
            .await
            .map_err(|_| stopped(ACTION))?;
        answered.await.map_err(|_| stopped(ACTION))?
    }

    async fn request<T: Send + 'static>(
        &self,
        action: &'static str,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, QueueError> + Send + 'static,
    ) -> Result<T, QueueError> {
        let (answer, answered) = oneshot::channel();
        let request = writer::request(action, work, answer);
        self.requests
            .send(request)
            .await
            .map_err(|_| stopped(action))?;
        answered.await.map_err(|_| stopped(action))?
    }

    async fn settle(
        &self,
        action: &'static str,
        queue: QueueName,
        receipt: &Receipt,
        settle: Settle,
    ) -> Result<(), QueueError> {
        let (receipt, now) = (receipt.clone(), self.clock.now().timestamp_micros());
        self.request(action, move |connection| {
            statements::settle(connection, queue, &receipt, now, &settle)
        })
        .await
    }

    /// Settles many in one go; those whose delivery is over are passed over.
    async fn settle_batch(
        &self,
        action: &'static str,
        queue: QueueName,
        receipts: Vec<Receipt>,
        settle: Settle,
    ) -> Result<(), QueueError> {
        let now = self.clock.now().timestamp_micros();
        self.request(action, move |connection| {
            for receipt in &receipts {
                match statements::settle(connection, queue, receipt, now, &settle) {
                    Ok(()) | Err(QueueError::ReceiptExpired) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
        .await
    }

    fn message(
        &self,
        queue: QueueName,
        envelope: Envelope,
        delay: Duration,
        dedupe: Option<String>,
    ) -> Result<Message, QueueError> {
        let body = serde_json::to_string(&envelope).map_err(|source| QueueError::Corrupt {
            id: "not yet sent".to_owned(),
            source: source.into(),
        })?;
        if body.len() > MAX_MESSAGE {
            return Err(QueueError::TooLarge {
                size: body.len(),
                limit: MAX_MESSAGE,
            });
        }
        Ok(Message {
            queue,
            subscription: envelope.subscription,
            body,
            now: self.clock.now().timestamp_micros(),
            due: self.micros_after(delay),
            dedupe,
        })
    }

    async fn accept(&self, queue: QueueName, messages: Vec<Message>) -> Result<(), QueueError> {
        self.request("accept messages", move |connection| {
            messages
                .iter()
                .try_for_each(|message| statements::send(connection, message))
        })
        .await?;
        if let Some(arrival) = self.arrivals.get(queue as usize) {
            arrival.notify_one();
        }
        Ok(())
    }

    fn micros_after(&self, delay: Duration) -> i64 {
        let delay = i64::try_from(delay.as_micros()).unwrap_or(i64::MAX);
        self.clock.now().timestamp_micros().saturating_add(delay)
    }
}

impl Queue for SqliteQueue {
    fn send<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        delay: Duration,
        dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            let message = self.message(queue, envelope, delay, dedupe)?;
            self.accept(queue, vec![message]).await
        }
        .boxed()
    }

    fn send_ahead<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            let mut message = self.message(queue, envelope, Duration::ZERO, dedupe)?;
            message.due = message.due.saturating_sub(AHEAD);
            self.accept(queue, vec![message]).await
        }
        .boxed()
    }

    /// All of them or, after an error that is not that of the commit, none.
    fn send_batch<'a>(
        &'a self,
        queue: QueueName,
        envelopes: Vec<Envelope>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            let messages = envelopes
                .into_iter()
                .map(|envelope| self.message(queue, envelope, Duration::ZERO, None))
                .collect::<Result<Vec<_>, _>>()?;
            if messages.is_empty() {
                return Ok(());
            }
            self.accept(queue, messages).await
        }
        .boxed()
    }

    fn receive<'a>(
        &'a self,
        queue: QueueName,
        max: usize,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Received>, QueueError>> {
        let (now, until) = (
            self.clock.now().timestamp_micros(),
            self.micros_after(visibility),
        );
        self.request("give out messages", move |connection| {
            statements::receive(connection, queue, max, now, until)
        })
        .boxed()
    }

    fn extend<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let until = self.micros_after(visibility);
        self.settle(
            "extend a delivery",
            queue,
            receipt,
            Settle::Extend { until },
        )
        .boxed()
    }

    fn ack<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.settle("delete a message", queue, receipt, Settle::Ack)
            .boxed()
    }

    fn ack_batch<'a>(
        &'a self,
        queue: QueueName,
        receipts: Vec<Receipt>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.settle_batch("delete messages", queue, receipts, Settle::Ack)
            .boxed()
    }

    fn extend_batch<'a>(
        &'a self,
        queue: QueueName,
        receipts: Vec<Receipt>,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let until = self.micros_after(visibility);
        self.settle_batch(
            "extend deliveries",
            queue,
            receipts,
            Settle::Extend { until },
        )
        .boxed()
    }

    fn release<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        delay: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let due = self.micros_after(delay);
        self.settle(
            "take a message back",
            queue,
            receipt,
            Settle::Release { due },
        )
        .boxed()
    }

    fn park<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        reason: String,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.settle("park a message", queue, receipt, Settle::Park { reason })
            .boxed()
    }

    fn parked<'a>(
        &'a self,
        queue: QueueName,
        page: ParkedPage,
    ) -> BoxFuture<'a, Result<Vec<Parked>, QueueError>> {
        self.request("list parked messages", move |connection| {
            statements::parked(connection, queue, &page)
        })
        .boxed()
    }

    fn replay<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a SubscriptionId,
        id: &'a str,
    ) -> BoxFuture<'a, Result<bool, QueueError>> {
        let (subscription, id, now) = (
            subscription.clone(),
            id.to_owned(),
            self.clock.now().timestamp_micros(),
        );
        async move {
            let replay = move |connection: &_| {
                statements::replay(connection, queue, &subscription, &id, now)
            };
            let replayed = self.request("replay a message", replay).await?;
            if let Some(arrival) = self.arrivals.get(queue as usize).filter(|_| replayed) {
                arrival.notify_one();
            }
            Ok(replayed)
        }
        .boxed()
    }

    fn forget_parked<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a SubscriptionId,
        before: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<u64, QueueError>> {
        let (subscription, before) = (subscription.clone(), before.timestamp_micros());
        let forget = move |connection: &_| {
            statements::forget_parked(connection, queue, &subscription, before)
        };
        self.request("drop parked messages", forget).boxed()
    }

    fn rewrite<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a SubscriptionId,
        change: Change,
    ) -> BoxFuture<'a, Result<u64, QueueError>> {
        async move {
            let (mut changed, mut after) = (0, 0);
            loop {
                let (subscription, change) = (subscription.clone(), Arc::clone(&change));
                let some = move |connection: &_| {
                    statements::rewrite(connection, queue, &subscription, after, &change)
                };
                let some = self.request("change messages", some).await?;
                changed += some.changed;
                match some.last {
                    Some(last) => after = last,
                    None => break,
                }
            }
            // What was acknowledged before lies in the file's unused space too.
            self.rewrite_file().await.map(|()| changed)
        }
        .boxed()
    }
}
