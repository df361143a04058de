//! What SES tells of mails, read and acted on.
//!
//! Failure contract: an event is done when the subscription's journal was told of it. What says nothing bad is dropped.

use chrono::{DateTime, Utc};
use futures::FutureExt;
use serde::Deserialize;
use tracing::{info, warn};
use wynos::{control::MailTrouble, delivery, jobs::JobError, services::Services};
use wynos_runtime::{
    batch::{Failure, Stranger},
    metrics::{self, Figure},
};

/// An event of a configuration set, as far as it matters.
/// <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(alias = "notificationType")]
    event_type: String,
    mail: MailFacts,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MailFacts {
    message_id: String,
    timestamp: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    timestamp: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
struct Complaint {
    timestamp: DateTime<Utc>,
}

/// How the text begins by which SES tries a topic when it is told to publish there.
const TRIAL: &str = "Successfully validated SNS topic for Amazon SES";

/// Takes what SES tells of mails, for [`wynos_runtime::batch::work`].
pub fn returned(services: Services, body: &str) -> Option<Stranger> {
    if body.starts_with(TRIAL) {
        return Some(Stranger {
            kind: "ses.trial",
            owner: async { None }.boxed_local(),
            doing: async {
                info!("SES tried the topic that tells of mails");
                Ok(())
            }
            .boxed_local(),
        });
    }
    let event: Event = serde_json::from_str(body).ok()?;
    let (control, name) = (services.control.clone(), event.mail.message_id.clone());
    let owner = async move {
        if let Some(mail) = control.sent_mail(&name).await.ok()? {
            return Some(mail.subscription);
        }
        Some(control.account_mail(&name).await.ok()??.subscription)
    };
    Some(Stranger {
        kind: "ses.event",
        owner: owner.boxed_local(),
        doing: async move { note(&services, event).await }.boxed_local(),
    })
}

async fn note(services: &Services, event: Event) -> Result<(), Failure> {
    let name = &event.mail.message_id;
    let Some((trouble, at)) = trouble_of(&event) else {
        info!(
            mail = name,
            event = event.event_type,
            "nothing bad was told of a mail"
        );
        return Ok(());
    };
    let known = delivery::mail_failed_later(services, name, trouble, at)
        .await
        .map_err(JobError::Delivery)?;
    // SES counts it against the account, whosever it is.
    let now = services.clock.now();
    metrics::emit("mail", trouble.as_str(), now, &[(Figure::MailsBounced, 1)]);
    if !known {
        warn!(
            mail = name,
            "trouble was told of a mail that is none of ours"
        );
    }
    Ok(())
}

/// What went wrong for good. What SES itself tries again, such as a full mailbox, is no trouble yet.
fn trouble_of(event: &Event) -> Option<(MailTrouble, DateTime<Utc>)> {
    match event.event_type.as_str() {
        "Bounce" => {
            let bounce = event.bounce.as_ref()?;
            (bounce.bounce_type != "Transient").then_some((MailTrouble::Bounced, bounce.timestamp))
        }
        "Complaint" => Some((MailTrouble::Complained, event.complaint.as_ref()?.timestamp)),
        "Reject" => Some((MailTrouble::Rejected, event.mail.timestamp)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(event: &str) -> Option<MailTrouble> {
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        let event = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
        trouble_of(&event).map(|(trouble, _)| trouble)
    }

    #[test]
    fn only_what_is_for_good_is_trouble() {
        let bounce = include_str!("../../../events/mail-bounced.json");
        assert_eq!(trouble(bounce), Some(MailTrouble::Bounced));
        assert_eq!(trouble(&bounce.replace("Permanent", "Transient")), None);
        let complaint = include_str!("../../../events/mail-complained.json");
        assert_eq!(trouble(complaint), Some(MailTrouble::Complained));
    }
}
