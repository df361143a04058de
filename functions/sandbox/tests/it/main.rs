//! The sandbox as those who test against it meet it: over HTTP.

mod caller;
mod faults;
mod limits;
mod shapes;
mod truth;
mod webhooks;
