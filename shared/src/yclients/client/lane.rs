use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::OnceCell;

use super::{VendorError, VendorSettings};
use crate::{
    control::{Control, LaneKey, LaneLimits, LaneShare, Slots, Spender},
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
    control: Control,
    pub(super) clock: Clock,
    lane: LaneKey,
    limits: LaneLimits,
    share: Option<LaneShare>,
    /// Whether the lane was told which share is to be taken of it.
    told: OnceCell<()>,
    pub(super) spender: Spender,
    horizon: TimeDelta,
    block: Mutex<Block>,
}

/// Slots that are taken and not used yet.
#[derive(Debug, Default)]
struct Block {
    slots: VecDeque<DateTime<Utc>>,
    interval: TimeDelta,
}

impl Spending {
    /// The way of this spender to slots of that lane, which begins and is shared as the settings say.
    pub(super) fn new(
        control: &Control,
        clock: &Clock,
        lane: LaneKey,
        spender: Spender,
        settings: &VendorSettings,
    ) -> Self {
        let limits = settings.limits;
        Self {
            control: control.clone(),
            clock: clock.clone(),
            lane,
            limits: settings.share.map_or(limits, |share| limits.taking(share)),
            share: settings.share,
            told: OnceCell::new(),
            spender,
            horizon: settings.patience.horizon,
            block: Mutex::default(),
        }
    }

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

    /// The vendor asks for a wait, or refused a call because there were too many: everybody waits for so long.
    pub(super) async fn push_back(
        &self,
        wait: TimeDelta,
        is_refusal: bool,
    ) -> Result<(), VendorError> {
        self.block().slots.clear();
        let now = self.clock.now();
        let refused = is_refusal.then_some(&self.spender);
        self.control
            .push_lane_back(&self.lane, refused, now + wait, now)
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
        if let Some(share) = self.share {
            let tell = || self.control.set_lane_share(&self.lane, share);
            self.told.get_or_try_init(tell).await?;
        }
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
