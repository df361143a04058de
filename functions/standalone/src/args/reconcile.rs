use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use wynos::{SourceId, catalog::Locale};

/// Compares what is held of a source with what the vendor has, and mends what differs.
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// The source.
    #[arg(long)]
    pub(crate) source: SourceId,
    /// The first day, in the company's zone.
    #[arg(long)]
    pub(crate) from: NaiveDate,
    /// The last day.
    #[arg(long)]
    pub(crate) to: NaiveDate,
    /// Only this table; may be repeated.
    #[arg(long = "table")]
    pub(crate) tables: Vec<String>,
    /// Writes every field that differed into this file, as CSV; one that is there already stays, and nothing is compared.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Writes the totals of every day into this file, as CSV; one that is there already stays, and nothing is compared.
    #[arg(long, value_name = "FILE")]
    pub(crate) days_csv: Option<PathBuf>,
    /// The language whose signs the files have: en, pl or ru.
    #[arg(long, default_value = "en", value_parser = super::locale)]
    pub(crate) locale: Locale,
}
