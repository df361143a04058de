//! What a run tells the journal.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Loaded, PullError, work::Work};
use crate::{
    control::Actor,
    journal::{self, Category, NewEntry, Severity},
    warehouse::Load,
};

/// An entry to be made.
pub(super) struct Told {
    pub category: Category,
    pub severity: Severity,
    pub code: &'static str,
    pub counts: BTreeMap<String, i64>,
    pub details: Json,
    /// The same for every attempt to tell the same.
    pub dedupe: String,
}

impl Work<'_> {
    /// Tells what a run or a part of it loaded, once, where it loaded anything.
    pub(super) async fn tell_loaded(
        &self,
        code: &'static str,
        loaded: &Loaded,
        part: &str,
    ) -> Result<(), PullError> {
        if loaded.total() == 0 && loaded.gone == 0 && loaded.parked == 0 {
            return Ok(());
        }
        self.journal(Told {
            category: Category::Load,
            severity: if loaded.parked > 0 {
                Severity::Warning
            } else {
                Severity::Info
            },
            code,
            counts: loaded.rows.clone(),
            details: json!({
                "source": self.source.name,
                "gone": loaded.gone,
                "parked": loaded.parked,
                "surprises": loaded.surprises,
                "run": self.run.as_str(),
            }),
            dedupe: format!("{code}:{}:{part}", self.run),
        })
        .await
    }

    /// Tells that something went wrong, once a day and table.
    pub(super) async fn tell_problem(
        &self,
        code: &'static str,
        table: Option<&str>,
        failure: &str,
    ) -> Result<(), PullError> {
        let day = self.services.clock.now().date_naive();
        let mut details = json!({ "source": self.source.name, "failure": failure });
        if let Some(fields) = details.as_object_mut() {
            fields.insert("table".to_owned(), table.unwrap_or("").into());
        }
        self.journal(Told {
            category: Category::Problem,
            severity: Severity::Warning,
            code,
            counts: BTreeMap::new(),
            details,
            dedupe: format!(
                "{code}:{}:{}:{failure}:{day}",
                self.source.id,
                table.unwrap_or("-")
            ),
        })
        .await
    }

    /// Makes an entry by way of the warehouse's outbox.
    pub(super) async fn journal(&self, told: Told) -> Result<(), PullError> {
        let now = self.services.clock.now();
        let entry = NewEntry {
            at: now,
            category: told.category,
            severity: told.severity,
            source_id: Some(self.source.id.to_string()),
            actor: Actor::System,
            code: told.code.to_owned(),
            counts: told.counts,
            details: told.details,
            dedupe_key: told.dedupe,
        };
        let load = Load {
            origin: self.origin,
            run: self.run.to_string(),
            observed_at: now,
            writes: vec![journal::emit(&entry)?],
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }
}
