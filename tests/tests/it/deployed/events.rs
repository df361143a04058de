use std::collections::BTreeMap;

use serde_json::Value as Json;
use wynos_tests::{
    lambda_host::{Functions, Invoked, MASTER_KEY, Stack},
    project,
};

/// Each file of `events/`, whose name begins with that of its function, and the messages that it must name as failed.
const EVENTS: [(&str, Option<&[&str]>); 25] = [
    ("console-health", None),
    ("console-not-signed-in", None),
    ("export-build", Some(&[])),
    ("import-apply", Some(&[])),
    ("import-test-event", Some(&[])),
    ("import-undo", Some(&[])),
    ("import-uploaded", Some(&[])),
    ("import-validate", Some(&[])),
    (
        "ingest-mixed-batch",
        Some(&[
            "11111111-2222-4333-8444-000000000002",
            "11111111-2222-4333-8444-000000000003",
        ]),
    ),
    ("ingest-record-updated", Some(&[])),
    ("mail-bounced", Some(&[])),
    ("mail-complained", Some(&[])),
    (
        "mail-mixed-batch",
        Some(&[
            "11111111-2222-4333-8444-000000000002",
            "11111111-2222-4333-8444-000000000003",
        ]),
    ),
    ("mail-topic-tried", Some(&[])),
    ("migrate", None),
    ("pull-run", Some(&[])),
    ("reconcile-run", Some(&[])),
    ("retention-clear-up", None),
    // There is nobody whose journal could be told, so it comes again.
    (
        "retention-erase",
        Some(&["11111111-2222-4333-8444-555555555555"]),
    ),
    ("retention-nightly", None),
    ("retention-run", Some(&[])),
    ("retention-sweep", Some(&[])),
    ("schedule-tick", None),
    ("webhook-record-updated", None),
    ("webhook-unknown-address", None),
];

/// What the receiver answers.
const STATUSES: [(&str, u64); 2] = [
    ("webhook-record-updated", 200),
    ("webhook-unknown-address", 404),
];

fn function(event: &str) -> String {
    let name = event.split('-').next().unwrap();
    let (first, rest) = name.split_at(1);
    format!("{}{rest}Function", first.to_uppercase())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_file_is_answered_by_its_function() {
    let mut stack = Stack::new("events", &[]).await.unwrap();
    let url = "http://127.0.0.1:1".to_owned();
    stack.known.insert("PublicUrl".to_owned(), url);
    let queue = |name: &str| format!("{}/123456789012/{name}", stack.moto.endpoint());
    let queues: Vec<(String, String)> = [
        ("EXPORT", "exports"),
        ("IMPORT", "imports"),
        ("MAIL", "mails"),
        ("RELAY", "relays"),
        ("PULL", "pulls"),
        ("INGEST", "events"),
        ("RECONCILE", "reconciliations"),
        ("RETENTION", "retentions"),
    ]
    .map(|(variable, name)| (format!("WYNOS_QUEUE_{variable}"), queue(name)))
    .into();
    let changed: Vec<(&str, &str)> = queues
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // The address in `webhook-record-updated` is made with this key, as the local AWS has it.
    let told = stack.tell_secret("MasterKeySecret", MASTER_KEY);
    told.await.unwrap();
    let taken = aws_sdk_sqs::Client::new(&stack.cloud).create_queue();
    taken.queue_name("events").send().await.unwrap();
    let functions = Functions::of(&stack, &changed).unwrap();
    let migrated = functions.invoke("MigrateFunction", "{}".to_owned()).await;
    assert!(matches!(migrated.unwrap(), Invoked::Answer(_)));

    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for entry in std::fs::read_dir(project::root().join("events")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        files.insert(name, std::fs::read_to_string(&path).unwrap());
    }
    assert!(
        files
            .keys()
            .map(String::as_str)
            .eq(EVENTS.iter().map(|(name, _)| *name)),
        "{files:?}"
    );
    for (name, failed) in EVENTS {
        let invoked = functions
            .invoke(&function(name), files[name].clone())
            .await
            .unwrap();
        let Invoked::Answer(answer) = invoked else {
            panic!("{name}: {invoked:?}");
        };
        let answer: Json = serde_json::from_str(&answer).unwrap();
        for (_, status) in STATUSES.iter().filter(|(of, _)| *of == name) {
            assert_eq!(answer["statusCode"], *status, "{name}: {answer}");
        }
        let Some(failed) = failed else { continue };
        let named = answer["batchItemFailures"].as_array().unwrap();
        let mut named: Vec<&str> = named
            .iter()
            .map(|one| one["itemIdentifier"].as_str().unwrap())
            .collect();
        named.sort_unstable();
        assert_eq!(named, failed, "{name}");
    }
}
