//! `wynos serve`, killed or cut off while it imports and builds files.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use futures::{StreamExt, stream};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use wynos::{
    SubscriptionId,
    control::{Actor, Delivery, DeliveryId, DeliveryStatus, FileFormat, Import, ImportStatus},
    control::{ImportFormat, ImportId},
    delivery::{self, Order},
    import::{self, Announced, ConflictPolicy, FileSource, ImportOrder},
    ports::Clock,
    services::Services,
    warehouse::{Filter, internal},
};
use wynos_tests::{
    chaos_proxy::ChaosProxy,
    program::{Backend, Installation},
    served::Served,
};

use super::{broken::contents, customers_file};
use crate::assembled::assembled;

/// Rows of the file; importing them takes a while.
const CUSTOMERS: u64 = 5_000;
/// Files that are built one after another.
const FILES: u64 = 5;
/// How long a server lives at most that is killed first, and how long a file is built at most until one is killed at it, in
/// milliseconds.
const BEGINNING: u64 = 80;
/// What takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);
/// How often somebody looks.
const LOOK: Duration = Duration::from_millis(10);

/// A program, and what its owner does and sees while it runs or does not.
struct Bench {
    wynos: Installation,
    services: Services,
    shop: SubscriptionId,
    draw: StdRng,
}

impl Bench {
    async fn new(backend: Backend, seed: u64) -> Result<Self> {
        let wynos = Installation::new(backend).await?;
        let shop = wynos.subscription("Serwis", "owner@example.com")?.parse()?;
        let services = assembled(&wynos.data_dir(), wynos.database(), Clock::System).await;
        Ok(Self {
            wynos,
            services,
            shop,
            draw: StdRng::seed_from_u64(seed),
        })
    }

    /// Puts a file where the server finds it, and asks for its preview.
    async fn upload(&self, file: &std::path::Path) -> Result<ImportId> {
        let order = ImportOrder {
            created_by: Actor::CommandLine,
            file_name: "shop.xml".to_owned(),
            format: ImportFormat::Exchange,
            table: None,
            mapping: None,
            merge: false,
            conflict: ConflictPolicy::KeepOurs,
            file: FileSource::Upload(Announced::default()),
            idempotency_key: None,
        };
        let (import, _) = import::begin(&self.services, &self.shop, order).await?;
        let content = std::fs::read(file)?;
        let content = stream::iter([Ok(content.into())]).boxed();
        self.services
            .objects
            .put(&import.object_key, content)
            .await?;
        import::uploaded(&self.services, &self.shop, &import.id, None).await?;
        Ok(import.id)
    }

    async fn import(&self, id: &ImportId) -> Result<Import> {
        Ok(self.services.control.imports(&self.shop).get(id).await?)
    }

    async fn order(&self) -> Result<DeliveryId> {
        let order = Order {
            table: Some("customers".to_owned()),
            ..Order::new(self.shop.clone(), Actor::CommandLine, FileFormat::Csv)
        };
        Ok(delivery::order(&self.services, order).await?.id)
    }

    async fn delivery(&self, id: &DeliveryId) -> Result<Delivery> {
        Ok(self.services.control.deliveries(&self.shop).get(id).await?)
    }

    /// Starts the server and kills it after so many milliseconds or fewer, again and again and each time a little later,
    /// until it is done; one server then ends cleanly. Gives how often it was killed.
    async fn kill_until(
        &mut self,
        mut longest: u64,
        is_done: impl AsyncFn(&Self) -> Result<bool>,
    ) -> Result<usize> {
        let began = Instant::now();
        let mut kills = 0;
        loop {
            let server = Served::start(&self.wynos, None, &[])?;
            let life = self.draw.random_range(longest / 3..longest);
            tokio::time::sleep(Duration::from_millis(life)).await;
            if is_done(self).await? {
                server.stop()?;
                return Ok(kills);
            }
            server.kill()?;
            kills += 1;
            longest += longest / 3;
            ensure!(began.elapsed() < LIMIT, "it is not done");
        }
    }

