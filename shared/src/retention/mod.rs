//! What goes: rows of copies that grew old, what nobody needs any more, and what is known of a person who asks for it.

mod choice;
mod erasure;
mod error;
mod nightly;
mod pace;
pub mod periods;
mod preview;
mod sweeping;
#[cfg(test)]
mod tests;

pub use crate::warehouse::{People, Person};
pub use choice::{Scope, scope};
pub use erasure::{
    ERASE, EraseMessage, Erased, Outcome, erase, erase_at_once, known_as, known_people,
    order_erasure, possible_people, proof, proofs,
};
pub(crate) use erasure::{erase_asked, erasure_failed};
pub use error::RetentionError;
pub use nightly::{SWEEP, VERSION, fan_out, sweep};
pub use preview::{preview, preview_job};
pub(crate) use sweeping::run;
