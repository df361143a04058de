//! The whole job on a made-up shop and a made-up salon, told step by step with its numbers.

mod compare;
mod people;
mod salon;
mod shop;
mod visitor;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use reqwest::StatusCode;
use serde_json::json;
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::{Actor, Delivery, DeliveryStatus, FileFormat},
    delivery::{self, Order, human},
    exchange::ProfileName,
    sample::Shop,
    warehouse::internal,
};

use crate::{
    args::{Demo, Place},
    commands,
    failure::Ending,
    output::Output,
    serve::{Running, StopSignal},
};
use people::People;
use salon::Salon;
use visitor::Visitor;

/// How long one step may take at most, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs the demonstration; every claim it prints was checked on the way, and the first that does not hold ends it.
pub(crate) async fn run(place: &Place, demo: &Demo, output: Output) -> anyhow::Result<Ending> {
    let temporary = match &place.data_dir {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("wynos-demo-").tempdir()?),
    };
    let mut place = place.clone();
    if let Some(folder) = &temporary {
        place.data_dir = Some(folder.path().to_owned());
    }
    let mut front = demo.front.clone();
    if demo.exit {
        // Nobody comes to look: any free port will do, and two demonstrations do not meet.
        front.listen = "127.0.0.1:0".to_owned();
    }
    let mut stop = StopSignal::listen()?;
    let (sandbox, vendor) = salon::open(demo, place.vendor.settings()).await?;
    let running = Running::start(&place, vendor, &front).await?;
    let told = Journey {
        running: &running,
        sandbox: &sandbox,
        demo,
        output,
        started: Instant::now(),
    }
    .tell()
    .await;
    let told = match told {
        Ok(told) => told,
        Err(error) => {
            running.stop().await;
            return Err(error);
        }
    };
    if !demo.exit {
        let address = &running.services.settings.public_url;
        output.say(format!(
            "\nThe console is open at {address}\n  sign in as {} with the password {}\n  Ctrl-C ends it{}",
            people::OWNER,
            told.password,
            if temporary.is_some() { " and removes everything it made" } else { "" }
        ));
        stop.come().await;
    }
    running.stop().await;
    sandbox.stop().await;
    output.result(&json!({
        "id": told.shop, "moved_to": told.moved_to, "salon": told.salon, "rows": told.rows,
    }));
    Ok(Ending::Done)
}

/// What the demonstration leaves behind.
struct Told {
    shop: SubscriptionId,
    moved_to: SubscriptionId,
    salon: SubscriptionId,
    rows: u64,
    password: String,
}

struct Journey<'a> {
    running: &'a Running,
    sandbox: &'a wynos_sandbox::Running,
    demo: &'a Demo,
    output: Output,
    started: Instant,
}

