use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value as Json, json};
use wynos::{
    control::{Lane, LaneSpenders, SpentCalls},
    services::Services,
};

use crate::{commands::moment, failure::Ending, output::Output};

/// What is told of a lane.
struct Told {
    lines: Vec<String>,
    json: Json,
}

/// Shows every lane: what the vendor allows, what of it is taken and waited for, and who spends it on what. It is of the whole
/// installation, so that customers are told by their ids alone, and times are in UTC.
pub(crate) async fn run(services: &Services, output: Output) -> anyhow::Result<Ending> {
    let now = services.clock.now();
    let mut all = Vec::new();
    for lane in services.control.lanes().await? {
        let spent = services.control.lane_spenders(&lane.id, now).await?;
        let told = told(&lane, &spent, now);
        for line in told.lines {
            output.say(line);
        }
        all.push(told.json);
    }
    if all.is_empty() {
        output.say("No vendor was called yet.");
    }
    output.result(&json!({ "lanes": all }));
    Ok(Ending::Done)
}

fn told(lane: &Lane, spent: &LaneSpenders, now: DateTime<Utc>) -> Told {
    let (key, limits) = (&lane.key, lane.limits);
    let interval = micros(limits.interval());
    let pace = (micros(TimeDelta::minutes(1)) + interval / 2) / interval;
    let blocked = lane.blocked_until.filter(|until| *until > now);
    // Nothing is called while the vendor refuses; what is taken beyond that was given out.
    let ahead = micros(lane.next_slot - blocked.unwrap_or(now));
    let waiting = if lane.next_slot > now {
        ahead / interval
    } else {
        0
    };
    let standing = match blocked {
        Some(until) => format!("the vendor is left alone until {}", moment(until, Tz::UTC)),
        None => format!("{waiting} calls wait for their turn"),
    };
    let mut lines = vec![
        format!(
            "{}  from {}  token {}: {}% of {} calls a minute and {} a second, which is {pace} a minute",
            key.host,
            key.address,
            key.token_hash,
            limits.share,
            limits.per_minute,
            limits.per_second
        ),
        format!("  {standing}"),
        format!("  all  {}", in_words(spent.all)),
    ];
    let mut spenders = Vec::new();
    for row in &spent.spenders {
        let (spender, purpose) = (&row.spender, row.purpose);
        lines.push(format!("  {spender}  {purpose}  {}", in_words(row.calls)));
        spenders.push(json!({
            "subscription": row.subscription_id, "source": row.source(), "purpose": purpose.as_str(),
            "hour": hour(row.calls), "day": day(row.calls),
        }));
    }
    if spent.more {
        lines.push("  and others, who spend less".to_owned());
    }
    let json = json!({
        "id": lane.id, "host": key.host, "address": key.address, "token_hash": key.token_hash,
        "per_minute": limits.per_minute, "per_second": limits.per_second, "share": limits.share, "pace": pace,
        "waiting": waiting, "next_slot": lane.next_slot, "blocked_until": blocked,
        "hour": hour(spent.all), "day": day(spent.all), "spenders": spenders, "more": spent.more,
    });
    Told { lines, json }
}

/// Microseconds, at least one.
fn micros(span: TimeDelta) -> i64 {
    span.num_microseconds().unwrap_or(i64::MAX).max(1)
}

fn in_words(calls: SpentCalls) -> String {
    format!(
        "this hour {} calls, {} refused; in 24 hours {}, {} refused",
        calls.hour_calls, calls.hour_refused, calls.day_calls, calls.day_refused
    )
}

fn hour(calls: SpentCalls) -> Json {
    json!({ "calls": calls.hour_calls, "refused": calls.hour_refused })
}

fn day(calls: SpentCalls) -> Json {
    json!({ "calls": calls.day_calls, "refused": calls.day_refused })
}

