//! How long the vendor asks to wait, in whatever answer and form it does.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::json;

use super::{Scripted, Server, caller, fine, get, settings};
use crate::{
    control::{LaneLimits, VendorName, testing::sqlite_bed},
    yclients::client::{VendorError, exchange::retry_after},
};

/// An answer of that status that names a wait.
fn told(status: u16, wait: &str) -> Scripted {
    Scripted(status, vec![("retry-after", wait.to_owned())], Vec::new())
}

/// A moment as servers write it.
fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[test]
fn a_wait_is_a_number_of_seconds_or_a_date_and_an_hour_at_most() {
    let now: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
    let seconds = |text: &str| {
        let value = HeaderValue::from_str(text).unwrap();
        let headers: HeaderMap = [(RETRY_AFTER, value)].into_iter().collect();
        retry_after(&headers, now).map(|wait| wait.as_secs())
    };
    for (text, expected) in [
        ("0", Some(0)),
        (" 120 ", Some(120)),
        ("Mon, 23 Nov 2026 10:02:00 GMT", Some(120)),
        ("Monday, 23-Nov-26 10:02:00 GMT", Some(120)),
        ("Mon Nov 23 10:02:00 2026", Some(120)),
        ("Tue Dec  1 10:00:00 2026", Some(3_600)),
        ("Sat, 23 Nov 2126 10:00:00 GMT", Some(3_600)),
        ("99999999999", Some(3_600)),
        ("9223372036854775", Some(3_600)),
        ("99999999999999999999999", Some(3_600)),
        ("Mon, 23 Nov 2026 09:59:59 GMT", None),
        ("Tue, 23 Nov 2026 10:02:00 GMT", None),
        ("Mon, 23 Nov 2026 10:02:00 +0300", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(seconds(text), expected, "{text}");
    }
    assert_eq!(retry_after(&HeaderMap::new(), now), None);
}

#[tokio::test]
async fn whatever_answer_names_a_wait_it_holds_for_the_whole_lane() {
    for status in [429, 500, 502, 503] {
        for is_date in [false, true] {
            let (bed, server) = (sqlite_bed().await, Server::start().await);
            let date = http_date(bed.now() + TimeDelta::seconds(121));
            let wait = if is_date { date.as_str() } else { "120" };
            server.answers([told(status, wait)]);
            let first = caller(&bed, settings(&server), VendorName::Yclients);
            let error = get(&first).await.unwrap_err();
            let code = match status {
                429 => "vendor.throttled",
                _ => "vendor.unavailable",
            };
            assert_eq!(error.code(), code, "{status} {wait}");
            let second = caller(&bed, settings(&server), VendorName::Yclients);
            let Err(VendorError::Throttled { retry_after }) = get(&second).await else {
                panic!("{status} {wait}: it is of everybody")
            };
            let left = retry_after.unwrap();
            assert!(
                (Duration::from_secs(119)..Duration::from_secs(123)).contains(&left),
                "{status} {wait}: {left:?}"
            );
            assert_eq!(server.seen().len(), 1, "{status}: neither asked again");
            bed.clock.advance(TimeDelta::seconds(123));
            server.answers([fine(&json!([7]))]);
            assert_eq!(get(&second).await.unwrap(), json!([7]));
            bed.close().await;
        }
    }
}

#[tokio::test]
async fn a_short_wait_is_waited_for_and_is_no_refusal_where_the_vendor_is_away() {
    for (status, refused) in [(503, 0), (429, 1)] {
        let (bed, server) = (sqlite_bed().await, Server::start().await);
        server.answers([told(status, "0"), fine(&json!([7]))]);
        let caller = caller(&bed, settings(&server), VendorName::Yclients);
        assert_eq!(get(&caller).await.unwrap(), json!([7]));
        assert_eq!(server.seen().len(), 2);
        let since = bed.now() - TimeDelta::hours(1);
        let spent = bed.control.spending(&bed.subscription.id, since);
        let spent = spent.await.unwrap();
        let refusals: i64 = spent.iter().map(|row| row.refused).sum();
        assert_eq!(refusals, refused, "{status}");
        bed.close().await;
    }
}

#[tokio::test]
async fn the_share_that_is_set_is_that_of_every_lane_and_none_leaves_it_as_it_is() {
    let (bed, server) = (sqlite_bed().await, Server::start().await);
    server.answers([fine(&json!([]))]);
    let limits = settings(&server).limits;
    let kept = LaneLimits {
        share: 60,
        ..limits
    };
    for (set, by_hand, taken) in [
        (Some("40"), None, 40),
        (Some("70"), None, 70),
        (None, None, 70),
        (None, Some(kept), 60),
        (Some("100"), None, 100),
    ] {
        let mut settings = settings(&server);
        settings.share = set.map(|percent: &str| percent.parse().unwrap());
        if let Some(limits) = by_hand {
            let lane = bed.control.lanes().await.unwrap().remove(0);
            assert!(bed.control.set_lane_limits(&lane.id, limits).await.unwrap());
        }
        let caller = caller(&bed, settings, VendorName::Yclients);
        get(&caller).await.unwrap();
        let lanes = bed.control.lanes().await.unwrap();
        let [lane] = lanes.as_slice() else {
            panic!("{lanes:?}")
        };
        let expected = LaneLimits {
            share: taken,
            ..limits
        };
        assert_eq!(lane.limits, expected, "{set:?}");
    }
    bed.close().await;
}
