//! What all pages and API calls share: who is asking, forms that other sites cannot send, failures, headers, the log.

mod about;
mod access_log;
mod assets;
mod choices;
mod cookies;
mod failure;
mod fields;
mod guard;
mod headers;
mod language;
mod member;
mod visitor;

pub(crate) use about::About;
pub(crate) use access_log::access_log;
pub(crate) use assets::{asset, asset_path};
pub(crate) use cookies::Cookies;
pub(crate) use failure::{Failure, Kind};
pub(crate) use fields::{Fields, checked_token};
pub(crate) use guard::{in_time, keep_panics_inside};
pub(crate) use headers::{ForeignOrigins, security_headers};
pub(crate) use language::{from_header as language_from_header, wished_for as language_wished_for};
pub(crate) use member::Member;
pub(crate) use visitor::{ClientAddress, SignedIn, Visitor, failure_of, visit};
