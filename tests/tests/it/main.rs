//! The integration tests: one binary, because each would link everything again.

mod chaos_proxy;
mod chromium_support;
mod postgres_support;
mod repository;
mod supervision;
