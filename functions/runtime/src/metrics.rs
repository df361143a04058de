//! Figures for `CloudWatch`, as lines of its embedded metric format in the log: nothing is called, nothing is waited for.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};
use wynos_base::tallies;

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
    /// Messages that were sent off at a time of day.
    Sent,
    /// Messages whose work came further and goes on in another message.
    Continued,
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
            Self::Sent => "Sent",
            Self::Continued => "Continued",
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
    let figures = figures
        .iter()
        .map(|(figure, value)| (figure.name(), figure.unit(), *value));
    write(&line(function, Some(kind), at, figures));
}

/// Writes what this process counted since it was asked last: rows loaded, events accepted, calls to the vendor and so on. Where
/// nothing was counted nothing is written.
pub fn emit_tallies(function: &str, at: DateTime<Utc>) {
    let counted = tallies::take();
    if counted.is_empty() {
        return;
    }
    let figures = counted.into_iter().map(|(tally, count)| {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        (tally.name(), "Count", count)
    });
    write(&line(function, None, at, figures));
}

fn write(line: &Json) {
    // A log that cannot be written is nothing that work should fail for.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line with figures by name, unit and value.
fn line(
    function: &str,
    kind: Option<&str>,
    at: DateTime<Utc>,
    figures: impl Iterator<Item = (&'static str, &'static str, i64)>,
) -> Json {
    let mut line = Map::new();
    line.insert("Function".to_owned(), function.into());
    let mut dimensions = vec![vec!["Function"]];
    if let Some(kind) = kind {
        line.insert("Kind".to_owned(), kind.into());
        dimensions.push(vec!["Function", "Kind"]);
    }
    let mut declared = Vec::new();
    for (name, unit, value) in figures {
        declared.push(json!({ "Name": name, "Unit": unit }));
        line.insert(name.to_owned(), value.into());
    }
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at.timestamp_millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": dimensions,
                "Metrics": declared,
            }],
        }),
    );
    Json::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_declares_each_figure_that_it_holds() {
        let figures = [
            (Figure::Done.name(), Figure::Done.unit(), 1),
            (Figure::Duration.name(), Figure::Duration.unit(), 250),
        ];
        let line = line(
            "export",
            Some("export.build"),
            DateTime::UNIX_EPOCH,
            figures.into_iter(),
        );
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
