use std::time::Duration;

use chrono::TimeDelta;
use rand::RngExt;

use super::{
    Patience, VendorError,
    caller::Inner,
    exchange::{self, Request},
    reply::Unread,
};
use crate::tallies::Tally;

/// Sends a request until it is answered, fails for good, or was tried often enough. Every attempt takes a slot of the lane
/// first; where the vendor refuses a call as one too many, or says how long to wait, the whole lane is pushed back, and the
/// next slot is the wait. Gives the status with the reply.
pub(super) async fn run(inner: &Inner, request: &Request) -> Result<(u16, Unread), VendorError> {
    let (spending, patience) = (&inner.spending, &inner.patience);
    let mut attempt = 1;
    loop {
        spending.slot().await?;
        Tally::VendorCalls.add(1);
        let Failed { error, asked } = match once(inner, request).await {
            Ok(done) => return Ok(done),
            Err(failed) => failed,
        };
        if error.is_refusal() {
            Tally::VendorRefusals.add(1);
        }
        if !error.passes() {
            return Err(error);
        }
        tracing::debug!(attempt, code = error.code(), "a call to the vendor failed");
        let wait = wait(patience, attempt, asked);
        let throttled = matches!(error, VendorError::Throttled { .. });
        // A time that the vendor names is not of this call alone: whoever came before it would be turned away too.
        let is_of_the_lane = throttled || asked.is_some();
        if is_of_the_lane {
            let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(1));
            spending.push_back(wait, throttled).await?;
        }
        if attempt >= patience.attempts.max(1) || wait > patience.longest_wait {
            return Err(match error {
                VendorError::Throttled { .. } => VendorError::Throttled {
                    retry_after: Some(wait),
                },
                other => other,
            });
        }
        if !is_of_the_lane {
            tokio::time::sleep(wait).await;
        }
        attempt += 1;
    }
}

/// An attempt that gave nothing, and the wait that the answer asked for.
struct Failed {
    error: VendorError,
    asked: Option<Duration>,
}

async fn once(inner: &Inner, request: &Request) -> Result<(u16, Unread), Failed> {
    let clock = &inner.spending.clock;
    let began_at = clock.now();
    let sent = exchange::send(&inner.client, request, inner.body_limit, clock).await;
    let answer = sent.map_err(|error| Failed { error, asked: None })?;
    let (status, asked) = (answer.status, answer.retry_after);
    match Unread::new(answer, began_at) {
        Ok(reply) => Ok((status, reply)),
        Err(error) => Err(Failed { error, asked }),
    }
}

/// What the vendor asks for, or the doubling wait; up to half of it is added at random, so that those who failed together
/// do not come back together.
fn wait(patience: &Patience, attempt: u32, asked: Option<Duration>) -> Duration {
    match asked {
        Some(asked) => asked + jitter(patience.first_wait),
        None => {
            let doubled = patience
                .first_wait
                .saturating_mul(1 << attempt.saturating_sub(1).min(16))
                .min(patience.longest_wait.mul_f64(0.66));
            doubled + jitter(doubled)
        }
    }
}

fn jitter(of: Duration) -> Duration {
    of.mul_f64(rand::rng().random_range(0.0..0.5))
}
