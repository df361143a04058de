//! The integration tests: one binary, because each would link everything again.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "clippy.toml allows these in test functions only, and here all of it is tests"
)]

mod assembled;
mod aws;
mod chaos_proxy;
mod chromium_support;
mod command_line;
mod console;
mod contracts;
mod costs;
mod delivery;
mod deployed;
mod documents;
mod faults;
mod hooks;
mod import;
mod migrated;
mod mix;
mod planned;
mod postgres_support;
mod pull;
mod reconcile;
mod reports;
mod repository;
mod supervision;
mod warehouse;
