use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{LaneKey, LaneLimits, LaneShare, Purpose, Slots, Spender, SpentCalls};
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
                .push_lane_back(&key(), Some(&spender(&bed)), at, bed.now())
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
            .push_lane_back(&key(), Some(&pull), bed.now(), bed.now())
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

#[tokio::test]
async fn a_share_that_is_told_is_that_of_a_lane_from_the_next_slot_on() {
    let share = |percent: &str| percent.parse::<LaneShare>().unwrap();
    for bed in beds().await {
        bed.control
            .set_lane_share(&key(), share("50"))
            .await
            .unwrap();
        assert_eq!(bed.control.lanes().await.unwrap(), [], "nothing is made up");
        take(&bed.control, &bed, 1).await.unwrap();
        let limits = LaneLimits {
            per_minute: 300,
            ..LaneLimits::default()
        };
        let id = key().id();
        assert!(bed.control.set_lane_limits(&id, limits).await.unwrap());
        for percent in ["45", "45", "100"] {
            let told = share(percent);
            bed.control.set_lane_share(&key(), told).await.unwrap();
            let lane = bed.control.lanes().await.unwrap().remove(0);
            assert_eq!(lane.limits, limits.taking(told), "the limits stay");
            let slots = take(&bed.control, &bed, 2).await.unwrap();
            assert_eq!(slots[1] - slots[0], lane.limits.interval());
        }
        bed.close().await;
    }
}

#[tokio::test]
async fn who_spends_a_lane_is_summed_up_over_everybody() {
    for bed in beds().await {
        let other = bed.other_subscription().await;
        let (mine, hour) = (spender(&bed), TimeDelta::hours(1));
        let theirs = Spender {
            subscription: other.id.clone(),
            purpose: Purpose::Pull,
            ..spender(&bed)
        };
        let begun = bed.now();
        for (after, who, calls) in [
            (0, &mine, 9),
            (20, &theirs, 5),
            (23, &mine, 2),
            (23, &theirs, 3),
        ] {
            bed.clock.set(begun + hour * after);
            let limits = LaneLimits::default();
            bed.control
                .take_slots(&key(), limits, who, calls, hour, bed.now())
                .await
                .unwrap();
        }
        let until = bed.now();
        for refused in [Some(&theirs), None] {
            bed.control
                .push_lane_back(&key(), refused, until, until)
                .await
                .unwrap();
        }
        let before = bed.control.lane_spenders("unknown", until).await.unwrap();
        assert_eq!(
            (before.all, before.spenders),
            (SpentCalls::default(), vec![])
        );
        let told = async |now| {
            let told = bed.control.lane_spenders(&key().id(), now).await.unwrap();
            assert!(!told.more);
            let sum: i64 = told.spenders.iter().map(|row| row.calls.day_calls).sum();
            assert_eq!((told.all.day_calls, told.all.day_refused), (sum, 1));
            let rows = told.spenders.into_iter();
            let counts = rows.map(|row| {
                let calls = row.calls;
                let within = [
                    (calls.hour_calls, calls.hour_refused),
                    (calls.day_calls, calls.day_refused),
                ];
                (row.subscription_id, row.purpose, within)
            });
            counts.collect::<Vec<_>>()
        };
        let (me, them) = (bed.subscription.id.clone(), other.id.clone());
        assert_eq!(
            told(until).await,
            [
                (me.clone(), Purpose::Connect, [(2, 0), (11, 0)]),
                (them.clone(), Purpose::Pull, [(3, 1), (8, 1)]),
            ]
        );
        assert_eq!(
            told(until + hour).await,
            [
                (them, Purpose::Pull, [(0, 0), (8, 1)]),
                (me, Purpose::Connect, [(0, 0), (2, 0)]),
            ],
            "an hour later the first calls were made more than a day ago"
        );
        bed.close().await;
    }
}
