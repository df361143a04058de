use std::process::ExitCode;

use wynos::ports::is_disk_full;

use crate::interrupt::Interrupted;

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
        Self {
            code,
            message: message.into(),
            usage: false,
        }
    }

    /// A command that cannot be carried out as it was given.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            code: "usage",
            message: message.into(),
            usage: true,
        }
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

/// 1 failed, 2 wrong usage, 130 interrupted; with the code for programs and the message for people.
pub(crate) fn explain(error: &anyhow::Error) -> (ExitCode, &'static str, String) {
    if let Some(interrupted) = error.downcast_ref::<Interrupted>() {
        let told = interrupted.to_string();
        return (Interrupted::exit_code(), Interrupted::NAME, told);
    }
    match error.downcast_ref::<Failure>() {
        Some(failure) if failure.usage => {
            (ExitCode::from(2), failure.code, failure.message.clone())
        }
        Some(failure) => (ExitCode::FAILURE, failure.code, failure.message.clone()),
        None => {
            let (code, advice) = advice(error);
            (ExitCode::FAILURE, code, told(error) + advice)
        }
    }
}

/// The error and what is behind it; what an error tells of its cause by itself is not told twice.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.ends_with(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    text
}

/// The code of a failure that comes from outside the program, and what was kept and what to do.
fn advice(error: &anyhow::Error) -> (&'static str, &'static str) {
    if is_disk_full(error.as_ref()) {
        return (
            "disk_full",
            ". The disk is full. What was committed before stays: free some space and give the command again; \
             an import or a pull goes on from there",
        );
    }
    if error.chain().any(is_database_lost) {
        return (
            "database_lost",
            ". The database went away while the command ran. What was committed before stays, and nothing is left half \
             done: give the command again when the database answers; an import or a pull goes on from there",
        );
    }
    ("failed", "")
}

/// Whether the database's server broke a connection off or gave none.
fn is_database_lost(cause: &(dyn std::error::Error + 'static)) -> bool {
    /// PostgreSQL's codes for a server that stops, crashed or is starting (Appendix A of its documentation).
    const GONE: [&str; 3] = ["57P01", "57P02", "57P03"];
    match cause.downcast_ref::<sqlx::Error>() {
        Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => true,
        Some(sqlx::Error::Database(error)) => {
            error.code().is_some_and(|code| GONE.contains(&&*code))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context;

    use super::*;

    #[test]
    fn a_lost_database_is_told_as_one_and_its_cause_once() {
        let lost = sqlx::Error::Io(io::Error::new(io::ErrorKind::UnexpectedEof, "end of file"));
        let error = Err::<(), _>(lost).context("the rows were not taken");
        let (_, code, message) = explain(&error.unwrap_err());
        assert_eq!(code, "database_lost");
        assert_eq!(message.matches("end of file").count(), 1, "{message}");
        assert!(
            message.starts_with("the rows were not taken: "),
            "{message}"
        );
        assert!(message.contains("give the command again when the database answers"));
    }

    #[test]
    fn a_full_disk_says_what_was_kept_and_other_errors_speak_for_themselves() {
        let full = anyhow::Error::new(io::Error::from(io::ErrorKind::StorageFull));
        let (_, code, message) = explain(&full);
        assert_eq!(code, "disk_full");
        assert!(message.contains("goes on from there"), "{message}");
        let (_, code, message) = explain(&anyhow::anyhow!("it rains"));
        assert_eq!((code, message.as_str()), ("failed", "it rains"));
    }
}
