use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::VendorError;
use crate::{
    control::{Control, LaneKey, LaneLimits, Slots, Spender},
    ports::Clock,
};

/// Lanes slower than this give out one slot at a time: a slot taken and not used is lost to everybody.
const BLOCKS_BELOW: TimeDelta = TimeDelta::milliseconds(20);

/// How far ahead a block reaches.
const BLOCK_SPAN: TimeDelta = TimeDelta::milliseconds(100);

/// How late a slot may be used at least; used later, several would fall into one second.
const LATE: TimeDelta = TimeDelta::milliseconds(100);

/// Beyond this wait the lane is asked whether the vendor began to refuse calls meanwhile.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(1);

/// One spender's way to slots of a lane.
#[derive(Debug)]
pub(super) struct Spending {
    pub(super) control: Control,
    pub(super) clock: Clock,
    pub(super) lane: LaneKey,
    pub(super) limits: LaneLimits,
    pub(super) spender: Spender,
    pub(super) horizon: TimeDelta,
    pub(super) block: Mutex<Block>,
}

/// Slots that are taken and not used yet.
#[derive(Debug, Default)]
pub(super) struct Block {
    slots: VecDeque<DateTime<Utc>>,
    interval: TimeDelta,
}

impl Spending {
    /// Waits for the next slot. [`VendorError::Throttled`] when it is beyond the horizon.
    pub(super) async fn slot(&self) -> Result<(), VendorError> {
        loop {
            let slot = match self.kept() {
                Some(slot) => slot,
                None => self.take().await?,
            };
            let wait = slot - self.clock.now();
            if wait > TimeDelta::zero() {
                tokio::time::sleep(wait.to_std().unwrap_or_default()).await;
            }
            if wait <= LOOK_AGAIN {
                return Ok(());
            }
            // It was waited for: a clock that was set back meanwhile does not make anybody wait again.
            let now = self.clock.now().max(slot);
            match self.control.lane_blocked(&self.lane, now).await? {
                None => return Ok(()),
                Some(_) => self.block().slots.clear(),
            }
        }
    }

    /// The vendor refused a call: everybody waits until then.
    pub(super) async fn push_back(&self, wait: TimeDelta) -> Result<(), VendorError> {
        self.block().slots.clear();
        let now = self.clock.now();
        self.control
            .push_lane_back(&self.lane, &self.spender, now + wait, now)
            .await?;
        Ok(())
    }

    /// A slot of the present block that is not too late to be used.
    fn kept(&self) -> Option<DateTime<Utc>> {
        let now = self.clock.now();
        let mut block = self.block();
        let late = block.interval.max(LATE);
        while let Some(slot) = block.slots.pop_front() {
            if slot + late >= now {
                return Some(slot);
            }
        }
        None
    }

    async fn take(&self) -> Result<DateTime<Utc>, VendorError> {
        let now = self.clock.now();
        let size = block_size(self.block().interval);
        let taken = self
            .control
            .take_slots(
                &self.lane,
                self.limits,
                &self.spender,
                size,
                self.horizon,
                now,
            )
            .await?;
        match taken {
            Slots::Taken { at, interval } => {
                let mut slots = VecDeque::from(at);
                let first = slots.pop_front().unwrap_or(now);
                let mut block = self.block();
                block.slots.extend(slots);
                block.interval = interval;
                Ok(first)
            }
            Slots::Busy { until } => Err(VendorError::Throttled {
                retry_after: (until - now).to_std().ok(),
            }),
        }
    }

    fn block(&self) -> MutexGuard<'_, Block> {
        self.block.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn block_size(interval: TimeDelta) -> usize {
    let micros = interval.num_microseconds().unwrap_or(i64::MAX);
    if micros <= 0 || interval > BLOCKS_BELOW {
        return 1;
    }
    let fitting = BLOCK_SPAN.num_microseconds().unwrap_or(0) / micros;
    usize::try_from(fitting).unwrap_or(1).clamp(1, 32)
}
