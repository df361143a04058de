//! The adapters for AWS, against a local one.

mod broken;
mod mail;
mod objects;
mod queue;
mod secrets;
