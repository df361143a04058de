//! The adapters for AWS, against a local one.

mod mail;
mod objects;
mod queue;
mod secrets;
