//! Figures for `CloudWatch`, as lines of its embedded metric format in the log: nothing is called, nothing is waited for.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::{io::Write, sync::OnceLock};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};
use wynos_base::tallies;

use crate::ConfigError;

/// The variable with the namespace of all of them: each stack has one of its own, so that two in an account are told apart.
pub(crate) const NAMESPACE_VARIABLE: &str = "WYNOS_METRICS_NAMESPACE";

/// The namespace where nothing else is said.
const NAMESPACE: &str = "Wynos";

/// Bytes of the longest namespace.
const LONGEST_NAMESPACE: usize = 255;

/// What this process was told. A process is one function, and what counts a mail that came back knows no function.
static TOLD: OnceLock<String> = OnceLock::new();

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

/// The namespace that the variable says, or the usual one. `CloudWatch` drops figures of one that it does not take, without a
/// word, so that such a name is an error here.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>
pub(crate) fn namespace(said: Option<String>) -> Result<String, ConfigError> {
    let namespace = said.unwrap_or_else(|| NAMESPACE.to_owned());
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || b".-_/#".contains(&letter);
    if namespace.len() > LONGEST_NAMESPACE
        || !namespace.bytes().all(fits)
        || namespace.starts_with("AWS/")
    {
        return Err(ConfigError::Malformed {
            name: NAMESPACE_VARIABLE.to_owned(),
            expected: "a namespace of metrics: up to 255 letters, digits and .-_/#, not beginning with AWS/",
        });
    }
    Ok(namespace)
}

/// Has this process write its figures under that namespace. The first one told stays.
pub(crate) fn begin(namespace: &str) {
    TOLD.get_or_init(|| namespace.to_owned());
}

/// Writes figures of one message of a kind that `function` worked on. Kinds are few; ids never become dimensions.
pub fn emit(function: &str, kind: &str, at: DateTime<Utc>, figures: &[(Figure, i64)]) {
    let figures = figures
        .iter()
        .map(|(figure, value)| (figure.name(), figure.unit(), *value));
    write(&line(told(), function, Some(kind), at, figures));
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
    write(&line(told(), function, None, at, figures));
}

fn told() -> &'static str {
    TOLD.get().map_or(NAMESPACE, String::as_str)
}

fn write(line: &Json) {
    // A log that cannot be written is nothing that work should fail for.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line with figures by name, unit and value.
fn line(
    namespace: &str,
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
                "Namespace": namespace,
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
            "Wynos-shop",
            "export",
            Some("export.build"),
            DateTime::UNIX_EPOCH,
            figures.into_iter(),
        );
        let declared = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(declared["Namespace"], "Wynos-shop");
        assert_eq!(
            declared["Metrics"],
            json!([{ "Name": "Done", "Unit": "Count" }, { "Name": "Duration", "Unit": "Milliseconds" }])
        );
        assert_eq!((&line["Done"], &line["Duration"]), (&json!(1), &json!(250)));
        assert_eq!(line["Kind"], "export.build");
    }
    #[test]
    fn a_namespace_that_cloudwatch_would_not_take_is_refused() {
        assert_eq!(namespace(None).unwrap(), NAMESPACE);
        let said = |text: &str| namespace(Some(text.to_owned()));
        assert_eq!(said("Wynos-shop").unwrap(), "Wynos-shop");
        assert!(said(&"n".repeat(LONGEST_NAMESPACE)).is_ok());
        let longer = "n".repeat(LONGEST_NAMESPACE + 1);
        for refused in ["AWS/Lambda", ":shop", "Wynos shop", "Łódź", longer.as_str()] {
            let error = said(refused).unwrap_err().to_string();
            assert!(error.contains(NAMESPACE_VARIABLE), "{error}");
        }
    }
}
