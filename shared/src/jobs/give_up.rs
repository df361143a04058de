use super::{JobError, body};
use crate::{
    delivery::{
        self,
        messages::{self, DeliveryMessage},
    },
    import::{self, ImportMessage},
    ports::{Disposition, Envelope, QueueName},
    retention,
    services::Services,
    yclients::{
        pull::{self, messages::PullMessage},
        reconcile::{self, ReconcileMessage},
    },
};

/// What is done before a message is put aside: what it was about ends as failed, with its reason, so that nobody waits for
/// it. Done again it changes nothing; a message whose body cannot be read is about nothing.
pub async fn give_up(
    services: &Services,
    queue: QueueName,
    envelope: Envelope,
) -> Result<(), JobError> {
    let subscription = envelope.subscription.clone();
    let gone = |error: &JobError| error.disposition() == Disposition::Drop;
    let given_up = match (queue, envelope.kind.as_str()) {
        (QueueName::Export, messages::BUILD) => match body(envelope, messages::VERSION) {
            Ok(DeliveryMessage { delivery }) => {
                let broken = delivery::give_up_on(services, &subscription, &delivery).await;
                broken.map_err(JobError::from)
            }
            Err(_) => Ok(()),
        },
        (QueueName::Import, _) => match body(envelope, import::VERSION) {
            Ok(ImportMessage { import }) => {
                let broken = import::give_up(services, &subscription, &import).await;
                broken.map_err(JobError::from)
            }
            Err(_) => Ok(()),
        },
        (QueueName::Reconcile, reconcile::RECONCILE) => match body(envelope, reconcile::VERSION) {
            Ok(ReconcileMessage { source, run }) => {
                let broken = reconcile::give_up(services, &source, &run).await;
                broken.map_err(JobError::from)
            }
            Err(_) => Ok(()),
        },
        (QueueName::Pull, pull::messages::PULL) => match body(envelope, pull::messages::VERSION) {
            Ok(PullMessage {
                source,
                run: Some(run),
                ..
            }) => {
                let broken = pull::put_aside(services, &source, &run).await;
                broken.map_err(JobError::from)
            }
            // What is due is found by time.
            Ok(_) | Err(_) => Ok(()),
        },
        (QueueName::Retention, retention::ERASE) => match body(envelope, retention::VERSION) {
            Ok(message) => {
                let noted = retention::erasure_failed(services, &subscription, &message);
                noted.await.map_err(JobError::from)
            }
            Err(_) => Ok(()),
        },
        _ => Ok(()),
    };
    given_up.or_else(|error| if gone(&error) { Ok(()) } else { Err(error) })
}
