use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value as Json;
use wynos::{SourceId, SubscriptionId, control::CredentialId};

use super::Switch;

/// Sources: companies of a vendor whose data is copied.
#[derive(Debug, Subcommand)]
pub(crate) enum SourceCommand {
    /// Signs in at a vendor and connects companies; without --company it lists those that the account sees.
    Add(AddSource),
    /// Lists the sources of a subscription, and how fresh each is; or those that were removed, while rows of them are there.
    List(ListSources),
    /// Changes the settings of a source; what is not named stays.
    Edit(EditSource),
    /// Stops the reading of a source until it is resumed.
    Pause(OneSource),
    /// Lets a paused source go on.
    Resume(OneSource),
    /// Signs in again for a source and all that share its account.
    Renew(RenewSource),
    /// Removes a source, and keeps or erases its rows.
    Remove(RemoveSource),
    /// Erases the rows that were kept of a removed source.
    Clear(OneSource),
    /// Lists the companies that the account of a source sees.
    Companies(OneSource),
    /// Shows the tables of a source, or turns them on and off.
    Tables(SourceTables),
    /// Shows which rows of a table are kept, or chooses them: first says what that does to the rows that are there.
    Filter(SourceFilter),
    /// Shows the address of a source's webhook, or changes what the vendor knows of it.
    Webhook(SourceWebhook),
    /// Shows what the calls to the vendor were spent on in the last 24 hours.
    Calls(OfSubscription),
}

#[derive(Debug, Args)]
pub(crate) struct AddSource {
    /// The vendor.
    #[arg(value_enum)]
    pub(crate) vendor: Vendor,
    /// Whose warehouse the data goes into.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// What to call the source, where it is one; by default what the vendor calls the company.
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) entry: Entry,
    /// Signs in with what this source signs in with, instead of anew: they share it, and one renewal serves both.
    #[arg(
        long,
        value_name = "SOURCE",
        conflicts_with_all = ["login", "token_stdin", "base_url"]
    )]
    pub(crate) like: Option<SourceId>,
    /// The same by the id of the sign-in, as `source list --json` tells it.
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["login", "token_stdin", "base_url", "like"]
    )]
    pub(crate) credential: Option<CredentialId>,
    /// The company's id at the vendor; may be given more than once: all are connected with one sign-in, and share it.
    #[arg(long)]
    pub(crate) company: Vec<i64>,
    /// The address of the vendor's API, if not the usual one.
    #[arg(long)]
    pub(crate) base_url: Option<String>,
}

/// What lets somebody in at a vendor.
#[derive(Debug, Args)]
pub(crate) struct Entry {
    /// The login: a telephone number or an e-mail address.
    #[arg(long, requires = "password_stdin")]
    pub(crate) login: Option<String>,
    /// Reads the password from standard input; it is exchanged for a token and not kept.
    #[arg(long, requires = "login", conflicts_with = "token_stdin")]
    pub(crate) password_stdin: bool,
    /// Reads the token of an application from standard input, instead of a login and password.
    #[arg(long, conflicts_with = "login")]
    pub(crate) token_stdin: bool,
}

/// A vendor.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Vendor {
    /// YCLIENTS.
    Yclients,
    /// Altegio, the same service in other countries.
    Altegio,
}

#[derive(Debug, Args)]
pub(crate) struct OfSubscription {
    /// Whose sources.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
}

