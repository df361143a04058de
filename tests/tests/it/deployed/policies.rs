use std::collections::BTreeSet;

use serde_json::Value as Json;
use wynos_runtime::actions;
use wynos_tests::lambda_host::Template;

/// Whoever mails go to, where the account knows them; good only with the condition that they come from our domain.
const EVERY_IDENTITY: &str = "every identity";

/// Names of resources that an expression of a policy stands for.
fn resources(expression: &Json) -> Vec<String> {
    if let Some(list) = expression.as_array() {
        return list.iter().flat_map(resources).collect();
    }
    if expression == "*" {
        return vec!["Network".to_owned()];
    }
    if let Some(name) = expression["Ref"].as_str() {
        // The database's secret, given as a parameter.
        let given = ["DatabaseSecretArn", "RestoredDatabaseSecretArn"].contains(&name);
        return vec![if given { "Database" } else { name }.to_owned()];
    }
    if let Some(name) = expression["Fn::GetAtt"][0].as_str() {
        return vec![name.to_owned()];
    }
    if let Some(choice) = expression["Fn::If"].as_array() {
        return choice.iter().skip(1).flat_map(resources).collect();
    }
    let text = expression["Fn::Sub"].as_str().unwrap_or_default();
    if let Some(prefix) = text.strip_prefix("${Bucket.Arn}/") {
        return vec![format!("Bucket/{}", prefix.strip_suffix("/*").unwrap())];
    }
    if text.ends_with(":identity/*") {
        return vec![EVERY_IDENTITY.to_owned()];
    }
    let named = text
        .rsplit("${")
        .next()
        .and_then(|name| name.strip_suffix('}'));
    vec![
        named
            .unwrap_or_else(|| panic!("not understood: {expression}"))
            .to_owned(),
    ]
}

/// The statement that is there only where a network is made; it knows no single resources.
fn of_the_network(statement: &Json) -> Option<&Json> {
    let choice = statement["Fn::If"].as_array()?;
    assert_eq!(choice[0], "MakesDatabase", "{statement}");
    assert_eq!(choice[2]["Ref"], "AWS::NoValue", "{statement}");
    assert_eq!(choice[1]["Resource"], "*", "{statement}");
    Some(&choice[1])
}

fn granted(role: &Json) -> BTreeSet<(String, String)> {
    let mut granted = BTreeSet::new();
    let mut statements = 0;
    for policy in role["Properties"]["Policies"].as_array().unwrap() {
        for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
            let statement = of_the_network(statement).unwrap_or(statement);
            assert_eq!(statement["Effect"], "Allow", "{statement}");
            statements += 1;
            for action in statement["Action"].as_array().unwrap() {
                let action = action.as_str().unwrap();
                assert!(!action.contains('*'), "{statement}");
                let of_every_resource = statement["Resource"] == "*";
                assert_eq!(action.starts_with("ec2:"), of_every_resource, "{statement}");
                for resource in resources(&statement["Resource"]) {
                    let resource = if resource == EVERY_IDENTITY {
                        let from = &statement["Condition"]["StringLike"]["ses:FromAddress"];
                        assert_eq!(from["Fn::Sub"], "*@${MailDomain}", "{statement}");
                        "MailIdentity".to_owned()
                    } else {
                        resource
                    };
                    granted.insert((action.to_owned(), resource));
                }
            }
        }
    }
    assert!(statements > 0);
    granted
}

#[test]
fn every_function_may_do_all_that_it_needs_and_nothing_more() {
    let template = Template::of_project().unwrap();
    for function in actions::functions() {
        let role = template.resource(&format!("{function}Role")).unwrap();
        let needed: BTreeSet<(String, String)> = actions::needs(function)
            .into_iter()
            .map(|(action, resource)| (action.to_owned(), resource))
            .collect();
        let granted = granted(role);
        let lacking: Vec<_> = needed.difference(&granted).collect();
        let idle: Vec<_> = granted.difference(&needed).collect();
        assert!(lacking.is_empty(), "{function} lacks {lacking:#?}");
        assert!(idle.is_empty(), "{function} does not need {idle:#?}");
    }
}

#[test]
fn no_role_takes_over_a_policy_that_is_not_written_here() {
    let template = Template::of_project().unwrap();
    let mut roles = 0;
    for (id, role) in template.of_type("AWS::IAM::Role") {
        roles += 1;
        let managed = &role["Properties"]["ManagedPolicyArns"];
        assert!(managed.is_null(), "{id} takes over {managed}");
    }
    assert!(roles >= actions::functions().count());
}

#[test]
fn every_function_of_the_template_has_needs_and_a_role_of_its_own() {
    let template = Template::of_project().unwrap();
    let known: BTreeSet<String> = actions::functions().map(str::to_owned).collect();
    let mut found = BTreeSet::new();
    for (id, function) in template.of_type("AWS::Lambda::Function") {
        let name = id.strip_suffix("Function").unwrap();
        let role = &function["Properties"]["Role"]["Fn::GetAtt"][0];
        assert_eq!(role.as_str(), Some(format!("{name}Role").as_str()), "{id}");
        found.insert(name.to_owned());
    }
    assert_eq!(found, known);
}
