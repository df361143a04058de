//! What the steps of an import share: its options, its messages, its failures.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Counts, ImportError, checkpoint, undo};
use crate::{
    SubscriptionId,
    control::{Failure, Import, ImportId, ImportStatus, UnderWay},
    journal::{Category, NewEntry, Severity},
    ports::{Envelope, Queue, QueueName},
    services::{Dispatcher, Services},
    warehouse::{Rows, Value, Write, internal, is_about_customers},
};

/// Read and compare a file, writing nothing.
pub const VALIDATE: &str = "import.validate";
/// Write a file's rows.
pub const APPLY: &str = "import.apply";
/// Take an import back.
pub const UNDO: &str = "import.undo";

/// The version of the body that this program writes and reads.
pub const VERSION: u16 = 1;

/// The body of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportMessage {
    /// The import.
    pub import: ImportId,
}

/// Queues a step.
pub(super) async fn send(
    queue: &dyn Queue,
    kind: &'static str,
    import: &Import,
) -> Result<(), ImportError> {
    let envelope = Envelope {
        version: VERSION,
        kind: kind.to_owned(),
        subscription: import.subscription_id.clone(),
        body: json!({ "import": import.id }),
    };
    // A step that is asked for again later is another message; the same request repeated is not.
    let dedupe = format!("{kind}:{}:{}", import.id, import.asked);
    queue
        .send(QueueName::Import, envelope, Duration::ZERO, Some(dedupe))
        .await?;
    Ok(())
}

/// A step of which nothing was heard for this long is sent again.
const STUCK_AFTER: TimeDelta = TimeDelta::minutes(2);

/// Steps sent again in one go.
const STUCK_AT_ONCE: usize = 500;

/// Sends the messages of steps again that were asked for and of which nothing was heard for a while; how many. A message
/// that waits or is being worked on is not doubled: the queue knows it by its key.
pub async fn resend_stuck(dispatcher: &Dispatcher) -> Result<usize, ImportError> {
    let now = dispatcher.clock.now();
    let waiting = dispatcher.control.housekeeping();
    let stuck = waiting
        .imports_under_way(now - STUCK_AFTER, STUCK_AT_ONCE)
        .await?;
    for UnderWay {
        subscription,
        import,
    } in &stuck
    {
        let found = dispatcher.control.imports(subscription).get(import).await?;
        let kind = match found.status {
            ImportStatus::Uploaded | ImportStatus::Validating => VALIDATE,
            ImportStatus::Applying => APPLY,
            ImportStatus::Undoing => UNDO,
            _ => continue,
        };
        send(&*dispatcher.queue, kind, &found).await?;
        let mut tx = dispatcher.control.begin().await?;
        tx.imports(subscription).resent(import, now).await?;
        tx.commit().await?;
    }
    Ok(stuck.len())
}

/// Makes an import fail whose step was tried too often or ended in a way that nobody thought of; it can be continued or
/// taken back from there. One that is not under way stays as it is.
pub async fn give_up(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
) -> Result<(), ImportError> {
    let import = services.control.imports(subscription).get(id).await?;
    let under_way = matches!(
        import.status,
        ImportStatus::Uploaded
            | ImportStatus::Validating
            | ImportStatus::Applying
            | ImportStatus::Undoing
    );
    if under_way {
        end_in_error(services, subscription, &import, ImportError::BrokenOff).await?;
    }
    Ok(())
}

/// How far applying and undoing an import have come, in words that differ where it came further.
pub(crate) async fn place(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ImportId,
) -> Result<String, ImportError> {
    let warehouse = services.warehouses.open(subscription);
    let mut place = String::new();
    for step in [checkpoint::STEP, undo::UNDO] {
        let kept = warehouse.state(&state_key(id, step)).await?;
        place.push_str(&kept.unwrap_or_default().to_string());
    }
    Ok(place)
}

/// The name under which the warehouse keeps how far a step has come.
pub(super) fn state_key(import: &ImportId, step: &str) -> String {
    format!("import/{import}/{step}")
}

/// The counts that an import holds; none where it has not come so far.
pub(super) fn counts_of(import: &Import) -> Counts {
    serde_json::from_value(import.counts.clone()).unwrap_or_default()
}

/// An entry of the journal about an import; it is noted once however often it is told.
pub(super) fn entry(
    services: &Services,
    import: &Import,
    severity: Severity,
    code: &str,
    counts: &Counts,
    failure: Option<&Failure>,
) -> NewEntry {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    NewEntry {
        at: services.clock.now(),
        category: Category::Import,
        severity,
        source_id: None,
        actor: import.created_by.clone(),
        code: code.to_owned(),
        counts: counts
            .totals()
            .into_iter()
            .map(|(name, count)| (name.to_owned(), number(count)))
            .collect(),
        details: json!({
            "import": import.id,
            "file": import.file_name,
            "failure": failure.map(|failure| &failure.code),
            "failure_details": failure.map(|failure| &failure.details),
        }),
        dedupe_key: match failure {
            // An import can fail, be begun again, and fail again.
            Some(_) => format!(
                "{code}:{}:{}",
                import.id,
                import.changed_at.timestamp_micros()
            ),
            None => format!("{code}:{}", import.id),
        },
    }
}

/// Ends a step with its error: what will not pass by itself makes the import fail, with its reason; all else is tried
/// again by the caller.
pub(super) async fn end_in_error(
    services: &Services,
    subscription: &SubscriptionId,
    import: &Import,
    error: ImportError,
) -> Result<Import, ImportError> {
    let Some(failure) = error.failure() else {
        return Err(error);
    };
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let failed = tx
        .imports(subscription)
        .fail(&import.id, &failure, now)
        .await?;
    let noted = entry(
        services,
        import,
        Severity::Error,
        "import.failed",
        &Counts::default(),
        Some(&failure),
    );
    tx.append_journal(subscription, &noted).await?;
    tx.commit().await?;
    Ok(failed)
}

/// The id of the event of the personal-data log for one step of an import.
pub(super) fn event_id(import: &ImportId, step: &str) -> String {
    format!("{step}:{import}")
}

/// The event itself, if these are the first writes of its step that touch customers; `logged` says and is told whether it
/// is written.
pub(super) fn event_of_first(
    logged: &mut bool,
    writes: &[Write],
    import: &Import,
    id: &str,
    kind: &str,
    at: DateTime<Utc>,
) -> Option<Write> {
    let touches =
        |write: &Write| matches!(write, Write::Admit(admit) if is_about_customers(&admit.table));
    if *logged || !writes.iter().any(touches) {
        return None;
    }
    *logged = true;
    let mut rows = Rows::new(7);
    let details = json!({ "import": import.id });
    rows.push_values(&[
        id.into(),
        at.into(),
        kind.into(),
        Value::Null,
        import.file_name.as_str().into(),
        import.created_by.to_string().into(),
        Value::Json(details.to_string()),
    ]);
    Some(Write::Insert {
        table: Arc::clone(internal::personal_data_events()),
        rows,
    })
}
