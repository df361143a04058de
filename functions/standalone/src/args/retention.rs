use clap::Args;
use wynos::{SubscriptionId, control::JobId};

#[derive(Debug, Args)]
pub(crate) struct Retention {
    /// Only jobs of this subscription.
    #[arg(long)]
    pub(crate) subscription: Option<SubscriptionId>,
    /// Only this job, as `job list` shows it.
    #[arg(long, requires = "subscription", value_parser = job_id)]
    pub(crate) job: Option<JobId>,
    /// Shows what would go, table by table, and removes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn job_id(text: &str) -> Result<JobId, String> {
    text.parse::<JobId>().map_err(|error| error.to_string())
}
