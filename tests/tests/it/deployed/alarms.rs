//! What an alarm takes for one: the settings of it are tried with what `CloudWatch` is told of a trouble, spell by spell.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use wynos_tests::lambda_host::Template;

/// Seconds of the spells that these alarms count by.
const SPELL: u64 = 300;

/// Seconds after which a message that fails each time comes again, as often as three hours have room for, where nothing else
/// is said: pauses double from 5 s to a quarter of an hour.
fn comes_again() -> Vec<u64> {
    let (mut at, mut pause, mut times) = (0, 5, Vec::new());
    while at < 3 * 3_600 {
        times.push(at);
        at += pause;
        pause = (pause * 2).min(900);
    }
    times
}

/// How much there was in each spell, if it began so many seconds before the trouble.
fn spells(times: &[u64], earlier: u64) -> Vec<f64> {
    let last = times.last().copied().unwrap_or_default() + earlier;
    let count = |spell: u64| {
        let in_it = times.iter().filter(|at| (*at + earlier) / SPELL == spell);
        in_it.fold(0.0, |count, _| count + 1.0)
    };
    (0..=last / SPELL).map(count).collect()
}

/// The settings of an alarm.
struct Alarm {
    threshold: f64,
    or_equal: bool,
    datapoints: usize,
    periods: usize,
}

impl Alarm {
    fn named(id: &str) -> Self {
        let resource = Template::of_project().unwrap().resource(id).unwrap();
        let properties = &resource["Properties"];
        assert_eq!(properties["TreatMissingData"], "notBreaching", "{id}");
        let metrics = properties["Metrics"].as_array().unwrap().iter();
        for metric in metrics.filter_map(|one| one["MetricStat"].as_object()) {
            assert_eq!(metric["Period"], SPELL, "{id}");
            assert_eq!(metric["Stat"], "Sum", "{id}");
        }
        let number = |name: &str| {
            let number = properties[name].as_u64();
            number.map(|number| usize::try_from(number).unwrap())
        };
        let periods = number("EvaluationPeriods").unwrap();
        Self {
            threshold: properties["Threshold"].as_f64().unwrap(),
            or_equal: properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold",
            datapoints: number("DatapointsToAlarm").unwrap_or(periods),
            periods,
        }
    }

    /// After how many spells it speaks up, if it does.
    fn speaks_up(&self, spells: &[f64]) -> Option<usize> {
        let breaches = |value: &&f64| {
            **value > self.threshold
                || (self.or_equal && (**value - self.threshold).abs() < f64::EPSILON)
        };
        (1..=spells.len()).find(|end| {
            let begin = end.saturating_sub(self.periods);
            spells[begin..*end].iter().filter(breaches).count() >= self.datapoints
        })
    }
}

/// Names of functions whose figure an alarm measures.
fn functions(alarm: &str, figure: &str) -> BTreeSet<String> {
    let resource = Template::of_project().unwrap().resource(alarm).unwrap();
    let metrics = resource["Properties"]["Metrics"].as_array().unwrap().iter();
    let metrics = metrics.map(|one| &one["MetricStat"]["Metric"]);
    let measured = metrics.filter(|metric| metric["MetricName"] == figure);
    let names = measured.map(|metric| &metric["Dimensions"][0]["Value"]);
    names.map(named).collect()
}

/// The name that a function has in figures, however the template says it.
fn named(value: &Json) -> String {
    let name = value["Ref"].as_str().or(value.as_str()).unwrap();
    let name = name.strip_suffix("Function").unwrap_or(name);
    name.to_lowercase()
}

#[test]
fn whatever_queues_feed_is_watched_for_errors_and_for_messages_that_come_again() {
    let template = Template::of_project().unwrap();
    let fed = template.of_type("AWS::Lambda::EventSourceMapping");
    let fed: BTreeSet<String> = fed
        .map(|(_, mapping)| named(&mapping["Properties"]["FunctionName"]))
        .collect();
    assert!(fed.len() > 5, "{fed:?}");
    assert_eq!(functions("RetriesAlarm", "Retried"), fed);
    assert_eq!(functions("ErrorsAlarm", "Errors"), fed);
    let front = functions("FrontErrorsAlarm", "Errors");
    let front: Vec<&str> = front.iter().map(String::as_str).collect();
    assert_eq!(front, ["console", "schedule", "webhook"]);
}