#[cfg(test)]
mod tests {
    use wynos::control::{LaneKey, LaneLimits, Purpose, Spent};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn calls(counts: [i64; 4]) -> SpentCalls {
        let [hour_calls, hour_refused, day_calls, day_refused] = counts;
        SpentCalls {
            hour_calls,
            hour_refused,
            day_calls,
            day_refused,
        }
    }

    fn spent(spender: &str, purpose: Purpose, counts: [i64; 4]) -> Spent {
        Spent {
            spender: spender.to_owned(),
            subscription_id: "sampleshop".parse().unwrap(),
            purpose,
            calls: calls(counts),
        }
    }

    fn lane(next_slot: &str, blocked_until: Option<&str>) -> Lane {
        Lane {
            id: "abc".to_owned(),
            key: LaneKey {
                host: "api.yclients.com".to_owned(),
                token_hash: "0123".to_owned(),
                address: "default".to_owned(),
            },
            limits: LaneLimits {
                share: 50,
                ..LaneLimits::default()
            },
            next_slot: at(next_slot),
            blocked_until: blocked_until.map(at),
        }
    }

    #[test]
    fn a_lane_says_what_is_taken_of_it_and_who_spends_it_on_what() {
        let now = at("2026-11-23T10:30:00Z");
        let spenders = LaneSpenders {
            all: calls([130, 2, 900, 7]),
            spenders: vec![
                spent("sampleshop-a1b2c3d4", Purpose::Pull, [120, 2, 880, 7]),
                spent("sampleshop", Purpose::Connect, [10, 0, 20, 0]),
            ],
            more: true,
        };
        let told = told(&lane("2026-11-23T10:30:06Z", None), &spenders, now);
        let expected = "\
api.yclients.com  from default  token 0123: 50% of 200 calls a minute and 5 a second, which is 100 a minute
  10 calls wait for their turn
  all  this hour 130 calls, 2 refused; in 24 hours 900, 7 refused
  sampleshop-a1b2c3d4  pull  this hour 120 calls, 2 refused; in 24 hours 880, 7 refused
  sampleshop  connect  this hour 10 calls, 0 refused; in 24 hours 20, 0 refused
  and others, who spend less";
        assert_eq!(told.lines.join("\n"), expected);
        let expected = json!({
            "id": "abc", "host": "api.yclients.com", "address": "default", "token_hash": "0123",
            "per_minute": 200, "per_second": 5, "share": 50, "pace": 100, "waiting": 10,
            "next_slot": "2026-11-23T10:30:06Z", "blocked_until": null,
            "hour": { "calls": 130, "refused": 2 }, "day": { "calls": 900, "refused": 7 },
            "spenders": [
                {
                    "subscription": "sampleshop", "source": "sampleshop-a1b2c3d4", "purpose": "pull",
                    "hour": { "calls": 120, "refused": 2 }, "day": { "calls": 880, "refused": 7 },
                },
                {
                    "subscription": "sampleshop", "source": null, "purpose": "connect",
                    "hour": { "calls": 10, "refused": 0 }, "day": { "calls": 20, "refused": 0 },
                },
            ],
            "more": true,
        });
        assert_eq!(told.json, expected);
    }

    #[test]
    fn a_lane_that_the_vendor_wants_left_alone_says_until_when() {
        let nobody = LaneSpenders {
            all: SpentCalls::default(),
            spenders: Vec::new(),
            more: false,
        };
        let blocked = lane("2026-11-23T10:32:03Z", Some("2026-11-23T10:32:00Z"));
        let standing = |now: &str| {
            let told = told(&blocked, &nobody, at(now));
            let waiting = told.json["waiting"].clone();
            (told.lines[1].clone(), waiting)
        };
        let until = "  the vendor is left alone until 2026-11-23 10:32 +00:00";
        assert_eq!(
            standing("2026-11-23T10:30:00Z"),
            (until.to_owned(), json!(5))
        );
        let free = "  0 calls wait for their turn";
        assert_eq!(
            standing("2026-11-23T10:33:00Z"),
            (free.to_owned(), json!(0))
        );
    }
}
