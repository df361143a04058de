//! The scheduled path with a worker that is killed at random moments.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use futures::future::poll_fn;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use wynos::planner::{self, JobSettings, NewJob, RetentionSettings};
use wynos_tests::stack::{Database, Stack, State, Template};

use crate::faults::planned::{World, jobs, last_days, load, world};

const MONEY: &str = "yclients_finance_transactions";
const GOODS: &str = "yclients_goods";

/// Runs that are killed, each so many times.
const SEEDS: u64 = 12;
const KILLS: usize = 3;

/// A source with corrupted rows, whose nightly comparison and a job that removes old rows will be due.
async fn prepared(stack: &Stack) -> Result<World> {
    let world = world(stack, 1_500, &[MONEY, GOODS]).await?;
    load(stack, &world, last_days(stack, 7)).await?;
    let last = format!("(SELECT max(id) FROM @{MONEY})");
    let before = format!("(SELECT max(id) FROM @{MONEY} WHERE id < {last})");
    stack
        .tamper(&[
            format!("UPDATE @{MONEY} SET amount = amount + 5 WHERE id = {before}"),
            format!("DELETE FROM @{MONEY} WHERE id = {last}"),
        ])
        .await?;
    let new = NewJob {
        name: "Old".to_owned(),
        source: Some(world.source.to_string()),
        settings: JobSettings::Retention(RetentionSettings {
            older_than_days: 1,
            tables: vec![GOODS.to_owned()],
        }),
        schedule: Some("daily at 05:30".parse()?),
    };
    planner::add(&stack.services(), &stack.shop, new, &stack.actor()).await?;
    Ok(world)
}

/// Everything up to the end of what was due, as a server does that is started again and again.
async fn to_the_end(stack: &Stack) -> Result<()> {
    for _ in 0..20 {
        stack.drain().await?;
        let jobs = jobs(stack).await?;
        let now = stack.clock.now();
        let waits = |at: Option<chrono::DateTime<chrono::Utc>>| at.is_none_or(|at| at > now);
        if jobs
            .iter()
            .all(|job| job.current_run.is_none() && waits(job.next_at))
        {
            return Ok(());
        }
        // Longer than a silent worker keeps a run, or a source.
        stack.clock.advance(TimeDelta::minutes(11));
    }
    anyhow::bail!("a run has no end")
}

/// How often a future was polled.
async fn counted<T>(work: impl Future<Output = T>, polls: &AtomicUsize) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        polls.fetch_add(1, Ordering::SeqCst);
        work.as_mut().poll(context)
    })
    .await
}

/// Does work until it was polled so often, and drops it then, wherever it is.
async fn for_polls<T>(work: impl Future<Output = T>, most: usize) -> Option<T> {
    let mut work = pin!(work);
    let mut polls = 0;
    poll_fn(|context| {
        polls += 1;
        if polls > most {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// A night and a day are over: what was due in them is.
async fn night(stack: &Stack, world: &World) -> Result<()> {
    stack.reach(world.vendor.clone());
    let all = jobs(stack).await?;
    let nightly = all
        .iter()
        .filter(|job| job.name != "Old")
        .filter_map(|job| job.next_at);
    let retention = all
        .iter()
        .filter(|job| job.name == "Old")
        .filter_map(|job| job.next_at);
    let next = nightly.min().into_iter().chain(retention.min()).max();
    stack
        .clock
        .set(next.context("a job that is due")? + TimeDelta::days(1));
    Ok(())
}

async fn undisturbed(template: &Template, world: &World) -> Result<(State, usize)> {
    let stack = template.copy().await?;
    night(&stack, world).await?;
    let polls = AtomicUsize::new(0);
    counted(Box::pin(to_the_end(&stack)), &polls).await?;
    let state = stack.state().await?;
    stack.end().await?;
    Ok((state, polls.load(Ordering::SeqCst)))
}

async fn killed(template: &Template, world: &World, seed: u64, polls: usize) -> Result<State> {
    let stack = template.copy().await?;
    night(&stack, world).await?;
    let mut draw = StdRng::seed_from_u64(seed);
    for _ in 0..KILLS {
        let moment = draw.random_range(1..=polls);
        if for_polls(Box::pin(to_the_end(&stack)), moment)
            .await
            .is_some()
        {
            break;
        }
    }
    to_the_end(&stack).await?;
    let state = stack.state().await?;
    stack.end().await?;
    Ok(state)
}

async fn ends_equal(database: Database) {
    let template = Template::new(database).await.unwrap();
    let world = Arc::new(prepared(template.stack()).await.unwrap());
    let before = template.stack().state().await.unwrap();
    let template_rows = before.count(&format!("shop: row of {GOODS}"));
    template.seal().await;
    let (expected, polls) = undisturbed(&template, &world).await.unwrap();
    assert!(expected.has("shop: difference"), "nothing was mended");
    assert!(
        template_rows > expected.count(&format!("shop: row of {GOODS}")),
        "nothing was removed"
    );
    assert!(expected.count("shop: journal job.done") >= 2);
    assert!(polls > 50, "{polls}");
    for seed in 0..SEEDS {
        let state = killed(&template, &world, seed, polls).await.unwrap();
        assert!(
            state == expected,
            "seed {seed}:\n{}",
            state.difference(&expected)
        );
    }
}

#[tokio::test]
async fn invariant_01_planned_work_that_is_killed_at_any_moment_ends_as_if_it_had_not_been_on_sqlite()
 {
    Box::pin(ends_equal(Database::Sqlite)).await;
}

#[tokio::test]
async fn invariant_01_planned_work_that_is_killed_at_any_moment_ends_as_if_it_had_not_been_on_postgres()
 {
    Box::pin(ends_equal(Database::Postgres)).await;
}
