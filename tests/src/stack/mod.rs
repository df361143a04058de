//! The whole system on embedded adapters in a folder of its own, with a clock that stands still and faults before every
//! port: the bench that scenarios are played on.

mod drain;
mod place;
mod shop;
mod state;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use wynos::{
    SubscriptionId,
    control::{Account, Actor},
    ports::Clock,
    services::Services,
    yclients::client::Vendor,
};

pub use drain::drained;
pub use place::Database;
pub use state::State;

use crate::faults::Faults;
use place::Place;

/// Attempts of a person who gets an error.
const ATTEMPTS: u32 = 4;

/// A stack that copies are made of: two businesses of one owner, the first with a small shop's data, the second empty.
#[derive(Debug)]
pub struct Template(Stack);

/// A system of its own.
#[derive(Debug)]
pub struct Stack {
    /// What fails its calls.
    pub faults: Arc<Faults>,
    /// The time.
    pub clock: Clock,
    /// The business with the data.
    pub shop: SubscriptionId,
    /// The business without.
    pub other: SubscriptionId,
    /// Who owns both.
    pub owner: Account,
    services: Mutex<Services>,
    place: Place,
}

impl Template {
    /// Makes the stack that copies are made of.
    pub async fn new(database: Database) -> Result<Self> {
        let faults = Arc::new(Faults::default());
        let clock = Clock::fixed(shop::noon());
        let place = Place::fresh(database).await?;
        let services = place.open(&faults, &clock).await?;
        services.control.migrate().await?;
        let (shop, other, owner) = shop::people(&services).await?;
        shop::load(&services, &shop).await?;
        Ok(Self(Stack {
            faults,
            clock,
            shop,
            other,
            owner,
            services: Mutex::new(services),
            place,
        }))
    }

    /// What is done here is found done in every copy.
    pub fn stack(&self) -> &Stack {
        &self.0
    }

    /// Closes the databases, so that copies can be made.
    pub async fn seal(&self) {
        self.0.services().control.close().await;
        self.0.place.close().await;
    }

    /// A copy with faults of its own.
    pub async fn copy(&self) -> Result<Stack> {
        let original = &self.0;
        let faults = Arc::new(Faults::default());
        let clock = Clock::fixed(original.clock.now());
        let place = original.place.copy().await?;
        let services = place.open(&faults, &clock).await?;
        Ok(Stack {
            faults,
            clock,
            shop: original.shop.clone(),
            other: original.other.clone(),
            owner: original.owner.clone(),
            services: Mutex::new(services),
            place,
        })
    }
}

impl Stack {
    /// Ends everything and removes it. Whoever runs several stacks in one task ends each of them so: a PostgreSQL database
    /// that is merely dropped blocks the task, and PostgreSQL may be waiting for another stack of it.
    pub async fn end(self) -> Result<()> {
        self.services().control.close().await;
        self.place.remove().await
    }

    /// Does statements in the shop's own warehouse, past all gates: `@` before a table's name stands for where it is.
    pub async fn tamper(&self, statements: &[String]) -> Result<()> {
        self.place.tamper(&self.shop, statements).await
    }

    /// What the running process works with.
    pub fn services(&self) -> Services {
        self.current().clone()
    }

    /// Has the system find the vendor there from now on, restarts included.
    pub fn reach(&self, vendor: Vendor) {
        self.current().vendor = vendor;
    }

    /// The owner, as who does something.
    pub fn actor(&self) -> Actor {
        Actor::Account(self.owner.id.clone())
    }

    /// Does something as a person does who tries again when they get an error or no answer at all.
    pub async fn insist<T, E>(
        &self,
        what: &str,
        attempt: impl AsyncFn(Services) -> Result<T, E>,
    ) -> Result<T>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let outcome = attempt(self.services()).await;
            let answered = !self.faults.is_dead();
            self.revive().await?;
            match outcome {
                Ok(done) if answered => return Ok(done),
                Ok(_) => {}
                Err(error) => last = Some(error),
            }
        }
        let error = last.map_or_else(|| anyhow!("no answer"), anyhow::Error::from);
        Err(error).with_context(|| format!("{what}, tried {ATTEMPTS} times"))
    }

    /// Starts the process again if it has ended.
    async fn revive(&self) -> Result<()> {
        if self.faults.is_dead() {
            let mut services = self.place.open(&self.faults, &self.clock).await?;
            let mut current = self.current();
            services.vendor = current.vendor.clone();
            *current = services;
            drop(current);
            self.faults.restart();
        }
        Ok(())
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Services> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
