//! Files on their way out: ordered, built from one snapshot, mailed as a link, and handed over once.
//!
//! ```text
//! order ─ message ─ build ─ one warehouse commit: log line + "file ready" ─ relay ─ mail ─ page ─ claim ─ sweep
//! ```
//!
//! Every step can be repeated. An order stands once it is committed; a file counts once its line in the personal-data log
//! is committed, with the fact that it is ready in the same transaction; the link opens once that fact was relayed.

mod begun;
mod bounce;
mod build;
mod error;
mod hand_over;
pub mod human;
mod mail;
mod mail_text;
pub mod messages;
mod names;
mod narrow;
mod order;
mod page;
mod personal_log;
mod pipe;
mod problem;
mod ready;
mod selection;
mod settle;
mod sweep;
mod withdraw;

use chrono::TimeDelta;
use serde_json::{Map, Value as Json};

pub(crate) use begun::forget_unfinished;
pub use bounce::mail_failed_later;
pub use build::{Made, build, build_to, build_to_watched};
pub use error::DeliveryError;
pub(crate) use hand_over::{About, Failed, hand_over};
pub use mail::{mail_id, send_failure_mail, send_mail};
pub use narrow::Condition;
pub use order::{Order, expected, expected_at, order, resend_stuck};
pub use page::{Claim, FilePage, PageView, claim, view};
pub use pipe::Digested;
pub use problem::OrderProblem;
pub(crate) use ready::{READY, ReadyFact};
pub use selection::{Selection, SelectionError};
pub use settle::give_up_on;
pub use sweep::{Swept, sweep};
pub(crate) use withdraw::withdraw;

use crate::control::Delivery;

/// How long a file is going to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation {
    /// What it is expected to take, from what the latest ones took; `None` when there were none.
    pub expected: Option<TimeDelta>,
    /// What is promised at the latest.
    pub promised: TimeDelta,
}

/// What journal entries tell of every delivery, and more of some.
fn journaled(delivery: &Delivery, more: Json) -> Json {
    let mut details = Map::new();
    details.insert("delivery".to_owned(), delivery.id.as_str().into());
    details.insert("format".to_owned(), delivery.format.as_str().into());
    let named = [
        ("table", &delivery.table_name),
        ("profile", &delivery.profile),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            details.insert(name.to_owned(), value.as_str().into());
        }
    }
    if let Json::Object(more) = more {
        details.extend(more);
    }
    Json::Object(details)
}
