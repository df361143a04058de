//! A file that is built while somebody is erased: whatever the moment, it does not hold them in the end.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use futures::TryStreamExt;
use wynos::{
    control::{Actor, FileFormat},
    delivery::{self, Order},
    ports::{CallKind, Interruptions},
    retention::{self, People, Person},
    services::Services,
};
use wynos_tests::stack::{Database, Stack, Template};

/// A call at which the work waits until it is let go.
#[derive(Debug, Default)]
struct Pause {
    at: u64,
    seen: Mutex<Seen>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    calls: u64,
    reached: bool,
    over: bool,
    free: bool,
}

impl Pause {
    fn change(&self, change: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut seen);
        drop(seen);
        self.moved.notify_all();
    }

    /// Waits until the work is at the call, or over without it; whether it is at it.
    fn wait(&self) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = Duration::from_secs(60);
        let waits = |seen: &mut Seen| !(seen.reached || seen.over);
        let (seen, timed_out) = self
            .moved
            .wait_timeout_while(seen, limit, waits)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!timed_out.timed_out(), "the work hangs");
        seen.reached
    }
}

impl Interruptions for Pause {
    fn before(&self, _: &'static str, _: CallKind) -> io::Result<u64> {
        // What this thread was about to do besides, such as giving a connection back, others do meanwhile.
        tokio::task::block_in_place(|| {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.calls += 1;
            if seen.calls == self.at {
                seen.reached = true;
                self.moved.notify_all();
                let limit = Duration::from_secs(60);
                let waits = |seen: &mut Seen| !seen.free;
                drop(self.moved.wait_timeout_while(seen, limit, waits));
            }
        });
        Ok(0)
    }

    fn after(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

/// Which of the two is held in the middle, while the other is done from beginning to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Build,
    Erasure,
}

/// A customer of the shop, and the telephone that must not be found.
async fn customer(stack: &Stack) -> Result<(Person, String)> {
    let services = stack.services();
    let snapshot = services.warehouses.open(&stack.shop).snapshot().await?;
    let table = wynos::catalog::table("customers").context("the table")?;
    let scan = wynos::warehouse::Scan::of(table).columns(["id", "phone"]);
    let batches: Vec<_> = snapshot.scan(scan).await?.try_collect().await?;
    let rows = batches.iter().flat_map(|rows| rows.iter());
    let mut known = rows.filter_map(|row| {
        let (id, phone) = (row.get(0).as_str()?, row.get(1).as_str()?);
        Some((id.to_owned(), phone.to_owned()))
    });
    let (id, phone) = known.next().context("a customer with a telephone")?;
    let person = Person {
        people: People::Customers,
        id,
    };
    Ok((person, phone))
}

async fn build(services: Services, stack: Arc<Stack>) -> Result<()> {
    let order = Order {
        table: Some("customers".to_owned()),
        ..Order::new(stack.shop.clone(), stack.actor(), FileFormat::Csv)
    };
    let delivery = delivery::order(&stack.services(), order).await?;
    // A refusal is an end: the message comes again.
    let _ = delivery::build(&services, &stack.shop, &delivery.id).await;
    Ok(())
}

async fn erase(services: Services, stack: Arc<Stack>, person: Person) -> Result<()> {
    let by = Actor::System;
    Box::pin(retention::erase(&services, &stack.shop, &person, &by)).await?;
    Ok(())
}

/// Whether the work was held at its call of this number.
async fn held_at(template: &Template, held: Held, call: u64) -> Result<bool> {
    let stack = Arc::new(template.copy().await?);
    let (person, phone) = customer(&stack).await?;
    let pause = Arc::new(Pause {
        at: call,
        ..Pause::default()
    });
    let services = stack.services();
    let mut slow = services.clone();
    slow.warehouses = slow.warehouses.interrupted_by(pause.clone());
    let work = {
        let (stack, person, pause) = (stack.clone(), person.clone(), pause.clone());
        tokio::spawn(async move {
            let done = match held {
                Held::Build => build(slow, stack).await,
                Held::Erasure => erase(slow, stack, person).await,
            };
            pause.change(|seen| seen.over = true);
            done
        })
    };
    let waiting = pause.clone();
    let reached = tokio::task::spawn_blocking(move || waiting.wait()).await?;
    if reached {
        match held {
            Held::Build => erase(services, stack.clone(), person).await?,
            Held::Erasure => build(services, stack.clone()).await?,
        }
    }
    pause.change(|seen| seen.free = true);
    work.await??;
    stack.drain().await?;
    if reached {
        assert_clean(&stack, &phone)
            .await
            .with_context(|| format!("{held:?} held at call {call}"))?;
    }
    Arc::try_unwrap(stack)
        .ok()
        .context("the stack is used")?
        .end()
        .await?;
    Ok(reached)
}

/// No file that can be taken has the telephone; every file is there, or was taken back.
async fn assert_clean(stack: &Stack, phone: &str) -> Result<()> {
    let services = stack.services();
    let deliveries = services
        .control
        .deliveries(&stack.shop)
        .list(None, 10)
        .await?
        .items;
    ensure!(deliveries.len() == 1, "{deliveries:?}");
    for object in services.objects.list("", None, 100).await? {
        let mut content = services.objects.get(&object.key, None).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = content.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        ensure!(
            !String::from_utf8_lossy(&bytes).contains(phone),
            "{} has the telephone",
            object.key
        );
    }
    let delivery = deliveries.first().context("a delivery")?;
    let is_there = delivery.object_key.is_some() && delivery.removed_at.is_none();
    ensure!(
        is_there || delivery.failure_code.as_deref() == Some("export.erased"),
        "{delivery:?}"
    );
    Ok(())
}

async fn at_any_moment(database: Database, held: Held, stride: usize) {
    let template = Template::new(database).await.unwrap();
    template.seal().await;
    let mut moments = 0;
    for call in (1..).step_by(stride) {
        if !held_at(&template, held, call).await.unwrap() {
            break;
        }
        moments += 1;
    }
    assert!(moments > 3, "only {moments} moments");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_is_built_while_somebody_is_erased_does_not_hold_them_on_sqlite() {
    at_any_moment(Database::Sqlite, Held::Build, 1).await;
    at_any_moment(Database::Sqlite, Held::Erasure, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_is_built_while_somebody_is_erased_does_not_hold_them_on_postgres() {
    at_any_moment(Database::Postgres, Held::Build, 2).await;
    at_any_moment(Database::Postgres, Held::Erasure, 7).await;
}
