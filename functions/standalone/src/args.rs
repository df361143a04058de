mod files;
mod job;
mod journal;
mod pull;
mod reconcile;
mod retention;
mod source;
mod vendor;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;
use wynos::SubscriptionId;

pub(crate) use files::{
    Export, ExportFormat, Import, ImportFormat, ImportReport, Imports, ImportsCommand, OnConflict,
    OneImport, Profile,
};
pub(crate) use job::{
    AddJob, AddReport, EditJob, EditReport, JobCommand, JobsOf, ListReports, RemoveReport,
    ReportCommand, ReportOptions, RunJob, RunReport,
};
pub(crate) use journal::{ExportJournal, JournalCommand, JournalWanted, ListJournal};
pub(crate) use pull::Pull;
pub(crate) use reconcile::Reconcile;
pub(crate) use retention::{Erase, Retention};
pub(crate) use source::{
    AddSource, EditSource, Entry, ListSources, OfSubscription, OneSource, RemoveSource,
    RenewSource, SourceCommand, SourceFilter, SourceTables, SourceWebhook, Vendor, WebhookAction,
};
pub(crate) use vendor::VendorAccess;

/// A service business's own data: kept in its own database, exported, delivered once, moved.
#[derive(Debug, Parser)]
#[command(name = "wynos", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// Ends with one JSON object on the last line of standard output, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(
        flatten,
        next_help_heading = "Where the data is, and how others are reached"
    )]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the data is kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The folder of everything that is kept in files; `wynos-data`, or a temporary one for the demonstration.
    #[arg(long, global = true, env = "WYNOS_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// A PostgreSQL database for accounts and warehouses; without it they are SQLite files in the data directory.
    #[arg(
        long,
        global = true,
        env = "WYNOS_DATABASE_URL",
        hide_env_values = true
    )]
    pub(crate) database_url: Option<String>,
    /// The address that links in mails and the vendors' webhooks begin with; by default the one that is listened on.
    #[arg(long, global = true, env = "WYNOS_PUBLIC_URL")]
    pub(crate) public_url: Option<Url>,
    #[command(flatten)]
    pub(crate) mail: Mail,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    pub(crate) cloud: crate::aws::Cloud,
    #[command(flatten)]
    pub(crate) vendor: VendorAccess,
}

/// How mail leaves.
#[derive(Debug, Clone, Args)]
pub(crate) struct Mail {
    /// The server that sends mails (smtp://, smtps://); without it they are written as .eml files into the outbox folder.
    #[arg(long, global = true, env = "WYNOS_SMTP_URL", hide_env_values = true)]
    pub(crate) smtp_url: Option<String>,
    /// The address that mails come from.
    #[arg(
        long,
        global = true,
        env = "WYNOS_MAIL_FROM",
        default_value = "Wynos <wynos@localhost>"
    )]
    pub(crate) mail_from: String,
}

/// Where people and programs reach the server, and how much it does at once.
#[derive(Debug, Clone, Args)]
pub(crate) struct Front {
    /// The address to listen on.
    #[arg(long, env = "WYNOS_LISTEN", default_value = "127.0.0.1:8787")]
    pub(crate) listen: String,
    /// How many sources are read at the same time, 1 to 8; each takes memory of its own.
    #[arg(
        long,
        env = "WYNOS_PULL_WORKERS",
        default_value_t = 2,
        value_parser = clap::value_parser!(u8).range(1..=8)
    )]
    pub(crate) pull_workers: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the console, the API and the workers until it is told to stop.
    Serve(Front),
    /// Makes up a sample shop, takes it through the whole job, and leaves the console open.
    Demo(Demo),
    /// Brings the shared database up to this version.
    Migrate,
    /// Subscriptions: businesses with a warehouse of their own.
    #[command(subcommand)]
    Subscription(SubscriptionCommand),
    /// Tokens for the API.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Lanes: what the vendors allow, what of it is used, and who of all subscriptions spends it on what.
    Lanes,
    /// Sources: companies of a vendor whose data is copied.
    #[command(subcommand)]
    Source(SourceCommand),
    /// Reads a source now: what changed in all its tables or some, or a period of the past.
    Pull(Pull),
    /// Compares what is held of a source with what the vendor has, and mends what differs.
    Reconcile(Reconcile),
    /// Jobs: what runs by itself.
    #[command(subcommand)]
    Job(JobCommand),
    /// Reports: extracts of the vendor's records that users define.
    #[command(subcommand)]
    Report(ReportCommand),
    /// The journal: everything that happened.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Imports an exchange file or a list into a subscription.
    Import(Import),
    /// Imports that were made: to list, to go on with, to take back.
    #[command(subcommand)]
    Imports(ImportsCommand),
    /// Exports a subscription's data into a file.
    Export(Export),
    /// Removes rows that jobs of this kind are to remove by their age, or shows which.
    Retention(Retention),
    /// Erases what is personal about one customer, everywhere and for good.
    Erase(Erase),
    /// Work that was put aside after it failed.
    #[command(subcommand)]
    Parked(ParkedCommand),
    /// Simulated vendors, to try things out on.
    #[command(subcommand)]
    Sandbox(SandboxCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// A simulated YCLIENTS with a made-up salon business behind its API.
    Yclients(SandboxYclients),
}

