//! Jobs that a user planned, from the clock to their end in the warehouse: a comparison, a report, the removal of old rows.

use serde_json::{Value as Json, json};

use super::salon::Salon;

/// Tables of facts that are held and compared.
const FACTS: [&str; 3] = [
    "yclients_records",
    "yclients_record_services",
    "yclients_finance_transactions",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planned_jobs_compare_and_mend_fill_a_report_and_remove_what_is_old() {
    let salon = Salon::connected("planned").await;
    salon.order_history(&[]).await;
    salon.history_is_read().await;
    salon.equals(&FACTS).await;
    let comparison = salon.a_comparison_mends_what_was_corrupted().await;
    salon.a_report_is_filled().await;
    salon
        .what_is_old_is_removed_and_stays_away(&comparison)
        .await;
    for queue in [
        "PullDeadLetters",
        "ReconcileDeadLetters",
        "RetentionDeadLetters",
        "RelayDeadLetters",
    ] {
        assert_eq!(salon.site.waiting(queue).await, 0, "{queue}");
    }
    salon.sandbox.stop().await;
}

impl Salon {
    /// The id of the job.
    async fn a_comparison_mends_what_was_corrupted(&self) -> String {
        let within = "BETWEEN now() - interval '30 days' AND now() - interval '2 days' AND _deleted_at IS NULL";
        let record = format!(
            "UPDATE @yclients_records SET attendance = 7 \
             WHERE id = (SELECT min(id) FROM @yclients_records WHERE datetime {within})"
        );
        assert_eq!(self.sql(&record).await, 1);
        let money = format!(
            "DELETE FROM @yclients_finance_transactions \
             WHERE id = (SELECT min(id) FROM @yclients_finance_transactions WHERE date {within})"
        );
        assert_eq!(self.sql(&money).await, 1);
        let corrupted = self.differences(&FACTS).await;
        assert_eq!(corrupted.len(), 2, "{corrupted:?}");

        let before = self.site.told("reconciliation.done").await;
        let order = json!({
            "kind": "reconciliation", "name": "Compare", "source": self.source,
            "settings": { "period": "last 40 days" }, "schedule": "every 2 hours",
        });
        let job = self.site.post("jobs", order).await;
        let run = self.comes_due(&job).await;
        assert_eq!(run["state"], "done", "{run}");
        assert!(self.differences(&FACTS).await.is_empty());
        self.site
            .until("the comparison in the journal", async |site| {
                site.told("reconciliation.done").await > before
            })
            .await;
        let journal = self.site.journal().await;
        let told = journal.iter().find(|entry| {
            entry.code == "reconciliation.done" && entry.counts.get("missing") == Some(&1)
        });
        let told = told.unwrap_or_else(|| panic!("nothing was missing: {journal:#?}"));
        assert_eq!(told.counts.get("differing"), Some(&1), "{told:?}");
        assert!(self.site.host.functions.invocations("ReconcileFunction") > 0);
        job["id"].as_str().unwrap().to_owned()
    }

    async fn a_report_is_filled(&self) {
        let order = json!({
            "kind": "finance_transactions", "name": "Money", "source": self.source, "table": "money",
            "period": "last 30 days", "schedule": "daily at 03:30", "approve": true,
        });
        let made = self.site.post("reports", order).await;
        let run = self.comes_due(&made["job"]).await;
        assert_eq!(run["state"], "done", "{run}");
        let filled = self.number("SELECT count(*) FROM @money").await;
        assert!(filled > 0);
        assert_eq!(run["rows"], filled);
        let right = "SELECT count(*) FROM @money JOIN @yclients_finance_transactions held USING (id) \
                     WHERE held.amount = money.amount AND held._deleted_at IS NULL";
        assert_eq!(self.number(right).await, filled);
        let listed = self.site.get("tables/money/rows?limit=3").await;
        assert!(!listed["items"].as_array().unwrap().is_empty(), "{listed}");
    }

    async fn what_is_old_is_removed_and_stays_away(&self, comparison: &str) {
        let old = "UPDATE @yclients_finance_transactions SET _received_at = _received_at - interval '100 days' \
                   WHERE date < now() - interval '20 days'";
        let old = self.sql(old).await;
        let all = "SELECT count(*) FROM @yclients_finance_transactions";
        let before = self.number(all).await;
        let kept = before - i64::try_from(old).unwrap();
        assert!(old > 0 && kept > 0, "{old} of {before}");
        let order = json!({
            "kind": "retention", "name": "Old", "source": self.source,
            "settings": { "older_than_days": 90, "tables": ["yclients_finance_transactions"] },
            "schedule": "daily at 03:30",
        });
        let job = self.site.post("jobs", order).await;
        let run = self.comes_due(&job).await;
        assert_eq!(run["state"], "done", "{run}");
        assert_eq!(self.number(all).await, kept);

        // A comparison of days that are older than what is left does not bring it back.
        let path = format!("jobs/{comparison}");
        let again = self.site.post(&format!("{path}/run"), json!({})).await;
        self.site
            .until("another comparison", async |site| {
                let last = &site.get(&path).await["last_run"];
                last["id"] == again["id"] && last["state"] == "done"
            })
            .await;
        assert_eq!(self.number(all).await, kept);
    }

    /// Lets the hour of a job come; its run when that has ended.
    async fn comes_due(&self, job: &Json) -> Json {
        let id = job["id"].as_str().unwrap();
        let path = format!("jobs/{id}");
        assert_eq!(self.site.get(&path).await["last_run"], Json::Null);
        let due = format!("UPDATE control.jobs SET next_at = now() WHERE id = '{id}'");
        assert_eq!(self.sql(&due).await, 1);
        self.site
            .until("the job's run", async |site| {
                site.get(&path).await["last_run"]["finished_at"].is_string()
            })
            .await;
        self.site.get(&path).await["last_run"].clone()
    }
}
