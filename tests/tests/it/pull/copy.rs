//! The whole copy.

use chrono::TimeDelta;
use wynos::{
    warehouse::Value,
    yclients::pull::{self, Options},
};

use super::{Bed, instant, on_both, options, small, truth::differences};

/// Everything that lists and periods bring; documents have no list of their own.
pub(super) const ALL: [&str; 16] = [
    "yclients_companies",
    "yclients_staff",
    "yclients_service_categories",
    "yclients_services",
    "yclients_clients",
    "yclients_labels",
    "yclients_goods_categories",
    "yclients_storages",
    "yclients_goods",
    "yclients_accounts",
    "yclients_records",
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_record_labels",
    "yclients_goods_transactions",
    "yclients_finance_transactions",
];

pub(super) async fn assert_equal(bed: &Bed) {
    let found = differences(bed, &ALL).await;
    let shown: Vec<_> = found.iter().take(30).collect();
    assert!(found.is_empty(), "{} differences: {shown:#?}", found.len());
}

on_both! {
    async fn after_a_pull_and_its_history_the_copy_is_the_truth(bed: Bed, small(400, "")) {
        bed.pull_through().await;
        let done = bed.history().await;
        assert!(done.failures.is_empty(), "{:?}", done.failures);
        assert_equal(&bed).await;
        for table in ALL {
            let extra = bed.rows(table, &["_extra"]).await;
            let surprises: Vec<_> = extra.iter().flatten().filter(|extra| **extra != Value::Null).collect();
            assert!(surprises.is_empty(), "{table}: {surprises:?}");
        }
        let services = bed.services();
        let before = pull::details_cost(&services, &bed.source, None).await.unwrap();
        let details = Options { tables: vec![pull::DOCUMENTS.to_owned()], ..options() };
        let read = pull::run(&services, &bed.source, details).await.unwrap();
        assert!(before.calls > 0 && read.failures.is_empty(), "{before:?} {read:?}");
        assert_eq!(pull::details_cost(&services, &bed.source, None).await.unwrap().calls, 0);
        let found = differences(&bed, &[pull::DOCUMENTS]).await;
        assert!(found.is_empty(), "{} differences: {:#?}", found.len(), found.iter().take(10).collect::<Vec<_>>());
        let partial = bed.rows(pull::DOCUMENTS, &["_partial"]).await;
        assert!(partial.iter().flatten().any(|partial| *partial == Value::Null), "those are whole");
        // Life goes on, and hourly pulls keep up; lists once a day.
        for _ in 0..3 {
            bed.live(60, TimeDelta::hours(1));
            bed.pull_through().await;
        }
        bed.live(40, TimeDelta::hours(25));
        bed.pull_through().await;
        bed.live(0, TimeDelta::hours(25));
        bed.pull_through().await;
        assert_equal(&bed).await;
        bed.end().await;
    }

    async fn invariant_10_a_list_of_which_records_were_set_aside_proves_nothing_gone(bed: Bed, small(150, "")) {
        bed.pull_through().await;
        bed.history().await;
        assert_equal(&bed).await;
        // Every other record of every list is one that nobody can make out, for a day on which all is read.
        bed.faults("unreadable=1").await;
        bed.live(0, TimeDelta::hours(25));
        let finished = bed.pull().await.unwrap();
        assert!(finished.loaded.parked > 10, "{finished:?}");
        assert_eq!(finished.loaded.gone, 0);
        let again = bed.history().await;
        assert_eq!(again.loaded.gone, 0);
        bed.faults("").await;
        assert_equal(&bed).await;
        // What is gone indeed is found by the next list that can be read.
        bed.live(60, TimeDelta::hours(25));
        bed.pull_through().await;
        assert_equal(&bed).await;
        bed.end().await;
    }

    async fn invariant_02_reading_it_all_again_changes_nothing(bed: Bed, small(150, "")) {
        bed.pull_through().await;
        bed.history().await;
        let before = bed.stack.clock.now();
        bed.live(0, TimeDelta::hours(25));
        let again = bed.pull_through().await;
        let history = bed.history().await;
        assert_eq!(again.loaded.total() + history.loaded.total(), 0, "{again:?} {history:?}");
        assert_eq!(again.loaded.gone + history.loaded.gone, 0);
        let observed = bed.rows("yclients_services", &["_observed_at"]).await;
        assert!(observed.iter().all(|row| instant(&row[0]) > before));
        bed.end().await;
    }

    async fn through_faults_of_every_kind_the_copy_becomes_the_truth(
        bed: Bed,
        small(200, "html=0.05,gateway=0.05,truncate=0.05,reset=0.03,throttle=0.05,empty=0.02")
    ) {
        bed.pull_through().await;
        bed.history().await;
        bed.live(60, TimeDelta::hours(2));
        bed.pull_through().await;
        bed.faults("").await;
        // What faults hid for a while is found at the latest by whole lists and the days read again.
        for _ in 0..2 {
            bed.live(0, TimeDelta::hours(25));
            bed.pull_through().await;
        }
        bed.history().await;
        assert_equal(&bed).await;
        bed.end().await;
    }
}
