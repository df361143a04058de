use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use wynos::{
    SourceId, SubscriptionId,
    catalog::Locale,
    journal::{ActorFilter, Category, CodeFilter, Severity},
};

#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// Lists the latest entries, newest first.
    List(ListJournal),
    /// Writes entries into a CSV file, newest first.
    Export(ExportJournal),
}

#[derive(Debug, Args)]
pub(crate) struct ListJournal {
    #[command(flatten)]
    pub(crate) wanted: JournalWanted,
    /// How many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) limit: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ExportJournal {
    #[command(flatten)]
    pub(crate) wanted: JournalWanted,
    /// The file to write; one that is there already stays.
    #[arg(long)]
    pub(crate) output: PathBuf,
    /// The language of the messages: en, pl or ru.
    #[arg(long, default_value = "en", value_parser = super::locale)]
    pub(crate) locale: Locale,
}

/// Which entries.
#[derive(Debug, Args)]
pub(crate) struct JournalWanted {
    /// Whose journal.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// Only what is about this: load, webhook, report, reconciliation, retention, export, import, access, settings, problem.
    #[arg(long, value_parser = word::<Category>)]
    pub(crate) category: Option<Category>,
    /// Only what matters so much: info, warning or error.
    #[arg(long, value_parser = word::<Severity>)]
    pub(crate) severity: Option<Severity>,
    /// Only what concerns this source.
    #[arg(long)]
    pub(crate) source: Option<SourceId>,
    /// Only what this one did: account:ID, token:ID, account, token, cli or system.
    #[arg(long, value_parser = word::<ActorFilter>)]
    pub(crate) actor: Option<ActorFilter>,
    /// Only this code, or those below it: export stands for export.ordered too.
    #[arg(long, value_parser = word::<CodeFilter>)]
    pub(crate) code: Option<CodeFilter>,
    /// Only from this day on, in the business's zone.
    #[arg(long)]
    pub(crate) from: Option<NaiveDate>,
    /// Only up to this day, the day included.
    #[arg(long)]
    pub(crate) to: Option<NaiveDate>,
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "not one that is known".to_owned())
}
