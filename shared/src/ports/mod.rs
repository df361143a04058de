//! What the domain needs from the world: a clock, a queue, an object store, mail and secrets.

mod disposition;

pub use disposition::Disposition;
