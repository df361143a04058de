use std::collections::BTreeMap;

use serde_json::Value as Json;
use wynos::ports::QueueName;
use wynos_tests::lambda_host::Template;

fn timeout(template: &Template, function: &str) -> u64 {
    let function = template.resource(function).unwrap();
    function["Properties"]["Timeout"].as_u64().unwrap()
}

#[test]
fn a_message_stays_hidden_for_the_functions_time_and_a_minute() {
    let template = Template::of_project().unwrap();
    let mut seen = 0;
    for (id, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
        let properties = &mapping["Properties"];
        let queue = properties["EventSourceArn"]["Fn::GetAtt"][0]
            .as_str()
            .unwrap();
        let function = properties["FunctionName"]["Ref"].as_str().unwrap();
        let limit = timeout(template, function);
        let queue = &template.resource(queue).unwrap()["Properties"];
        assert_eq!(
            queue["VisibilityTimeout"].as_u64(),
            Some(limit + 60),
            "{id}"
        );
        assert!(
            queue["RedrivePolicy"]["deadLetterTargetArn"].is_object(),
            "{id}"
        );
        assert_eq!(
            queue["RedrivePolicy"]["maxReceiveCount"]["Ref"], "MaxReceives",
            "{id}"
        );
        assert_eq!(
            properties["FunctionResponseTypes"][0], "ReportBatchItemFailures",
            "{id}"
        );
        assert!(
            properties["ScalingConfig"]["MaximumConcurrency"].is_u64(),
            "{id}"
        );
        let long = limit > 300;
        assert!(
            !long || properties["BatchSize"] == 1,
            "{id}: long work comes one by one"
        );
        seen += 1;
    }
    assert!(seen >= 4);
}

#[test]
fn every_queue_that_the_domain_sends_to_is_known_to_every_function() {
    let template = Template::of_project().unwrap();
    for (id, function) in template.of_type("AWS::Lambda::Function") {
        let variables = &function["Properties"]["Environment"]["Variables"];
        for queue in QueueName::ALL {
            let name = queue.as_str().to_uppercase();
            for variable in [
                format!("WYNOS_QUEUE_{name}"),
                format!("WYNOS_DEAD_LETTERS_{name}"),
            ] {
                assert!(
                    variables[&variable]["Ref"].is_string(),
                    "{id} lacks {variable}"
                );
            }
        }
    }
}

#[test]
fn the_bucket_is_private_encrypted_and_reached_over_tls_alone() {
    let template = Template::of_project().unwrap();
    let bucket = &template.resource("Bucket").unwrap()["Properties"];
    let block = bucket["PublicAccessBlockConfiguration"]
        .as_object()
        .unwrap();
    assert_eq!(block.len(), 4);
    assert!(block.values().all(|blocked| blocked == true));
    assert!(bucket["BucketEncryption"].is_object());
    let policy = &template.resource("BucketPolicy").unwrap()["Properties"]["PolicyDocument"];
    let statement = &policy["Statement"][0];
    assert_eq!(statement["Effect"], "Deny");
    assert_eq!(
        statement["Condition"]["Bool"]["aws:SecureTransport"],
        "false"
    );
    let rules = bucket["LifecycleConfiguration"]["Rules"]
        .as_array()
        .unwrap();
    assert!(
        rules
            .iter()
            .any(|rule| rule["AbortIncompleteMultipartUpload"].is_object())
    );
}

#[test]
fn every_log_is_kept_for_a_time_and_none_holds_a_path() {
    let template = Template::of_project().unwrap();
    let mut logs = 0;
    for (id, log) in template.of_type("AWS::Logs::LogGroup") {
        assert_eq!(
            log["Properties"]["RetentionInDays"]["Ref"], "LogDays",
            "{id}"
        );
        logs += 1;
    }
    for (id, function) in template.of_type("AWS::Lambda::Function") {
        let logging = &function["Properties"]["LoggingConfig"];
        assert_eq!(logging["LogFormat"], "JSON", "{id}");
        assert!(logging["LogGroup"]["Ref"].is_string(), "{id}");
        logs -= 1;
    }
    assert_eq!(logs, 1, "that of the HTTP API");
    let stage = &template.resource("HttpStage").unwrap()["Properties"];
    let format = stage["AccessLogSettings"]["Format"].as_str().unwrap();
    assert!(
        !format.contains("path") && !format.contains("Path"),
        "{format}"
    );
    assert!(stage["DefaultRouteSettings"]["ThrottlingRateLimit"].is_u64());
}

