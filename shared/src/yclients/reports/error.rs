use super::{
    MOST_COLUMNS, Path,
    description::{DescriptionError, Problem},
};
use crate::{
    control::ControlError,
    planner::{PlannerError, WorkError},
};

/// Why a report was not made, shown or removed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The description has faults.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// The name of the table cannot be used.
    #[error(transparent)]
    TableName(Problem),
    /// A chosen field is not in any record of the sample.
    #[error("no record has a field {path}{}", nearest.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    UnknownField {
        /// The field.
        path: Path,
        /// A known one that looks like it.
        nearest: Option<Path>,
    },
    /// There are no records to learn their structure from.
    #[error(
        "the vendor has no records of this kind yet, so their structure is not known; a report of JSON rows can be made"
    )]
    NoSample,
    /// The sample's structure was not approved.
    #[error("the structure of the table was not approved")]
    NotApproved,
    /// What fills tables is settled by their description, but for columns that are added.
    #[error(
        "the tables of this report are settled by its description, which can only be given more columns, none of them part of a key; \
         make another report for anything else"
    )]
    Settled,
    /// The table would have too many columns.
    #[error("a table has at most {MOST_COLUMNS} columns")]
    Wide,
    /// The job that refreshes it could not be made.
    #[error(transparent)]
    Planner(#[from] PlannerError),
    /// The vendor or a database did not do its part.
    #[error(transparent)]
    Work(Box<WorkError>),
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// What is kept of the report cannot be read.
    #[error("the report as it is kept cannot be read")]
    Kept(#[from] serde_json::Error),
}

impl From<WorkError> for ReportError {
    fn from(error: WorkError) -> Self {
        Self::Work(Box::new(error))
    }
}

impl ReportError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Description(_) => "report_description",
            Self::TableName(_) | Self::Control(ControlError::Taken { .. }) => "report_table_name",
            Self::UnknownField { .. } => "report_field",
            Self::NoSample => "report_no_sample",
            Self::NotApproved => "report_not_approved",
            Self::Settled => "report_settled",
            Self::Wide => "report_wide",
            Self::Planner(error) => error.code(),
            Self::Control(ControlError::NotFound { .. }) => "not_found",
            Self::Work(error) => error.code,
            Self::Control(_) | Self::Kept(_) => "report_failed",
        }
    }
}
