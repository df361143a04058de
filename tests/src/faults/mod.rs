//! Failing the n-th call that leaves the process, before or after its effect, or with a crash.
//!
//! [`Faults`] counts the calls of everything that asks it: the wrappers of the ports here, and both databases by
//! [`Interruptions`]. One plan fails one call. What the system makes of it is for the test to see.

mod mailer;
mod objects;
mod queue;
mod vendor;

use std::{
    fmt, io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use wynos::ports::{CallKind, Interruptions};

pub use mailer::FaultyMailer;
pub use objects::FaultyObjects;
pub use queue::FaultyQueue;
pub use vendor::VendorDoor;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It gives an error and has no effect.
    Before,
    /// It gives an error and has its effect all the same, as when an answer is lost.
    After,
    /// It has its effect, and with it the process ends: no call works until [`Faults::restart`].
    Crash,
    /// It has no effect, and the code behind it panics, as a mistake of ours would.
    Panic,
}

/// Which call is to fail, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The number of the call, from 1.
    pub call: u64,
    /// How it fails.
    pub how: How,
}

/// A call that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// What was called.
    pub name: &'static str,
    /// Whether it leaves something behind.
    pub kind: CallKind,
}

/// The shared counter of all calls, and the plan of the one that fails.
#[derive(Debug, Default)]
pub struct Faults(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    watching: bool,
    plan: Option<Plan>,
    calls: Vec<Call>,
    hit: Option<Call>,
    dead: bool,
    aside: bool,
}

/// While it is there, calls are neither counted nor failed: somebody only looks.
#[derive(Debug)]
pub struct Aside<'a>(&'a Faults);

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        self.0.state().aside = false;
    }
}

impl Faults {
    /// From now on calls are counted, and the planned one fails.
    pub fn watch(&self, plan: Option<Plan>) {
        *self.state() = State {
            watching: true,
            plan,
            ..State::default()
        };
    }

    /// Calls are not counted any more and none fails; those that were counted.
    pub fn rest(&self) -> Vec<Call> {
        let mut state = self.state();
        state.watching = false;
        state.dead = false;
        state.calls.clone()
    }

    /// The call that failed as planned, if it was reached.
    pub fn hit(&self) -> Option<Call> {
        self.state().hit
    }

    /// Lets somebody look who is no part of the system.
    pub fn aside(&self) -> Aside<'_> {
        self.state().aside = true;
        Aside(self)
    }

    /// A call that was made turned out to have left nothing behind: nothing is lost with its answer.
    fn only_looked(&self, name: &'static str) {
        let mut state = self.state();
        if let Some(call) = state.calls.iter_mut().rfind(|call| call.name == name) {
            call.kind = CallKind::Read;
        }
    }

    /// Whether the process counts as ended.
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// The process counts as started again.
    pub fn restart(&self) {
        self.state().dead = false;
    }

    /// Asks before and after a call that does `work`.
    async fn around<T, E>(
        &self,
        name: &'static str,
        kind: CallKind,
        failed: impl Fn(io::Error) -> E,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let number = self.before(name, kind).map_err(&failed)?;
        let done = work.await?;
        self.after(number).map_err(failed)?;
        Ok(done)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Interruptions for Faults {
    fn before(&self, name: &'static str, kind: CallKind) -> io::Result<u64> {
        let mut state = self.state();
        if !state.watching || state.aside {
            return Ok(0);
        }
        if state.dead {
            return Err(io::Error::other("the process has ended"));
        }
        let call = Call { name, kind };
        state.calls.push(call);
        let number = u64::try_from(state.calls.len()).unwrap_or(u64::MAX);
        let plan = state.plan.filter(|plan| plan.call == number);
        match plan.map(|plan| plan.how) {
            Some(How::Before) => {
                state.hit = Some(call);
                Err(planned())
            }
            Some(How::Panic) => {
                state.hit = Some(call);
                drop(state);
                panics()
            }
            _ => Ok(number),
        }
    }

    fn after(&self, number: u64) -> io::Result<()> {
        let mut state = self.state();
        if !state.watching || number == 0 {
            return Ok(());
        }
        if state.dead {
            return Err(io::Error::other("the process has ended"));
        }
        let Some(plan) = state
            .plan
            .filter(|plan| plan.call == number && matches!(plan.how, How::After | How::Crash))
        else {
            return Ok(());
        };
        let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
        state.hit = state.calls.get(index).copied();
        state.dead = plan.how == How::Crash;
        Err(planned())
    }
}

fn planned() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionReset,
        "this call was planned to fail",
    )
}

#[expect(clippy::panic, reason = "this is what is tried")]
fn panics() -> ! {
    panic!("this call was planned to panic")
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            How::Before => "failed before its effect",
            How::After => "failed after its effect",
            How::Crash => "crashed after its effect",
            How::Panic => "panicked",
        };
        write!(formatter, "call {} {how}", self.call)
    }
}
