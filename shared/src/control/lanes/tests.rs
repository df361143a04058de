use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{LaneKey, LaneLimits, Purpose, Slots, Spender};
use crate::control::{
    Control,
    sources::tests::connected,
    testing::{Bed, beds},
};

fn key() -> LaneKey {
    LaneKey::new("api.yclients.com", "partner", "home")
}

fn spender(bed: &Bed) -> Spender {
    Spender {
        subscription: bed.subscription.id.clone(),
        source: None,
        purpose: Purpose::Connect,
    }
}

async fn take(control: &Control, bed: &Bed, n: usize) -> Result<Vec<DateTime<Utc>>, DateTime<Utc>> {
    let horizon = TimeDelta::seconds(30);
    match control
        .take_slots(
            &key(),
            LaneLimits::default(),
            &spender(bed),
            n,
            horizon,
            bed.now(),
        )
        .await
        .unwrap()
    {
        Slots::Taken { at, .. } => Ok(at),
        Slots::Busy { until } => Err(until),
    }
}

#[test]
fn the_pace_keeps_both_limits_and_leaves_the_share() {
    let interval = |per_minute, per_second, share| {
        let limits = LaneLimits {
            per_minute,
            per_second,
            share,
        };
        limits.interval().num_microseconds().unwrap()
    };
    assert_eq!(interval(200, 5, 90), 333_334);
    assert_eq!(interval(200, 5, 100), 300_000);
    assert_eq!(
        interval(600, 5, 100),
        200_000,
        "five a second is the tighter one"
    );
    assert_eq!(interval(200, 5, 0), interval(200, 5, 1));
}

#[tokio::test]
async fn slots_are_evenly_spaced_and_nobody_gets_the_same_one() {
    for bed in beds().await {
        let first = take(&bed.control, &bed, 3).await.unwrap();
        assert_eq!(first[0], bed.now(), "an idle lane begins at once");
        let again = bed.control.clone();
        let blocks = (0..10).map(|number| {
            let control = if number % 2 == 0 {
                &bed.control
            } else {
                &again
            };
            take(control, &bed, 5)
        });
        let mut all: BTreeSet<DateTime<Utc>> = first.into_iter().collect();
        for block in futures::future::join_all(blocks).await {
            all.extend(block.unwrap());
        }
        assert_eq!(all.len(), 53, "none is given twice");
        let all: Vec<_> = all.into_iter().collect();
        let interval = LaneLimits::default().interval();
        assert!(all.windows(2).all(|pair| pair[1] - pair[0] == interval));
        bed.close().await;
    }
}

#[tokio::test]
async fn the_share_of_both_limits_is_never_passed_and_fully_used() {
    for bed in beds().await {
        let mut all = Vec::new();
        for _ in 0..40 {
            match take(&bed.control, &bed, 7).await {
                Ok(slots) => all.extend(slots),
                Err(until) => bed.clock.set(until - TimeDelta::seconds(30)),
            }
        }
        let within = |span: TimeDelta| {
            all.iter()
                .map(|start| {
                    all.iter()
                        .filter(|at| **at >= *start && **at < *start + span)
                        .count()
                })
                .max()
                .unwrap()
        };
        assert!(all.len() > 180, "{}", all.len());
        assert_eq!(within(TimeDelta::minutes(1)), 180);
        assert!(within(TimeDelta::seconds(1)) <= 4);
        bed.close().await;
    }
}

#[tokio::test]
async fn too_long_a_queue_is_said_instead_of_joined() {
    for bed in beds().await {
        take(&bed.control, &bed, 100).await.unwrap();
        let until = take(&bed.control, &bed, 1).await.unwrap_err();
        assert_eq!(until, bed.now() + LaneLimits::default().interval() * 100);
        bed.clock.set(until);
        assert_eq!(take(&bed.control, &bed, 1).await.unwrap(), [until]);
        bed.close().await;
    }
}

#[tokio::test]
async fn a_refusal_pushes_everybody_back() {
    for bed in beds().await {
        take(&bed.control, &bed, 1).await.unwrap();
        let until = bed.now() + TimeDelta::seconds(20);
        for at in [until, until - TimeDelta::seconds(5)] {
            bed.control
                .push_lane_back(&key(), &spender(&bed), at, bed.now())
                .await
                .unwrap();
        }
        let blocked = bed.control.lane_blocked(&key(), bed.now()).await.unwrap();
        assert_eq!(blocked, Some(until));
        assert_eq!(bed.control.lane_blocked(&key(), until).await.unwrap(), None);
        assert_eq!(take(&bed.control, &bed, 1).await.unwrap(), [until]);
        bed.close().await;
    }
}

#[tokio::test]
async fn the_ledger_tells_who_spent_calls_on_what() {
    for bed in beds().await {
        let source = connected(&bed, 1).await;
        take(&bed.control, &bed, 2).await.unwrap();
        let pull = Spender {
            source: Some(source.id.clone()),
            purpose: Purpose::Pull,
            ..spender(&bed)
        };
        let horizon = TimeDelta::seconds(30);
        let limits = LaneLimits::default();
        for n in [3, 4] {
            bed.control
                .take_slots(&key(), limits, &pull, n, horizon, bed.now())
                .await
                .unwrap();
        }
        bed.control
            .push_lane_back(&key(), &pull, bed.now(), bed.now())
            .await
            .unwrap();
        bed.clock.advance(TimeDelta::hours(1));
        take(&bed.control, &bed, 1).await.unwrap();
        let since = bed.now() - TimeDelta::hours(2);
        let spent = bed
            .control
            .spending(&bed.subscription.id, since)
            .await
            .unwrap();
        let told: BTreeSet<_> = spent
            .iter()
            .map(|row| (row.source(), row.purpose, row.calls, row.refused))
            .collect();
        let expected = [
            (None, Purpose::Connect, 2, 0),
            (None, Purpose::Connect, 1, 0),
            (Some(source.id.clone()), Purpose::Pull, 7, 1),
        ];
        assert_eq!(told, expected.into_iter().collect());
        let lanes = bed.control.lanes().await.unwrap();
        assert_eq!(lanes.len(), 1);
        let of_lane = bed
            .control
            .lane_spending(&lanes[0].id, since)
            .await
            .unwrap();
        assert_eq!(of_lane.len(), spent.len());
        let other = bed.other_subscription().await;
        assert_eq!(bed.control.spending(&other.id, since).await.unwrap(), []);
        let mut tx = bed.control.begin().await.unwrap();
        tx.trim_lane_spending(bed.now() + TimeDelta::days(35) - TimeDelta::minutes(30))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let left = bed
            .control
            .spending(&bed.subscription.id, since)
            .await
            .unwrap();
        assert_eq!(left.len(), 1);
        bed.close().await;
    }
}

#[tokio::test]
async fn the_limits_can_be_changed_while_a_lane_is_used() {
    for bed in beds().await {
        take(&bed.control, &bed, 1).await.unwrap();
        let id = key().id();
        let limits = LaneLimits {
            share: 45,
            ..LaneLimits::default()
        };
        assert!(bed.control.set_lane_limits(&id, limits).await.unwrap());
        assert!(
            !bed.control
                .set_lane_limits("unknown", limits)
                .await
                .unwrap()
        );
        let slots = take(&bed.control, &bed, 2).await.unwrap();
        assert_eq!(slots[1] - slots[0], limits.interval());
        let none = LaneLimits { share: 0, ..limits };
        assert!(bed.control.set_lane_limits(&id, none).await.is_err());
        assert_eq!(bed.control.lanes().await.unwrap()[0].limits, limits);
        bed.close().await;
    }
}
