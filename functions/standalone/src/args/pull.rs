use chrono::NaiveDate;
use clap::Args;
use wynos::SourceId;

/// Reads a source now.
#[derive(Debug, Args)]
pub(crate) struct Pull {
    /// The source.
    #[arg(long)]
    pub(crate) source: SourceId,
    /// The first day of a period of the past, in the company's zone; without one, what changed since is read.
    #[arg(long, requires = "to")]
    pub(crate) from: Option<NaiveDate>,
    /// The last day of the period.
    #[arg(long, requires = "from")]
    pub(crate) to: Option<NaiveDate>,
    /// Only this table, due or not; may be repeated.
    #[arg(long = "table")]
    pub(crate) tables: Vec<String>,
}