#[test]
fn everything_that_can_go_wrong_unseen_has_an_alarm() {
    let template = Template::of_project().unwrap();
    let mut watched = Vec::new();
    for (id, alarm) in template.of_type("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        assert!(properties["AlarmActions"][0]["Ref"].is_string(), "{id}");
        let metrics = properties["Metrics"].as_array().unwrap();
        let measured = metrics.iter().filter(|one| one["MetricStat"].is_object());
        assert!(measured.count() <= 10, "{id}: CloudWatch takes no more");
        for metric in metrics {
            let metric = &metric["MetricStat"]["Metric"];
            let of = metric["Dimensions"].as_array().into_iter().flatten();
            let of = of.filter_map(|dimension| target(&dimension["Value"]));
            let name = metric["MetricName"].as_str().unwrap_or_default();
            watched.extend(of.map(|of| format!("{of} {name}")));
        }
    }
    for (id, _) in template.of_type("AWS::SQS::Queue") {
        let metric = if id.ends_with("DeadLetters") {
            "ApproximateNumberOfMessagesVisible"
        } else {
            "ApproximateAgeOfOldestMessage"
        };
        assert!(watched.contains(&format!("{id} {metric}")), "{id}");
    }
    for (id, _) in template.of_type("AWS::Lambda::Function") {
        // Who deploys waits for it and sees it fail.
        for metric in ["Errors", "Throttles", "Duration"] {
            let seen = id == "MigrateFunction" || watched.contains(&format!("{id} {metric}"));
            assert!(seen, "{id} {metric}");
        }
    }
    for figure in [
        "schedule Done",
        "clear-up Done",
        "pull SourcesRead",
        "pull VendorRefusals",
        "reconcile VendorRefusals",
        "console VendorRefusals",
        "mail MailsBounced",
    ] {
        assert!(watched.contains(&figure.to_owned()), "{figure}");
    }
}

#[test]
fn figures_of_one_stack_are_not_those_of_another() {
    let template = Template::of_project().unwrap();
    let known = |stack: &str| [("AWS::StackName".to_owned(), stack.to_owned())].into();
    let (one, other) = (known("wynos"), known("staging"));
    let mut watched = 0;
    for (id, alarm) in template.of_type("AWS::CloudWatch::Alarm") {
        let metrics = alarm["Properties"]["Metrics"].as_array().unwrap();
        for metric in metrics.iter().filter(|one| one["MetricStat"].is_object()) {
            let namespace = &metric["MetricStat"]["Metric"]["Namespace"];
            if namespace
                .as_str()
                .is_some_and(|name| name.starts_with("AWS/"))
            {
                continue; // whose queue or function it is says a dimension
            }
            watched += 1;
            let here = template.resolve(namespace, &one).unwrap();
            assert_ne!(here, template.resolve(namespace, &other).unwrap(), "{id}");
            for (function, properties) in template.of_type("AWS::Lambda::Function") {
                let variables = &properties["Properties"]["Environment"]["Variables"];
                let written = &variables["WYNOS_METRICS_NAMESPACE"];
                assert_eq!(namespace, written, "{id}, {function}");
            }
        }
    }
    assert!(watched > 5, "{watched}");
}

#[test]
fn the_share_of_refusals_is_that_of_everybody_who_calls_the_vendor() {
    let template = Template::of_project().unwrap();
    let alarm = &template.resource("RefusalsAlarm").unwrap()["Properties"]["Metrics"];
    let of = |figure: &str| {
        let all = alarm.as_array().unwrap().iter();
        let measured = all.filter(|one| one["MetricStat"]["Metric"]["MetricName"] == figure);
        let measured: BTreeMap<String, String> = measured
            .map(|one| {
                let function = &one["MetricStat"]["Metric"]["Dimensions"][0]["Value"];
                (
                    target(function).unwrap(),
                    one["Id"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        let all = alarm.as_array().unwrap().iter();
        let sums = all.filter_map(|one| one["Expression"].as_str());
        let summed = sums.filter(|sum| measured.values().all(|id| sum.contains(id.as_str())));
        assert_eq!(summed.count(), 1, "{figure}");
        measured.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(of("VendorCalls"), ["console", "pull", "reconcile"]);
    assert_eq!(of("VendorRefusals"), of("VendorCalls"));
}

fn target(value: &Json) -> Option<String> {
    let name = value["Fn::GetAtt"][0].as_str();
    let name = name.or(value["Ref"].as_str()).or(value.as_str());
    name.map(str::to_owned)
}
