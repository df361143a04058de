//! A list that the vendor cannot give keeps no other from being read.

use chrono::TimeDelta;
use wynos::{
    control::{Actor, RunState},
    yclients::pull::{self, Options, Ordered},
};

use super::{Bed, limits::codes, on_both, options, small, truth::differences};

on_both! {
    async fn a_history_reads_the_other_tables_and_says_in_the_end_what_it_left_out(bed: Bed, small(120, "")) {
        bed.pull_through().await;
        bed.faults("broken=records").await;
        let services = bed.services();
        let today = bed.stack.clock.now().date_naive();
        let from = today - TimeDelta::days(800);
        let order = Ordered { from, to: today, tables: Vec::new(), actor: Actor::System };
        let run = pull::order(&services, &bed.source, order.clone()).await.unwrap();
        let turn = async || pull::history(&services, &bed.source, &run.id, None, None).await.unwrap();
        let begun = bed.stack.clock.now();
        let first = turn().await;
        assert_eq!(first.state, RunState::Running, "{first:?}");
        assert!(first.failures.is_empty() && first.left_out.is_empty(), "{first:?}");
        for table in ["yclients_goods_transactions", "yclients_finance_transactions"] {
            assert!(first.loaded.rows[table] > 0, "{first:?}");
        }
        let ended = loop {
            bed.stack.clock.advance(TimeDelta::minutes(30));
            let done = turn().await;
            if done.state != RunState::Running {
                break done;
            }
            assert!(bed.stack.clock.now() - begun < TimeDelta::days(2));
        };
        assert_eq!(ended.state, RunState::Partial);
        assert_eq!(ended.failures.keys().collect::<Vec<_>>(), ["yclients_records"]);
        assert_eq!(ended.left_out["yclients_records"], [(from, today)]);
        let runs = services.control.runs(&bed.stack.shop);
        let kept = runs.get(&run.id).await.unwrap();
        // Records have one window a month, goods one, and payments two.
        assert_eq!(kept.windows_done * 4, kept.windows_total * 3, "{kept:?}");
        let told = codes(&bed).await;
        assert_eq!(told.iter().filter(|code| *code == "load.history-left-out").count(), 1, "{told:?}");
        // Ordered again for what was left out, it is whole.
        bed.faults("").await;
        let again = Ordered { tables: vec!["yclients_records".to_owned()], ..order };
        let run = pull::order(&services, &bed.source, again).await.unwrap();
        let done = pull::history(&services, &bed.source, &run.id, None, None).await.unwrap();
        assert_eq!(done.state, RunState::Done, "{done:?}");
        bed.pull_through().await;
        let found = differences(&bed, &["yclients_records", "yclients_finance_transactions"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn a_reading_that_was_asked_for_goes_on_after_a_list_that_is_not_answered(bed: Bed, small(60, "broken=staff")) {
        let services = bed.services();
        let run = pull::order_now(&services, &bed.source, Actor::System).await.unwrap();
        let ordered = Options { run: Some(run.id), ..options() };
        let finished = pull::run(&services, &bed.source, ordered).await.unwrap();
        assert_eq!(finished.state, RunState::Partial, "{finished:?}");
        assert_eq!(finished.failures.keys().collect::<Vec<_>>(), ["yclients_staff"]);
        for table in ["yclients_services", "yclients_records", "yclients_goods"] {
            assert!(finished.loaded.rows[table] > 0, "{finished:?}");
        }
        // A vendor that answers nothing is not asked for every list.
        bed.faults("broken").await;
        let run = pull::order_now(&services, &bed.source, Actor::CommandLine).await.unwrap();
        let tables = run.tables.len();
        let ordered = Options { run: Some(run.id), ..options() };
        let finished = pull::run(&services, &bed.source, ordered).await.unwrap();
        assert_eq!((finished.state, finished.failures.len()), (RunState::Failed, tables), "{finished:?}");
        let told = codes(&bed).await;
        let failed = told.iter().filter(|code| *code == "load.failed").count();
        // The first time one, and the second time three, of which that one may be.
        assert!((3..=4).contains(&failed), "{told:?}");
        // The list that failed is due by itself.
        bed.faults("").await;
        bed.live(0, TimeDelta::minutes(16));
        bed.pull_through().await;
        assert!(!bed.rows("yclients_staff", &["id"]).await.is_empty());
        bed.end().await;
    }
}
