//! A small Lambda on this machine: it runs the functions' real binaries, reads from the template which queue, route,
//! schedule and bucket feeds which of them, and kills what takes too long.
//!
//! Queues, topics, keys and secrets of the template are made by `CloudFormation` in moto; files are in an S3 of their own.
//! Time-outs of the queues are not waited for: what Lambda would let run out is made visible at once.

#![expect(
    clippy::indexing_slicing,
    reason = "what is indexed is JSON, where a name that is not there is null"
)]

mod bridge;
mod feeds;
mod function;
mod instance;
mod schedules;
mod sqs;
mod stack;
mod taking;
mod template;

pub use feeds::Host;
pub use function::Functions;
pub use instance::{Instance, Invoked};
pub use schedules::StoppedClock;
pub use stack::{MASTER_KEY, Roads, Stack};
pub use template::Template;
