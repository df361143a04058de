//! What a run writes, and people who are erased while it reads.

use std::{borrow::Cow, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{ERASED, Refresh, state_key};
use crate::{
    planner::WorkError,
    warehouse::{Counts, Filter, Load, WarehouseError, Write, clean_body, internal, people_of},
    yclients::reports::read::Found,
};

impl Refresh<'_> {
    /// The records without what is personal about erased people.
    pub(super) async fn without_erased<'p>(
        &self,
        page: &'p [Found],
    ) -> Result<Cow<'p, [Found]>, WorkError> {
        let clients = self.clients;
        let people = page
            .iter()
            .flat_map(|found| people_of(clients, None, &found.body));
        let erased = self.warehouse.erased(people.collect()).await?;
        if erased.is_empty() {
            return Ok(Cow::Borrowed(page));
        }
        let mut page = page.to_vec();
        for found in &mut page {
            clean_body(clients, None, &mut found.body, &|person| {
                erased.contains(person)
            });
        }
        Ok(Cow::Owned(page))
    }

    /// The ids of the clients of whom a record speaks, for the rows that are made of it.
    pub(super) fn named(&self, found: &Found) -> Option<String> {
        let people = people_of(self.clients, None, &found.body);
        let people = people.iter().filter(|person| person.key().is_some());
        let ids: Vec<&str> = people.map(|person| person.id.as_str()).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// Takes back what was staged, and how far the run came: somebody may be in it who was erased since.
    pub(super) async fn forget(&self) -> Result<(), WorkError> {
        let staged = Write::Remove {
            table: Arc::clone(internal::report_stage()),
            filter: Filter::equal("run", self.run.as_str()),
            limit: None,
        };
        let progress = Write::PutState {
            key: state_key(&self.run),
            value: None,
        };
        let load = Load {
            origin: "report",
            run: self.run.clone(),
            observed_at: self.services.clock.now(),
            writes: vec![staged, progress],
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }

    /// Commits what was made of records, unless somebody was erased since the run began to read.
    pub(super) async fn commit(
        &self,
        mut writes: Vec<Write>,
        observed_at: DateTime<Utc>,
        counted: bool,
    ) -> Result<Counts, WorkError> {
        let since = self.progress.erasures;
        writes.insert(0, Write::NobodyErased { since });
        let load = Load {
            origin: "report",
            run: self.run.clone(),
            observed_at,
            writes,
            quota: counted.then(|| self.terms.quota(self.services.clock.now())),
        };
        match self.warehouse.commit(load).await {
            Ok(committed) => Ok(committed.counts),
            Err(WarehouseError::OverQuota { .. }) => {
                Err(WorkError::hopeless("plan.rows-used", json!({})))
            }
            Err(WarehouseError::OverStorage { .. }) => {
                Err(WorkError::hopeless("plan.storage-used", json!({})))
            }
            Err(WarehouseError::Erased) => Err(WorkError::hopeless(ERASED, json!({}))),
            Err(error) => Err(error.into()),
        }
    }
}
