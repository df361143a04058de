//! A company that is closed to an account whose token is good.

use chrono::TimeDelta;
use wynos::{
    SourceId,
    control::{Actor, RunState, SourceState},
    yclients::{
        connect::{self, Add, Entry},
        pull::{self, Finished, PullError},
    },
};
use wynos_sandbox::{OWNER_EMAIL, Options, PASSWORD};

use super::{Bed, limits::codes, on_both, options, small, truth::differences};

const CLOSED: &str = "vendor.company-closed";

fn two() -> Options {
    Options {
        companies: 2,
        ..small(60, "")
    }
}

/// Connects the second company with the sign-in of the first.
async fn neighbour(bed: &Bed) -> SourceId {
    let services = bed.services();
    let first = services.control.source(&bed.source).await.unwrap();
    let add = Add {
        subscription: bed.stack.shop.clone(),
        credential: first.credential_id,
        company: bed.sandbox.companies()[1],
        name: Some("Filia".to_owned()),
        by: Actor::System,
    };
    connect::add(&services, &add).await.unwrap().source.id
}

async fn pull(bed: &Bed, source: &SourceId) -> Result<Finished, PullError> {
    pull::run(&bed.services(), source, options()).await
}

async fn state(bed: &Bed, source: &SourceId) -> SourceState {
    bed.services().control.source(source).await.unwrap().state
}

async fn is_closed(bed: &Bed, source: &SourceId) -> bool {
    let services = bed.services();
    let sources = services.control.sources(&bed.stack.shop);
    pull::is_closed(&sources.tables(source).await.unwrap())
}

async fn told(bed: &Bed, code: &str) -> usize {
    let told = codes(bed).await;
    told.iter().filter(|told| *told == code).count()
}

fn reason(finished: &Finished) -> Option<&str> {
    finished.failures.values().next().map(String::as_str)
}

on_both! {
    async fn a_closed_company_stops_its_source_alone_which_goes_on_by_itself(bed: Bed, two()) {
        let other = neighbour(&bed).await;
        bed.pull_through().await;
        assert_eq!(pull(&bed, &other).await.unwrap().state, RunState::Done);
        // The vendor may go on showing the company itself, which is one of the tables.
        for (fault, ends, times) in [("closed", RunState::Failed, 1), ("locked", RunState::Partial, 2)] {
            bed.faults(&format!("{fault}={}", bed.company)).await;
            for _ in 0..2 {
                bed.live(5, TimeDelta::hours(25));
                let finished = bed.pull().await.unwrap();
                assert_eq!((finished.state, reason(&finished)), (ends, Some(CLOSED)), "{fault}");
                assert_eq!(state(&bed, &bed.source).await, SourceState::Active);
                assert!(is_closed(&bed, &bed.source).await && !is_closed(&bed, &other).await);
                let read = pull(&bed, &other).await.unwrap();
                assert_eq!(read.state, RunState::Done, "{read:?}");
                // Somebody who asks is not kept waiting for the trial.
                let asked = pull::Options { actor: Actor::CommandLine, tables: vec!["yclients_staff".to_owned()], ..options() };
                let asked = pull::run(&bed.services(), &bed.source, asked).await.unwrap();
                assert_eq!(reason(&asked), Some(CLOSED));
                assert_eq!(told(&bed, "load.company-closed").await, times, "{fault}");
                assert_eq!(told(&bed, "load.company-open").await, times - 1, "{fault}");
            }
            bed.faults("").await;
            bed.live(0, TimeDelta::hours(25));
            bed.pull_through().await;
            assert!(!is_closed(&bed, &bed.source).await);
            assert_eq!(told(&bed, "load.company-open").await, times, "{fault}");
        }
        assert_eq!(told(&bed, "load.credential-refused").await, 0);
        bed.history().await;
        let found = differences(&bed, &["yclients_records", "yclients_clients"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn a_period_under_way_waits_for_its_company_and_is_read_to_its_end(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let today = bed.stack.clock.now().date_naive();
        let ordered = pull::Ordered {
            from: today - TimeDelta::days(800),
            to: today,
            tables: Vec::new(),
            actor: Actor::System,
        };
        let run = pull::order(&bed.services(), &bed.source, ordered).await.unwrap().id;
        let turn = async || {
            let done = pull::history(&bed.services(), &bed.source, &run, None, None).await;
            done.unwrap()
        };
        bed.faults(&format!("locked={}", bed.company)).await;
        for _ in 0..3 {
            let done = turn().await;
            assert_eq!((done.state, reason(&done)), (RunState::Paused, Some(CLOSED)));
            assert!(done.left_out.is_empty(), "{done:?}");
            assert!(is_closed(&bed, &bed.source).await);
            bed.live(1, TimeDelta::hours(25));
        }
        bed.faults("").await;
        let done = turn().await;
        assert_eq!(done.state, RunState::Done, "{done:?}");
        assert!(!is_closed(&bed, &bed.source).await);
        for (code, times) in [("load.company-closed", 1), ("load.company-open", 1), ("load.history-left-out", 0)] {
            assert_eq!(told(&bed, code).await, times, "{code}");
        }
        bed.pull_through().await;
        let found = differences(&bed, &["yclients_records", "yclients_clients"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn whoever_lost_a_company_renews_the_others_and_nobody_with_anothers_account(bed: Bed, two()) {
        let other = neighbour(&bed).await;
        bed.pull_through().await;
        bed.faults("revoked").await;
        bed.live(5, TimeDelta::hours(2));
        assert_eq!(bed.pull().await.unwrap().state, RunState::Failed);
        for source in [&bed.source, &other] {
            assert_eq!(state(&bed, source).await, SourceState::NeedsCredential);
        }
        let renewed = async || {
            let entry = Entry::Password { login: OWNER_EMAIL.to_owned(), password: PASSWORD.to_owned() };
            connect::renew(&bed.services(), &bed.source, entry, &Actor::System).await
        };
        bed.faults("closed").await;
        let refused = renewed().await.unwrap_err();
        assert_eq!(refused.code(), Some("source.no-such-company"));
        assert_eq!(state(&bed, &other).await, SourceState::NeedsCredential);
        bed.faults(&format!("closed={}", bed.company)).await;
        let closed = renewed().await.unwrap().closed;
        assert_eq!(closed.iter().map(|source| &source.id).collect::<Vec<_>>(), [&bed.source]);
        for source in [&bed.source, &other] {
            assert_eq!(state(&bed, source).await, SourceState::Active);
        }
        assert!(is_closed(&bed, &bed.source).await);
        assert_eq!(pull(&bed, &other).await.unwrap().state, RunState::Done);
        bed.live(0, TimeDelta::hours(25));
        assert_eq!(reason(&bed.pull().await.unwrap()), Some(CLOSED));
        assert_eq!(told(&bed, "load.company-closed").await, 1);
        // Whoever gets the company back need not wait for the trial.
        bed.faults("").await;
        assert_eq!(renewed().await.unwrap().closed, []);
        assert_eq!(bed.pull().await.unwrap().state, RunState::Done);
        bed.end().await;
    }
}
