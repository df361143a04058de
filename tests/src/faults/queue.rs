use std::{io, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use wynos::ports::{
    CallKind, Change, Envelope, Parked, ParkedPage, Queue, QueueError, QueueName, Receipt, Received,
};

use super::Faults;

const RECEIVE: &str = "queue.receive";

/// A queue whose calls fail as planned.
#[derive(Debug, Clone)]
pub struct FaultyQueue {
    inner: Arc<dyn Queue>,
    faults: Arc<Faults>,
}

impl FaultyQueue {
    /// Puts the faults before a queue.
    pub fn new(inner: Arc<dyn Queue>, faults: Arc<Faults>) -> Self {
        Self { inner, faults }
    }

    fn call<'a, T: Send + 'a>(
        &'a self,
        name: &'static str,
        kind: CallKind,
        work: BoxFuture<'a, Result<T, QueueError>>,
    ) -> BoxFuture<'a, Result<T, QueueError>> {
        self.faults.around(name, kind, unavailable, work).boxed()
    }
}

fn unavailable(source: io::Error) -> QueueError {
    QueueError::Unavailable {
        action: "answer",
        source: Box::new(source),
    }
}

impl Queue for FaultyQueue {
    fn send<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        delay: Duration,
        dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.send(queue, envelope, delay, dedupe);
        self.call("queue.send", CallKind::Write, work)
    }

    fn send_ahead<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.send_ahead(queue, envelope, dedupe);
        self.call("queue.send", CallKind::Write, work)
    }

    fn send_batch<'a>(
        &'a self,
        queue: QueueName,
        envelopes: Vec<Envelope>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.send_batch(queue, envelopes);
        self.call("queue.send_batch", CallKind::Write, work)
    }

    fn receive<'a>(
        &'a self,
        queue: QueueName,
        max: usize,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Received>, QueueError>> {
        let work = self.inner.receive(queue, max, visibility);
        let call = self.call(RECEIVE, CallKind::Write, work);
        async move {
            let received = call.await?;
            if received.is_empty() {
                self.faults.only_looked(RECEIVE);
            }
            Ok(received)
        }
        .boxed()
    }

    fn extend<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.extend(queue, receipt, visibility);
        self.call("queue.extend", CallKind::Write, work)
    }

    fn ack<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.ack(queue, receipt);
        self.call("queue.ack", CallKind::Write, work)
    }

    fn ack_batch<'a>(
        &'a self,
        queue: QueueName,
        receipts: Vec<Receipt>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.ack_batch(queue, receipts);
        self.call("queue.ack_batch", CallKind::Write, work)
    }

    fn extend_batch<'a>(
        &'a self,
        queue: QueueName,
        receipts: Vec<Receipt>,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.extend_batch(queue, receipts, visibility);
        self.call("queue.extend_batch", CallKind::Write, work)
    }

    fn release<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        delay: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.release(queue, receipt, delay);
        self.call("queue.release", CallKind::Write, work)
    }

    fn park<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        reason: String,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        let work = self.inner.park(queue, receipt, reason);
        self.call("queue.park", CallKind::Write, work)
    }

    fn parked<'a>(
        &'a self,
        queue: QueueName,
        page: ParkedPage,
    ) -> BoxFuture<'a, Result<Vec<Parked>, QueueError>> {
        let work = self.inner.parked(queue, page);
        self.call("queue.parked", CallKind::Read, work)
    }

    fn replay<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a wynos::SubscriptionId,
        id: &'a str,
    ) -> BoxFuture<'a, Result<bool, QueueError>> {
        let work = self.inner.replay(queue, subscription, id);
        self.call("queue.replay", CallKind::Write, work)
    }

    fn forget_parked<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a wynos::SubscriptionId,
        before: chrono::DateTime<chrono::Utc>,
    ) -> BoxFuture<'a, Result<u64, QueueError>> {
        let work = self.inner.forget_parked(queue, subscription, before);
        self.call("queue.forget_parked", CallKind::Write, work)
    }

    fn rewrite<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a wynos::SubscriptionId,
        change: Change,
    ) -> BoxFuture<'a, Result<u64, QueueError>> {
        let work = self.inner.rewrite(queue, subscription, change);
        self.call("queue.rewrite", CallKind::Write, work)
    }
}
