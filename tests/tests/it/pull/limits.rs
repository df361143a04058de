//! What the vendor and the plan do not let in.

use chrono::TimeDelta;
use wynos::{
    control::{RunState, SourceState},
    journal,
    warehouse::Value,
    yclients::{
        connect,
        pull::{self, Options, PullError},
    },
};

use super::{Bed, on_both, options, small, truth::differences, with_plans};

pub(super) async fn codes(bed: &Bed) -> Vec<String> {
    let services = bed.services();
    journal::relay(&services, &bed.stack.shop).await.unwrap();
    let page = services
        .control
        .journal(&bed.stack.shop)
        .list(&journal::JournalFilter::default(), None, 200)
        .await
        .unwrap();
    page.items.into_iter().map(|entry| entry.code).collect()
}

on_both! {
    async fn a_table_that_is_denied_is_off_alone_and_tried_again_in_a_day(bed: Bed, small(60, "forbidden=goods")) {
        let finished = bed.pull().await.unwrap();
        assert_eq!(finished.failures.keys().collect::<Vec<_>>(), ["yclients_goods"], "{finished:?}");
        assert!(finished.loaded.rows["yclients_records"] > 0);
        assert!(codes(&bed).await.contains(&"load.table-off".to_owned()));
        bed.faults("").await;
        bed.live(0, TimeDelta::hours(2));
        bed.pull_through().await;
        assert!(bed.rows("yclients_goods", &["id"]).await.is_empty());
        bed.live(0, TimeDelta::hours(23));
        bed.pull_through().await;
        assert!(!bed.rows("yclients_goods", &["id"]).await.is_empty());
        bed.end().await;
    }

    async fn a_list_that_was_denied_for_a_time_is_read_whole_again_a_day_later(bed: Bed, small(60, "forbidden=clients")) {
        let clients = async || bed.rows("yclients_clients", &["id", "surname", "comment", "_partial"]).await;
        bed.pull_through().await;
        let poorer = clients().await;
        assert!(!poorer.is_empty() && poorer.iter().all(|row| row[3] == Value::Boolean(true)), "{poorer:?}");
        bed.faults("").await;
        bed.live(0, TimeDelta::hours(2));
        bed.pull_through().await;
        assert_eq!(clients().await, poorer, "the vendor is not asked every time");
        bed.live(0, TimeDelta::hours(23));
        bed.pull_through().await;
        assert!(clients().await.iter().all(|row| row[3] != Value::Boolean(true)));
        let told = codes(&bed).await;
        assert_eq!(told.iter().filter(|code| *code == "load.table-poorer").count(), 1);
        let found = differences(&bed, &["yclients_clients"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn an_answer_that_there_is_nothing_buries_no_list(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let living = async || bed.rows("yclients_staff", &["id", "_deleted_at"]).await;
        let before = living().await;
        assert!(!before.is_empty());
        bed.faults("gone=staff").await;
        for _ in 0..3 {
            bed.live(0, TimeDelta::hours(25));
            bed.pull_through().await;
            assert_eq!(living().await, before);
        }
        bed.end().await;
    }

    async fn nobody_is_told_of_a_poorer_list_that_is_denied_too(bed: Bed, small(60, "forbidden=clients+clients_search")) {
        bed.pull_through().await;
        bed.live(0, TimeDelta::hours(25));
        bed.pull_through().await;
        let told = codes(&bed).await;
        assert!(told.contains(&"load.table-off".to_owned()), "{told:?}");
        assert!(!told.contains(&"load.table-poorer".to_owned()), "{told:?}");
        bed.end().await;
    }

    async fn a_refused_token_stops_the_source_until_it_is_renewed(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        bed.faults("revoked").await;
        bed.live(5, TimeDelta::hours(2));
        let finished = bed.pull().await.unwrap();
        assert_eq!(finished.state, RunState::Failed);
        let source = bed.services().control.source(&bed.source).await.unwrap();
        assert_eq!(source.state, SourceState::NeedsCredential);
        assert!(matches!(bed.pull().await, Err(PullError::NotActive)));
        bed.end().await;
    }

    async fn an_expired_licence_is_told_and_tried_again_in_a_day(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        bed.faults("licence").await;
        bed.live(5, TimeDelta::hours(2));
        let finished = bed.pull().await.unwrap();
        assert_eq!(finished.failures.values().next().map(String::as_str), Some("vendor.licence-expired"));
        assert!(codes(&bed).await.contains(&"load.paused".to_owned()));
        let services = bed.services();
        let sources = services.control.sources(&bed.stack.shop);
        let read = async || {
            let mut tables = sources.tables(&bed.source).await.unwrap();
            tables.retain(|table| pull::is_read(&table.table_name));
            tables
        };
        let expired = "vendor.licence-expired";
        let all = read().await;
        assert_eq!(pull::problem(&all), Some(expired));
        assert!(all.iter().all(|table| table.outcome.as_deref() == Some(expired)), "{all:?}");
        // Nothing of it is asked for before the daily trial, in which the company itself is shown all the same.
        bed.live(0, TimeDelta::hours(25));
        bed.pull().await.unwrap();
        let all = read().await;
        assert!(all.iter().all(|table| table.outcome.as_deref() == Some(expired)), "{all:?}");
        // Somebody reads one table after the licence was renewed: the others are due, the company itself among them.
        bed.faults("").await;
        let staff = Options { tables: vec!["yclients_staff".to_owned()], ..options() };
        pull::run(&services, &bed.source, staff).await.unwrap();
        let (now, all) = (bed.stack.clock.now(), read().await);
        assert_eq!(pull::problem(&all), None);
        let others = all.iter().filter(|table| table.table_name != "yclients_staff");
        assert!(others.clone().count() > 5);
        assert!(others.clone().all(|table| table.outcome.is_none() && table.next_at <= Some(now)), "{all:?}");
        bed.live(0, TimeDelta::minutes(1));
        bed.pull_through().await;
        let all = read().await;
        assert!(all.iter().all(|table| table.outcome.as_deref() == Some("done")), "{all:?}");
        let told = codes(&bed).await;
        assert_eq!(told.iter().filter(|code| *code == "load.licence-good").count(), 1);
        bed.end().await;
    }

    async fn at_the_limit_of_the_plan_nothing_is_dropped_and_loading_goes_on_by_itself(bed: Bed, small(80, "")) {
        let few = with_plans(bed.services(), |plans| plans.standard.rows = 40);
        let finished = pull::run(&few, &bed.source, options()).await.unwrap();
        assert!(!finished.failures.is_empty(), "{finished:?}");
        let loaded: i64 = finished.loaded.total();
        assert!(loaded <= 40, "{loaded}");
        journal::relay(&few, &bed.stack.shop).await.unwrap();
        let month = wynos::plans::month_of(bed.stack.clock.now());
        let used = few.control.usage(&bed.stack.shop, &month).await.unwrap();
        // One page is more than what is left, or nothing is left at all.
        let (warned, code) = if loaded < 40 { (99, "load.misfit") } else { (100, "load.paused") };
        assert_eq!((used.rows, used.warned), (loaded, warned));
        assert!(codes(&bed).await.contains(&code.to_owned()));
        // A larger plan: within the hour it goes on where it stood, and what was not let in comes.
        bed.live(0, TimeDelta::minutes(61));
        bed.pull_through().await;
        bed.history().await;
        let found = differences(&bed, &["yclients_records", "yclients_clients"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn at_the_limit_of_storage_loading_stands_still_and_goes_on_when_there_is_room(bed: Bed, small(80, "")) {
        let empty = with_plans(bed.services(), |plans| plans.standard.bytes = 1);
        // Nothing is stored yet, so that the first load goes in; the second finds the limit reached.
        let finished = pull::run(&empty, &bed.source, options()).await.unwrap();
        let failures: Vec<_> = finished.failures.values().map(String::as_str).collect();
        assert_eq!(failures, ["plan.storage-used"], "{finished:?}");
        bed.live(3, TimeDelta::minutes(61));
        assert!(matches!(pull::run(&empty, &bed.source, options()).await, Err(PullError::StorageUsed)));
        assert!(codes(&bed).await.contains(&"load.paused".to_owned()));
        let stored = bed.services().control.stored(&bed.stack.shop).await.unwrap().unwrap();
        assert!(stored.bytes > 1);
        assert_eq!(stored.warned, 100);
        let used = wynos::storage::used(&empty, &bed.stack.shop).await.unwrap();
        assert_eq!((used.stands_still, used.bytes_allowed), (Some("plan.storage-used"), 1));
        let fresh = pull::freshness(&empty, &bed.stack.shop).await.unwrap();
        assert!(fresh.iter().any(|one| one.outcome.as_deref() == Some("plan.storage-used") && one.next_at.is_none()));
        // A larger plan: within the hour it goes on where it stood.
        bed.live(0, TimeDelta::minutes(61));
        bed.pull_through().await;
        bed.history().await;
        let found = differences(&bed, &["yclients_records", "yclients_clients"]).await;
        assert!(found.is_empty(), "{found:#?}");
        let used = wynos::storage::used(&bed.services(), &bed.stack.shop).await.unwrap();
        assert_eq!(used.stands_still, None);
        bed.end().await;
    }

    async fn a_run_that_is_out_of_time_hands_over_and_two_never_overlap(bed: Bed, small(300, "")) {
        let services = bed.services();
        let late = Options { deadline: Some(bed.stack.clock.now()), ..options() };
        let first = pull::run(&services, &bed.source, late).await.unwrap();
        assert_eq!((first.state, first.loaded.total()), (RunState::Running, 0));
        // Its continuation is not heard of for so long that others do not wait for it any more.
        bed.stack.clock.advance(TimeDelta::minutes(31));
        let (one, two) = tokio::join!(
            pull::run(&services, &bed.source, options()),
            pull::run(&services, &bed.source, options()),
        );
        let busy = |outcome: &Result<_, _>| matches!(outcome, Err(PullError::Busy));
        assert!(busy(&one) || busy(&two), "{one:?} {two:?}");
        bed.end().await;
    }

    async fn a_removed_source_is_not_pulled(bed: Bed, small(30, "")) {
        let services = bed.services();
        connect::remove(&services, &bed.source, true, &bed.stack.actor()).await.unwrap();
        assert!(matches!(bed.pull().await, Err(PullError::NotActive)));
        bed.end().await;
    }
}
