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
    /// Only this table, due or not; may be repeated. Details of documents are read for `yclients_documents` alone.
    #[arg(long = "table")]
    pub(crate) tables: Vec<String>,
    /// Only says what reading the details of documents would cost, of the period or of all.
    #[arg(long, conflicts_with = "tables")]
    pub(crate) cost: bool,
}
