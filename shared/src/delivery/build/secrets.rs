//! Values of PASSWORD fields on their way into a database file: left out, or decrypted when an owner asked for them.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::{
    catalog::{Column, ColumnType},
    delivery::DeliveryError,
    ports::Cipher,
    warehouse::{Rows, ValueRef},
};

/// Which custom fields are secret, and the key to them when they are to leave.
#[derive(Debug)]
pub(super) struct Secrets {
    fields: HashSet<String>,
    cipher: Option<Cipher>,
}
