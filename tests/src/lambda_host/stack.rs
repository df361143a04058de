use std::{collections::BTreeMap, net::SocketAddr};

use anyhow::{Context, Result, ensure};
use reqwest::{Client, header};

use super::Template;
use crate::{
    aws::{self, Moto, Store, cloud},
    chaos_proxy::ChaosProxy,
    postgres::{DatabaseUrl, fresh_database},
};

/// What moto makes from the template; secrets and subscriptions of topics, which it does not know there, are made by their own
/// calls. Functions and what feeds them are the host's; the network and the database are no matter of this machine's; moto
/// applies no bucket's notifications.
const MADE: [&str; 3] = ["AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::KMS::Key"];

/// Who mails come from.
const MAIL_FROM: &str = "Wynos <wynos@example.com>";

/// The master keys of a local AWS whose addresses of webhooks are the same each time: 32 bytes of 7, which are no secret.
pub const MASTER_KEY: &str = "1 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n";

/// The ways by which functions reach what is not theirs; each can be closed.
#[derive(Debug)]
pub struct Roads {
    /// To the database.
    pub database: ChaosProxy,
    /// To S3.
    pub files: ChaosProxy,
    /// To SES.
    pub mails: ChaosProxy,
}

/// What the template describes, made on this machine: queues with their redrive policies, keys, secrets, a bucket and a
/// database.
#[derive(Debug)]
pub struct Stack {
    /// The template.
    pub template: &'static Template,
    /// The services.
    pub moto: &'static Moto,
    /// The files.
    pub store: Store,
    /// The database.
    pub database: DatabaseUrl,
    /// The ways to them.
    pub roads: Roads,
    /// Names of everything, as expressions in the template come to.
    pub known: BTreeMap<String, String>,
    /// The cloud, for tests.
    pub cloud: aws_config::SdkConfig,
}

impl Stack {
    /// Makes one, with these parameters instead of their defaults. Its name makes it apart from others.
    pub async fn new(name: &str, parameters: &[(&str, &str)]) -> Result<Self> {
        let (template, moto) = (Template::of_project()?, Moto::shared()?);
        let (store, database) = (Store::start()?, fresh_database().await?);
        let cloud = cloud(moto.endpoint()).await;
        let roads = Roads {
            database: ChaosProxy::start(database.address()?).await?,
            files: ChaosProxy::start(listener_of(&store.endpoint())?).await?,
            mails: ChaosProxy::start(listener_of(moto.endpoint())?).await?,
        };
        let url = database.through(roads.database.address())?;
        let secret = make_database_secret(&cloud, name, url.as_str()).await?;
        let mut known = BTreeMap::from([
            ("Bucket".to_owned(), "files".to_owned()),
            ("Bucket.Arn".to_owned(), "arn:aws:s3:::files".to_owned()),
            ("DatabaseSecretArn".to_owned(), secret),
            ("MailFrom".to_owned(), MAIL_FROM.to_owned()),
            ("MailDomain".to_owned(), "example.com".to_owned()),
            ("MailEvents".to_owned(), name.to_owned()),
            ("AWS::StackName".to_owned(), name.to_owned()),
        ]);
        for (parameter, value) in parameters {
            known.insert((*parameter).to_owned(), (*value).to_owned());
        }
        store.bucket("files")?;
        prepare_mail(&cloud, name).await?;
        create(moto, template, name, &mut known).await?;
        subscribe(moto, template, &known).await?;
        for (id, _) in template.of_type("AWS::SecretsManager::Secret") {
            let secret = aws_sdk_secretsmanager::Client::new(&cloud).create_secret();
            let made = secret.name(format!("{name}/{id}")).send().await?;
            known.insert(id.to_owned(), made.arn.context("the secret has no ARN")?);
        }
        Ok(Self {
            template,
            moto,
            store,
            database,
            roads,
            known,
            cloud,
        })
    }

