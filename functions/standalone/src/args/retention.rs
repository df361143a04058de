use clap::{Args, ValueEnum};
use wynos::{SubscriptionId, control::JobId, retention};

#[derive(Debug, Args)]
pub(crate) struct Retention {
    /// Only jobs of this subscription.
    #[arg(long)]
    pub(crate) subscription: Option<SubscriptionId>,
    /// Only this job, as `job list` shows it; together with --subscription.
    #[arg(long, requires = "subscription", value_parser = job_id)]
    pub(crate) job: Option<JobId>,
    /// Shows what would go, table by table, and removes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn job_id(text: &str) -> Result<JobId, String> {
    text.parse::<JobId>().map_err(|error| error.to_string())
}

#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// Whose customer.
    #[arg(long)]
    pub(crate) subscription: SubscriptionId,
    /// The customer's id, as the shop or the vendor knows them.
    #[arg(long)]
    pub(crate) customer: String,
    /// Which people the id is of, where it could be of several, or of somebody whom only others name.
    #[arg(long, value_enum)]
    pub(crate) of: Option<People>,
}

/// People who can be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum People {
    /// Customers of the shop.
    Shop,
    /// Clients of companies at YCLIENTS.
    Yclients,
    /// Clients of companies at Altegio.
    Altegio,
}

impl From<People> for retention::People {
    fn from(people: People) -> Self {
        match people {
            People::Shop => Self::Customers,
            People::Yclients => Self::Yclients,
            People::Altegio => Self::Altegio,
        }
    }
}
