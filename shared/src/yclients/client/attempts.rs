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
/// first; a refusal of the vendor pushes the whole lane back, and the next slot is the wait. Gives the status with the reply.
pub(super) async fn run(inner: &Inner, request: &Request) -> Result<(u16, Unread), VendorError> {
    let (spending, patience) = (&inner.spending, &inner.patience);
    let mut attempt = 1;
    loop {
        spending.slot().await?;
        Tally::VendorCalls.add(1);
        let error = match once(inner, request).await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if error.is_refusal() {
            Tally::VendorRefusals.add(1);
        }
        if !error.passes() {
            return Err(error);
        }
        tracing::debug!(attempt, code = error.code(), "a call to the vendor failed");
        let wait = wait(patience, attempt, &error);
        let throttled = matches!(error, VendorError::Throttled { .. });
        if throttled {
            let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(1));
            spending.push_back(wait).await?;
        }
        if attempt >= patience.attempts.max(1) || wait > patience.longest_wait {
            return Err(match error {
                VendorError::Throttled { .. } => VendorError::Throttled {
                    retry_after: Some(wait),
                },
                other => other,
            });
        }
        if !throttled {
            tokio::time::sleep(wait).await;
        }
        attempt += 1;
    }
}

async fn once(inner: &Inner, request: &Request) -> Result<(u16, Unread), VendorError> {
    let began_at = inner.spending.clock.now();
    let answer = exchange::send(&inner.client, request, inner.body_limit).await?;
    let status = answer.status;
    Ok((status, Unread::new(answer, began_at)?))
}

/// What the vendor asks for, or the doubling wait; up to half of it is added at random, so that those who failed together
/// do not come back together.
fn wait(patience: &Patience, attempt: u32, error: &VendorError) -> Duration {
    let asked = match error {
        VendorError::Throttled { retry_after } => *retry_after,
        _ => None,
    };
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
