use super::QueueError;

/// What failed meanwhile, as an error of the queue.
pub(super) fn unavailable<E: std::error::Error + Send + Sync + 'static>(
    action: &'static str,
) -> impl FnOnce(E) -> QueueError {
    move |source| QueueError::Unavailable {
        action,
        source: Box::new(source),
    }
}

/// The thread that does everything has ended.
pub(super) fn stopped(action: &'static str) -> QueueError {
    QueueError::Unavailable {
        action,
        source: "the queue gave no answer".into(),
    }
}
