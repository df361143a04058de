//! The personal-data log of files: who is in a file is noted while it is written, and shows once the file's event is there.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Digested, begun};
use crate::{
    control::Actor,
    warehouse::{
        Filter, Load, Rows, Scan, Value, ValueRef, Warehouse, WarehouseError, Write, internal,
    },
};

/// Customers noted in one commit.
const CHUNK: usize = 5_000;

/// Noted customers removed in one commit.
const REMOVE_CHUNK: u64 = 20_000;

/// Which path the loads come by.
pub(super) const ORIGIN: &str = "export";

/// Notes the customers of a file that is being written. What it notes is invisible until its [`Event`] is committed.
#[derive(Debug)]
pub(super) struct SubjectLog<'a> {
    warehouse: &'a Warehouse,
    event: &'a str,
    at: DateTime<Utc>,
    chunk: HashSet<String>,
    /// Whether the event is noted as begun before the first customer is, because no delivery tells of it.
    noted: bool,
    begun: bool,
}

impl<'a> SubjectLog<'a> {
    pub(super) fn new(warehouse: &'a Warehouse, event: &'a str, at: DateTime<Utc>) -> Self {
        Self {
            warehouse,
            event,
            at,
            chunk: HashSet::new(),
            noted: false,
            begun: false,
        }
    }

    /// The same, for a file that is no delivery: that it was begun is noted with its first customers.
    pub(super) fn noted(mut self) -> Self {
        self.noted = true;
        self
    }

    /// What takes that note away with the load that commits the event.
    pub(super) fn finish(&self) -> Vec<Write> {
        match self.begun {
            true => begun::finish(self.event, self.at).into(),
            false => Vec::new(),
        }
    }

    /// Notes the customers that these rows name in that column.
    pub(super) async fn note(&mut self, rows: &Rows, column: usize) -> Result<(), WarehouseError> {
        for row in rows.iter() {
            match row.get(column) {
                ValueRef::Text(customer) if !self.chunk.contains(customer) => {
                    self.chunk.insert(customer.to_owned());
                }
                // The vendor's clients have numbers.
                ValueRef::Integer(client) => {
                    self.chunk.insert(client.to_string());
                }
                _ => {}
            }
        }
        if self.chunk.len() >= CHUNK {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// Commits what is noted. A customer who was noted before stays noted once: the database's key sees to it, so that
    /// memory does not grow with the customers.
    pub(super) async fn flush(&mut self) -> Result<(), WarehouseError> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let mut rows = Rows::new(2);
        for customer in self.chunk.drain() {
            rows.push_values(&[Value::from(self.event), Value::Text(customer)]);
        }
        let insert = Write::Insert {
            table: internal::personal_data_subjects().clone(),
            rows,
        };
        let mut writes = vec![insert];
        if self.noted && !self.begun {
            writes.insert(0, begun::begin(self.event, self.at));
        }
        self.warehouse
            .commit(load(self.event, self.at, writes))
            .await?;
        self.begun = self.noted;
        Ok(())
    }
}

/// What the log tells of a file.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) id: &'a str,
    pub(super) at: DateTime<Utc>,
    pub(super) purpose: Option<&'a str>,
    pub(super) actor: &'a Actor,
    pub(super) file_name: &'a str,
    pub(super) digested: &'a Digested,
    /// The delivery, for a file that is delivered.
    pub(super) delivery: Option<&'a str>,
}

impl Event<'_> {
    /// Makes the customers noted for this event visible.
    pub(super) fn write(&self) -> Write {
        let details = json!({
            "delivery": self.delivery,
            "sha256": self.digested.sha256,
            "size": self.digested.size,
        });
        let mut rows = Rows::new(7);
        rows.push_values(&[
            Value::from(self.id),
            Value::Timestamp(self.at),
            Value::from("export"),
            self.purpose.map_or(Value::Null, Value::from),
            Value::from(self.file_name),
            Value::Text(self.actor.to_string()),
            Value::Json(details.to_string()),
        ]);
        Write::Insert {
            table: internal::personal_data_events().clone(),
            rows,
        }
    }
}

/// Takes events with their customers out of the log: files that never came to be. Events first, so that no line shows in
/// between. Doing it again changes nothing.
pub(super) async fn forget(
    warehouse: &Warehouse,
    events: &[String],
    at: DateTime<Utc>,
) -> Result<(), WarehouseError> {
    let Some(run) = events.first() else {
        return Ok(());
    };
    let these = |column: &str| Filter::In {
        column: column.to_owned(),
        values: events.iter().cloned().map(Value::from).collect(),
    };
    if any(
        warehouse,
        Scan::of(internal::personal_data_events()).filter(these("id")),
    )
    .await?
    {
        let events = Write::Remove {
            table: internal::personal_data_events().clone(),
            filter: these("id"),
            limit: None,
        };
        warehouse.commit(load(run, at, vec![events])).await?;
    }
    let subjects = Scan::of(internal::personal_data_subjects()).filter(these("event_id"));
    while any(warehouse, subjects.clone()).await? {
        let subjects = Write::Remove {
            table: internal::personal_data_subjects().clone(),
            filter: these("event_id"),
            limit: Some(REMOVE_CHUNK),
        };
        warehouse.commit(load(run, at, vec![subjects])).await?;
    }
    Ok(())
}

pub(super) fn load(run: &str, at: DateTime<Utc>, writes: Vec<Write>) -> Load {
    Load {
        origin: ORIGIN,
        run: run.to_owned(),
        observed_at: at,
        writes,
        quota: None,
    }
}

async fn any(warehouse: &Warehouse, scan: Scan) -> Result<bool, WarehouseError> {
    let snapshot = warehouse.snapshot().await?;
    let rows = super::build::first_rows(&snapshot, scan.limit(1)).await?;
    Ok(!rows.is_empty())
}
