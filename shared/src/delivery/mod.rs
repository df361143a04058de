pub mod human;
mod mail_text;
mod pipe;
mod selection;
pub use selection::{Selection, SelectionError};
pub use pipe::Digested;
