//! Pulls that are broken off.

use chrono::TimeDelta;
use wynos::control::RunState;

use super::{Bed, on_both, options, small, truth::differences};
use wynos::yclients::pull::{self, Options};

on_both! {
    async fn invariant_01_a_pull_handed_over_after_every_answer_ends_as_one_that_was_not(bed: Bed, small(300, "")) {
        // Each run has time for one answer only.
        let services = bed.services();
        let mut runs = 0;
        loop {
            let at = bed.stack.clock.now() + TimeDelta::seconds(1);
            let clock = bed.stack.clock.clone();
            let watch: pull::Watch = std::sync::Arc::new(move |_, _| clock.advance(TimeDelta::seconds(1)));
            let short = Options { deadline: Some(at), watch: Some(watch), ..options() };
            let finished = pull::run(&services, &bed.source, short).await.unwrap();
            runs += 1;
            if finished.state == RunState::Done {
                break;
            }
            assert!(runs < 400, "{finished:?}");
        }
        assert!(runs > 15, "{runs}");
        bed.history().await;
        let found = differences(&bed, &["yclients_records", "yclients_clients", "yclients_goods", "yclients_goods_categories"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }
}
