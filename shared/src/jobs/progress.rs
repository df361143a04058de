use crate::{
    import::{self, ImportMessage},
    ports::{Envelope, QueueName},
    services::Services,
};

/// How far the work of a message has come, where it is gone on with from there; `None` where it begins anew, or where that
/// cannot be told now. Two equal answers say that nothing was won in between.
///
/// Whoever has to stop in the middle of such work asks for it anew when it came further, instead of counting another
/// failed attempt: a file that takes many turns is no poisoned message.
pub async fn progress(
    services: &Services,
    queue: QueueName,
    envelope: &Envelope,
) -> Option<String> {
    if queue != QueueName::Import || envelope.version != import::VERSION {
        return None;
    }
    let message: ImportMessage = serde_json::from_value(envelope.body.clone()).ok()?;
    import::place(services, &envelope.subscription, &message.import)
        .await
        .ok()
}
