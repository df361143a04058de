use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::{HookMessage, IngestError};
use crate::{
    SourceId, SubscriptionId,
    control::{ControlError, Source, SourceState, SourceTable},
    services::Services,
    storage,
    warehouse::{Filter, Quota},
    yclients::{
        categories::{self, SERVICES},
        decode::{Branch, Decoded},
        pull::{PullError, events_wait},
        selection,
        streams::{Stream, of_resource},
    },
};

/// What control says of a source, as far as events need it.
#[derive(Debug)]
pub(super) struct Known {
    /// The company that its events must be of.
    pub branch: Branch,
    /// Whether events may be loaded now; otherwise they wait.
    pub loads: bool,
    /// Why the plan lets nothing in, where it does not: the plan's end, or storage that is used up.
    halted: Option<Halt>,
    /// Whether events only tell that something is to be read again.
    pub hints: bool,
    /// The versions of its address that let events in.
    pub versions: (i64, i64),
    /// What is known of the categories of services, where events need it.
    pub services: Option<categories::Known>,
    /// Whether the vendor can tell of services that are not known: they were read, and may be read again.
    tells_of_services: bool,
    /// Tables that are not loaded.
    off: BTreeSet<String>,
    /// Which rows of tables are loaded.
    filters: BTreeMap<String, Arc<Filter>>,
}

/// Why a plan lets nothing in whatever it is.
#[derive(Debug, Clone, Copy)]
enum Halt {
    Ended,
    Storage,
}

impl Known {
    /// Tells that events wait, where it is for the plan.
    pub async fn tell_waiting(
        &self,
        services: &Services,
        source: &SourceId,
    ) -> Result<(), IngestError> {
        let why = match self.halted {
            Some(Halt::Ended) => PullError::PlanEnded,
            Some(Halt::Storage) => PullError::StorageUsed,
            None => return Ok(()),
        };
        Ok(events_wait(services, source, &why).await?)
    }

    /// Whether an address of this version lets events in.
    pub fn honours(&self, version: u32) -> bool {
        let (oldest, newest) = self.versions;
        (oldest..=newest).contains(&i64::from(version))
    }

    /// Whether a table is loaded. One that control does not know of yet is.
    pub fn loads_table(&self, table: &str) -> bool {
        !self.off.contains(table)
    }

    /// Whether records name services of which only the vendor can tell the category.
    pub fn is_unsure_of(&self, decoded: &[Decoded]) -> bool {
        let named = || categories::named(decoded);
        let known = self.services.as_ref().filter(|_| self.tells_of_services);
        known.is_some_and(|known| !known.unknown(&named()).is_empty())
    }

    /// Whether it cannot be told which rows are loaded without the categories of services.
    pub fn chooses_by_category(&self, stream: &Stream) -> bool {
        let filter = self.filters.get(stream.table);
        categories::decide(stream, filter.map(AsRef::as_ref))
    }

    /// Which rows of a table are loaded; all where there is no filter.
    pub fn filter(&self, table: &str) -> Option<Arc<Filter>> {
        self.filters.get(table).cloned()
    }
}

/// The sources of these messages, and whether their events need to know the categories of services.
pub(super) fn needed<'m>(
    messages: impl IntoIterator<Item = &'m HookMessage>,
) -> BTreeMap<SourceId, bool> {
    let mut needed: BTreeMap<SourceId, bool> = BTreeMap::new();
    for message in messages {
        let categories = needed.entry(message.source.clone()).or_default();
        *categories = *categories || speaks_of_services(message);
    }
    needed
}

/// What is known of the sources that [`needed()`] gave; one that was removed, or never was, is not among them.
pub(super) async fn read(
    services: &Services,
    subscription: &SubscriptionId,
    needed: BTreeMap<SourceId, bool>,
) -> Result<BTreeMap<SourceId, Known>, IngestError> {
    let owner = services.control.subscription(subscription).await?;
    let terms = services.settings.plans.terms(owner.plan);
    let halted = if !terms.runs(&owner, services.clock.now()) {
        Some(Halt::Ended)
    } else if !storage::has_room::<IngestError>(services, subscription, terms).await? {
        Some(Halt::Storage)
    } else {
        None
    };
    let sources = services.control.sources(subscription);
    let mut known = BTreeMap::new();
    for (id, needs_categories) in needed {
        let source = match sources.get(&id).await {
            Ok(source) if source.state != SourceState::Removed => source,
            Ok(_) | Err(ControlError::NotFound { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let mut one = of(source, &sources.tables(&id).await?, halted)?;
        if needs_categories && one.loads && !one.hints {
            let warehouse = services.warehouses.open(subscription);
            let now = services.clock.now();
            one.services = Some(categories::of(&warehouse, &id, now).await?);
        }
        known.insert(id, one);
    }
    Ok(known)
}

fn speaks_of_services(message: &HookMessage) -> bool {
    message.events.iter().any(|event| {
        let resource = event.get("resource").and_then(serde_json::Value::as_str);
        resource
            .and_then(of_resource)
            .is_some_and(categories::are_needed_by)
    })
}

fn of(source: Source, tables: &[SourceTable], halted: Option<Halt>) -> Result<Known, IngestError> {
    let time_zone = source
        .time_zone
        .parse()
        .map_err(|_| ControlError::Invalid { field: "time zone" })?;
    let off = tables.iter().filter(|table| !table.enabled);
    let list = tables.iter().find(|table| table.table_name == SERVICES);
    Ok(Known {
        branch: Branch {
            source_id: source.id,
            company_id: source.company_id,
            time_zone,
        },
        // A credential that was refused keeps pulls away, not what the vendor sends by itself.
        loads: halted.is_none() && source.state != SourceState::Paused,
        halted,
        hints: source.hints,
        versions: (source.webhook_oldest, source.webhook_version),
        services: None,
        // Before it was read for the first time, all that records name is still to come.
        tells_of_services: list.is_some_and(|list| list.last_at.is_some())
            && categories::may_be_asked_for(list),
        off: off.map(|table| table.table_name.clone()).collect(),
        filters: selection::filters(tables),
    })
}

/// How many rows may be loaded in the month of `now`.
pub(super) async fn quota(
    services: &Services,
    subscription: &SubscriptionId,
    now: DateTime<Utc>,
) -> Result<Quota, IngestError> {
    let plan = services.control.subscription(subscription).await?.plan;
    Ok(services.settings.plans.terms(plan).quota(now))
}
