//! What the template makes of its parameters: whose database it is, who gets to it, and how much comes in.

use std::collections::BTreeMap;

use serde_json::json;
use wynos_runtime::actions;
use wynos_tests::lambda_host::Template;

fn told(parameters: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut known: BTreeMap<String, String> = [
        ("Database.MasterUserSecret.SecretArn", "made-secret"),
        ("Database.Endpoint.Address", "made-host"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (name, value) in parameters {
        known.insert((*name).to_owned(), (*value).to_owned());
    }
    known
}

#[test]
fn a_restored_database_takes_the_place_of_the_made_one_in_the_same_network() {
    let template = Template::of_project().unwrap();
    let given = ("DatabaseSecretArn", "given-secret");
    let restored = [
        ("RestoredDatabaseHost", "restored-host"),
        ("RestoredDatabaseSecretArn", "restored-secret"),
    ];
    for (parameters, network, secret, host) in [
        (&[] as &[(&str, &str)], true, "made-secret", "made-host"),
        (&restored, true, "restored-secret", "restored-host"),
        (&[given], false, "given-secret", ""),
    ] {
        let known = told(parameters);
        assert_eq!(template.holds("MakesDatabase", &known).unwrap(), network);
        let mut functions = 0;
        for (id, function) in template.of_type("AWS::Lambda::Function") {
            functions += 1;
            let properties = &function["Properties"];
            let variables = &properties["Environment"]["Variables"];
            for (name, value) in [
                ("WYNOS_DATABASE_SECRET", secret),
                ("WYNOS_DATABASE_HOST", host),
            ] {
                let resolved = template.resolve(&variables[name], &known);
                assert_eq!(resolved.unwrap(), value, "{id} {name}");
            }
        }
        assert!(functions > 5);
        let role = template.resource("MigrateRole").unwrap();
        let statements = &role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
        let mut statements = statements.as_array().unwrap().iter();
        let reads = statements.find(|one| one["Sid"] == "ReadSecrets").unwrap();
        let readable = reads["Resource"].as_array().unwrap().last().unwrap();
        assert_eq!(template.resolve(readable, &known).unwrap(), secret);
    }
    for kind in ["Network", "WayOut", "DatabaseSubnets", "Database"] {
        let resource = template.resource(kind).unwrap();
        assert_eq!(resource["Condition"], "MakesDatabase", "{kind}");
    }
}

#[test]
fn whoever_uses_the_database_is_in_its_network_and_nobody_else_is_behind_the_one_gateway() {
    let template = Template::of_project().unwrap();
    let mut outside = Vec::new();
    for (id, function) in template.of_type("AWS::Lambda::Function") {
        let name = id.strip_suffix("Function").unwrap();
        let needs = actions::needs(name);
        let uses_it = needs.iter().any(|(_, resource)| resource == "Database");
        let role = template.resource(&format!("{name}Role")).unwrap();
        let statements = &role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
        let mut statements = statements.as_array().unwrap().iter();
        let may = statements.find(|one| one["Fn::If"][1]["Sid"] == "UseNetwork");
        for place in ["SubnetIds", "SecurityGroupIds"] {
            let place = &function["Properties"]["VpcConfig"][place];
            if uses_it {
                assert_eq!(place["Fn::If"][0], "MakesDatabase", "{id}");
                assert!(place["Fn::If"][1][0]["Ref"].is_string(), "{id}");
            } else {
                assert_eq!(place, &json!([]), "{id}");
            }
        }
        if uses_it {
            assert_eq!(may.unwrap()["Fn::If"][0], "MakesDatabase", "{id}");
        } else {
            assert!(may.is_none(), "{id}");
            outside.push(id);
        }
    }
    assert_eq!(outside, ["WebhookFunction"]);
}

#[test]
fn a_mail_domain_that_ses_knows_already_is_not_made_again() {
    let template = Template::of_project().unwrap();
    for (said, made) in [("false", true), ("true", false)] {
        let known = told(&[("MailDomainExists", said)]);
        assert_eq!(template.holds("MakesMailIdentity", &known).unwrap(), made);
    }
    let identity = template.resource("MailIdentity").unwrap();
    assert_eq!(identity["Condition"], "MakesMailIdentity");
    // What the identity would say about bounces every mail says itself.
    for (id, function) in template.of_type("AWS::Lambda::Function") {
        let variables = &function["Properties"]["Environment"]["Variables"];
        let set = &variables["WYNOS_MAIL_CONFIGURATION_SET"]["Ref"];
        assert_eq!(set, "MailEvents", "{id}");
    }
}

#[test]
fn the_database_is_opened_to_the_told_addresses_alone_over_tls_and_at_any_deploy() {
    let template = Template::of_project().unwrap();
    let entries = &template.resource("BiAddresses").unwrap()["Properties"]["Entries"];
    let entries = entries.as_array().unwrap();
    for (addresses, count) in [
        ("", 0),
        ("192.0.2.0/28", 1),
        ("192.0.2.0/28,198.51.100.7/32,203.0.113.0/24", 3),
    ] {
        let known = told(&[("BiAllowedCidrs", addresses)]);
        let opens = template.holds("OpensDatabase", &known).unwrap();
        assert_eq!(opens, count > 0, "{addresses}");
        let mut allowed = Vec::new();
        for entry in entries.iter().filter(|_| opens) {
            let entry = match entry["Fn::If"].as_array() {
                Some(choice) => {
                    let condition = choice[0].as_str().unwrap();
                    if !template.holds(condition, &known).unwrap() {
                        continue;
                    }
                    &choice[1]
                }
                None => entry,
            };
            allowed.push(template.resolve(&entry["Cidr"], &known).unwrap());
        }
        assert_eq!(allowed.join(","), addresses);
    }
    let resource = |id: &str| template.resource(id).unwrap();
    let group = &resource("DatabaseSecurityGroup")["Properties"]["SecurityGroupIngress"];
    assert_eq!(group.as_array().unwrap().len(), 1, "the functions");
    let outside = resource("DatabaseFromOutside");
    assert_eq!(outside["Condition"], "OpensDatabase");
    assert_eq!(
        outside["Properties"]["SourcePrefixListId"]["Ref"],
        "BiAddresses"
    );
    assert!(outside["Properties"]["CidrIp"].is_null());
    let settings = &resource("DatabaseSettings")["Properties"]["Parameters"];
    assert_eq!(settings["rds.force_ssl"], "1");
    // RDS changes no subnets of a cluster.
    let subnets = &resource("DatabaseSubnets")["Properties"]["SubnetIds"];
    assert!(
        subnets[0]["Ref"].is_string() && subnets[1]["Ref"].is_string(),
        "{subnets}"
    );
    let public = &resource("DatabaseInstance")["Properties"]["PubliclyAccessible"];
    assert_eq!(public["Fn::If"][0], "OpensDatabase");
}

#[test]
fn events_of_the_vendor_are_not_held_back_at_the_promised_rate_and_an_alarm_tells_if_they_are() {
    /// Events a second that are promised, for a minute.
    const PROMISED: u64 = 1_000;
    let template = Template::of_project().unwrap();
    let resource = |id: &str| &template.resource(id).unwrap()["Properties"];
    let route = resource("WebhookRoute")["RouteKey"].as_str().unwrap();
    let limits = &resource("HttpStage")["RouteSettings"][route];
    for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        assert!(limits[limit].as_u64().unwrap() >= PROMISED, "{limit}");
    }
    let filter = resource("EventsNotTaken");
    let pattern = filter["FilterPattern"].as_str().unwrap();
    for part in [
        format!("$.route = \"{route}\""),
        "$.status = \"429\"".to_owned(),
    ] {
        assert!(pattern.contains(&part), "{pattern}");
    }
    let log = resource("HttpStage")["AccessLogSettings"]["Format"]
        .as_str()
        .unwrap();
    for field in [
        "\"route\":\"$context.routeKey\"",
        "\"status\":\"$context.status\"",
    ] {
        assert!(log.contains(field), "{log}");
    }
    assert_eq!(filter["LogGroupName"]["Ref"], "HttpLog");
    let counted = &filter["MetricTransformations"][0];
    let alarm = &resource("EventsNotTakenAlarm")["Metrics"][0]["MetricStat"]["Metric"];
    assert_eq!(alarm["MetricName"], counted["MetricName"]);
    assert_eq!(alarm["Namespace"], counted["MetricNamespace"]);
}
