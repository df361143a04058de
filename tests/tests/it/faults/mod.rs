//! Every call that leaves the process fails once, before and after its effect and with a crash; the system tries again,
//! and ends as it does without the fault.

mod export;
mod harness;
mod hinted;
mod hooks;
mod import;
mod moved;
mod panics;
pub(crate) mod planned;
mod pull;
mod removed;
mod retention;
mod salon;
mod windows;

use harness::Harness;
