//! The copy of YCLIENTS (and Altegio, which is the same service under other hosts): sources, the client and its share of
//! the vendor's allowance, streams, pulls and webhooks.

mod categories;
pub mod client;
pub mod connect;
pub mod decode;
pub mod hooks;
pub mod lists;
pub mod pull;
pub mod reconcile;
pub mod reports;
pub mod selection;
pub mod streams;
