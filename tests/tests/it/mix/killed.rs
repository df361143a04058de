//! The program itself, killed while it reads sources and takes in what the vendor posts.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value as Json, json};
use wynos::{
    SourceId, SubscriptionId, control::Actor, ports::Clock, services::Services, services::Settings,
    yclients::hooks,
};
use wynos_sandbox::{Options, Running, Sandbox};
use wynos_tests::{
    faults::VendorDoor,
    program::{Backend, Installation},
    served::Served,
};

use super::{assert_copied, assert_nothing_is_left, calm_down, order_the_past};
use crate::{
    assembled::assembled,
    pull::{PARTNER, connect, hasty, vendor_at},
};

/// Companies, because a source whose reader was killed rests for ten minutes.
const COMPANIES: usize = 3;
/// Records of all of them.
const RECORDS: usize = 45;
/// How often the program is killed.
const KILLS: usize = 6;
/// What befalls calls and webhooks meanwhile.
const TROUBLE: &str = "html=0.02,truncate=0.02,reset=0.02,drift=1,hooks.drop=0.1,hooks.twice=0.2,hooks.shuffle=4,\
                       hooks.partial=0.3,hooks.array=0.2,hooks.late=1";
/// How long webhooks that are late may take.
const LATE: Duration = Duration::from_secs(20);

/// A program with sources at a simulated vendor, whose time is the machine's until the killing is over.
struct Bench {
    wynos: Installation,
    address: SocketAddr,
    sandbox: Running,
    door: VendorDoor,
    clock: Clock,
    shop: SubscriptionId,
    sources: Vec<SourceId>,
}

impl Bench {
    async fn new(backend: Backend, seed: u64) -> Result<Self> {
        let wynos = Installation::new(backend).await?;
        let shop = wynos.subscription("Salony", "owner@example.com")?.parse()?;
        let first = Served::start(&wynos, None, &[])?;
        let address = first.address;
        first.stop()?;
        let clock = Clock::fixed(Clock::System.now());
        let sandbox = Sandbox::start(Options {
            seed,
            records: RECORDS,
            companies: COMPANIES,
            clock: clock.clone(),
            ..Options::default()
        })
        .await?;
        let door = VendorDoor::open(sandbox.address, Arc::default()).await?;
        let mut bench = Self {
            wynos,
            address,
            sandbox,
            door,
            clock,
            shop,
            sources: Vec::new(),
        };
        let services = bench.services().await?;
        for company in bench.sandbox.companies() {
            let source = connect(&services, &bench.shop, company).await;
            hooks::register(&services, &source, &Actor::System).await?;
            order_the_past(&services, &source).await?;
            bench.sources.push(source);
        }
        services.control.close().await;
        Ok(bench)
    }

    /// What the program works with, for its owner's hands while it does not run.
    async fn services(&self) -> Result<Services> {
        let (data, database) = (self.wynos.data_dir(), self.wynos.database());
        let mut services = assembled(&data, database, self.clock.clone()).await;
        services.vendor = vendor_at(&self.door.base_url, hasty());
        let url = format!("http://{}/", self.address).parse()?;
        services.settings = Arc::new(Settings::new(url, data.join("work")));
        Ok(services)
    }

    fn serve(&self) -> Result<Served> {
        let vendor = [
            "--yclients-base-url",
            &self.door.base_url,
            "--yclients-partner-token",
            PARTNER,
        ];
        Served::start(&self.wynos, Some(self.address), &vendor)
    }

    async fn trouble(&self, spec: &str) -> Result<()> {
        let url = format!("{}/sandbox/faults", self.sandbox.control_url);
        let set = reqwest::Client::new()
            .post(url)
            .json(&json!({ "spec": spec }));
        ensure!(set.send().await?.status().is_success(), "no trouble");
        Ok(())
    }

    /// Lets the business live, and kills the program in the middle of what comes of it: after so many calls, or after so
    /// long where there are not as many.
    async fn live_and_kill(&self, draw: &mut StdRng) -> Result<()> {
        let calls = self.door.seen() + draw.random_range(1..40);
        let server = self.serve()?;
        self.clock.set(Clock::System.now());
        self.sandbox.step(draw.random_range(5..25), 0);
        let longest = Duration::from_millis(draw.random_range(100..1_500));
        let _ = tokio::time::timeout(longest, self.door.until_seen(calls)).await;
        tokio::time::sleep(Duration::from_millis(draw.random_range(0..25))).await;
        server.kill()?;
        Ok(())
    }

    /// Waits until everything that is to be posted was posted, to a program that runs.
    async fn hear_the_rest(&self) -> Result<()> {
        let server = self.serve()?;
        let url = format!("{}/sandbox/webhooks?limit=0", self.sandbox.control_url);
        let began = Instant::now();
        loop {
            let answer: Json = reqwest::get(&url).await?.json().await?;
            if answer["waiting"] == 0 {
                break;
            }
            ensure!(began.elapsed() < LATE, "webhooks wait: {answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server.stop()?;
        Ok(())
    }
}

async fn killed(backend: Backend, seed: u64) -> Result<()> {
    let bench = Bench::new(backend, seed).await?;
    let mut draw = StdRng::seed_from_u64(seed);
    bench.trouble(TROUBLE).await?;
    for _ in 0..KILLS {
        bench.live_and_kill(&mut draw).await?;
    }
    ensure!(bench.door.seen() > 20, "it hardly read anything");
    bench.trouble("").await?;
    bench.hear_the_rest().await?;
    bench.clock.set(Clock::System.now());
    let services = bench.services().await?;
    calm_down(&services, &bench.sources).await?;
    assert_nothing_is_left(&services, &bench.shop).await?;
    for (source, company) in bench.sources.iter().zip(bench.sandbox.companies()) {
        assert_copied(&services, &bench.sandbox, source, company).await?;
    }
    services.control.close().await;
    bench.sandbox.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_after_the_program_was_killed_again_and_again_the_copy_is_the_truth_on_sqlite()
{
    killed(Backend::Sqlite, 11).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_after_the_program_was_killed_again_and_again_the_copy_is_the_truth_on_postgres()
 {
    killed(Backend::Postgres, 12).await.unwrap();
}
