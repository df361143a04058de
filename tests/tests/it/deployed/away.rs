//! The database is away while every queue has something for its function.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value as Json, json};
use wynos::{control::Actor, yclients::hooks};

use super::{
    salon::{LISTS, Salon},
    site::{Site, customers},
};

/// Deliveries of each message in vain: those of a minute. Where nothing else is said the first pause is 5 s and pauses
/// double, so that a message comes after 0, 5, 15 and 35 s; here the first pause is a second, so that it comes after 0, 1, 3
/// and 7 s.
const IN_VAIN: u32 = 4;

/// Queues that feed functions.
const FED: [&str; 8] = [
    "ExportQueue",
    "ImportQueue",
    "MailQueue",
    "RelayQueue",
    "PullQueue",
    "IngestQueue",
    "ReconcileQueue",
    "RetentionQueue",
];

/// What the vendor tells of as it changes.
const TOLD: [&str; 2] = ["yclients_records", "yclients_record_services"];

/// A table of the past that is read when the database is back.
const MONEY: &str = "yclients_finance_transactions";

/// What waits when the database goes.
struct Waiting {
    /// Built; its mail is not sent.
    built: String,
    ordered: String,
    uploaded: String,
    jobs: Vec<String>,
}

/// The minute is one of deliveries, not of the clock: the database is away for seconds here, until each message was delivered
/// in vain as often as it would be in a minute.
///
/// Compressed are the first pause before a message comes again (1 s for 5 s; that pauses double is as deployed), what SQS would
/// show again after a function's whole time and a minute (at once), and what the clock asks for (the tick every 1.5 s for a
/// minute, the clearing up every 4 s for five minutes). As deployed are how connections end and are refused, and how long a
/// function waits for the database. Half of the deliveries meet processes that had been connected, half new ones. What a minute
/// by the clock could bring beside that, such as secrets that are read again or idle connections that somebody else ends, is
/// not shown here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_waits_outlasts_a_minute_without_the_database_and_is_done_once() {
    let salon = Salon::connected("away").await;
    salon.equals(&LISTS).await;
    salon.order_history(&TOLD).await;
    salon.history_is_read().await;
    let registered = hooks::register(&salon.services, &salon.source, &Actor::System);
    assert!(registered.await.unwrap().registered);
    let waiting = salon.something_in_every_queue().await;

    let site = &salon.site;
    let road = &site.host.stack.roads.database;
    road.refuse();
    road.cut();
    site.host.let_go().await;
    // Half of it in processes that had been connected, half in new ones.
    site.in_vain(IN_VAIN / 2).await;
    for (id, _) in site.host.stack.template.of_type("AWS::Lambda::Function") {
        site.host.functions.recycle(id);
    }
    site.in_vain(IN_VAIN).await;
    // Nobody can be told anything; events are taken all the same.
    let order = json!({ "format": "csv", "table": "customers" });
    let refused = site.try_post("exports", &order).await;
    assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
    salon.sandbox.step(20, 0);
    // A comparison that finds somebody at work on the source waits for minutes.
    site.host.hold(&["ReconcileQueue"]).await;
    road.calm();

    salon.all_is_done_once(&waiting).await;
    salon.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_answered_before_their_functions_time_ends_though_the_database_is_silent() {
    let site = Site::new("silent").await;
    let functions = &site.host.functions;
    functions.recycle("ConsoleFunction");
    functions.limit("ConsoleFunction", Duration::from_secs(5));
    site.host.stack.roads.database.stall();
    let order = json!({ "format": "csv", "table": "customers" });
    let answered = site.try_post("exports", &order).await;
    assert_eq!(answered, StatusCode::SERVICE_UNAVAILABLE);
    assert!(functions.deaths() == 0, "a process was killed");
    site.host.stack.roads.database.calm();
    site.until("the console back", async |site| {
        site.try_post("exports", &order).await.is_success()
    })
    .await;
}

impl Site {
    /// Waits until each message of each queue was delivered so often.
    async fn in_vain(&self, times: u32) {
        for queue in FED {
            self.until(queue, async |site| {
                site.host.fewest_deliveries(queue) >= times
            })
            .await;
        }
    }
}

impl Salon {
    async fn something_in_every_queue(&self) -> Waiting {
        let site = &self.site;
        site.import(&customers(20)).await;
        site.host.hold(&["MailQueue"]).await;
        let order = json!({ "format": "csv", "table": "customers" });
        let id = |made: &Json| made["id"].as_str().unwrap().to_owned();
        let built = id(&site.post("exports", order.clone()).await);
        site.when(&format!("exports/{built}"), "ready").await;
        site.until("a mail to send", async |site| {
            site.waiting("MailQueue").await == 1
        })
        .await;

        site.host.hold(&FED).await;
        let ordered = id(&site.post("exports", order).await);
        let (uploaded, put) = site.announced(&customers(27)).await;
        assert_eq!(put.send().await.unwrap().status(), StatusCode::OK);
        site.send("RelayQueue", &site.message("relay", json!({})))
            .await;
        self.order_history(&[MONEY]).await;
        self.sandbox.step(40, 0);
        let mut jobs = Vec::new();
        for (kind, settings) in [
            ("reconciliation", json!({ "period": "last 7 days" })),
            ("retention", json!({ "older_than_days": 3_000 })),
        ] {
            let job = json!({
                "kind": kind, "name": kind, "source": self.source, "settings": settings,
                "schedule": "daily at 03:30",
            });
            let job = id(&site.post("jobs", job).await);
            site.post(&format!("jobs/{job}/run"), json!({})).await;
            jobs.push(job);
        }
        for queue in FED {
            site.until(queue, async |site| site.waiting(queue).await > 0)
                .await;
        }
        Waiting {
            built,
            ordered,
            uploaded,
            jobs,
        }
    }

    async fn all_is_done_once(&self, waiting: &Waiting) {
        let site = &self.site;
        let import = format!("imports/{}", waiting.uploaded);
        site.when(&import, "previewed").await;
        site.post(&format!("{import}/apply"), json!({})).await;
        let applied = site.when(&import, "applied").await;
        assert_eq!(applied["counts"]["tables"]["customers"]["new"], 7);
        site.when(&format!("exports/{}", waiting.ordered), "ready")
            .await;
        self.history_is_read().await;
        self.equals(&TOLD).await;
        self.equals(&LISTS).await;
        self.equals(&[MONEY]).await;
        site.until("nobody at work on the source", async |site| {
            site.waiting("PullQueue").await == 0
        })
        .await;
        site.host.let_go().await;
        for job in &waiting.jobs {
            site.until("a run that is done", async |site| {
                site.get(&format!("jobs/{job}")).await["last_run"]["state"] == "done"
            })
            .await;
        }
        // A mail may come twice, under the same id.
        for delivery in [&waiting.built, &waiting.ordered] {
            site.mailed(delivery).await;
        }
        for queue in FED {
            site.until(queue, async |site| site.waiting(queue).await == 0)
                .await;
            let dead = queue.replace("Queue", "DeadLetters");
            assert_eq!(site.waiting(&dead).await, 0, "{dead}");
        }
        assert_eq!(site.told("work.put-aside").await, 0);
        assert_eq!(site.told("export.built").await, 2);
        assert_eq!(site.host.functions.deaths(), 0);
    }
}
