use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::{FutureExt, future::LocalBoxFuture};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{
    Function, Worker,
    batch::{self, Foreign},
};

/// Runs a function that queues feed, until Lambda ends it.
pub async fn serve_queues(name: &'static str, foreign: Foreign) -> Result<(), Error> {
    let worker = Worker::new(Function::start(name)?);
    let handle = |event| answer(worker.clone(), foreign, event);
    lambda_runtime::run(service_fn(handle)).await
}

/// Boxed with its type forgotten: the compiler cannot lay out what all the jobs together hold.
fn answer(
    worker: Worker,
    foreign: Foreign,
    event: LambdaEvent<SqsEvent>,
) -> LocalBoxFuture<'static, Result<SqsBatchResponse, Error>> {
    let last_moment = worker.function.last_moment(event.context.deadline);
    async move { Ok(batch::work(&worker, foreign, event.payload, last_moment).await) }.boxed_local()
}