#[derive(Debug, Args)]
pub(crate) struct ListSources {
    /// Whose sources.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// Lists those that were removed and of which rows are still there, instead of those that are connected.
    #[arg(long)]
    pub(crate) removed: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OneSource {
    /// The source, as the list shows it.
    #[arg(long)]
    pub(crate) source: SourceId,
}

#[derive(Debug, Args)]
pub(crate) struct RenewSource {
    /// The source, as the list shows it.
    #[arg(long)]
    pub(crate) source: SourceId,
    #[command(flatten)]
    pub(crate) entry: Entry,
}

#[derive(Debug, Args)]
#[group(id = "rows", required = true, multiple = false)]
pub(crate) struct Rows {
    /// Keeps the rows that were loaded; `source clear` erases them later, and connecting the company again goes on with them.
    #[arg(long)]
    pub(crate) keep_rows: bool,
    /// Erases the rows that were loaded.
    #[arg(long)]
    pub(crate) delete_rows: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveSource {
    /// The source, as the list shows it.
    #[arg(long)]
    pub(crate) source: SourceId,
    #[command(flatten)]
    pub(crate) rows: Rows,
}

#[derive(Debug, Args)]
pub(crate) struct SourceTables {
    /// The source, as the list shows it.
    #[arg(long)]
    pub(crate) source: SourceId,
    /// Turns a table on; may be given more than once.
    #[arg(long, value_name = "TABLE")]
    pub(crate) enable: Vec<String>,
    /// Turns a table off; may be given more than once.
    #[arg(long, value_name = "TABLE")]
    pub(crate) disable: Vec<String>,
}

/// What to change of a source.
#[derive(Debug, Args)]
pub(crate) struct EditSource {
    /// The source, as the list shows it.
    #[arg(long)]
    pub(crate) source: SourceId,
    #[command(flatten)]
    pub(crate) changes: SourceChanges,
}

#[derive(Debug, Args)]
#[group(id = "changes", required = true, multiple = true)]
pub(crate) struct SourceChanges {
    /// What to call it.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The company's time zone, as in Europe/Moscow; the days of the last month are read again by it.
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// Whether webhook events only say what to read again, instead of being taken as they are; that costs a call per event.
    #[arg(long, value_enum)]
    pub(crate) hints: Option<Switch>,
    /// The address of the vendor's API, for all sources of the same sign-in.
    #[arg(long, value_name = "URL", conflicts_with = "usual_base_url")]
    pub(crate) base_url: Option<String>,
    /// Goes back to the usual address of the vendor's API.
    #[arg(long)]
    pub(crate) usual_base_url: bool,
}

/// Which rows of a table to keep.
#[derive(Debug, Args)]
pub(crate) struct SourceFilter {
    /// The source, as the list shows it.
    #[arg(long)]
    pub(crate) source: SourceId,
    /// The table.
    #[arg(long)]
    pub(crate) table: String,
    /// The rows to keep, as a condition in JSON: `{"column": "staff_id", "is": "equal", "value": 5}`; docs/filters.md has the
    /// grammar.
    #[arg(long, value_name = "JSON", value_parser = condition, conflicts_with = "none")]
    pub(crate) filter: Option<Json>,
    /// Keeps all rows again.
    #[arg(long)]
    pub(crate) none: bool,
    /// Only says what it would do; nothing is changed.
    #[arg(long)]
    pub(crate) preview: bool,
}

fn condition(text: &str) -> Result<Json, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))
}

#[derive(Debug, Args)]
pub(crate) struct SourceWebhook {
    /// The source, as the list shows it.
    #[arg(long)]
    pub(crate) source: SourceId,
    /// What to do.
    #[arg(value_enum, default_value = "show")]
    pub(crate) action: WebhookAction,
    /// With register: switches on all that tables are kept of. The vendor has one set of switches for all addresses of the
    /// company, so that other programs receive these events too from then on; what is on stays on.
    #[arg(long)]
    pub(crate) all_kinds: bool,
}

/// What to do with a webhook.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WebhookAction {
    /// Shows the address; asks nobody.
    Show,
    /// Shows whether the vendor sends events there.
    Status,
    /// Has the vendor send events there; other programs' webhooks stay.
    Register,
    /// Has the vendor send nothing there any more.
    Unregister,
    /// Makes a new address, and registers it where the old one was, which works until it is revoked.
    Rotate,
    /// Lets nothing in by older addresses; some minutes after a new one is at the vendor, since events may be under way.
    Revoke,
}