    /// Kills a server up to so many milliseconds after it began a file, and tells whether it was at it still.
    async fn kill_while_it_builds(&mut self, id: &DeliveryId, upto: u64) -> Result<bool> {
        let server = Served::start(&self.wynos, None, &[])?;
        wait_for(self, id, |status| status != DeliveryStatus::Ordered).await?;
        let life = self.draw.random_range(0..=upto);
        tokio::time::sleep(Duration::from_millis(life)).await;
        server.kill()?;
        let status = self.delivery(id).await?.status;
        Ok(status == DeliveryStatus::Building)
    }

    /// The file as a server that lives builds it.
    async fn built(&self, id: &DeliveryId) -> Result<Delivery> {
        let server = Served::start(&self.wynos, None, &[])?;
        let ready = wait_for(self, id, |status| status == DeliveryStatus::Ready).await?;
        server.stop()?;
        Ok(ready)
    }

    /// Lines of the personal-data log.
    async fn logged(&self) -> Result<u64> {
        let snapshot = self.services.warehouses.open(&self.shop).snapshot().await?;
        let log = internal::personal_data_log();
        Ok(snapshot.count(log, &Filter::All).await?)
    }
}

async fn imported_and_exported(backend: Backend, seed: u64) -> Result<()> {
    let mut bench = Bench::new(backend, seed).await?;
    let file = customers_file(bench.wynos.folder(), CUSTOMERS);
    let id = bench.upload(&file).await?;
    let reached = async |bench: &Bench, wanted: ImportStatus| {
        let import = bench.import(&id).await?;
        ensure!(import.failure_code.is_none(), "it failed: {import:?}");
        Ok(import.status == wanted)
    };
    let previewed = async |bench: &Bench| reached(bench, ImportStatus::Previewed).await;
    bench.kill_until(BEGINNING, previewed).await?;
    import::start_apply(&bench.services, &bench.shop, &id).await?;
    let applied = async |bench: &Bench| reached(bench, ImportStatus::Applied).await;
    let kills = bench.kill_until(BEGINNING, applied).await?;
    ensure!(kills > 1, "killed {kills} times while it wrote");
    let counts = bench.import(&id).await?.counts;
    let new = counts["tables"]["customers"]["new"].as_u64();
    ensure!(new == Some(CUSTOMERS), "{counts}");
    let logged = bench.logged().await?;
    ensure!(logged == CUSTOMERS, "{logged} lines of the log");

    // One file by a server that lives, the others by two servers each, the first of which is killed at it.
    let calm = bench.order().await?;
    let calm = bench.built(&calm).await?;
    let mut wild = Vec::new();
    let mut kills = 0;
    for upto in (1..=FILES).map(|file| BEGINNING * file / FILES) {
        let id = bench.order().await?;
        kills += usize::from(bench.kill_while_it_builds(&id, upto).await?);
        bench.built(&id).await?;
        wild.push(id);
    }
    ensure!(kills > 1, "killed {kills} times while it built");
    for id in &wild {
        let delivery = bench.delivery(id).await?;
        ensure!(delivery.sha256 == calm.sha256, "the files differ");
        ensure!(delivery.counts == calm.counts, "the counts differ");
    }
    let lines = bench.logged().await?;
    let files = 1 + FILES;
    ensure!(
        lines == logged + files * CUSTOMERS,
        "{lines} lines of the log"
    );
    let left: Vec<_> = std::fs::read_dir(bench.wynos.data_dir().join("work"))?.collect();
    ensure!(left.is_empty(), "left over: {left:?}");
    bench.services.control.close().await;

    let other = bench.wynos.subscription("Inny", "other@example.com")?;
    let path = file.to_string_lossy();
    bench
        .wynos
        .done(["import", &path, "--subscription", &other])?;
    let killed = contents(&bench.wynos, bench.shop.as_str(), "killed.xml");
    let calm = contents(&bench.wynos, &other, "calm.xml");
    ensure!(killed == calm, "the rows differ");
    Ok(())
}

