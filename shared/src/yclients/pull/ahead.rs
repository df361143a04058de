//! The page after the one that is being written, asked for meanwhile.

use std::pin::pin;

use futures::future::{Either, FutureExt, select};

use super::cursor::{Pass, TableCursor};
use crate::yclients::{
    client::{Caller, VendorError},
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
    pub async fn answer(&self) -> Result<Answer, VendorError> {
        let question = Question {
            caller: &self.caller,
            company_id: self.company_id,
            endpoint: &self.endpoint,
            params: &self.params,
        };
        question.page(&self.pass.place).await
    }
}

/// A page that was asked for while the one before it was written.
#[derive(Debug)]
pub(super) struct Ahead {
    pass: Pass,
    answer: Result<Answer, VendorError>,
}

impl Ahead {
    /// Asks, and does the work meanwhile; by one thread, since the work is mostly a database's, and the memory of pages is
    /// not held by several threads then.
    ///
    /// The answer is not waited for where the work fails. It comes nevertheless, and is forgotten: a call that was broken off
    /// between its slot and its answer would keep the control database's connection.
    pub async fn ask<E>(
        asked: Asked,
        work: impl Future<Output = Result<(), E>>,
    ) -> Result<Self, E> {
        let pass = asked.pass.clone();
        let answer = async move { asked.answer().await }.boxed();
        let answer = match select(pin!(work), answer).await {
            Either::Left((Ok(()), answer)) => answer.await,
            Either::Left((Err(error), answer)) => {
                tokio::spawn(answer);
                return Err(error);
            }
            Either::Right((answer, work)) => {
                work.await?;
                answer
            }
        };
        Ok(Self { pass, answer })
    }

    /// The answer, where it is the one that is wanted.
    pub fn answer(self, pass: &Pass) -> Option<Result<Answer, VendorError>> {
        (self.pass == *pass).then_some(self.answer)
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
