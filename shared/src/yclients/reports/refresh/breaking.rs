//! Parts of a period that are not read to their end in one message.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;

use super::Refresh;
use crate::{
    planner::WorkError,
    warehouse::{Filter, Operator, Write, internal},
    yclients::client::VendorError,
};

/// A vendor whose allowance is used up is asked again after so long, where nothing else is known …
const THROTTLED: Duration = Duration::from_secs(60);
/// … for a day from the beginning of the run: what it staged is not kept for ever.
const PATIENCE: TimeDelta = TimeDelta::days(1);

impl Refresh<'_> {
    /// How long to wait before the run goes on, where it is the vendor's allowance that it lacks.
    pub(super) fn waits_for(&self, error: &WorkError) -> Option<Duration> {
        let source = error.source.as_deref()?;
        match source.downcast_ref::<VendorError>()? {
            VendorError::Throttled { retry_after } => {
                let waited = self.services.clock.now() - self.observed_at;
                (waited < PATIENCE).then_some(retry_after.unwrap_or(THROTTLED))
            }
            _ => None,
        }
    }

    /// Leaves the part in hand to another message. Where this one did not do for a part, it is cut in half; a vendor that let
    /// nobody in says nothing of how long a part is.
    pub(super) async fn leave_part(&mut self, throttled: bool) -> Result<(), WorkError> {
        let (begun, days) = self.in_hand;
        let was_read = !throttled || self.progress.records > self.settled.records;
        let is_long = !self.came_further && was_read && days > 1;
        if is_long && !self.services.stop.is_asked() {
            self.settled.days = Some(days / 2);
        }
        if self.settled.after.is_none() {
            self.settled.left = Some(begun);
        }
        let kept = self.keep_progress()?;
        self.commit(vec![kept], self.services.clock.now(), false)
            .await?;
        Ok(())
    }

    /// Takes what was staged of a part that was left out of the stage: the vendor may not have all of it any more.
    pub(super) async fn clear_left_part(&mut self) -> Result<(), WorkError> {
        let Some(begun) = self.settled.left.take() else {
            return Ok(());
        };
        self.progress.left = None;
        let staged = Write::Remove {
            table: Arc::clone(internal::report_stage()),
            filter: Filter::equal("run", self.run.as_str()).and(Filter::compare(
                "at",
                Operator::Greater,
                begun,
            )),
            limit: None,
        };
        let kept = self.keep_progress()?;
        self.commit(vec![staged, kept], self.services.clock.now(), false)
            .await?;
        Ok(())
    }
}
