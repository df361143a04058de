//! Functions that were told too little, or what cannot be, do not start, and name the variable.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use futures::future::join_all;
use wynos_tests::{
    lambda_host::{Instance, Template},
    project,
};

/// What every function needs, with a value that is good enough.
const NEEDED: [(&str, &str); 4] = [
    ("WYNOS_PUBLIC_URL", "https://wynos.example.com"),
    ("WYNOS_BUCKET", "files"),
    ("WYNOS_DATABASE_SECRET", "wynos/database"),
    ("WYNOS_MASTER_KEY_SECRET", "wynos/keys"),
];

/// What all need but the receiver, which knows no domain where it is deployed.
const OF_THE_DOMAIN: (&str, &str) = ("WYNOS_MAIL_FROM", "Wynos <wynos@example.com>");

/// Values that cannot be.
const IMPOSSIBLE: [(&str, &str); 4] = [
    ("WYNOS_PUBLIC_URL", "wynos"),
    ("WYNOS_MAX_RECEIVES", "many"),
    ("WYNOS_RETRY_SECONDS", "soon"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1 GB"),
];

/// How long a program may take to end: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

type Variables = BTreeMap<String, String>;

/// Whether the program of the function refuses to start and names the variable.
async fn refuses(function: &str, told: Variables, variable: &str) {
    let program = project::binary(&format!("wynos-{}", function.to_lowercase())).unwrap();
    let run = tokio::process::Command::new(program)
        .env_clear()
        .envs(told)
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, run).await;
    let output = output.unwrap_or_else(|_| panic!("{function} started without {variable}"));
    let output = output.unwrap();
    assert!(!output.status.success(), "{function}, {variable}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let named = format!("the environment variable {variable} is not ");
    assert!(said.contains(&named), "{function}, {variable}: {said}");
}

/// What the function has to be told at least: its queues are those that its role lets it use.
fn enough(template: &Template, function: &str) -> Variables {
    let needed = NEEDED.into_iter().chain([OF_THE_DOMAIN]);
    let mut told: Variables = needed
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let id = format!("{function}Function");
    let properties = &template.resource(&id).unwrap()["Properties"];
    let usable = template.queues_of(&id).unwrap();
    let given = properties["Environment"]["Variables"].as_object().unwrap();
    for (name, expression) in given {
        if expression["Ref"]
            .as_str()
            .is_some_and(|queue| usable.contains(queue))
        {
            told.insert(name.clone(), "https://sqs.example.com/1/queue".to_owned());
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_function_starts_without_what_it_needs_and_each_names_the_variable() {
    let template = Template::of_project().unwrap();
    let (mut functions, mut queues) = (0, 0);
    for (id, _) in template.of_type("AWS::Lambda::Function") {
        let function = id.strip_suffix("Function").unwrap();
        let told = enough(template, function);
        let needed = told
            .keys()
            .filter(|name| function != "Webhook" || *name != OF_THE_DOMAIN.0);
        let lacking = needed.map(|variable| {
            let mut told = told.clone();
            told.remove(variable);
            refuses(function, told, variable)
        });
        join_all(lacking).await;
        let impossible = IMPOSSIBLE.map(|(variable, value)| {
            let mut told = told.clone();
            told.insert(variable.to_owned(), value.to_owned());
            refuses(function, told, variable)
        });
        join_all(impossible).await;

        // That is all: with it, it asks for events.
        let mut told = told;
        queues += told
            .keys()
            .filter(|name| name.starts_with("WYNOS_QUEUE_"))
            .count();
        for (name, value) in [
            ("AWS_LAMBDA_FUNCTION_NAME", id),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ] {
            told.insert(name.to_owned(), value.to_owned());
        }
        let program = project::binary(&format!("wynos-{}", function.to_lowercase())).unwrap();
        Instance::start(&program, &told).await.unwrap();
        functions += 1;
    }
    assert_eq!(functions, 11);
    assert!(queues > functions, "{queues} queues");
}
