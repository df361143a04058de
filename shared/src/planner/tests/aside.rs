//! Base pulls that set records aside.

use serde_json::json;

use super::{
    super::Gap,
    pulling::{STAFF, salons, staff},
};
use crate::{
    catalog::Locale,
    control::JobRunState,
    journal::{self, JournalFilter},
};

#[tokio::test]
async fn a_pull_that_set_records_aside_says_so() {
    for salon in salons(&["yclients_staff", "yclients_services"]).await {
        let job = salon.pulls().await;
        let mut rows = staff(&[1]);
        rows.push(json!({ "id": { "of": "another kind" }, "name": "Ola" }));
        salon.has(STAFF, rows);
        let (run, _) = salon.run(&job, None).await;
        assert_eq!((run.state, run.row_count), (JobRunState::Done, 1));
        assert_eq!(Gap::all_in(&run.counts), [(Gap::SetAside, 1)], "{run:?}");
        let told = ["job.done", "job.set-aside"].map(|code| salon.plant.journal(code));
        assert_eq!(futures::future::join_all(told).await, [0, 1]);
        assert_eq!(salon.plant.job(&job).await.failures, 0);
        // Tables that could not be read are told first, and not alone.
        salon.refuses(&["services", "services/7"]);
        let (run, _) = salon.run(&job, None).await;
        let both = [(Gap::Tables, 1), (Gap::SetAside, 1)];
        assert_eq!(Gap::all_in(&run.counts), both, "{run:?}");
        let entries = salon.plant.services.control.journal(&job.subscription_id);
        let entries = entries.list(&JournalFilter::default(), None, 50).await;
        let entries = entries.unwrap().items;
        let partly = entries.iter().find(|entry| entry.code == "job.partial");
        let text = journal::message(Locale::En, partly.unwrap());
        assert!(
            text.ends_with(": 1; records that were set aside: 1"),
            "{text}"
        );
        salon.plant.close().await;
    }
}
