//! Where an erasure begins and ends, and what it keeps in between.

use std::sync::Arc;

use futures::TryStreamExt;
use serde_json::json;

use super::{Erasure, RetentionError, proofs, reported::Traits};
use crate::{
    control::Actor,
    journal,
    ports::random_text,
    warehouse::{Filter, Rows, Scan, Value, Write, internal},
};

impl Erasure<'_> {
    /// Remembers the person. What they are known by in reports is kept until everything is emptied: their row, which says
    /// it, is emptied before, by us or by whatever is pulled meanwhile. `more` is written in the same commit.
    pub(super) async fn begin(&self, more: Vec<Write>) -> Result<Traits, RetentionError> {
        let kept = self.warehouse.state(&self.traits_key()).await?;
        let traits = match kept.and_then(|kept| serde_json::from_value(kept).ok()) {
            Some(traits) => traits,
            None => self.traits().await?,
        };
        let forget = Write::Forget {
            person: self.person.clone(),
            new_key: random_text::<32>(),
        };
        let keep = Write::PutState {
            key: self.traits_key(),
            value: Some(json!(traits)),
        };
        let mut writes = vec![forget, keep];
        writes.extend(more);
        self.commit(writes).await?;
        Ok(traits)
    }

    /// Nothing is left of them in any row: what is read from now on is read without them.
    pub(super) async fn emptied(&self) -> Result<(), RetentionError> {
        let drop = Write::PutState {
            key: self.traits_key(),
            value: None,
        };
        self.commit(vec![Write::Forgotten, drop]).await
    }

    /// Commits what empties something that speaks of them, and keeps in the same commit that there was something: whoever goes
    /// on after a break finds it emptied. Lines of the log and files are none of that: they name an id, whosever it is.
    pub(super) async fn commit_found(&mut self, write: Write) -> Result<(), RetentionError> {
        let mut writes = vec![write];
        writes.extend((!self.found).then(|| self.keep_found()));
        self.commit(writes).await?;
        self.found = true;
        Ok(())
    }

    /// The same of what is not in the warehouse and was emptied just now.
    pub(super) async fn note_found(&mut self) -> Result<(), RetentionError> {
        if !self.found {
            self.commit(vec![self.keep_found()]).await?;
            self.found = true;
        }
        Ok(())
    }

    /// Learns whether something was found when the erasure was begun before, whatever key its hash was made with.
    pub(super) async fn remember_found(&mut self) -> Result<(), RetentionError> {
        for proof in proofs(self.services, self.subscription, self.person) {
            self.found |= self.warehouse.state(&found_key(&proof)).await?.is_some();
        }
        Ok(())
    }

    fn keep_found(&self) -> Write {
        Write::PutState {
            key: found_key(&self.proof),
            value: Some(json!(true)),
        }
    }

    fn without_found(&self) -> impl Iterator<Item = Write> {
        let proofs = proofs(self.services, self.subscription, self.person);
        proofs.into_iter().map(|proof| Write::PutState {
            key: found_key(&proof),
            value: None,
        })
    }

    fn traits_key(&self) -> String {
        format!("erasing/{}", self.proof)
    }

    /// Whether an erasure of them came to its end: the log tells of it.
    pub(super) async fn is_over(&self) -> Result<bool, RetentionError> {
        let proofs = proofs(self.services, self.subscription, self.person);
        let events = proofs.iter().map(|proof| Value::Text(event_of(proof)));
        let these = Filter::In {
            column: "id".to_owned(),
            values: events.collect(),
        };
        let scan = Scan::of(internal::personal_data_events())
            .columns(["id"])
            .filter(these);
        let snapshot = self.warehouse.snapshot().await?;
        let found: Vec<Rows> = snapshot.scan(scan).await?.try_collect().await?;
        Ok(found.iter().any(|rows| !rows.is_empty()))
    }

    /// Tells of the erasure, in the log and in the journal at once: it is over.
    pub(super) async fn end(&self, by: &Actor) -> Result<(), RetentionError> {
        let id = event_of(&self.proof);
        let mut event = Rows::new(internal::personal_data_events().columns.len());
        event.push_values(&[
            id.as_str().into(),
            self.services.clock.now().into(),
            "erasure".into(),
            Value::Null,
            Value::Null,
            Value::Text(by.to_string()),
            Value::Json(json!({ "people": self.person.people.as_str() }).to_string()),
        ]);
        let mut subject = Rows::new(2);
        subject.push_values(&[id.as_str().into(), self.proof.as_str().into()]);
        let insert = |table: &Arc<_>, rows| Write::Insert {
            table: Arc::clone(table),
            rows,
        };
        let mut writes = self.without_order();
        writes.extend(self.without_found());
        writes.extend([
            insert(internal::personal_data_subjects(), subject),
            insert(internal::personal_data_events(), event),
            journal::emit(&self.entry(by))?,
        ]);
        self.commit(writes).await
    }
}

/// What it is kept under that something spoke of the person.
fn found_key(proof: &str) -> String {
    format!("erasure/found/{proof}")
}

fn event_of(proof: &str) -> String {
    format!("erasure:{proof}")
}
