use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::world::Shared;

/// How long a receiver may take, as at the vendor (facts §3.3).
const PATIENCE: Duration = Duration::from_secs(10);

/// Posts webhooks when their time comes, one after another, until it is told to stop.
pub async fn post(shared: Arc<Shared>, stop: CancellationToken) {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .build()
        .unwrap_or_default();
    loop {
        let due = shared
            .change_world()
            .deliveries
            .due(std::time::Instant::now());
        match due {
            Ok(webhook) => {
                for url in webhook.urls {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = post_one(&client, &shared, &url, webhook.body.clone()) => {}
                    }
                }
            }
            Err(next) => {
                let until = async {
                    match next {
                        Some(at) => tokio::time::sleep_until(at.into()).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = shared.webhooks_wait.notified() => {}
                    () = until => {}
                }
            }
        }
    }
}

async fn post_one(client: &reqwest::Client, shared: &Shared, url: &str, body: String) {
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .body(body);
    let answer = request.send().await;
    let mut world = shared.change_world();
    match answer {
        Ok(_) => world.deliveries.stats.posted += 1,
        Err(error) => {
            world.deliveries.stats.failed += 1;
            drop(world);
            // The URL may hold a key; what went wrong is enough to know.
            debug!(error = %error.without_url(), "a webhook did not arrive");
        }
    }
}
