//! What the template wires together where no local AWS does it: schedules, notifications of mails, what ends by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use wynos_tests::lambda_host::Template;

fn properties(id: &str) -> &'static Json {
    &Template::of_project().unwrap().resource(id).unwrap()["Properties"]
}

#[test]
fn what_the_clock_asks_for_comes_in_utc_and_what_cannot_be_delivered_is_put_aside() {
    let template = Template::of_project().unwrap();
    let mut schedules = 0;
    for (id, schedule) in template.of_type("AWS::Scheduler::Schedule") {
        let schedule = &schedule["Properties"];
        assert_eq!(schedule["ScheduleExpressionTimezone"], "UTC", "{id}");
        let target = &schedule["Target"];
        let dead_letters = &target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0];
        assert_eq!(dead_letters, "ScheduleDeadLetters", "{id}");
        let retry = &target["RetryPolicy"];
        let age = retry["MaximumEventAgeInSeconds"].as_u64().unwrap();
        // What comes again by itself soon need not be delivered late; what comes once a night must.
        let nightly = schedule["ScheduleExpression"]
            .as_str()
            .unwrap()
            .starts_with("cron");
        let tries = retry["MaximumRetryAttempts"].as_u64().unwrap();
        assert!(age <= 3_600 && (!nightly || tries > 0), "{id}");
        schedules += 1;
    }
    assert_eq!(schedules, 3);
}

/// The clock hands its events to Lambda, which tries the work by itself: a schedule's own tries end with the delivery. Whatever
/// the clock asks for is done by what comes after it, the sweeps of a night by the tick.
#[test]
fn work_of_the_clock_that_failed_is_left_to_the_next_event() {
    let template = Template::of_project().unwrap();
    let schedules = template.of_type("AWS::Scheduler::Schedule");
    let mut called: BTreeSet<&str> = schedules
        .map(|(_, schedule)| &schedule["Properties"]["Target"]["Arn"]["Fn::GetAtt"][0])
        .map(|function| function.as_str().unwrap())
        .collect();
    for (_, config) in template.of_type("AWS::Lambda::EventInvokeConfig") {
        let config = &config["Properties"];
        let function = config["FunctionName"]["Ref"].as_str().unwrap();
        assert_eq!(config["MaximumRetryAttempts"], 0, "{function}");
        let age = config["MaximumEventAgeInSeconds"].as_u64().unwrap();
        assert!(age <= 300, "{function}");
        assert!(called.remove(function), "{function}");
    }
    assert!(called.is_empty(), "Lambda tries these again: {called:?}");
}

#[test]
fn whoever_sends_to_a_queue_that_feeds_it_is_not_stopped_as_a_loop_and_nobody_else_goes_on() {
    let template = Template::of_project().unwrap();
    let mut fed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
        let properties = &mapping["Properties"];
        let queue = &properties["EventSourceArn"]["Fn::GetAtt"][0];
        let function = &properties["FunctionName"]["Ref"];
        let queues = fed.entry(function.as_str().unwrap().to_owned());
        queues
            .or_default()
            .insert(queue.as_str().unwrap().to_owned());
    }
    let mut goes_on = 0;
    for (id, function) in template.of_type("AWS::Lambda::Function") {
        let sends = template.queues_for(id, &["sqs:SendMessage"]).unwrap();
        let own = fed.remove(id).unwrap_or_default();
        let allowed = &function["Properties"]["RecursiveLoop"];
        if sends.is_disjoint(&own) {
            assert!(allowed.is_null(), "{id}");
        } else {
            assert_eq!(allowed, "Allow", "{id}");
            goes_on += 1;
        }
    }
    assert!(fed.is_empty() && goes_on > 4, "{goes_on}");
}

#[test]
fn what_ses_tells_of_mails_comes_to_the_mails_queue_as_it_is() {
    let events = &properties("MailEventsToTopic")["EventDestination"];
    assert_eq!(events["Enabled"], true);
    assert_eq!(events["SnsDestination"]["TopicARN"]["Ref"], "MailTopic");
    for kind in ["bounce", "complaint", "reject"] {
        let kinds = events["MatchingEventTypes"].as_array().unwrap();
        assert!(kinds.contains(&kind.into()), "{kind}");
    }
    let subscription = properties("MailTopicToQueue");
    assert_eq!(subscription["TopicArn"]["Ref"], "MailTopic");
    assert_eq!(subscription["Endpoint"]["Fn::GetAtt"][0], "MailQueue");
    // The function reads what SES says, not an envelope of SNS.
    assert_eq!(subscription["RawMessageDelivery"], true);
    let allowed = |policy: &str, service: &str, action: &str| {
        let statements = properties(policy)["PolicyDocument"]["Statement"].as_array();
        let found = statements.unwrap().iter().any(|statement| {
            statement["Effect"] == "Allow"
                && statement["Principal"]["Service"] == service
                && statement["Action"] == action
                && statement["Condition"].is_object()
        });
        assert!(found, "{policy}");
    };
    allowed("MailTopicPolicy", "ses.amazonaws.com", "sns:Publish");
    allowed("MailQueuePolicy", "sns.amazonaws.com", "sqs:SendMessage");
    allowed("ImportQueuePolicy", "s3.amazonaws.com", "sqs:SendMessage");
}

#[test]
fn files_end_behind_our_own_sweep_and_only_our_pages_upload() {
    let bucket = properties("Bucket");
    let rules = bucket["LifecycleConfiguration"]["Rules"]
        .as_array()
        .unwrap();
    // Links live for a week; uploads may be undone for a while.
    for (prefix, days) in [("exports/", 8), ("imports/", 30)] {
        let rule = rules.iter().find(|rule| rule["Prefix"] == prefix).unwrap();
        assert_eq!(rule["ExpirationInDays"], days, "{prefix}");
        assert_eq!(rule["Status"], "Enabled", "{prefix}");
    }
    let cors = bucket["CorsConfiguration"]["CorsRules"].as_array().unwrap();
    assert_eq!(cors.len(), 1);
    assert_eq!(cors[0]["AllowedMethods"], serde_json::json!(["PUT"]));
    let known = [("PublicUrl".to_owned(), "https://a.example".to_owned())].into();
    let template = Template::of_project().unwrap();
    let origin = template.resolve(&cors[0]["AllowedOrigins"][0], &known);
    assert_eq!(origin.unwrap(), "https://a.example");
}
