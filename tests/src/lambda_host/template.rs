use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::OnceLock,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value as Json;

use crate::{aws, project};

/// The template as `CloudFormation` sees it: SAM's own resources are translated.
#[derive(Debug, Clone)]
pub struct Template {
    json: Json,
}

impl Template {
    /// The project's template, translated once for all tests of a process.
    pub fn of_project() -> Result<&'static Self> {
        static TRANSLATED: OnceLock<Result<Template, String>> = OnceLock::new();
        let translated =
            TRANSLATED.get_or_init(|| Self::translate().map_err(|error| format!("{error:#}")));
        translated
            .as_ref()
            .map_err(|message| anyhow!("translating template.yaml: {message}"))
    }

    fn translate() -> Result<Self> {
        let root = project::root();
        let output = Command::new(aws::program("python")?)
            .arg(root.join("scripts/translate.py"))
            .arg(root.join("template.yaml"))
            .output()
            .context("running Python")?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let json = serde_json::from_slice(&output.stdout)?;
        Ok(Self { json })
    }

    /// Resources of a type by their logical ids.
    pub fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Json)> {
        let resources = self.json.get("Resources").and_then(Json::as_object);
        let resources = resources.into_iter().flatten();
        let wanted = resources.filter(move |(_, resource)| resource["Type"] == kind);
        wanted.map(|(id, resource)| (id.as_str(), resource))
    }

    /// The resource of that logical id.
    pub fn resource(&self, id: &str) -> Result<&Json> {
        let resource = self.json.pointer(&format!("/Resources/{id}"));
        resource.with_context(|| format!("the template has no {id}"))
    }

    /// Names in a section such as `Parameters` or `Outputs`.
    pub fn names(&self, section: &str) -> BTreeSet<&str> {
        let named = self.json.get(section).and_then(Json::as_object);
        let named = named.into_iter().flatten();
        named.map(|(name, _)| name.as_str()).collect()
    }

    /// Queues that the role of a function lets it send to or receive from.
    pub fn queues_of(&self, function: &str) -> Result<BTreeSet<String>> {
        self.queues_for(function, &["sqs:SendMessage", "sqs:ReceiveMessage"])
    }

    /// Queues for which the role of a function grants one of these actions.
    pub fn queues_for(&self, function: &str, granted: &[&str]) -> Result<BTreeSet<String>> {
        let role = &self.resource(function)?["Properties"]["Role"]["Fn::GetAtt"][0];
        let role = self.resource(role.as_str().context("the function has no role")?)?;
        let policies = role["Properties"]["Policies"].as_array();
        let statements = policies.into_iter().flatten().flat_map(|policy| {
            let statements = policy["PolicyDocument"]["Statement"].as_array();
            statements.into_iter().flatten()
        });
        let using = statements.filter(|statement| {
            let actions = statement["Action"].as_array().into_iter().flatten();
            let mut actions = actions.filter_map(Json::as_str);
            actions.any(|action| granted.contains(&action))
        });
        let resources = using.flat_map(|statement| statement["Resource"].as_array());
        let names = resources
            .flatten()
            .filter_map(|resource| resource["Fn::GetAtt"][0].as_str());
        Ok(names.map(str::to_owned).collect())
    }

    /// Resources of these types alone, to be made by somebody who knows no others.
    pub fn only(&self, types: &[&str]) -> Json {
        let mut resources = serde_json::Map::new();
        for kind in types {
            for (id, resource) in self.of_type(kind) {
                let mut resource = resource.clone();
                if let Some(resource) = resource.as_object_mut() {
                    resource.remove("DependsOn");
                    resource.remove("Metadata");
                }
                resources.insert(id.to_owned(), resource);
            }
        }
        serde_json::json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": self.json["Parameters"],
            "Resources": resources,
        })
    }

    /// What an expression comes to, with these parameters and these names of what was made: `ID` for what `Ref` gives and
    /// `ID.Attribute` for what `Fn::GetAtt` gives. What is none of them is an error.
    pub fn resolve(&self, expression: &Json, known: &BTreeMap<String, String>) -> Result<String> {
        match expression {
            Json::String(text) => Ok(text.clone()),
            Json::Number(number) => Ok(number.to_string()),
            Json::Object(call) => {
                let (name, argument) = call.iter().next().context("an empty expression")?;
                self.call(name, argument, known)
            }
            other => bail!("cannot resolve {other}"),
        }
    }

    fn call(&self, name: &str, with: &Json, known: &BTreeMap<String, String>) -> Result<String> {
        let lookup = |id: &str| {
            let given = known.get(id).cloned();
            let default = self.json.pointer(&format!("/Parameters/{id}/Default"));
            let default = default.map(|value| match value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            });
            given
                .or(default)
                .with_context(|| format!("{id} is not known"))
        };
        match (name, with) {
            ("Ref", Json::String(id)) => lookup(id),
            ("Fn::GetAtt", Json::Array(path)) => {
                let parts: Vec<&str> = path.iter().filter_map(Json::as_str).collect();
                lookup(&parts.join("."))
            }
            ("Fn::If", Json::Array(choice)) => match choice.as_slice() {
                [Json::String(condition), then, otherwise] => {
                    let holds = self.holds(condition, known)?;
                    self.resolve(if holds { then } else { otherwise }, known)
                }
                _ => bail!("cannot resolve {with}"),
            },
            ("Fn::Sub", Json::String(text)) => {
                let mut parts = text.split("${");
                let mut whole = parts.next().unwrap_or_default().to_owned();
                for part in parts {
                    let (name, rest) = part.split_once('}').context("an open ${")?;
                    whole += &lookup(name)?;
                    whole += rest;
                }
                Ok(whole)
            }
            ("Fn::Select", Json::Array(choice)) => {
                let (index, split) = (&choice[0], choice[1]["Fn::Split"].as_array());
                let split = split.with_context(|| format!("cannot resolve {with}"))?;
                let text = self.resolve(&split[1], known)?;
                let separator = split[0].as_str().context("no separator")?;
                let index: usize = self.resolve(index, known)?.parse()?;
                let found = text.split(separator).nth(index);
                Ok(found.context("there are fewer")?.to_owned())
            }
            _ => bail!("cannot resolve {name} of {with}"),
        }
    }

    /// Whether a condition holds, with these parameters.
    pub fn holds(&self, condition: &str, known: &BTreeMap<String, String>) -> Result<bool> {
        let expression = self.json.pointer(&format!("/Conditions/{condition}"));
        let expression = expression.with_context(|| format!("no condition {condition}"))?;
        self.truth(expression, known)
    }

    fn truth(&self, expression: &Json, known: &BTreeMap<String, String>) -> Result<bool> {
        if let Some([inner]) = expression["Fn::Not"].as_array().map(Vec::as_slice) {
            return Ok(!self.truth(inner, known)?);
        }
        if let Some(all) = expression["Fn::And"].as_array() {
            for one in all {
                if !self.truth(one, known)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        if let Some(other) = expression["Condition"].as_str() {
            return self.holds(other, known);
        }
        if let Some([one, other]) = expression["Fn::Equals"].as_array().map(Vec::as_slice) {
            return Ok(self.resolve(one, known)? == self.resolve(other, known)?);
        }
        bail!("cannot tell whether {expression}")
    }
}
