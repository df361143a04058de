//! The sandbox as those who test against it meet it: over HTTP.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is not there fails the test"
)]

mod caller;
mod faults;
mod limits;
mod shapes;
mod truth;
mod webhooks;
