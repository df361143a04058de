use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, NaiveDate, Utc};
use wynos::{SubscriptionId, access, control::Actor};

use crate::{App, http::Failure};

/// Readings remembered; when there are more, all are noted afresh, which changes nothing.
const MAX_NOTED: usize = 10_000;

/// What was noted of programs' reading, so that the journal is asked once a day for each, not with every page.
#[derive(Debug, Default)]
pub(crate) struct NotedReads(Mutex<HashSet<(NaiveDate, SubscriptionId, String)>>);

impl NotedReads {
    fn has(&self, key: &(NaiveDate, SubscriptionId, String)) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.contains(key)
    }

    fn add(&self, key: (NaiveDate, SubscriptionId, String)) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= MAX_NOTED {
            noted.clear();
        }
        noted.insert(key);
    }
}

/// Notes in the journal that somebody takes rows out, before any is given. Where it cannot be noted nothing is given.
pub(crate) async fn note(
    app: &App,
    subscription: &SubscriptionId,
    what: &str,
    by: &Actor,
) -> Result<(), Failure> {
    let now: DateTime<Utc> = app.services.clock.now();
    let key = (
        now.date_naive(),
        subscription.clone(),
        format!("{by}:{what}"),
    );
    if !app.reads.has(&key) {
        access::note_read(&app.services.control, subscription, what, by, now).await?;
        app.reads.add(key);
    }
    Ok(())
}
