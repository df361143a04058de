//! What S3 tells of uploads, read and acted on.
//!
//! Failure contract: a notification is done when every file that it names is noted. What is no upload of ours, and the
//! message that S3 sends when notifications are set up, is dropped.

use aws_lambda_events::s3::S3Event;
use futures::{FutureExt, future::ready};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use tracing::info;
use wynos::{
    SubscriptionId, import,
    jobs::JobError,
    ports::{Disposition, ObjectKey},
    services::Services,
};
use wynos_runtime::batch::{Failure, Stranger};

/// What a message of S3 says, as far as it matters.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// Notifications were set up.
    Test,
    /// Objects of these keys were stored.
    Stored(Vec<String>),
}

/// Takes what S3 tells of uploads, for [`wynos_runtime::batch::work`].
pub fn notified(services: Services, body: &str) -> Option<Stranger> {
    let told = read(body)?;
    Some(Stranger {
        kind: "s3.uploaded",
        owner: ready(told.owner()).boxed_local(),
        doing: async move { note(&services, told).await }.boxed_local(),
    })
}

impl Told {
    /// Whose files they are; S3 names those of one alone.
    fn owner(&self) -> Option<SubscriptionId> {
        let Self::Stored(keys) = self else {
            return None;
        };
        let keys = keys.iter().filter_map(|key| key.parse().ok());
        keys.filter_map(|key| import::owner_of(&key)).next()
    }
}

async fn note(services: &Services, told: Told) -> Result<(), Failure> {
    let Told::Stored(keys) = told else {
        info!("notifications of uploads are set up");
        return Ok(());
    };
    for key in keys {
        // Our own keys have no other shape.
        let Ok(key) = key.parse::<ObjectKey>() else {
            continue;
        };
        match import::arrived(services, &key).await {
            Ok(noted) => info!(key = key.as_str(), noted, "a file was uploaded"),
            // Among others that somebody was quicker, which is no failure.
            Err(error) if error.disposition() == Disposition::Drop => {}
            Err(error) => return Err(JobError::Import(error).into()),
        }
    }
    Ok(())
}

fn read(body: &str) -> Option<Told> {
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
    #[derive(Deserialize)]
    struct Test {
        #[serde(rename = "Event")]
        event: String,
    }
    if let Ok(test) = serde_json::from_str::<Test>(body) {
        return (test.event == "s3:TestEvent").then_some(Told::Test);
    }
    let event: S3Event = serde_json::from_str(body).ok()?;
    let keys = event.records.into_iter().filter(|record| {
        let name = record.event_name.as_deref().unwrap_or_default();
        name.starts_with("ObjectCreated:")
    });
    let keys = keys.filter_map(|record| record.s3.object.key);
    Some(Told::Stored(keys.map(|key| decode(&key)).collect()))
}

/// Keys come as in the query of a URL: a space as `+`, everything else by `%`.
fn decode(key: &str) -> String {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(event: &str) -> String {
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        event["Records"][0]["body"].as_str().unwrap().to_owned()
    }

    #[test]
    fn uploads_are_read_with_their_keys_decoded() {
        let told = read(&body(include_str!("../../../events/import-uploaded.json")));
        let keys = vec!["imports/nobodysshop/aaaabbbbccccddddeeeeffffgg".to_owned()];
        let told = told.unwrap();
        assert_eq!(told.owner().unwrap().as_str(), "nobodysshop");
        assert_eq!(told, Told::Stored(keys));
        assert_eq!(decode("a+b%2Bc%C5%BC"), "a b+cż");
    }

    #[test]
    fn the_message_that_tests_a_set_up_is_known() {
        let told = read(&body(include_str!(
            "../../../events/import-test-event.json"
        )));
        assert_eq!(told, Some(Told::Test));
        for other in ["", "{}", "[]", r#"{"Event":"other"}"#] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
