use std::{collections::HashSet, net::Ipv4Addr, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_sqs::Client;
use axum::{Router, routing::any};
use serde_json::{Value as Json, json};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Functions, Invoked, Stack,
    bridge::{Behind, forward},
    schedules::{Clockwork, Schedule, StoppedClock},
    sqs::Mapping,
    taking::Taking,
};

/// How often the bucket is looked at for new objects.
const LOOK: Duration = Duration::from_millis(100);

/// The most processes of one function: the machine is small.
const AT_ONCE: usize = 2;

/// Everything that feeds the functions: it runs until it is dropped.
#[derive(Debug)]
pub struct Host {
    /// What was made.
    pub stack: Stack,
    /// The functions.
    pub functions: Functions,
    /// Where people reach the console.
    pub url: String,
    /// Where the first owner sets it up.
    pub setup_url: String,
    /// The queues, for tests.
    pub queues: Client,
    taking: Taking,
    clock: Clockwork,
    stop: CancellationToken,
    _tasks: JoinSet<()>,
}

impl Host {
    /// Migrates a stack as a deploy does, and starts what the template says. Functions are told `more` variables than the
    /// template's.
    pub async fn start(mut stack: Stack, more: &[(&str, &str)]) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        stack.known.insert("PublicUrl".to_owned(), url.clone());
        let work = stack.store.folder().join(".work");
        let work = work
            .to_str()
            .context("the folder's path is not text")?
            .to_owned();
        let mut variables = vec![("WYNOS_WORK_DIR", work.as_str())];
        variables.extend_from_slice(more);
        let functions = Functions::of(&stack, &variables)?;
        let migrated = functions.invoke("MigrateFunction", "{}".to_owned()).await?;
        let Invoked::Answer(migrated) = migrated else {
            bail!("migrating: {migrated:?}");
        };
        let migrated: Json = serde_json::from_str(&migrated)?;
        let setup_url = migrated["setup_url"].as_str();
        let setup_url = setup_url.context("nobody can set it up")?.to_owned();

        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let queues = Client::new(&stack.cloud);
        let taking = Taking::default();
        for mapping in mappings(&stack, &taking)? {
            for _ in 0..mapping.at_once.min(AT_ONCE) {
                let (queues, functions) = (queues.clone(), functions.clone());
                tasks.spawn(mapping.clone().feed(queues, functions, stop.clone()));
            }
        }
        let clock = Clockwork::default();
        for schedule in Schedule::all(stack.template)? {
            tasks.spawn(schedule.go_on(functions.clone(), clock.clone(), stop.clone()));
        }
        tasks.spawn(serve(listener, routes(&stack, &functions)?, stop.clone()));
        let mut host = Self {
            stack,
            functions,
            url,
            setup_url,
            queues,
            taking,
            clock,
            stop,
            _tasks: tasks,
        };
        host.tell_of_uploads()?;
        Ok(host)
    }

    /// Feeds nothing of these queues, by their logical ids, to their functions from now on, as when an operator stops them.
    pub async fn hold(&self, queues: &[&str]) {
        self.taking.hold(queues).await;
    }

    /// Feeds everything again.
    pub async fn let_go(&self) {
        self.taking.let_go().await;
    }

    /// Lets the time of day come at which a schedule of the template strikes, told by its expression: the function that it
    /// calls gets what it says. Fails where no schedule, or more than one, has that expression.
    pub async fn strike(&self, expression: &str) -> Result<Invoked> {
        let schedule = Schedule::at(self.stack.template, expression)?;
        let struck = self.functions.invoke(&schedule.function, schedule.event);
        struck.await
    }

    /// Keeps what comes every few minutes from striking, once what is at work has ended, for as long as the answer is kept.
    pub async fn stop_clock(&self) -> StoppedClock {
        self.clock.stop().await
    }

    /// How often the message of a queue was delivered that was delivered least, of those that were delivered since queues were
    /// let go; 0 for none.
    pub fn fewest_deliveries(&self, queue: &str) -> u32 {
        self.taking.fewest(queue)
    }

    /// The bucket's notifications, which no store here sends by itself.
    fn tell_of_uploads(&mut self) -> Result<()> {
        let bucket = &self.stack.template.resource("Bucket")?["Properties"];
        let rule = &bucket["NotificationConfiguration"]["QueueConfigurations"][0];
        let filter = &rule["Filter"]["S3Key"]["Rules"][0]["Value"];
        let prefix = filter.as_str().context("the notification has no prefix")?;
        let queue = rule["Queue"]["Fn::GetAtt"][0].as_str();
        let queue = self
            .stack
            .named(queue.context("the notification has no queue")?)?;
        let watch = Watch {
            folder: self.stack.store.folder().to_owned(),
            prefix: prefix.to_owned(),
            queue: queue.to_owned(),
            queues: self.queues.clone(),
        };
        self._tasks.spawn(watch.run(self.stop.clone()));
        Ok(())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn mappings(stack: &Stack, taking: &Taking) -> Result<Vec<Mapping>> {
    let mut mappings = Vec::new();
    for (id, mapping) in stack.template.of_type("AWS::Lambda::EventSourceMapping") {
        let properties = &mapping["Properties"];
        let queue = properties["EventSourceArn"]["Fn::GetAtt"][0].as_str();
        let queue = queue.with_context(|| format!("{id} has no queue"))?;
        let function = properties["FunctionName"]["Ref"].as_str();
        ensure!(
            properties["FunctionResponseTypes"][0] == "ReportBatchItemFailures",
            "{id} takes no partial failures"
        );
        mappings.push(Mapping {
            function: function
                .with_context(|| format!("{id} has no function"))?
                .to_owned(),
            queue: queue.to_owned(),
            taking: taking.clone(),
            queue_url: stack.named(queue)?.to_owned(),
            queue_arn: stack.named(&format!("{queue}.Arn"))?.to_owned(),
            batch: i32::try_from(properties["BatchSize"].as_i64().unwrap_or(10))?,
            at_once: usize::try_from(
                properties["ScalingConfig"]["MaximumConcurrency"]
                    .as_u64()
                    .unwrap_or(2),
            )?,
        });
    }
    ensure!(!mappings.is_empty(), "no queue feeds anything");
    Ok(mappings)
}

/// The routes of the HTTP API, each to the function that its integration names.
fn routes(stack: &Stack, functions: &Functions) -> Result<Router> {
    let mut router = Router::new();
    for (id, route) in stack.template.of_type("AWS::ApiGatewayV2::Route") {
        let key = route["Properties"]["RouteKey"].as_str();
        let key = key.with_context(|| format!("{id} has no key"))?;
        let behind = Behind {
            functions: functions.clone(),
            function: behind(stack, route).with_context(|| format!("{id} leads nowhere"))?,
            route: key.to_owned(),
        };
        router = match key.split_once(' ') {
            None => router.fallback(any(forward).with_state(behind)),
            Some((_, path)) => router.route(path, any(forward).with_state(behind)),
        };
    }
    Ok(router)
}

fn behind(stack: &Stack, route: &Json) -> Option<String> {
    let target = route["Properties"]["Target"]["Fn::Sub"].as_str()?;
    let integration = target.strip_prefix("integrations/${")?.strip_suffix('}')?;
    let integration = stack.template.resource(integration).ok()?;
    let function = integration["Properties"]["IntegrationUri"]["Fn::GetAtt"][0].as_str()?;
    Some(function.to_owned())
}

async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken) {
    let served = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
    // It ends with the host.
    let _ = served.await;
}

struct Watch {
    folder: std::path::PathBuf,
    prefix: String,
    queue: String,
    queues: Client,
}

impl Watch {
    async fn run(self, stop: CancellationToken) {
        let mut told = HashSet::new();
        while !stop.is_cancelled() {
            let keys = crate::aws::keys_in(&self.folder.join("files")).unwrap_or_default();
            for key in keys.into_iter().filter(|key| key.starts_with(&self.prefix)) {
                if told.insert(key.clone()) {
                    let send = self.queues.send_message().queue_url(&self.queue);
                    let _ = send.message_body(uploaded(&key).to_string()).send().await;
                }
            }
            let _ = tokio::time::timeout(LOOK, stop.cancelled()).await;
        }
    }
}

/// What S3 tells of an object, its key written as S3 writes keys.
fn uploaded(key: &str) -> Json {
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": crate::aws::REGION,
        "eventTime": "2026-11-22T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": { "principalId": "AWS:tests" },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": {},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "uploads",
            "bucket": { "name": "files", "ownerIdentity": { "principalId": "tests" }, "arn": "arn:aws:s3:::files" },
            "object": { "key": key.replace('/', "%2F"), "size": 1, "eTag": "tests", "sequencer": "1" },
        },
    }]})
}
