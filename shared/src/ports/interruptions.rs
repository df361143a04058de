use std::{fmt, io, sync::Arc};

/// Somebody who may let calls of a database fail.
///
/// The proof that nothing is lost fails every call that reaches the outside, before and after its effect. Queue, objects
/// and mailer are trait objects that a test wraps; the databases are no ports, so they ask here instead. Nobody is there to
/// be asked but in tests.
#[doc(hidden)]
pub trait Interruptions: Send + Sync + fmt::Debug {
    /// Asked before the call of that name has any effect; an error is the call's. The number stands for this very call.
    fn before(&self, call: &'static str, kind: CallKind) -> io::Result<u64>;

    /// Asked when the call has had its effect; an error is the call's all the same.
    fn after(&self, number: u64) -> io::Result<()>;
}

/// Whether a call leaves something behind.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// It only looks.
    Read,
    /// It changes something.
    Write,
}

/// Those who are asked, if there are any.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interruptible(Option<Arc<dyn Interruptions>>);

impl Interruptible {
    pub(crate) fn by(interruptions: Arc<dyn Interruptions>) -> Self {
        Self(Some(interruptions))
    }

    /// Asks whether a call that only looks may go on.
    pub(crate) fn read(&self, call: &'static str) -> io::Result<()> {
        let Some(interruptions) = &self.0 else {
            return Ok(());
        };
        let number = interruptions.before(call, CallKind::Read)?;
        interruptions.after(number)
    }

    /// Does work that changes something, asking before and after.
    pub(crate) async fn write<T, E>(
        &self,
        call: &'static str,
        failed: impl Fn(io::Error) -> E,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Some(interruptions) = &self.0 else {
            return work.await;
        };
        let number = interruptions
            .before(call, CallKind::Write)
            .map_err(&failed)?;
        let done = work.await?;
        interruptions.after(number).map_err(failed)?;
        Ok(done)
    }
}
