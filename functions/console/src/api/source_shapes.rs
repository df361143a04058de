use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use wynos::{
    control::{self, RowsLeft, SourceState, SourceTable},
    yclients::{
        connect,
        pull::{self, Outlook},
    },
};

/// A company to connect. Send what lets somebody in (`login` and `password`, or `token`); without `company` the answer
/// lists the companies that the account sees, with a `credential` to send with the chosen `company` instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSource {
    /// yclients, when not said, or altegio.
    pub(super) vendor: Option<String>,
    /// What to call the source; what the vendor calls the company when not said.
    pub(super) name: Option<String>,
    /// A telephone number or an e-mail address.
    pub(super) login: Option<String>,
    /// The password; it is exchanged for a token and not kept.
    pub(super) password: Option<String>,
    /// The token of an application, instead of a login and password.
    pub(super) token: Option<String>,
    /// A sign-in that is there already: what an answer without `company` gave, or of another source.
    pub(super) credential: Option<String>,
    /// The company's id at the vendor.
    pub(super) company: Option<i64>,
    /// The address of the vendor's API, if not the usual one; known hosts only.
    pub(super) base_url: Option<String>,
}

/// What lets somebody in again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEntry {
    /// A telephone number or an e-mail address.
    pub(super) login: Option<String>,
    /// The password; it is exchanged for a token and not kept.
    pub(super) password: Option<String>,
    /// The token of an application, instead of a login and password.
    pub(super) token: Option<String>,
}

/// What to change of a source; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceChange {
    /// What to call it.
    pub(super) name: Option<String>,
    /// The company's time zone, an IANA name.
    pub(super) time_zone: Option<String>,
    /// Whether webhook events are hints only, so that the entity is read again.
    pub(super) hints: Option<bool>,
    /// active or paused.
    pub(super) state: Option<String>,
    /// The address of the vendor's API, for all sources of the same sign-in; `null` for the usual one.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    pub(super) base_url: Option<Option<String>>,
}

/// A connected company. Times are in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Source {
    /// The source.
    pub(super) id: String,
    /// What its owner calls it.
    pub(super) name: String,
    /// yclients or altegio.
    pub(super) vendor: &'static str,
    /// active, paused, `needs_credential` or removed.
    pub(super) state: &'static str,
    /// What keeps this source alone from being read though it is active: the code of a problem, `vendor.company-closed` where
    /// its company is not open to the account any more, `vendor.licence-expired` where the company's licence has run out.
    pub(super) problem: Option<&'static str>,
    /// Why loading of all sources stands still, this one's too: `plan.ended`, `plan.rows-used` or `plan.storage-used`, as
    /// `/storage` says; `null` where it goes on, and where the source is not active.
    pub(super) stands_still: Option<&'static str>,
    /// The company's id at the vendor.
    pub(super) company_id: i64,
    /// What the vendor calls the company.
    pub(super) title: String,
    /// The company's time zone.
    pub(super) time_zone: String,
    /// Whether webhook events are hints only.
    pub(super) hints: bool,
    /// The address of the vendor's API, if not the usual one.
    pub(super) base_url: Option<String>,
    /// The sign-in that it shares with other sources.
    pub(super) credential: String,
    /// Since when every table that is on has been read at least once: the oldest of their latest readings.
    pub(super) last_at: Option<DateTime<Utc>>,
    /// When its next table is due; while loading stands still or there is a problem, when it is tried again.
    pub(super) next_at: Option<DateTime<Utc>>,
    /// Since when the table that waits longest is due, where any is: it waits for its turn, or is being read.
    pub(super) due_since: Option<DateTime<Utc>>,
    /// When it was connected.
    pub(super) created_at: DateTime<Utc>,
    /// When it was removed; only of one that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) removed_at: Option<DateTime<Utc>>,
    /// What became of the rows of a removed one: kept, going or gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<&'static str>,
    /// Whether connecting took a source up again that was removed with its rows kept; only in the answer to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) taken_up: Option<bool>,
    /// How many reports ended with a source that is removed with its rows; only in the answer to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reports_removed: Option<u64>,
    /// How many jobs ended with a source that is removed; only in the answer to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jobs_removed: Option<u64>,
}

/// A source that was signed in for again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenewedSource {
    #[serde(flatten)]
    pub(super) source: Source,
    /// Sources of the same sign-in, this one perhaps among them, whose companies the account does not see: they stand still,
    /// are tried every day, and go on when their company is open to the account.
    pub(super) closed: Vec<ClosedSource>,
}

/// A source whose company an account does not see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClosedSource {
    /// The source.
    id: String,
    /// What its owner calls it.
    name: String,
    /// The company's id at the vendor.
    company_id: i64,
}

impl From<control::Source> for ClosedSource {
    fn from(source: control::Source) -> Self {
        Self {
            id: source.id.to_string(),
            name: source.name,
            company_id: source.company_id,
        }
    }
}

/// The companies that an account sees, to choose one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Companies {
    /// The sign-in: send it as `credential` with the chosen `company`, within a day.
    pub(super) credential: String,
    /// The companies.
    pub(super) companies: Vec<Company>,
}

/// A company at the vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Company {
    /// Its id.
    pub(super) id: i64,
    /// What the vendor calls it.
    pub(super) title: String,
    /// The city.
    pub(super) city: Option<String>,
    /// The time zone.
    pub(super) time_zone: Option<&'static str>,
}

/// A field that is there, even when it is null.
pub(super) fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// A source as programs see it; of the tables, its own count. Where the subscription `stands_still`, its sources do.
pub(super) fn shown(
    source: control::Source,
    tables: &[SourceTable],
    stands_still: Option<&'static str>,
    outlook: &Outlook,
) -> Source {
    let own = || {
        tables
            .iter()
            .filter(|table| table.source_id == source.id && table.enabled)
            .filter(|table| pull::is_read(&table.table_name))
    };
    let all_read = own().all(|table| table.last_at.is_some());
    let is_active = source.state == SourceState::Active;
    Source {
        problem: pull::problem(own()).filter(|_| is_active),
        stands_still: stands_still.filter(|_| is_active),
        last_at: own()
            .filter_map(|table| table.last_at)
            .min()
            .filter(|_| all_read),
        next_at: own()
            .filter_map(|table| pull::next_reading(table, source.state, outlook))
            .min(),
        due_since: own()
            .filter_map(|table| pull::due_since(table, source.state, outlook))
            .min(),
        rows: source.rows_left().map(RowsLeft::as_str),
        removed_at: source.removed_at,
        taken_up: None,
        reports_removed: None,
        jobs_removed: None,
        id: source.id.to_string(),
        name: source.name,
        vendor: source.vendor.as_str(),
        state: source.state.as_str(),
        company_id: source.company_id,
        title: source.title,
        time_zone: source.time_zone,
        hints: source.hints,
        base_url: source.base_url,
        credential: source.credential_id.to_string(),
        created_at: source.created_at,
    }
}

/// Companies as programs see them.
pub(super) fn listed(companies: Vec<connect::Company>) -> Vec<Company> {
    let company = |company: connect::Company| Company {
        id: company.id,
        title: company.title,
        city: company.city,
        time_zone: company.time_zone.map(|zone| zone.name()),
    };
    companies.into_iter().map(company).collect()
}
