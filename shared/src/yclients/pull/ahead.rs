//! The page after the one that is being written, asked for and read meanwhile.

use std::{collections::HashMap, pin::pin, sync::Arc};

use futures::future::{Either, FutureExt, select};

use super::cursor::{Pass, TableCursor};
use crate::yclients::{
    client::{Caller, Unread, VendorError},
    decode::{Body, Branch, Context, Decoded},
    lists::{Answer, Outline, Question},
    streams::{Endpoint, Stream},
};

/// What is asked for one page and how it is read, with nothing borrowed.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub stream: &'static Stream,
    pub caller: Caller,
    pub branch: Arc<Branch>,
    pub categories: Option<Arc<HashMap<i64, i64>>>,
    pub endpoint: Endpoint,
    pub params: Vec<(&'static str, String)>,
    pub body: Body,
    pub pass: Pass,
}

/// A page that was read: its rows, and the text that they came as.
#[derive(Debug)]
pub(super) struct Read {
    pub outline: Outline,
    pub decoded: Vec<Decoded>,
    pub reply: Unread,
}

impl Asked {
    /// The page, from the vendor.
    pub async fn page(&self) -> Result<Read, VendorError> {
        self.read(self.reply().await?)
    }

    /// The page's records, as they were answered.
    pub fn records(&self, reply: &Unread) -> Result<Answer, VendorError> {
        let mut answer = self.question().read(&self.pass.place, reply)?;
        if self.pass.reading.is_of_deleted() {
            self.stream.deletion.mark(&mut answer.records);
        }
        Ok(answer)
    }

    async fn reply(&self) -> Result<Unread, VendorError> {
        self.question().unread(&self.pass.place).await
    }

    fn read(&self, reply: Unread) -> Result<Read, VendorError> {
        let context = Context {
            branch: &self.branch,
            observed_at: reply.began_at(),
            categories: self.categories.as_deref(),
        };
        let mut parts = self.stream.parts(context, self.body);
        let place = &self.pass.place;
        let outline = self.question().read_through(place, &reply, |mut records| {
            if self.pass.reading.is_of_deleted() {
                self.stream.deletion.mark(&mut records);
            }
            parts.add(&records);
        })?;
        Ok(Read {
            outline,
            decoded: parts.finish(),
            reply,
        })
    }

    fn question(&self) -> Question<'_> {
        Question {
            caller: &self.caller,
            company_id: self.branch.company_id,
            endpoint: &self.endpoint,
            params: &self.params,
        }
    }
}

/// A page that was asked for and read while the one before it was written.
#[derive(Debug)]
pub(super) struct Ahead {
    pass: Pass,
    read: Result<Read, VendorError>,
}

impl Ahead {
    /// Asks and reads, and does the work meanwhile; by one thread, since the work is mostly a database's.
    ///
    /// The answer is not waited for where the work fails. It comes nevertheless, and is forgotten: a call that was broken off
    /// between its slot and its answer would keep the control database's connection.
    pub async fn ask<E>(
        asked: Asked,
        work: impl Future<Output = Result<(), E>>,
    ) -> Result<Self, E> {
        let asking = asked.clone();
        let reply = async move { asking.reply().await }.boxed();
        let read = match select(pin!(work), reply).await {
            Either::Left((Ok(()), reply)) => reply.await.and_then(|reply| asked.read(reply)),
            Either::Left((Err(error), reply)) => {
                tokio::spawn(reply);
                return Err(error);
            }
            Either::Right((reply, work)) => {
                let read = reply.and_then(|reply| asked.read(reply));
                work.await?;
                read
            }
        };
        Ok(Self {
            pass: asked.pass,
            read,
        })
    }

    /// The page, where it is the one that is wanted.
    pub fn page(self, pass: &Pass) -> Option<Result<Read, VendorError>> {
        self.pass.asks_as(pass).then_some(self.read)
    }
}

/// The pass whose page is asked for next: the one under way, or the first of those to come.
pub(super) fn next_pass(stream: &Stream, cursor: &TableCursor) -> Option<Pass> {
    let to_come = || {
        let reading = cursor.then.first()?;
        Some(Pass::new(reading.clone(), cursor.endpoint_of(stream)))
    };
    cursor.pass.clone().or_else(to_come)
}
