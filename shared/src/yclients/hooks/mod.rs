//! Webhooks: their addresses, what is queued of them, how it is let into warehouses, and their registration with the vendor.

pub use wynos_base::hooks::{
    HookAddress, HookMessage, KIND, MAX_BODY, Unreadable, VERSION, check, path, split,
};
