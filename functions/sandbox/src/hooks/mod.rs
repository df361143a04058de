//! Webhooks: what is told, to whom, and what goes wrong on the way.

mod deliveries;
mod envelope;
mod post;
mod settings;

pub use deliveries::{Deliveries, Sent};
pub use envelope::Envelope;
pub use post::post;
pub use settings::HookSettings;
