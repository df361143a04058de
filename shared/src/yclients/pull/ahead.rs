//! The page after the one that is being written, asked for meanwhile.

use std::pin::pin;

use futures::future::{Either, FutureExt, select};

use super::cursor::{Pass, TableCursor};
use crate::yclients::{
    client::{Caller, Unread, VendorError},
    lists::{Answer, Question},
    streams::{Endpoint, Stream},
};

/// What is asked for one page, with nothing borrowed.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub caller: Caller,
    pub company_id: i64,
    pub endpoint: Endpoint,
    pub params: Vec<(&'static str, String)>,
    pub pass: Pass,
}

impl Asked {
    /// The page, from the vendor.
    pub async fn reply(&self) -> Result<Unread, VendorError> {
        self.question().unread(&self.pass.place).await
    }

    /// The page, as it was answered.
    pub fn read(&self, reply: &Unread) -> Result<Answer, VendorError> {
        self.question().read(&self.pass.place, reply)
    }

    fn question(&self) -> Question<'_> {
        Question {
            caller: &self.caller,
            company_id: self.company_id,
            endpoint: &self.endpoint,
            params: &self.params,
        }
    }
}

/// A page that was asked for while the one before it was written; not read yet, which it will be when that one has gone.
#[derive(Debug)]
pub(super) struct Ahead {
    pass: Pass,
    reply: Result<Unread, VendorError>,
}

impl Ahead {
    /// Asks, and does the work meanwhile; by one thread, since the work is mostly a database's.
    ///
    /// The answer is not waited for where the work fails. It comes nevertheless, and is forgotten: a call that was broken off
    /// between its slot and its answer would keep the control database's connection.
    pub async fn ask<E>(
        asked: Asked,
        work: impl Future<Output = Result<(), E>>,
    ) -> Result<Self, E> {
        let pass = asked.pass.clone();
        let reply = async move { asked.reply().await }.boxed();
        let reply = match select(pin!(work), reply).await {
            Either::Left((Ok(()), reply)) => reply.await,
            Either::Left((Err(error), reply)) => {
                tokio::spawn(reply);
                return Err(error);
            }
            Either::Right((reply, work)) => {
                work.await?;
                reply
            }
        };
        Ok(Self { pass, reply })
    }

    /// The answer, where it is the one that is wanted.
    pub fn reply(self, pass: &Pass) -> Option<Result<Unread, VendorError>> {
        self.pass.asks_as(pass).then_some(self.reply)
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