async fn wait_for(
    bench: &Bench,
    id: &DeliveryId,
    reached: impl Fn(DeliveryStatus) -> bool,
) -> Result<Delivery> {
    let began = Instant::now();
    while began.elapsed() < LIMIT {
        let delivery = bench.delivery(id).await?;
        ensure!(delivery.failure_code.is_none(), "it failed: {delivery:?}");
        if reached(delivery.status) {
            return Ok(delivery);
        }
        tokio::time::sleep(LOOK).await;
    }
    bail!("the file is not built")
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_a_server_killed_while_it_imports_and_builds_ends_as_one_that_was_not_on_sqlite()
 {
    imported_and_exported(Backend::Sqlite, 31).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_a_server_killed_while_it_imports_and_builds_ends_as_one_that_was_not_on_postgres()
 {
    imported_and_exported(Backend::Postgres, 32).await.unwrap();
}

/// The database goes away again and again while a server imports; it needs nobody's help to come to the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_goes_away_goes_on_by_itself_when_it_is_back() {
    let mut bench = Bench::new(Backend::Postgres, 33).await.unwrap();
    let database = bench.wynos.database_address().unwrap();
    let proxy = ChaosProxy::start(database).await.unwrap();
    bench.wynos.database_through(proxy.address()).unwrap();
    let file = customers_file(bench.wynos.folder(), CUSTOMERS);
    let id = bench.upload(&file).await.unwrap();
    let server = Served::start(&bench.wynos, None, &[]).unwrap();
    let began = Instant::now();
    let mut cuts = 0;
    loop {
        let import = bench.import(&id).await.unwrap();
        assert_eq!(import.failure_code, None, "{}", server.said());
        match import.status {
            ImportStatus::Applied => break,
            ImportStatus::Previewed => {
                import::start_apply(&bench.services, &bench.shop, &id)
                    .await
                    .unwrap();
            }
            ImportStatus::Validating | ImportStatus::Applying if cuts < 4 => {
                let moment = bench.draw.random_range(5..120);
                tokio::time::sleep(Duration::from_millis(moment)).await;
                proxy.refuse();
                proxy.cut();
                tokio::time::sleep(Duration::from_millis(moment)).await;
                proxy.calm();
                cuts += 1;
            }
            _ => tokio::time::sleep(LOOK).await,
        }
        assert!(began.elapsed() < LIMIT, "{}", server.said());
    }
    assert!(cuts > 1, "{cuts} cuts");
    let counts = bench.import(&id).await.unwrap().counts;
    assert_eq!(counts["tables"]["customers"]["new"], CUSTOMERS, "{counts}");
    server.stop().unwrap();
    bench.services.control.close().await;
}

/// Told to end while it imports, a server ends cleanly, and the next one goes on.
async fn stopped_with_work_in_hand(backend: Backend) -> Result<()> {
    let bench = Bench::new(backend, 34).await?;
    let file = customers_file(bench.wynos.folder(), CUSTOMERS);
    let id = bench.upload(&file).await?;
    let until = async |wanted: &dyn Fn(&Import) -> bool| {
        let began = Instant::now();
        loop {
            let import = bench.import(&id).await?;
            ensure!(import.failure_code.is_none(), "it failed: {import:?}");
            if wanted(&import) {
                return Ok(());
            }
            ensure!(began.elapsed() < LIMIT, "it hangs: {import:?}");
            tokio::time::sleep(LOOK).await;
        }
    };
    let server = Served::start(&bench.wynos, None, &[])?;
    until(&|import| import.status == ImportStatus::Previewed).await?;
    import::start_apply(&bench.services, &bench.shop, &id).await?;
    until(&|import| import.checkpoint.is_some()).await?;
    let in_hand = bench.import(&id).await?.status == ImportStatus::Applying;
    ensure!(in_hand, "it was done before it was told to end");
    let told = Instant::now();
    server.stop()?;
    ensure!(told.elapsed() < LIMIT, "it did not want to end");
    let server = Served::start(&bench.wynos, None, &[])?;
    until(&|import| import.status == ImportStatus::Applied).await?;
    server.stop()?;
    let counts = bench.import(&id).await?.counts;
    let new = counts["tables"]["customers"]["new"].as_u64();
    ensure!(new == Some(CUSTOMERS), "{counts}");
    ensure!(bench.logged().await? == CUSTOMERS, "its log differs");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_end_while_it_imports_ends_cleanly_and_goes_on_next_time() {
    for backend in Backend::ALL {
        stopped_with_work_in_hand(backend).await.unwrap();
    }
}
