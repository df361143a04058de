use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::{Scripted, Server, caller, fine, get, refusal, settings, spender};
use crate::{
    control::{LaneLimits, VendorName, VendorToken, testing::sqlite_bed},
    yclients::client::{Unreachable, Vendor, VendorError},
};

#[tokio::test]
async fn what_passes_is_tried_again_and_every_attempt_is_counted() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    let caller = caller(&bed, settings(&server), VendorName::Yclients);
    server.answers([
        Scripted(500, vec![], b"<html>".to_vec()),
        refusal(200, "Превышен лимит запросов"),
        fine(&json!([7])),
    ]);
    assert_eq!(get(&caller).await.unwrap(), json!([7]));
    assert_eq!(server.seen().len(), 3);
    let spent = bed
        .control
        .spending(&bed.subscription.id, bed.now() - TimeDelta::hours(1))
        .await
        .unwrap();
    let [spent] = spent.as_slice() else {
        panic!("one row")
    };
    assert!(spent.calls >= 3 && spent.refused == 1, "{spent:?}");
    bed.close().await;
}

#[tokio::test]
async fn a_wait_that_the_vendor_asks_for_holds_for_the_whole_lane() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    let mut told = refusal(429, "");
    told.1.push(("retry-after", "120".into()));
    server.answers([told]);
    let first = caller(&bed, settings(&server), VendorName::Yclients);
    let Err(VendorError::Throttled { retry_after }) = get(&first).await else {
        panic!("it is throttled")
    };
    assert!(retry_after.unwrap() >= Duration::from_secs(120));
    let second = caller(&bed, settings(&server), VendorName::Yclients);
    let Err(VendorError::Throttled { retry_after }) = get(&second).await else {
        panic!("the other one is throttled too")
    };
    assert!(retry_after.unwrap() >= Duration::from_secs(119));
    assert_eq!(server.seen().len(), 1, "neither asked again");
    bed.clock.advance(TimeDelta::seconds(121));
    server.answers([fine(&json!([]))]);
    get(&second).await.unwrap();
    bed.close().await;
}

#[tokio::test]
async fn calls_keep_the_pace_of_their_lane_together() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    server.answers([fine(&json!([]))]);
    let mut settings = settings(&server);
    settings.limits = LaneLimits {
        per_minute: 3_000,
        per_second: 50,
        share: 100,
    };
    let clock = crate::ports::Clock::System;
    let vendor = Vendor::new(settings);
    let token = VendorToken::new("t");
    let began = std::time::Instant::now();
    let calls = (0..4).map(|_| async {
        let caller = vendor
            .caller(
                &bed.control,
                &clock,
                spender(&bed),
                VendorName::Yclients,
                None,
                Some(&token),
            )
            .unwrap();
        for _ in 0..5 {
            get(&caller).await.unwrap();
        }
    });
    futures::future::join_all(calls).await;
    let took = began.elapsed();
    assert_eq!(server.seen().len(), 20);
    assert!(took >= Duration::from_millis(19 * 20 - 5), "{took:?}");
    bed.close().await;
}

#[tokio::test]
async fn silence_and_broken_connections_are_unavailable() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut quick = settings(&server);
    quick.patience.answer = Duration::from_millis(50);
    quick.patience.attempts = 1;
    quick.yclients.base_url = format!("http://{}/api/v1", silent.local_addr().unwrap());
    let timed_out = get(&caller(&bed, quick.clone(), VendorName::Yclients)).await;
    assert!(matches!(
        timed_out,
        Err(VendorError::Unavailable {
            reason: Unreachable::TimedOut
        })
    ));
    drop(silent);
    let refused = get(&caller(&bed, quick, VendorName::Yclients)).await;
    assert!(matches!(
        refused,
        Err(VendorError::Unavailable {
            reason: Unreachable::NoConnection
        })
    ));
    bed.close().await;
}
