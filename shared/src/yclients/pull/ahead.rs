//! The page after the one that is being written, asked for meanwhile.

use std::{mem, pin::pin};

use futures::future::{BoxFuture, Either, FutureExt, select};
use tokio::runtime::Handle;

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

/// A page that is asked for before it is wanted. Who lets go of it lets the answer come and be forgotten: a call is not
/// broken off between its slot and its answer.
pub(super) struct Ahead {
    pass: Pass,
    answer: State,
}

enum State {
    UnderWay(BoxFuture<'static, Result<Answer, VendorError>>),
    Come(Result<Answer, VendorError>),
    Taken,
}

impl Ahead {
    pub fn new(asked: Asked) -> Self {
        Self {
            pass: asked.pass.clone(),
            answer: State::UnderWay(async move { asked.answer().await }.boxed()),
        }
    }

    /// Does the work, and asks meanwhile. Both by one thread, which is as fast where the work is a database's, and keeps
    /// the memory of one page from being held by each of several threads.
    pub async fn beside<T>(&mut self, work: impl Future<Output = T>) -> T {
        let State::UnderWay(answer) = &mut self.answer else {
            return work.await;
        };
        match select(pin!(work), answer).await {
            Either::Left((done, _)) => done,
            Either::Right((answer, work)) => {
                self.answer = State::Come(answer);
                work.await
            }
        }
    }

    /// The answer, where it is the one that is wanted.
    pub async fn answer(mut self, pass: &Pass) -> Option<Result<Answer, VendorError>> {
        if self.pass != *pass {
            return None;
        }
        if let State::UnderWay(answer) = &mut self.answer {
            self.answer = State::Come(answer.await);
        }
        match mem::replace(&mut self.answer, State::Taken) {
            State::Come(answer) => Some(answer),
            State::UnderWay(_) | State::Taken => None,
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        let answer = mem::replace(&mut self.answer, State::Taken);
        if let (State::UnderWay(answer), Ok(runtime)) = (answer, Handle::try_current()) {
            runtime.spawn(answer);
        }
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