    /// The name of what was made, such as a queue's URL or `Queue.Arn`.
    pub fn named(&self, id: &str) -> Result<&str> {
        let found = self.known.get(id).map(String::as_str);
        found.with_context(|| format!("nothing was made as {id}"))
    }

    /// Where files are, as functions and the URLs that they sign know it.
    pub fn files(&self) -> String {
        format!("http://{}", self.roads.files.address())
    }

    /// Gives a secret of the template its value.
    pub async fn tell_secret(&self, id: &str, value: &str) -> Result<()> {
        let secrets = aws_sdk_secretsmanager::Client::new(&self.cloud);
        let put = secrets.put_secret_value().secret_id(self.named(id)?);
        put.secret_string(value).send().await?;
        Ok(())
    }

    /// Publishes to a topic of the template, as SES does with what it tells of mails.
    pub async fn publish(&self, topic: &str, message: &str) -> Result<()> {
        let form = [
            ("Action".to_owned(), "Publish".to_owned()),
            ("TopicArn".to_owned(), self.named(topic)?.to_owned()),
            ("Message".to_owned(), message.to_owned()),
        ];
        ask(self.moto, TOPICS, &form).await?;
        Ok(())
    }

    /// The variables that the template gives to a function, and those by which it finds this machine's cloud. Nobody here
    /// enforces roles, so of queues it is told those alone that its role lets it use.
    pub fn environment(&self, function: &str) -> Result<BTreeMap<String, String>> {
        let properties = &self.template.resource(function)?["Properties"];
        let mut variables = BTreeMap::from([
            ("AWS_ACCESS_KEY_ID".to_owned(), aws::ACCESS_KEY.to_owned()),
            (
                "AWS_SECRET_ACCESS_KEY".to_owned(),
                aws::SECRET_KEY.to_owned(),
            ),
            ("AWS_REGION".to_owned(), aws::REGION.to_owned()),
            (
                "AWS_ENDPOINT_URL".to_owned(),
                self.moto.endpoint().to_owned(),
            ),
            ("AWS_ENDPOINT_URL_S3".to_owned(), self.files()),
            (
                "AWS_ENDPOINT_URL_SES".to_owned(),
                format!("http://{}", self.roads.mails.address()),
            ),
            (
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(),
                properties["MemorySize"].to_string(),
            ),
            ("AWS_LAMBDA_FUNCTION_NAME".to_owned(), function.to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION".to_owned(), "1".to_owned()),
        ]);
        let given = properties["Environment"]["Variables"].as_object();
        let usable = self.template.queues_of(function)?;
        for (name, expression) in given.context("the function has no environment")? {
            let is_queue =
                name.starts_with("WYNOS_QUEUE_") || name.starts_with("WYNOS_DEAD_LETTERS_");
            let queue = expression["Ref"].as_str().filter(|_| is_queue);
            if queue.is_some_and(|queue| !usable.contains(queue)) {
                continue;
            }
            let value = self.template.resolve(expression, &self.known);
            variables.insert(name.clone(), value.with_context(|| name.clone())?);
        }
        Ok(variables)
    }
}

fn listener_of(endpoint: &str) -> Result<SocketAddr> {
    let address = endpoint.strip_prefix("http://");
    Ok(address.context("it has no address")?.parse()?)
}

async fn make_database_secret(
    cloud: &aws_config::SdkConfig,
    name: &str,
    url: &str,
) -> Result<String> {
    let made = aws_sdk_secretsmanager::Client::new(cloud)
        .create_secret()
        .name(format!("{name}/database"))
        .secret_string(url)
        .send()
        .await?;
    made.arn.context("the secret has no ARN")
}

async fn prepare_mail(cloud: &aws_config::SdkConfig, name: &str) -> Result<()> {
    let client = aws_sdk_ses::Client::new(cloud);
    let address = client.verify_email_identity();
    address.email_address("wynos@example.com").send().await?;
    let set = aws_sdk_ses::types::ConfigurationSet::builder()
        .name(name)
        .build()?;
    let make = client.create_configuration_set();
    make.configuration_set(set).send().await?;
    Ok(())
}

async fn create(
    moto: &Moto,
    template: &Template,
    name: &str,
    known: &mut BTreeMap<String, String>,
) -> Result<()> {
    let body = template.only(&MADE).to_string();
    let mut form = vec![
        ("Action".to_owned(), "CreateStack".to_owned()),
        ("StackName".to_owned(), name.to_owned()),
        ("TemplateBody".to_owned(), body),
    ];
    let mut given = 0;
    for parameter in ["MaxReceives", "MailDomain", "MailFrom"] {
        if let Some(value) = known.get(parameter) {
            given += 1;
            let member = format!("Parameters.member.{given}");
            form.push((format!("{member}.ParameterKey"), parameter.to_owned()));
            form.push((format!("{member}.ParameterValue"), value.clone()));
        }
    }
    ask(moto, STACKS, &form).await.context("making the stack")?;
    let form = [
        ("Action".to_owned(), "DescribeStackResources".to_owned()),
        ("StackName".to_owned(), name.to_owned()),
    ];
    let answer = ask(moto, STACKS, &form).await?;
    for member in answer.split("<member>").skip(1) {
        let (Some(id), Some(physical)) = (
            between(member, "LogicalResourceId"),
            between(member, "PhysicalResourceId"),
        ) else {
            continue;
        };
        if between(member, "ResourceType") == Some("AWS::SQS::Queue") {
            let queue = physical.rsplit('/').next().unwrap_or(physical);
            let arn = format!("arn:aws:sqs:{}:123456789012:{queue}", aws::REGION);
            known.insert(format!("{id}.Arn"), arn);
            known.insert(format!("{id}.QueueName"), queue.to_owned());
        }
        known.insert(id.to_owned(), physical.to_owned());
    }
    ensure!(
        known.contains_key("ExportQueue.Arn"),
        "nothing was made: {answer}"
    );
    Ok(())
}

/// Has topics deliver as the template says.
async fn subscribe(
    moto: &Moto,
    template: &Template,
    known: &BTreeMap<String, String>,
) -> Result<()> {
    for (id, subscription) in template.of_type("AWS::SNS::Subscription") {
        let properties = &subscription["Properties"];
        if properties["Protocol"] != "sqs" {
            continue;
        }
        let resolve = |name: &str| {
            let value = template.resolve(&properties[name], known);
            value.with_context(|| format!("{name} of {id}"))
        };
        let raw = properties["RawMessageDelivery"].as_bool() == Some(true);
        let mut form = vec![
            ("Action".to_owned(), "Subscribe".to_owned()),
            ("TopicArn".to_owned(), resolve("TopicArn")?),
            ("Protocol".to_owned(), resolve("Protocol")?),
            ("Endpoint".to_owned(), resolve("Endpoint")?),
        ];
        if raw {
            let entry = "Attributes.entry.1";
            form.push((format!("{entry}.key"), "RawMessageDelivery".to_owned()));
            form.push((format!("{entry}.value"), "true".to_owned()));
        }
        ask(moto, TOPICS, &form).await.context("subscribing")?;
    }
    Ok(())
}

/// A service that is asked by forms: its name in signatures, and the version of its API.
type Service = (&'static str, &'static str);

const STACKS: Service = ("cloudformation", "2010-05-15");
const TOPICS: Service = ("sns", "2010-03-31");

async fn ask(moto: &Moto, service: Service, form: &[(String, String)]) -> Result<String> {
    let (name, version) = service;
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{name}/aws4_request, SignedHeaders=host, Signature=none",
        aws::ACCESS_KEY,
        aws::REGION
    );
    let mut form = form.to_vec();
    form.push(("Version".to_owned(), version.to_owned()));
    let answer = Client::new()
        .post(moto.endpoint())
        .header(header::AUTHORIZATION, credential)
        .form(&form)
        .send()
        .await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "{status}: {text}");
    Ok(text)
}

fn between<'a>(text: &'a str, element: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{element}>"))?;
    Some(rest.split_once(&format!("</{element}>"))?.0)
}
