//! Lists that end where they should not, or hardly ever.

use std::sync::Arc;

use chrono::TimeDelta;
use wynos::{
    control::RunState,
    warehouse::Value,
    yclients::pull::{self, Loaded, Options, Watch},
};

use super::{Bed, limits::codes, on_both, options, small, truth::differences};

const CLIENTS: &str = "yclients_clients";
const SERVICES: &str = "yclients_services";

on_both! {
    async fn a_list_whose_pages_are_shorter_than_asked_for_is_read_whole(bed: Bed, small(60, "short=clients+records")) {
        bed.pull_through().await;
        bed.history().await;
        assert!(bed.rows(CLIENTS, &["id"]).await.len() > 20);
        let found = differences(&bed, &[CLIENTS, "yclients_records"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn invariant_10_a_list_that_ends_below_its_own_count_buries_no_row(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let rows = async |table: &str| bed.rows(table, &["id", "_deleted_at"]).await;
        let before = (rows(CLIENTS).await, rows(SERVICES).await);
        let living = |row: &Vec<Value>| row[1] == Value::Null;
        assert!(before.0.len() > 20 && before.0.iter().chain(&before.1).all(living));
        bed.faults("lossy=clients+services").await;
        for _ in 0..2 {
            bed.live(0, TimeDelta::hours(25));
            let finished = bed.pull_through().await;
            assert_eq!(finished.loaded.gone, 0, "{finished:?}");
            assert_eq!((rows(CLIENTS).await, rows(SERVICES).await), before);
        }
        let told = codes(&bed).await;
        // Of either list, on either day.
        assert_eq!(told.iter().filter(|code| *code == "load.list-short").count(), 4, "{told:?}");
        // What is gone indeed is found once the list is whole.
        bed.faults("").await;
        for events in [60, 0] {
            bed.live(events, TimeDelta::hours(25));
            bed.pull_through().await;
        }
        let found = differences(&bed, &[CLIENTS, SERVICES]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn a_list_that_takes_longer_than_a_pass_may_rest_is_read_to_its_end(bed: Bed, small(300, "short=clients")) {
        let clock = bed.stack.clock.clone();
        let watch: Watch = Arc::new(move |_: &str, _: &Loaded| clock.advance(TimeDelta::minutes(1)));
        let begun = bed.stack.clock.now();
        let mut run = None;
        for turns in 0.. {
            assert!(turns < 15, "it does not end");
            // Time for a page or two, and then others have their turns for hours.
            let turn = Options {
                deadline: Some(bed.stack.clock.now() + TimeDelta::seconds(30)),
                tables: vec![CLIENTS.to_owned()],
                run: run.take(),
                watch: Some(Arc::clone(&watch)),
                ..options()
            };
            let finished = pull::run(&bed.services(), &bed.source, turn).await.unwrap();
            if finished.state == RunState::Done {
                break;
            }
            assert_eq!(finished.state, RunState::Running, "{finished:?}");
            run = Some(finished.run);
            bed.stack.clock.advance(TimeDelta::hours(3));
        }
        assert!(bed.stack.clock.now() - begun > TimeDelta::hours(6));
        let found = differences(&bed, &[CLIENTS]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }
}