#[derive(Debug, Args)]
pub(crate) struct SandboxYclients {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8790")]
    pub(crate) listen: std::net::SocketAddr,
    /// What the business is drawn from.
    #[arg(long, default_value_t = 2026)]
    pub(crate) seed: u64,
    /// How many records the business begins with.
    #[arg(long, default_value_t = 2_000)]
    pub(crate) records: usize,
    /// How many companies the business has.
    #[arg(long, default_value_t = 2)]
    pub(crate) companies: usize,
    /// Whether more than 200 requests a minute or 5 a second are refused.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub(crate) limits: Switch,
    /// Whether bodies have the vendor's quirks: numbers as strings, empty relations as lists, wrong offsets.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub(crate) quirks: Switch,
    /// What goes wrong, as in html=0.02,forbidden=clients; docs/sandbox.md lists it all.
    #[arg(long, value_name = "SPEC", default_value = "")]
    pub(crate) faults: wynos_sandbox::FaultSpec,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Ends when the job is done, instead of leaving the console open.
    #[arg(long)]
    pub(crate) exit: bool,
    /// What the sample shop is drawn from.
    #[arg(long, default_value_t = 2026)]
    pub(crate) seed: u64,
    /// How many customers the sample shop has.
    #[arg(long, default_value_t = 3_000)]
    pub(crate) customers: u64,
    /// How many records the sample salon begins with.
    #[arg(long, default_value_t = 1_200)]
    pub(crate) records: usize,
    /// The simulated vendor allows any number of calls, and none is waited for.
    #[arg(long)]
    pub(crate) unlimited: bool,
    #[command(flatten)]
    pub(crate) front: Front,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SubscriptionCommand {
    /// Makes a subscription and its owner's account; an account that is there already is made an owner.
    Create(CreateSubscription),
    /// Lists the subscriptions.
    List,
    /// Makes the login by which BI tools read a subscription's copy on PostgreSQL, or gives it a new password, which is
    /// shown once.
    BiLogin(BiLogin),
}

#[derive(Debug, Args)]
pub(crate) struct BiLogin {
    /// The subscription.
    pub(crate) subscription: SubscriptionId,
    /// Takes the login away instead.
    #[arg(long)]
    pub(crate) revoke: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CreateSubscription {
    /// The business's name.
    pub(crate) name: String,
    /// The owner's e-mail address.
    #[arg(long)]
    pub(crate) owner: String,
    /// Reads the owner's password from standard input.
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// What the subscription may use.
    #[arg(long, value_enum, default_value_t = Plan::Trial)]
    pub(crate) plan: Plan,
    /// The language of the subscription's files and mails: en, pl or ru.
    #[arg(long, default_value = "en", value_parser = locale)]
    pub(crate) locale: wynos::catalog::Locale,
    /// The business's time zone.
    #[arg(long, default_value = "Europe/Warsaw")]
    pub(crate) time_zone: chrono_tz::Tz,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Plan {
    /// 14 days.
    Trial,
    /// Without an end.
    Standard,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes a token and shows it, once.
    Create(CreateToken),
}

#[derive(Debug, Args)]
pub(crate) struct CreateToken {
    /// Whose data the token opens.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// What it may do.
    #[arg(long, value_enum)]
    pub(crate) scope: Scope,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Scope {
    /// Only read.
    Read,
    /// Read and change.
    Write,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ParkedCommand {
    /// Lists the messages and the records that were put aside, with their reasons.
    List(Parked),
    /// Hands a message back to its queue, or tries a row again that an import put aside.
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(crate) struct Parked {
    /// Whose work.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Whose work.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// The queue of a message, as the list shows it; none for a row.
    #[arg(long)]
    pub(crate) queue: Option<String>,
    /// Another value for a column of a row, as often as needed: `status=CLOSED`. An empty one leaves the column out.
    #[arg(long = "set", value_name = "COLUMN=VALUE", conflicts_with = "queue", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
    /// The message or the record, as the list shows it.
    pub(crate) id: String,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or("not COLUMN=VALUE")?;
    Ok((column.to_owned(), value.to_owned()))
}

fn locale(text: &str) -> Result<wynos::catalog::Locale, String> {
    wynos::catalog::Locale::parse(text).ok_or_else(|| "one of en, pl, ru".to_owned())
}
