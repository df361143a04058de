//! Calls that fail and processes that end, at moments that a seed chooses.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::http::StatusCode;
use chrono::TimeDelta;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::Value as Json;
use wynos::yclients::{client::Patience, connect, hooks};
use wynos_tests::{
    faults::{How, Plan},
    stack::Database,
};

use super::{assert_copied, assert_nothing_is_left, calm_down, order_details, order_the_past};
use crate::{
    hooks::post,
    pull::{Bed, hasty, small, vendor_at},
};

/// Things that are done one after another.
const STEPS: usize = 8;
/// What goes wrong at the vendor, one at a time.
const TROUBLE: [&str; 5] = [
    "html=0.1,gateway=0.05",
    "truncate=0.1,reset=0.05",
    "throttle=0.1,empty=0.05",
    "timeout=0.03,hang=1,drift=2",
    "",
];
/// Answers that take longer are not waited for.
const ANSWER: Duration = Duration::from_millis(300);
/// What becomes of webhooks at the vendor.
const TOLD: &str =
    "hooks.drop=0.1,hooks.twice=0.2,hooks.shuffle=4,hooks.partial=0.3,hooks.array=0.2";

struct Mix {
    bed: Bed,
    draw: StdRng,
    /// Webhooks on their way, with the step that they come at.
    coming: Vec<(usize, String)>,
    last: u64,
}

impl Mix {
    async fn begun(database: Database, seed: u64) -> Result<Self> {
        let mut options = small(30, "");
        options.seed = 100 + seed;
        let bed = Bed::new(database, options).await;
        let patience = Patience {
            answer: ANSWER,
            ..hasty()
        };
        bed.stack.reach(vendor_at(&bed.sandbox.base_url, patience));
        Ok(Self {
            bed,
            draw: StdRng::seed_from_u64(seed),
            coming: Vec::new(),
            last: 0,
        })
    }

    async fn step(&mut self, step: usize) -> Result<()> {
        let trouble = TROUBLE[self.draw.random_range(0..TROUBLE.len())];
        self.bed.faults(&format!("{TOLD},{trouble}")).await;
        let events = self.draw.random_range(0..15);
        let minutes = [1, 20, 61, 130, 1_500][self.draw.random_range(0..5)];
        self.bed.live(events, TimeDelta::minutes(minutes));
        if self.draw.random_bool(0.2) {
            order_the_past(&self.bed.stack.services(), &self.bed.source).await?;
        }
        if self.draw.random_bool(0.3) {
            order_details(&self.bed.stack.services(), &self.bed.source).await?;
        }
        self.hear(step).await?;
        let plan = self.plan();
        self.bed.stack.faults.watch(plan);
        self.tell(step).await?;
        let drained = self.bed.stack.drain().await;
        self.bed.stack.faults.rest();
        drained.with_context(|| format!("step {step}, {plan:?}"))
    }

    /// In most steps a call fails, or is the last of a process.
    fn plan(&mut self) -> Option<Plan> {
        let ways = [How::Before, How::After, How::Crash, How::Crash];
        let how = ways[self.draw.random_range(0..ways.len())];
        let call = self.draw.random_range(1..120);
        self.draw.random_bool(0.8).then_some(Plan { call, how })
    }

    /// What the vendor has sent since the last time is on its way, some of it for long.
    async fn hear(&mut self, step: usize) -> Result<()> {
        let controls = &self.bed.sandbox.control_url;
        let url = format!(
            "{controls}/sandbox/webhooks?after={}&limit=10000",
            self.last
        );
        let answer: Json = reqwest::get(url).await?.json().await?;
        self.last = answer["last"].as_u64().context("no number")?;
        for sent in answer["webhooks"].as_array().context("no webhooks")? {
            if sent["lost"] == false {
                let late = [0, 0, 0, 1, 3][self.draw.random_range(0..5)];
                self.coming.push((step + late, sent["body"].to_string()));
            }
        }
        Ok(())
    }

    /// Webhooks come whose time it is. What is not answered with 200 is lost: the vendor does not come again.
    async fn tell(&mut self, step: usize) -> Result<()> {
        let (mut now, later): (Vec<_>, Vec<_>) =
            self.coming.drain(..).partition(|(at, _)| *at <= step);
        self.coming = later;
        now.shuffle(&mut self.draw);
        let stack = &self.bed.stack;
        let path = hooks::path(&stack.services().keys.webhook, &self.bed.source, 1);
        for (_, body) in now {
            let status = post(stack, &path, body).await?;
            let known = [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE];
            ensure!(known.contains(&status), "{status}");
        }
        Ok(())
    }

    async fn end(mut self) -> Result<()> {
        self.bed.faults("").await;
        self.hear(0).await?;
        self.tell(usize::MAX).await?;
        let services = self.bed.stack.services();
        calm_down(&services, std::slice::from_ref(&self.bed.source)).await?;
        assert_nothing_is_left(&services, &self.bed.stack.shop).await?;
        assert_copied(
            &services,
            &self.bed.sandbox,
            &self.bed.source,
            self.bed.company,
        )
        .await?;
        self.bed.end().await;
        Ok(())
    }
}

async fn mixed(database: Database, seed: u64) -> Result<()> {
    let mut mix = Mix::begun(database, seed).await?;
    if seed.is_multiple_of(2) {
        let hints = connect::Change {
            hints: Some(true),
            ..connect::Change::default()
        };
        let (services, actor) = (mix.bed.stack.services(), mix.bed.stack.actor());
        connect::change(&services, &mix.bed.source, &hints, &actor).await?;
    }
    for step in 0..STEPS {
        mix.step(step).await?;
    }
    Box::pin(mix.end()).await
}

async fn all_mixed(database: Database, seeds: &[u64]) {
    for &seed in seeds {
        let mixed = Box::pin(mixed(database, seed)).await;
        mixed.unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_after_any_mix_of_faults_the_copy_is_the_truth_on_sqlite() {
    all_mixed(Database::Sqlite, &[1, 2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_after_any_mix_of_faults_the_copy_is_the_truth_on_postgres() {
    all_mixed(Database::Postgres, &[3]).await;
}
