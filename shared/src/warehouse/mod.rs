//! The subscription's own database: every table of the catalog, written through one gate and read as a snapshot.

mod admit;
mod commit;
mod condition;
mod digest;
mod error;
mod filter;
mod gate;
mod handle;
mod image;
pub mod internal;
mod json;
mod load;
mod number;
mod plan;
mod postgres;
mod rows;
mod scan;
mod schema;
mod session;
mod snapshot;
mod sql;
mod sqlite;
mod text;
mod value;

pub use error::WarehouseError;
pub use filter::{Filter, Operator};
pub use handle::{OutboxEntry, Warehouse, Warehouses};
pub use image::restoration;
pub use load::{Admit, Committed, Conflict, Load, Outcome, Rule, Write};
pub use rows::{Row, Rows};
pub use scan::Scan;
pub use snapshot::{RowStream, Snapshot};
pub use value::{Value, ValueRef};
