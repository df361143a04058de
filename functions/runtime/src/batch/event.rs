use aws_lambda_events::sqs::SqsMessage;
use chrono::{DateTime, Utc};

/// The name of the queue that the message came from: the end of its ARN.
pub(super) fn source_of(message: &SqsMessage) -> Option<&str> {
    message.event_source_arn.as_deref()?.rsplit(':').next()
}

/// How often it has been delivered, this time included.
pub(super) fn attempt_of(message: &SqsMessage) -> u32 {
    number(message, "ApproximateReceiveCount").unwrap_or(1)
}

/// When it was sent.
pub(super) fn sent_at_of(message: &SqsMessage) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(number(message, "SentTimestamp")?)
}

fn number<T: std::str::FromStr>(message: &SqsMessage, name: &str) -> Option<T> {
    message.attributes.get(name)?.parse().ok()
}
