//! Figures for `CloudWatch`, as lines of its embedded metric format in the log: nothing is called, nothing is waited for.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};

/// The namespace of all of them.
pub const NAMESPACE: &str = "Wynos";

/// What can be counted or measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Messages whose work is done.
    Done,
    /// Messages that will be tried again.
    Retried,
    /// Messages put aside.
    PutAside,
    /// Messages handed back because the time ended.
    OutOfTime,
    /// Time that a message's work took.
    Duration,
    /// Time that a message waited before its work began.
    Lag,
    /// Mails that bounced or were called unwanted.
    MailsBounced,
}

impl Figure {
    /// Its name, by which alarms know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Retried => "Retried",
            Self::PutAside => "PutAside",
            Self::OutOfTime => "OutOfTime",
            Self::Duration => "Duration",
            Self::Lag => "Lag",
            Self::MailsBounced => "MailsBounced",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Duration | Self::Lag => "Milliseconds",
            _ => "Count",
        }
    }
}

/// Writes figures of one message of a kind that `function` worked on. Kinds are few; ids never become dimensions.
pub fn emit(function: &str, kind: &str, at: DateTime<Utc>, figures: &[(Figure, i64)]) {
    let line = line(function, kind, at, figures);
    // A log that cannot be written is nothing that work should fail for.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn line(function: &str, kind: &str, at: DateTime<Utc>, figures: &[(Figure, i64)]) -> Json {
    let declared: Vec<Json> = figures
        .iter()
        .map(|(figure, _)| json!({ "Name": figure.name(), "Unit": figure.unit() }))
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at.timestamp_millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["Function"], ["Function", "Kind"]],
                "Metrics": declared,
            }],
        }),
    );
    line.insert("Function".to_owned(), function.into());
    line.insert("Kind".to_owned(), kind.into());
    for (figure, value) in figures {
        line.insert(figure.name().to_owned(), (*value).into());
    }
    Json::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_declares_each_figure_that_it_holds() {
        let figures = [(Figure::Done, 1), (Figure::Duration, 250)];
        let line = line("export", "export.build", DateTime::UNIX_EPOCH, &figures);
        let declared = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(declared["Namespace"], NAMESPACE);
        assert_eq!(
            declared["Metrics"],
            json!([{ "Name": "Done", "Unit": "Count" }, { "Name": "Duration", "Unit": "Milliseconds" }])
        );
        assert_eq!((&line["Done"], &line["Duration"]), (&json!(1), &json!(250)));
        assert_eq!(line["Kind"], "export.build");
    }
}
