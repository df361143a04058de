//! What happens in a business: how it is founded, what happened until now, and what happens next.

mod desk;
mod event;
mod found;
mod history;
mod offer;
mod offer_changes;
mod people;
mod stock;
mod till;
mod words;

pub use event::happen;
pub use history::{Outline, business};