impl Journey<'_> {
    async fn tell(&self) -> anyhow::Result<Told> {
        let people = People::make(&self.running.services).await?;
        let work = tempfile::Builder::new()
            .prefix("demo-")
            .tempdir_in(&self.running.services.settings.work_dir)?;

        self.step("A repair shop's data arrives as an exchange file from another system");
        let (file, rows) = self.exchange_file(work.path()).await?;

        self.step("It is imported: validated, compared, applied in checkpoints");
        self.import(&people.shop, &file, true).await?;
        self.step("Imported again, it changes nothing");
        self.import(&people.shop, &file, false).await?;

        self.step("The owner orders files; each is built from one snapshot and its link is mailed");
        let xml = self.order(&people, FileFormat::Xml, None).await?;
        self.order(&people, FileFormat::Csv, Some("customers"))
            .await?;
        self.order(&people, FileFormat::Xlsx, Some("repairs"))
            .await?;

        self.step("The link is looked at, and taken once");
        let taken = self.take(&people, &xml, work.path()).await?;

        self.step(
            "The file moves the shop into another subscription, with nothing lost or doubled",
        );
        self.import(&people.moved_to, &taken, true).await?;
        self.export_again(&people, &taken, work.path()).await?;

        self.step(
            "Each customer's personal-data log says when their data left, why, and in which file",
        );
        self.personal_data_log(&people).await?;

        let salon = Salon {
            services: &self.running.services,
            sandbox: self.sandbox,
            subscription: &people.salon,
            output: self.output,
            is_limited: !self.demo.unlimited,
        };
        self.step(
            "A salon's business is at YCLIENTS (here a simulated one); its company is connected",
        );
        let source = salon.connect().await?;
        self.step("The past is loaded, window by window, and compared with the vendor");
        salon.history(&source).await?;
        self.step("The vendor tells of what happens, and the copy follows");
        salon.follow(&source).await?;
        self.output.say(format!(
            "\nDone in {:.1} s.",
            self.started.elapsed().as_secs_f64()
        ));
        Ok(Told {
            shop: people.shop,
            moved_to: people.moved_to,
            salon: people.salon,
            rows,
            password: people.password,
        })
    }

    fn step(&self, title: &str) {
        self.output.say(format!("\n== {title}"));
    }

    async fn exchange_file(&self, folder: &Path) -> anyhow::Result<(PathBuf, u64)> {
        let shop = Shop {
            origin: SubscriptionId::random(),
            seed: self.demo.seed,
            customers: self.demo.customers,
            today: self.running.services.clock.now(),
        };
        let path = folder.join("shop.xml");
        let target = path.clone();
        let rows = tokio::task::spawn_blocking(move || shop::write_exchange_file(&shop, &target))
            .await??;
        let size = human::size(Locale::En, tokio::fs::metadata(&path).await?.len());
        self.output.say(format!(
            "   {rows} rows in {size}, from seed {}",
            self.demo.seed
        ));
        Ok((path, rows))
    }

    async fn import(&self, into: &SubscriptionId, file: &Path, first: bool) -> anyhow::Result<()> {
        let began = Instant::now();
        let counts = commands::import::import_file(&self.running.services, into, file).await?;
        let sum = |count: fn(&wynos::import::TableCounts) -> u64| {
            counts.tables.values().map(count).sum::<u64>()
        };
        let (new, changed, unchanged) = (sum(|t| t.new), sum(|t| t.changed), sum(|t| t.unchanged));
        ensure!(
            !counts.has_problems(),
            "the import has problems: {counts:?}"
        );
        ensure!(
            first || new + changed == 0,
            "the second import changed something: {counts:?}"
        );
        self.output.say(format!(
            "   {new} new, {changed} changed, {unchanged} unchanged, in {:.1} s",
            began.elapsed().as_secs_f64()
        ));
        Ok(())
    }

    async fn order(
        &self,
        people: &People,
        format: FileFormat,
        table: Option<&str>,
    ) -> anyhow::Result<Delivery> {
        let services = &self.running.services;
        let mut order = Order::new(
            people.shop.clone(),
            Actor::Account(people.owner.clone()),
            format,
        );
        order.table = table.map(str::to_owned);
        order.locale = Locale::Pl;
        order.profile = ProfileName::Full;
        order.purpose = Some("demonstration".to_owned());
        let ordered = delivery::order(services, order).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let delivery = services
                .control
                .deliveries(&people.shop)
                .get(&ordered.id)
                .await?;
            match delivery.status {
                DeliveryStatus::Ready if self.mail(&delivery).exists() => {
                    let size =
                        human::size(Locale::En, delivery.size.unwrap_or_default().unsigned_abs());
                    let name = delivery.file_name.clone().unwrap_or_default();
                    self.output
                        .say(format!("   {name}: {size}; mailed to {}", people::OWNER));
                    return Ok(delivery);
                }
                DeliveryStatus::Failed => {
                    bail!("the file was not built: {:?}", delivery.failure_code)
                }
                _ if Instant::now() > deadline => {
                    bail!("the file took longer than {} s", PATIENCE.as_secs())
                }
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Where the mail about a file is, in the outbox folder.
    fn mail(&self, delivery: &Delivery) -> PathBuf {
        self.running
            .outbox()
            .join(format!("{}.eml", delivery::mail_id(&delivery.id)))
    }

    async fn take(
        &self,
        people: &People,
        delivery: &Delivery,
        folder: &Path,
    ) -> anyhow::Result<PathBuf> {
        let console = &self.running.services.settings.public_url;
        let link =
            people::link_in(&self.mail(delivery), console).context("the mail has no link")?;
        let stranger = Visitor::new(console.clone())?;
        let answer = stranger.open(&link).await?.status();
        ensure!(
            answer == StatusCode::SEE_OTHER,
            "somebody not signed in was answered by {answer}"
        );
        self.output
            .say("   somebody who is not signed in is sent to sign in");

        let owner = Visitor::new(console.clone())?;
        owner.sign_in(people::OWNER, &people.password).await?;
        for _ in 0..3 {
            ensure!(
                owner.open(&link).await?.status() == StatusCode::OK,
                "the page did not open"
            );
        }
        self.output
            .say("   the owner signs in and opens the page three times: nothing is consumed");

        let Ok(place) = owner.press_download(&link).await? else {
            bail!("the owner was refused")
        };
        let path = folder.join("taken.xml");
        let downloaded = owner.download(&place, &path).await?;
        ensure!(
            Some(&downloaded.sha256) == delivery.sha256.as_ref(),
            "the file is not the one that was built"
        );
        let size = human::size(Locale::En, downloaded.size);
        self.output.say(format!(
            "   one press of the button: {size} taken, SHA-256 as announced"
        ));

        let colleague = Visitor::new(console.clone())?;
        colleague
            .sign_in(people::COLLEAGUE, &people.password)
            .await?;
        ensure!(
            colleague.press_download(&link).await?.is_err(),
            "the link could be used twice"
        );
        self.output
            .say("   another owner, a moment later, is refused: the link is used up");
        Ok(path)
    }

    async fn export_again(
        &self,
        people: &People,
        taken: &Path,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let again = folder.join("again.xml");
        let mut order = Order::new(people.moved_to.clone(), Actor::CommandLine, FileFormat::Xml);
        order.purpose = Some("demonstration".to_owned());
        delivery::build_to(&self.running.services, &order, &again).await?;
        let (left, right) = (taken.to_owned(), again);
        let same =
            tokio::task::spawn_blocking(move || compare::equal_but_for_header(&left, &right))
                .await??;
        ensure!(same, "the two exchange files differ");
        self.output.say(
            "   exported again from there, the file is the same, byte for byte, but for its header",
        );
        Ok(())
    }

    async fn personal_data_log(&self, people: &People) -> anyhow::Result<()> {
        let snapshot = self
            .running
            .services
            .warehouses
            .open(&people.shop)
            .snapshot()
            .await?;
        let lines = snapshot
            .count(
                internal::personal_data_log(),
                &wynos::warehouse::Filter::All,
            )
            .await?;
        ensure!(
            lines >= 3 * self.demo.customers,
            "only {lines} lines in the log"
        );
        self.output.say(format!(
            "   {lines} lines for {} customers",
            self.demo.customers
        ));
        Ok(())
    }
}
