use std::{
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use wynos::ports::Clock;

use crate::{
    Options,
    gate::Gate,
    hooks::{Deliveries, Envelope},
    life,
    model::{Business, Change, Draw, Salon},
    render::Page,
};

/// What every request shares.
#[derive(Debug)]
pub struct Shared {
    world: RwLock<World>,
    gate: Mutex<Gate>,
    /// Told when webhooks wait to be sent.
    pub webhooks_wait: Notify,
    /// How many things happen by themselves in a minute.
    pub events_a_minute: AtomicU64,
}

impl Shared {
    /// A business with its past, and an open gate before it.
    pub fn new(options: &Options) -> Self {
        Self {
            world: RwLock::new(World::new(options)),
            gate: Mutex::new(Gate::new(options)),
            webhooks_wait: Notify::new(),
            events_a_minute: AtomicU64::new(0),
        }
    }

    /// The world, to look at.
    pub fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, to change.
    pub fn change_world(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands before the world.
    pub fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deletes a movement of goods, as somebody there does, and queues its webhook.
    pub fn take_back_goods(&self, company: i64, id: i64) {
        let spec = self.gate().faults.spec.clone();
        self.change_world().take_back_goods(company, id, &spec);
        self.webhooks_wait.notify_one();
    }

    /// Has a new service of a category booked, and queues the webhooks.
    pub fn book_new_service(&self, company: i64, category: i64) -> Option<(i64, i64)> {
        let spec = self.gate().faults.spec.clone();
        let mut world = self.change_world();
        let booked = world.book_new_service(company, category, &spec);
        drop(world);
        self.webhooks_wait.notify_one();
        booked
    }

    /// Takes a service off the price list, and queues its webhook.
    pub fn withdraw_service(&self, company: i64, id: i64) {
        let spec = self.gate().faults.spec.clone();
        self.change_world().withdraw_service(company, id, &spec);
        self.webhooks_wait.notify_one();
    }

    /// Moves a service to another category, and queues its webhook.
    pub fn move_service(&self, company: i64, id: i64, category: i64) {
        let spec = self.gate().faults.spec.clone();
        self.change_world()
            .move_service(company, (id, category), &spec);
        self.webhooks_wait.notify_one();
    }

    /// Lets so many events happen over so long a time, in any of the companies, and queues their webhooks.
    pub fn step(&self, events: u64, seconds: i64) -> DateTime<Utc> {
        let spec = self.gate().faults.spec.clone();
        let now = self.change_world().step(events, seconds, &spec);
        self.webhooks_wait.notify_one();
        now
    }
}

/// How often life goes on by itself.
const TICK: Duration = Duration::from_millis(200);

/// Lets things happen by themselves, as many in a minute as the controls ask for.
pub async fn live(shared: std::sync::Arc<Shared>, stop: CancellationToken) {
    let ticks_a_minute = 60_000 / u64::try_from(TICK.as_millis()).unwrap_or(u64::MAX).max(1);
    let mut due = 0;
    while stop
        .run_until_cancelled(tokio::time::sleep(TICK))
        .await
        .is_some()
    {
        due += shared.events_a_minute.load(Ordering::Relaxed);
        let events = due / ticks_a_minute;
        due %= ticks_a_minute;
        if events > 0 {
            shared.step(events, 0);
        }
    }
}

/// The simulated business, and the time it lives in.
#[derive(Debug)]
pub struct World {
    /// Whose rows are shown.
    pub business: Business,
    /// The webhooks.
    pub deliveries: Deliveries,
    quirks: Option<u64>,
    draw: Draw,
    clock: Clock,
    /// How far the sandbox's time is ahead of its clock.
    ahead: TimeDelta,
    /// How many events happened since the beginning.
    pub events: u64,
}

/// More seconds than a step may last: a hundred years.
const LONGEST_STEP: i64 = 100 * 366 * 86_400;

impl World {
    fn new(options: &Options) -> Self {
        let now = options.clock.now();
        // Businesses of one seed are equal all day long.
        let midnight = now.timestamp() - now.timestamp().rem_euclid(86_400);
        let outline = life::Outline {
            seed: options.seed,
            records: options.records,
            companies: options.companies,
            present: DateTime::from_timestamp(midnight, 0).unwrap_or(now),
        };
        Self {
            business: life::business(&outline),
            deliveries: Deliveries::new(options.seed),
            quirks: options.quirks.then_some(options.seed),
            draw: Draw::new(options.seed, 0x11FE),
            clock: options.clock.clone(),
            ahead: TimeDelta::zero(),
            events: 0,
        }
    }

    /// The sandbox's time, to the second, as the vendor tells it.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock.now() + self.ahead).trunc_subsecs(0)
    }

    /// A company to be shown.
    pub fn page<'a>(&self, salon: &'a Salon) -> Page<'a> {
        Page {
            salon,
            quirks: self.quirks,
        }
    }

    fn step(
        &mut self,
        events: u64,
        seconds: i64,
        spec: &crate::faults::FaultSpec,
    ) -> DateTime<Utc> {
        let seconds = seconds.clamp(0, LONGEST_STEP);
        let mut envelopes = Vec::new();
        let mut passed = 0;
        for event in 1..=events {
            let due = i128::from(seconds) * i128::from(event) / i128::from(events);
            let due = i64::try_from(due).unwrap_or(seconds);
            self.ahead += TimeDelta::seconds(due - passed);
            passed = due;
            self.happen(&mut envelopes);
        }
        self.ahead += TimeDelta::seconds(seconds - passed);
        self.deliveries.send(envelopes, spec);
        self.now()
    }

    fn happen(&mut self, envelopes: &mut Vec<Envelope>) {
        let now = self.now();
        let count = self.business.salons.len();
        let Some(salon) = self.business.salons.get_mut(self.draw.below(count)) else {
            return;
        };
        life::happen(salon, &mut self.draw, now);
        self.events += 1;
        envelopes.extend(told_by(salon, self.quirks));
    }

    fn take_back_goods(&mut self, company: i64, id: i64, spec: &crate::faults::FaultSpec) {
        self.at_company(company, spec, |salon, _, now| {
            salon.take_back_goods(id, now);
        });
    }

    fn book_new_service(
        &mut self,
        company: i64,
        category: i64,
        spec: &crate::faults::FaultSpec,
    ) -> Option<(i64, i64)> {
        let booked = self.at_company(company, spec, |salon, draw, now| {
            salon.book_new_service(draw, category, now)
        });
        booked.flatten()
    }

    fn withdraw_service(&mut self, company: i64, id: i64, spec: &crate::faults::FaultSpec) {
        self.at_company(company, spec, |salon, _, now| {
            salon.withdraw_service(id, now);
        });
    }

    fn move_service(
        &mut self,
        company: i64,
        (id, category): (i64, i64),
        spec: &crate::faults::FaultSpec,
    ) {
        self.at_company(company, spec, |salon, _, _| {
            salon.move_service(id, category);
        });
    }

    /// Something happens at a company now, and is told by webhook; nothing where there is no such company.
    fn at_company<T>(
        &mut self,
        company: i64,
        spec: &crate::faults::FaultSpec,
        happens: impl FnOnce(&mut Salon, &mut Draw, DateTime<Utc>) -> T,
    ) -> Option<T> {
        let now = self.now();
        let mut salons = self.business.salons.iter_mut();
        let salon = salons.find(|salon| salon.company.id == company)?;
        let happened = happens(salon, &mut self.draw, now);
        self.events += 1;
        let envelopes = told_by(salon, self.quirks);
        self.deliveries.send(envelopes, spec);
        Some(happened)
    }
}

/// The webhooks about what has changed at a company.
fn told_by(salon: &mut Salon, quirks: Option<u64>) -> Vec<Envelope> {
    let changes: Vec<Change> = salon.changes.drain(..).collect();
    let page = Page { salon, quirks };
    let envelopes = changes.into_iter();
    envelopes
        .map(|change| Envelope::of(&page, change))
        .collect()
}
