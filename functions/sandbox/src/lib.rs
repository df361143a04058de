//! A simulated YCLIENTS.

pub mod life;
pub mod model;
