//! The subscription's own database: every table of the catalog, written through one gate and read as a snapshot.

mod error;
mod filter;
mod load;
mod rows;
mod scan;
mod value;

pub use error::WarehouseError;
pub use filter::{Filter, Operator};
pub use load::{Admit, Committed, Conflict, Load, Outcome, Rule, Write};
pub use rows::{Row, Rows};
pub use scan::Scan;
pub use value::{Value, ValueRef};
