use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::{FutureExt, future::BoxFuture};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{
    Function,
    batch::{self, Foreign},
};

/// Runs a function that queues feed, until Lambda ends it.
pub async fn serve_queues(name: &'static str, foreign: Foreign) -> Result<(), Error> {
    let function = &Function::start(name).await?;
    lambda_runtime::run(service_fn(|event| answer(function, foreign, event))).await
}

/// Boxed with its type forgotten: the compiler cannot lay out what all the jobs together hold.
fn answer<'a>(
    function: &'a Function,
    foreign: Foreign,
    event: LambdaEvent<SqsEvent>,
) -> BoxFuture<'a, Result<SqsBatchResponse, Error>> {
    let last_moment = function.last_moment(event.context.deadline);
    let work = batch::work(function, foreign, event.payload, last_moment);
    async move { Ok(work.await) }.boxed()
}
