use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, stream};
use wynos::ports::CallKind;
use wynos_tests::{
    faults::{Call, How, Plan},
    stack::{Database, Stack, State, Template},
};

/// Runs at once; they mostly wait for disks and databases.
const AT_ONCE: usize = 4;

/// A run that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// So many faults are tried where not all are: hundreds of runs on a PostgreSQL, each with a database of its own, or with a
/// vendor, take longer than anybody waits for tests.
const SOME: usize = 48;

/// So many of a scenario that is long, and whose calls are mostly those of others.
const FEW: usize = 16;

/// The variable that asks for all of them.
const ALL: &str = "WYNOS_TEST_ALL_FAULTS";

/// Failed runs that are told of.
const TOLD: usize = 8;

/// A scenario on one database.
pub struct Harness<P, S> {
    /// Where.
    pub database: Database,
    /// What has happened before, without faults.
    pub before: P,
    /// What is done under faults; it ends with everything drained.
    pub scenario: S,
}

/// What a run came to.
struct Run {
    state: State,
    calls: Vec<Call>,
    hit: Option<Call>,
}

impl<P, S, T> Harness<P, S>
where
    P: AsyncFn(&Stack) -> Result<T>,
    S: AsyncFn(&Stack, &T) -> Result<()>,
{
    /// Fails every call in every way, on PostgreSQL some of them, and gives the state that each run ends in. How many rows
    /// count for the plan depends on the order that facts come in, and is left out.
    pub async fn prove(self) -> State {
        let most = match self.database {
            Database::Sqlite => usize::MAX,
            Database::Postgres => SOME,
        };
        self.prove_most(most, &["shop: rows used"]).await
    }

    /// The same with some of the calls, where facts that begin in one of these ways may differ from run to run.
    pub async fn prove_some(self, differing: &[&str]) -> State {
        self.prove_most(SOME, differing).await
    }

    /// The same with few of them.
    pub async fn prove_few(self, differing: &[&str]) -> State {
        self.prove_most(FEW, differing).await
    }

    async fn prove_most(self, most: usize, differing: &[&str]) -> State {
        let started = Instant::now();
        let template = Template::new(self.database).await.expect("a stack");
        let prepared = (self.before)(template.stack())
            .await
            .expect("what was before");
        template.seal().await;
        let undisturbed = self.run(&template, &prepared, None).await;
        let Run { state, calls, .. } = undisturbed.expect("the run without faults");
        let expected = state.without(differing);

        let plans = evenly(plans(&calls), most);
        let runs = plans.len();
        let mut failures: Vec<String> = stream::iter(plans)
            .map(|plan| self.compare(&template, &prepared, (&expected, differing), plan))
            .buffer_unordered(AT_ONCE)
            .filter_map(async |outcome| outcome.err())
            .collect()
            .await;
        // A run under faults may make more calls than one without: on to the first number that none reaches.
        for how in [How::Before, How::After, How::Crash] {
            let mut call = calls.len() as u64 + 1;
            loop {
                let plan = Plan { call, how };
                let expected = (&expected, differing);
                match self.compare(&template, &prepared, expected, plan).await {
                    Ok(true) => call += 1,
                    Ok(false) => break,
                    Err(failure) => {
                        // Runs that end differently could go on differing for ever.
                        failures.push(failure);
                        break;
                    }
                }
            }
        }
        println!(
            "{} calls, {runs} faults, {:.1?}",
            calls.len(),
            started.elapsed()
        );
        assert!(
            failures.is_empty(),
            "{} of {runs} faults changed the end:\n{}",
            failures.len(),
            failures[..failures.len().min(TOLD)].join("\n")
        );
        expected
    }

    /// Whether the planned call was reached; what is wrong if the run ended in another state.
    async fn compare(
        &self,
        template: &Template,
        prepared: &T,
        (expected, differing): (&State, &[&str]),
        plan: Plan,
    ) -> Result<bool, String> {
        let mut problem = format!("{plan}");
        match self.run(template, prepared, Some(plan)).await {
            Ok(Run { state, hit, .. }) => {
                let state = state.without(differing);
                if state == *expected {
                    return Ok(hit.is_some());
                }
                let hit = hit.map_or("nothing", |call| call.name);
                let _ = write!(problem, " ({hit}):\n{}", state.difference(expected));
            }
            Err(error) => {
                let _ = write!(problem, ": {error:#}");
            }
        }
        Err(problem)
    }

    async fn run(&self, template: &Template, prepared: &T, plan: Option<Plan>) -> Result<Run> {
        let stack = template.copy().await?;
        let run = Box::pin(self.play(&stack, prepared, plan)).await;
        stack.end().await.context("ending the stack")?;
        run
    }

    async fn play(&self, stack: &Stack, prepared: &T, plan: Option<Plan>) -> Result<Run> {
        stack.faults.watch(plan);
        let played = tokio::time::timeout(LIMIT, (self.scenario)(stack, prepared)).await;
        let hit = stack.faults.hit();
        let calls = stack.faults.rest();
        let named = || hit.map_or("nothing", |call| call.name);
        played
            .context("the run hangs")
            .flatten()
            .with_context(|| format!("after {} failed", named()))?;
        ensure!(plan.is_some() || !calls.is_empty(), "nothing is called");
        let state = stack.state().await.context("reading the end state")?;
        Ok(Run { state, calls, hit })
    }
}

/// Every fault where all are asked for, or there are few; else some of every kind, from the first call to the last.
fn evenly(plans: Vec<Plan>, most: usize) -> Vec<Plan> {
    let mut step = plans.len().div_ceil(most);
    if step < 2 || std::env::var_os(ALL).is_some() {
        return plans;
    }
    // Most calls can fail in three ways, and each of these is to come up.
    while step.is_multiple_of(3) {
        step += 1;
    }
    plans.into_iter().step_by(step).collect()
}

/// Every way for every call: what only looks has no effect that an error could come after.
fn plans(calls: &[Call]) -> Vec<Plan> {
    let mut plans = Vec::new();
    for (number, call) in (1_u64..).zip(calls) {
        let ways: &[How] = match call.kind {
            CallKind::Read => &[How::Before],
            CallKind::Write => &[How::Before, How::After, How::Crash],
        };
        plans.extend(ways.iter().map(|&how| Plan { call: number, how }));
    }
    plans
}
