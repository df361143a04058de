//! The vendor's HTTP: what is asked, what stands before the answer, and the answer.

mod answer;
mod ask;
mod clients_search;
mod desk;
mod endpoint;
mod lists;
mod serve;
mod settings;
mod sign_in;
mod singles;
mod whole;

pub use answer::Answer;
pub use ask::{Ask, Span};
pub use endpoint::{Call, Endpoint};
pub use serve::serve;
