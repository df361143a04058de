//! A simulated YCLIENTS: a made-up business behind the vendor's API, with its limits, faults, quirks and webhooks.
//!
//! The business is made from a seed and goes on living by steps. What endpoints show is written from the business's
//! model in the vendor's shapes; the truth is written from the same model by another way, without any decoder, so that
//! tests can compare a copy with it row by row. `docs/sandbox.md` describes the controls.

mod accounts;
mod control;
mod faults;
mod gate;
mod hooks;
mod http;
mod life;
mod limits;
mod model;
mod options;
mod render;
mod sandbox;
mod truth;
mod world;

pub use accounts::{MANAGER_EMAIL, OWNER_EMAIL, OWNER_PHONE, PASSWORD, TWO_FACTOR_EMAIL};
pub use faults::{FaultSpec, FaultSpecError};
pub use limits::Limits;
pub use options::Options;
pub use sandbox::{Running, Sandbox};
pub use truth::{Comparison, TABLES};