#[test]
fn one_mail_or_file_that_fails_on_and_on_is_told_within_half_an_hour_and_a_short_trouble_is_not() {
    let alarm = Alarm::named("RetriesAlarm");
    let resource = Template::of_project().unwrap().resource("RetriesAlarm");
    let metrics = &resource.unwrap()["Properties"]["Metrics"];
    let sum = metrics[0]["Expression"].as_str().unwrap();
    let parts = sum.strip_prefix("SUM([").unwrap();
    let parts = parts.strip_suffix("])").unwrap();
    // A figure that is there in bad times only must not take the others along.
    let mut parts: BTreeSet<&str> = parts.split("), ").collect();
    assert_eq!(parts.len(), functions("RetriesAlarm", "Retried").len());
    let weight = 10.0;
    for function in functions("RetriesAlarm", "Retried") {
        let of_files = ["export", "import", "mail"].contains(&function.as_str());
        let weighed = if of_files { "10 * " } else { "" };
        let part = format!("{weighed}FILL({function}, 0");
        parts.retain(|one| one.trim_end_matches(')') != part);
    }
    assert!(parts.is_empty(), "{parts:?}");
    let of = |times: &[u64], earlier: u64, each: f64| -> Vec<f64> {
        let spells = spells(times, earlier).into_iter();
        spells.map(|count| count * each).collect()
    };
    let times = comes_again();
    for earlier in 0..SPELL {
        let told = alarm.speaks_up(&of(&times, earlier, weight));
        assert!(
            told.is_some_and(|spells| spells <= 6),
            "{earlier}: {told:?}"
        );
        // A source that others work on for hours is no trouble, and neither is a message that is done at the sixth try.
        let waits = alarm.speaks_up(&of(&times, earlier, 1.0));
        assert_eq!(waits, None, "{earlier}");
        let short = alarm.speaks_up(&of(&times[..6], earlier, weight));
        assert_eq!(short, None, "{earlier}");
        // Of many sources at once it is.
        let many = alarm.speaks_up(&of(&times, earlier, 12.0));
        assert!(
            many.is_some_and(|spells| spells <= 6),
            "{earlier}: {many:?}"
        );
    }
}

#[test]
fn a_function_that_dies_at_each_start_is_told_and_one_error_is_not() {
    let template = Template::of_project().unwrap();
    let queues = template.of_type("AWS::SQS::Queue");
    let hidden = queues.filter_map(|(_, queue)| queue["Properties"]["VisibilityTimeout"].as_u64());
    let longest = hidden.max().unwrap();
    let alarm = Alarm::named("ErrorsAlarm");
    // One message comes again whenever its queue shows it; the tick comes every minute.
    let message: Vec<u64> = (0..6).map(|times| times * longest).collect();
    for earlier in 0..SPELL {
        let told = alarm.speaks_up(&spells(&message, earlier));
        assert!(
            told.is_some_and(|spells| spells <= 6),
            "{earlier}: {told:?}"
        );
        assert_eq!(alarm.speaks_up(&spells(&[0], earlier)), None, "{earlier}");
    }
    let alarm = Alarm::named("FrontErrorsAlarm");
    let ticks: Vec<u64> = (0..30).map(|times| times * 60).collect();
    for earlier in 0..SPELL {
        let told = alarm.speaks_up(&spells(&ticks, earlier));
        assert!(
            told.is_some_and(|spells| spells <= 3),
            "{earlier}: {told:?}"
        );
        // A database that changes over is away for some minutes.
        let short = alarm.speaks_up(&spells(&ticks[..4], earlier));
        assert_eq!(short, None, "{earlier}");
    }
}

#[test]
fn answers_of_a_status_of_500_or_above_are_counted_from_the_log_and_told_when_there_are_several() {
    let template = Template::of_project().unwrap();
    let resource = |id: &str| &template.resource(id).unwrap()["Properties"];
    let filter = resource("ServerErrors");
    assert_eq!(filter["LogGroupName"]["Ref"], "HttpLog");
    assert_eq!(filter["FilterPattern"], "{ $.status = \"5*\" }");
    let log = resource("HttpStage")["AccessLogSettings"]["Format"].as_str();
    assert!(log.unwrap().contains("\"status\":\"$context.status\""));
    let counted = &filter["MetricTransformations"][0];
    assert_eq!(counted["MetricValue"], "1");
    let measured = &resource("ServerErrorsAlarm")["Metrics"][0]["MetricStat"]["Metric"];
    assert_eq!(measured["MetricName"], counted["MetricName"]);
    assert_eq!(measured["Namespace"], counted["MetricNamespace"]);
    assert!(measured["Dimensions"].is_null(), "a filter gives none");
    let alarm = Alarm::named("ServerErrorsAlarm");
    assert_eq!(alarm.speaks_up(&[1.0, 1.0, 1.0]), None, "one now and then");
    assert_eq!(alarm.speaks_up(&[50.0, 0.0, 0.0]), None, "once and over");
    assert_eq!(alarm.speaks_up(&[2.0, 0.0, 2.0]), Some(3));
}
