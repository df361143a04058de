use std::time::{Duration, Instant};

use serde_json::json;

use wynos_tests::lambda_host::{Invoked, Stack};

use super::site::{Site, customers};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_message_is_put_aside_and_its_neighbours_are_not() {
    let site = Site::new("poison").await;
    site.import(&customers(3)).await;
    let unheard = site.message("mail.unheard-of", json!({}));
    for body in ["this is no JSON", &unheard] {
        site.send("MailQueue", body).await;
    }
    let ordered = site.post("exports", json!({ "format": "xml" })).await;
    let id = ordered["id"].as_str().unwrap();
    site.when(&format!("exports/{id}"), "ready").await;
    site.mailed(id).await;
    site.until("both put aside", async |site| {
        site.waiting("MailDeadLetters").await == 2
    })
    .await;
    site.until("an empty queue", async |site| {
        site.waiting("MailQueue").await == 0
    })
    .await;
    let journal = site.journal().await;
    let told: Vec<_> = journal
        .iter()
        .filter(|entry| entry.code == "work.put-aside")
        .collect();
    assert_eq!(
        told.len(),
        1,
        "what is no message belongs to nobody: {told:#?}"
    );
    let reason = told[0].details["error"].as_str().unwrap();
    assert!(reason.contains("mail.unheard-of"), "{reason}");

    // Brought home, both are worked on again, and put aside again: nobody has learned of them meanwhile.
    let reasons = site.redrive_mails().await;
    let mut unheard = reasons.iter().filter(|one| one.contains("mail.unheard-of"));
    assert!(unheard.next().is_some(), "{reasons:?}");
    site.until("told again", async |site| {
        site.told("work.put-aside").await == 2
    })
    .await;
    site.until("both put aside again", async |site| {
        site.waiting("MailDeadLetters").await == 2 && site.waiting("MailQueue").await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_is_killed_in_the_middle_loses_nothing() {
    const MANY: usize = 4_000;
    let site = Site::new("killed").await;
    let id = site.uploaded(&customers(MANY)).await;
    site.post(&format!("imports/{id}/apply"), json!({})).await;
    site.kill_at_work("ImportFunction").await;
    site.when(&format!("imports/{id}"), "applied").await;

    let ordered = site
        .post("exports", json!({ "format": "csv", "table": "customers" }))
        .await;
    let id = ordered["id"].as_str().unwrap();
    site.kill_at_work("ExportFunction").await;
    let built = site.when(&format!("exports/{id}"), "ready").await;
    assert_eq!(built["counts"]["customers"], MANY);
    assert!(
        site.host.functions.deaths() >= 2,
        "nobody was killed at work"
    );
    let (link, _) = site.mailed(id).await;
    let file = reqwest::get(site.claim(&link).await.unwrap())
        .await
        .unwrap();
    assert_eq!(file.text().await.unwrap().lines().count(), MANY + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_kills_its_process_each_time_is_given_up_and_told() {
    // Begun twice, and two more deliveries to tell it.
    let parameters = [("MaxReceives", "4"), ("RetrySeconds", "0")];
    let stack = Stack::new("killer", &parameters).await.unwrap();
    let site = Site::on(stack, &[]).await;
    let id = site.uploaded(&customers(4_000)).await;
    site.post(&format!("imports/{id}/apply"), json!({})).await;
    for deaths in 1..=2 {
        site.kill_at_work("ImportFunction").await;
        site.until("a death", async |site| {
            site.host.functions.deaths() == deaths
        })
        .await;
    }
    site.until("put aside", async |site| {
        site.waiting("ImportDeadLetters").await == 1
    })
    .await;
    let journal = site.journal().await;
    let told = journal.iter().find(|entry| entry.code == "work.put-aside");
    let reason = told.unwrap().details["error"].as_str().unwrap();
    assert_eq!(reason, "delivered 2 times and never brought to an end");
    let import = site.get(&format!("imports/{id}")).await;
    assert_eq!(import["status"], "failed", "nobody waits for it: {import}");
    assert_eq!(site.waiting("ImportQueue").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_overruns_its_time_is_killed_and_its_message_comes_again() {
    let parameters = [("MaxReceives", "100"), ("RetrySeconds", "0")];
    let stack = Stack::new("overrun", &parameters).await.unwrap();
    let site = Site::on(stack, &[]).await;
    let functions = &site.host.functions;
    // Nothing is done that soon.
    functions.cut("ImportFunction", Some(Duration::from_millis(1)));
    let event = include_str!("../../../../events/import-validate.json");
    let outcome = functions.invoke("ImportFunction", event.to_owned()).await;
    assert_eq!(outcome.unwrap(), Invoked::TimedOut);
    let (id, put) = site.announced(&customers(3)).await;
    assert!(put.send().await.unwrap().status().is_success());
    site.until("two more processes killed", async |site| {
        site.host.functions.deaths() >= 3
    })
    .await;
    assert_eq!(site.waiting("ImportQueue").await, 1);
    functions.cut("ImportFunction", None);
    site.when(&format!("imports/{id}"), "previewed").await;
    assert_eq!(site.waiting("ImportDeadLetters").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_takes_many_turns_is_no_poisoned_message() {
    const MANY: usize = 30_000;
    let parameters = [("MaxReceives", "3"), ("RetrySeconds", "0")];
    let stack = Stack::new("turns", &parameters).await.unwrap();
    let site = Site::on(stack, &[]).await;
    let began = Instant::now();
    let id = site.uploaded(&customers(MANY)).await;
    // Too little for all of it and enough for a part, however fast this machine is: reading it took a fifth of what writing it takes.
    let turn = 2 * began.elapsed();
    let before = site.host.functions.invocations("ImportFunction");
    site.host.functions.limit("ImportFunction", turn);
    // A machine so busy that it cannot end a turn in time is not what is tried here: it may take longer than it is told.
    site.host.functions.cut("ImportFunction", Some(10 * turn));
    site.post(&format!("imports/{id}/apply"), json!({})).await;
    let applied = site.when(&format!("imports/{id}"), "applied").await;
    assert_eq!(applied["counts"]["tables"]["customers"]["new"], MANY);
    assert_eq!(site.waiting("ImportDeadLetters").await, 0);
    if site.host.functions.invocations("ImportFunction") - before < 3 {
        println!("this machine needed no more turns than a message has, which shows nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_three_times_to_two_processes_is_one_file() {
    let site = Site::new("thrice").await;
    site.import(&customers(50)).await;
    let ordered = site.post("exports", json!({ "format": "xml" })).await;
    let id = ordered["id"].as_str().unwrap();
    let again = site.message("export.build", json!({ "delivery": id }));
    tokio::join!(
        site.send("ExportQueue", &again),
        site.send("ExportQueue", &again)
    );
    site.when(&format!("exports/{id}"), "ready").await;
    site.until("an empty queue", async |site| {
        site.waiting("ExportQueue").await == 0
    })
    .await;
    let (link, _) = site.mailed(id).await;
    site.until("one object", async |site| {
        let keys = site.host.stack.store.keys("files").unwrap();
        keys.iter().filter(|key| key.contains(id)).count() == 1
    })
    .await;
    assert_eq!(site.told("export.built").await, 1);
    let (one, other) = tokio::join!(site.claim(&link), site.claim(&link));
    assert!(
        one.is_ok() && other.is_ok(),
        "the one who claimed it may start it again: {one:?} {other:?}"
    );
    assert_eq!(site.waiting("ExportDeadLetters").await, 0);
}
