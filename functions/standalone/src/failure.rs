use std::process::ExitCode;

/// How a command ended, when it did not end with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Everything was done.
    Done,
    /// It was done, with problems that the report lists.
    WithProblems,
}

/// Why a command was not done, in words for the person who gave it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// A stable code for programs.
    pub(crate) code: &'static str,
    /// What happened, what was kept, what to do.
    pub(crate) message: String,
    /// Whether the command itself was wrong.
    pub(crate) usage: bool,
}

impl Failure {
    /// Work that could not be done.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), usage: false }
    }

    /// A command that cannot be carried out as it was given.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { code: "usage", message: message.into(), usage: true }
    }
}

impl Ending {
    /// 0 done, 3 done with problems.
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Self::Done => ExitCode::SUCCESS,
            Self::WithProblems => ExitCode::from(3),
        }
    }
}

/// 1 failed, 2 wrong usage; with the code for programs and the message for people.
pub(crate) fn explain(error: &anyhow::Error) -> (ExitCode, &'static str, String) {
    match error.downcast_ref::<Failure>() {
        Some(failure) if failure.usage => (ExitCode::from(2), failure.code, failure.message.clone()),
        Some(failure) => (ExitCode::FAILURE, failure.code, failure.message.clone()),
        None => (ExitCode::FAILURE, "failed", format!("{error:#}")),
    }
}
