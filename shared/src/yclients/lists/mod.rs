//! Reading the vendor's lists and single records: the one place that knows how a declared endpoint is asked, which page comes
//! next, and where a list ends. Whoever reads (pulls, reports, reconciliation) says what is asked for, and what becomes of it.

mod list;
mod place;
mod question;

pub use list::List;
pub use place::{Care, Next, Place};
pub use question::{Answer, Outline, Question, one, pushed};
