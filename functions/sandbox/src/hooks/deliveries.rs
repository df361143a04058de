use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{Envelope, HookSettings};
use crate::{
    faults::FaultSpec,
    model::{Draw, Status},
};

/// This many webhooks can be read again; older ones are forgotten.
const MOST_KEPT: usize = 200_000;
/// This many wait to be sent; more are lost, and counted.
const MOST_WAITING: usize = 100_000;
/// An array of envelopes holds at most so many.
const LONGEST_ARRAY: usize = 5;

/// Webhooks on their way.
#[derive(Debug)]
pub struct Deliveries {
    settings: BTreeMap<i64, HookSettings>,
    log: VecDeque<Sent>,
    next: u64,
    waiting: BTreeMap<(Instant, u64), Waiting>,
    draw: Draw,
    /// Whether anything is posted; otherwise webhooks can only be read.
    pub posting: bool,
    /// What was counted.
    pub stats: Stats,
}

/// A webhook as it left.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Counts webhooks from 1 in the order they leave.
    pub number: u64,
    /// The company it is about.
    pub company_id: i64,
    /// Whether it was lost on the way: it is never posted.
    pub lost: bool,
    /// One envelope, or an array of them.
    pub body: String,
}

/// A webhook that waits for its time.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Where it goes.
    pub urls: Vec<String>,
    /// What goes there.
    pub body: String,
}

/// What became of the webhooks.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Stats {
    /// Things that happened and were to be told.
    pub events: u64,
    /// Lost on purpose.
    pub lost: u64,
    /// Told a second time.
    pub twice: u64,
    /// Told with a part of the row.
    pub partial: u64,
    /// Taken by a receiver with any answer.
    pub posted: u64,
    /// Receivers that could not be reached.
    pub failed: u64,
}

impl Deliveries {
    /// Nothing on its way yet.
    pub fn new(seed: u64) -> Self {
        Self {
            settings: BTreeMap::new(),
            log: VecDeque::new(),
            next: 1,
            waiting: BTreeMap::new(),
            draw: Draw::new(seed, 0x4007),
            posting: true,
            stats: Stats::default(),
        }
    }

    /// A company's settings.
    pub fn settings(&self, company_id: i64) -> HookSettings {
        self.settings.get(&company_id).cloned().unwrap_or_default()
    }

    /// Replaces a company's settings.
    pub fn set(&mut self, company_id: i64, settings: HookSettings) {
        self.settings.insert(company_id, settings);
    }

    /// Webhooks that left after a number, at most `limit`.
    pub fn after(&self, number: u64, limit: usize) -> Vec<Sent> {
        let newer = self.log.iter().filter(|sent| sent.number > number);
        newer.take(limit).cloned().collect()
    }

    /// The next webhook whose time has come, or when the next one's will.
    pub fn due(&mut self, now: Instant) -> Result<Waiting, Option<Instant>> {
        let Some(((at, _), _)) = self.waiting.first_key_value() else {
            return Err(None);
        };
        if *at > now {
            return Err(Some(*at));
        }
        self.waiting
            .pop_first()
            .map(|(_, waiting)| waiting)
            .ok_or(None)
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Sends what happened, by the policy of a SPEC: lost, twice, in another order, late, in part, or several at once.
    pub fn send(&mut self, envelopes: Vec<Envelope>, spec: &FaultSpec) {
        self.stats.events += envelopes.len() as u64;
        let apart = spec.number("hooks.shuffle") as usize + 1;
        let mut leaving: Vec<(usize, Envelope, bool)> = Vec::with_capacity(envelopes.len());
        for (place, envelope) in envelopes.into_iter().enumerate() {
            let lost = self.draw.chance(spec.chance("hooks.drop"));
            if self.draw.chance(spec.chance("hooks.twice")) && !lost {
                self.stats.twice += 1;
                let again = place + self.draw.below(apart + 3);
                leaving.push((again, envelope.clone(), false));
            }
            leaving.push((place + self.draw.below(apart), envelope, lost));
        }
        leaving.sort_by_key(|(place, ..)| *place);
        let mut rest = VecDeque::from(leaving);
        while let Some((_, envelope, lost)) = rest.pop_front() {
            let mut body = self.body(&envelope, spec);
            if !lost && self.draw.chance(spec.chance("hooks.array")) {
                let mut bodies = vec![body];
                while bodies.len() < LONGEST_ARRAY
                    && rest.front().is_some_and(|(_, next, lost)| {
                        !lost
                            && next.company_id == envelope.company_id
                            && next.flag == envelope.flag
                    })
                {
                    let Some((_, next, _)) = rest.pop_front() else {
                        break;
                    };
                    bodies.push(self.body(&next, spec));
                }
                body = format!("[{}]", bodies.join(","));
            }
            self.leave(&envelope, body, lost, spec);
        }
    }

    fn body(&mut self, envelope: &Envelope, spec: &FaultSpec) -> String {
        if envelope.status != Status::Create && self.draw.chance(spec.chance("hooks.partial")) {
            self.stats.partial += 1;
            return envelope.partial(&mut self.draw);
        }
        envelope.body.clone()
    }

    fn leave(&mut self, envelope: &Envelope, body: String, lost: bool, spec: &FaultSpec) {
        let number = self.next;
        self.next += 1;
        let settings = self.settings(envelope.company_id);
        let wanted = !lost && self.posting && settings.tells(envelope.flag);
        if lost || (wanted && self.waiting.len() >= MOST_WAITING) {
            self.stats.lost += 1;
        } else if wanted {
            let late = u64::from(spec.number("hooks.late")) * 1_000;
            let late = self.draw.between(0, i64::try_from(late).unwrap_or(0));
            let due = Instant::now() + Duration::from_millis(late.unsigned_abs());
            let waiting = Waiting {
                urls: settings.urls,
                body: body.clone(),
            };
            self.waiting.insert((due, number), waiting);
        }
        if self.log.len() >= MOST_KEPT {
            self.log.pop_front();
        }
        self.log.push_back(Sent {
            number,
            company_id: envelope.company_id,
            lost,
            body,
        });
    }
}
