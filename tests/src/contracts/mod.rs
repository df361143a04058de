//! What every adapter of a port has to do, whatever it stands on: the embedded ones and those for AWS run the same.

mod objects;
mod queue;

pub use objects::objects;
pub use queue::queue;
