//! A company at the simulated vendor, copied and followed by what is deployed, whatever happens to it meanwhile.

use serde_json::{Value as Json, json};
use wynos::{control::Actor, yclients::hooks};
use wynos_tests::lambda_host::Invoked;

use super::salon::{LISTS, Salon};

/// Tables that the vendor tells of as they change.
const TOLD: [&str; 2] = ["yclients_records", "yclients_record_services"];

/// When the template lets the night's sweeps begin.
const NIGHT: &str = "cron(0 1 * * ? *)";

/// Calls to the vendor after which a pull is in its middle.
const MIDDLE: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_copied_and_followed_whatever_is_killed_paused_or_told_three_times() {
    let salon = Salon::connected("vendor").await;
    salon.first_pull_is_killed_and_ends_all_the_same().await;
    salon.history_comes_by_messages().await;
    salon.webhooks_reach_the_warehouse().await;
    salon.events_wait_while_the_source_is_paused().await;
    Box::pin(salon.the_same_three_times_changes_nothing()).await;
    salon.a_schedule_leads_to_a_pull().await;
    salon.the_night_sweeps_what_is_kept_no_longer().await;
    let site = &salon.site;
    for queue in [
        "PullDeadLetters",
        "IngestDeadLetters",
        "RelayDeadLetters",
        "RetentionDeadLetters",
    ] {
        assert_eq!(site.waiting(queue).await, 0, "{queue}");
    }
    salon.sandbox.stop().await;
}

impl Salon {
    async fn first_pull_is_killed_and_ends_all_the_same(&self) {
        self.site
            .until("the vendor asked", async |_| self.calls().await >= MIDDLE)
            .await;
        self.site.kill_at_work("PullFunction").await;
        self.site
            .until("a death", async |site| site.host.functions.deaths() > 0)
            .await;
        // As when the queue's time-out has passed, which the host does not wait for: the dead one's hold is over.
        self.sql("UPDATE control.sources SET lease_until = now() - interval '1 minute'")
            .await;
        let body = json!({ "source": self.source });
        let again = self.site.message("pull.run", body);
        self.site.send("PullQueue", &again).await;
        self.equals(&LISTS).await;
    }

    async fn history_comes_by_messages(&self) {
        self.order_history(&["yclients_records"]).await;
        self.equals(&TOLD).await;
    }

    async fn webhooks_reach_the_warehouse(&self) {
        let by = Actor::System;
        let registered = hooks::register(&self.services, &self.source, &by).await;
        let registered = registered.unwrap();
        let url = &self.site.host.url;
        assert!(registered.registered);
        assert!(registered.address.as_str().starts_with(url.as_str()));
        self.sandbox.step(60, 0);
        self.equals(&TOLD).await;
    }

    async fn events_wait_while_the_source_is_paused(&self) {
        let path = format!("sources/{}", self.source);
        self.site.patch(&path, json!({ "state": "paused" })).await;
        self.sandbox.step(20, 0);
        self.site
            .until("an empty queue", async |site| {
                site.waiting("IngestQueue").await == 0
            })
            .await;
        assert!(!self.differences(&TOLD).await.is_empty());
        self.site.patch(&path, json!({ "state": "active" })).await;
        self.equals(&TOLD).await;
    }

    async fn the_same_three_times_changes_nothing(&self) {
        let told = self.ask("webhooks?limit=1000").await;
        let events = told["webhooks"].as_array().unwrap();
        let event = events.last().unwrap()["body"].clone();
        assert!(event["resource"].is_string(), "{told}");
        let source = self.services.control.source(&self.source).await.unwrap();
        let address = hooks::address(&self.services, &source);
        let post = async || {
            let sent = reqwest::Client::new().post(address.clone()).json(&event);
            assert!(sent.send().await.unwrap().status().is_success());
        };
        tokio::join!(post(), post(), post());
        let body = json!({ "source": self.source });
        let pull = self.site.message("pull.run", body);
        let queue = "PullQueue";
        tokio::join!(
            self.site.send(queue, &pull),
            self.site.send(queue, &pull),
            self.site.send(queue, &pull)
        );
        for queue in ["IngestQueue", "PullQueue"] {
            self.site
                .until("an empty queue", async |site| {
                    site.waiting(queue).await == 0
                })
                .await;
        }
        self.equals(&TOLD).await;
    }

    async fn a_schedule_leads_to_a_pull(&self) {
        let tables = ["yclients_staff", "yclients_services"];
        let order = json!({
            "kind": "base_pull", "name": "Staff", "source": self.source,
            "settings": { "tables": tables }, "schedule": "every 2 hours",
        });
        let job = self.site.post("jobs", order).await;
        let path = format!("jobs/{}", job["id"].as_str().unwrap());
        assert_eq!(self.site.get(&path).await["last_run"], Json::Null);
        // Two hours pass.
        self.sql("UPDATE control.jobs SET next_at = now()").await;
        self.site
            .until("the job's run", async |site| {
                site.get(&path).await["last_run"]["state"] == "done"
            })
            .await;
        self.equals(&tables).await;
    }

    async fn the_night_sweeps_what_is_kept_no_longer(&self) {
        assert!(self.site.told("job.done").await > 0);
        self.sql(
            "UPDATE control.journal SET at = at - interval '500 days' WHERE code = 'job.done'",
        )
        .await;
        // A tick would send off what the night did not.
        let host = &self.site.host;
        let stopped = host.stop_clock().await;
        // Another night comes.
        self.sql("UPDATE control.subscriptions SET created_at = created_at - interval '2 days'")
            .await;
        self.sql("DELETE FROM control.sweeps").await;
        let struck = host.strike(NIGHT).await.unwrap();
        drop(stopped);
        let Invoked::Answer(answer) = struck else {
            panic!("{struck:?}");
        };
        let answer: Json = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["sent"], 1, "one warehouse is there: {answer}");
        self.site
            .until("old entries gone", async |site| {
                site.told("job.done").await == 0 && site.told("retention.swept").await > 0
            })
            .await;
        self.equals(&TOLD).await;
    }
}
