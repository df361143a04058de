//! What becomes of days that could not be read.

use std::time::Duration;

use chrono::NaiveDate;

use super::{
    gauge::Subject,
    notes,
    plan::Progress,
    run::{THROTTLED, Watch, tell_step},
    window::Window,
};
use crate::yclients::{
    client::VendorError,
    pull::{PullError, outcome::After, work::Work},
};

/// The code of the reason of a day that no message came to the end of.
const TOO_LONG: &str = "reconciliation.too-long";

/// What follows from a window that could not be read.
pub(super) enum Next {
    /// The window after it.
    Window,
    /// Nothing now: the run goes on after so long.
    Later(Duration),
}

impl Work<'_> {
    /// Gives up days that could not be read.
    async fn give_up(
        &mut self,
        subject: &Subject,
        bounds: (NaiveDate, NaiveDate),
        progress: &mut Progress,
        code: &'static str,
        watch: Option<&Watch>,
    ) -> Result<(), PullError> {
        progress.gave_up(subject, bounds.1);
        self.note_unchecked(subject, bounds, progress, code, watch)
            .await
    }

    /// Notes that days were not checked, in one commit with progress and what is told.
    async fn note_unchecked(
        &mut self,
        subject: &Subject,
        bounds: (NaiveDate, NaiveDate),
        progress: &Progress,
        code: &'static str,
        watch: Option<&Watch>,
    ) -> Result<(), PullError> {
        let snapshot = self.warehouse.snapshot().await?;
        let run = self.run.as_str();
        let days = notes::broken(&snapshot, run, subject, bounds, code).await?;
        drop(snapshot);
        let entries = vec![self.entry_of_broken(subject, bounds, code)];
        self.note_days(&days, entries, progress).await?;
        tell_step(watch, subject, bounds, &days);
        Ok(())
    }

    /// What becomes of a window that was read as far as it goes, and of which records may be missing: what was seen is
    /// mended, and day by day it is found of which days they are. The vendor answers, so that the days after them are tried
    /// however many there were.
    pub(super) async fn incomplete(
        &mut self,
        window: &Window<'_>,
        code: &'static str,
        progress: &mut Progress,
        watch: Option<&Watch>,
    ) -> Result<Next, PullError> {
        let (subject, from, to) = (window.subject, window.from, window.to);
        if window.is_one_day() {
            progress.done(subject, to);
            self.note_unchecked(subject, (from, to), progress, code, watch)
                .await?;
        } else {
            progress.narrow(subject, from, to);
            self.keep_progress(progress).await?;
        }
        Ok(Next::Window)
    }

    /// What becomes of a window that one message does not come to the end of.
    pub(super) async fn too_long(
        &mut self,
        window: &Window<'_>,
        last: NaiveDate,
        progress: &mut Progress,
        watch: Option<&Watch>,
    ) -> Result<Next, PullError> {
        let (subject, from, to) = (window.subject, window.from, window.to);
        if self.services.stop.is_asked() {
            // Not for want of time.
            self.keep_progress(progress).await?;
            return Ok(Next::Later(Duration::ZERO));
        }
        if !window.is_one_day() {
            progress.narrow(subject, from, to);
            self.keep_progress(progress).await?;
            return Ok(Next::Window);
        }
        if progress.may_wait() {
            self.keep_progress(progress).await?;
            return Ok(Next::Later(Duration::ZERO));
        }
        let until = progress.until(subject, to, last);
        self.give_up(subject, (from, until), progress, TOO_LONG, watch)
            .await?;
        Ok(Next::Window)
    }

    /// What becomes of the window, the rest of its list and the other lists after an error. Errors that are not the vendor's
    /// come back.
    pub(super) async fn unreadable(
        &mut self,
        window: &Window<'_>,
        (subjects, at, (first, last)): (&[Subject], usize, (NaiveDate, NaiveDate)),
        progress: &mut Progress,
        error: PullError,
        watch: Option<&Watch>,
    ) -> Result<Next, PullError> {
        let (subject, from, to) = (window.subject, window.from, window.to);
        let error = self.told_apart(error).await;
        let code = error.code();
        let passes = match &error {
            PullError::Vendor(VendorError::Throttled { retry_after }) if progress.may_wait() => {
                if !window.is_one_day() {
                    progress.narrow(subject, from, to);
                }
                self.keep_progress(progress).await?;
                return Ok(Next::Later(retry_after.unwrap_or(THROTTLED)));
            }
            PullError::Vendor(error) => error.passes(),
            PullError::Warehouse(error) if error.is_no_room() => false,
            _ => return Err(error),
        };
        if passes && !window.is_one_day() {
            progress.narrow(subject, from, to);
            self.keep_progress(progress).await?;
            return Ok(Next::Window);
        }
        if passes {
            let until = progress.until(subject, to, last);
            self.give_up(subject, (from, until), progress, code, watch)
                .await?;
            return Ok(Next::Window);
        }
        let after = self.note_failed(subject.stream, error).await?;
        self.give_up(subject, (from, last), progress, code, watch)
            .await?;
        if matches!(after, After::Stop) {
            for subject in subjects.iter().skip(at + 1) {
                let first = subject.first(first);
                if first <= last {
                    self.give_up(subject, (first, last), progress, code, watch)
                        .await?;
                }
            }
        }
        Ok(Next::Window)
    }
}
