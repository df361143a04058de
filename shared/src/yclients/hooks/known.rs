use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use super::IngestError;
use crate::{
    SourceId, SubscriptionId,
    control::{Control, ControlError, Plan, Source, SourceState},
    warehouse::{Filter, Quota},
    yclients::decode::Branch,
};

/// What control says of a source, as far as events need it.
#[derive(Debug)]
pub(super) struct Known {
    /// The company that its events must be of.
    pub branch: Branch,
    /// Whether events may be loaded now; otherwise they wait.
    pub loads: bool,
    /// Whether events only tell that something is to be read again.
    pub hints: bool,
    /// The versions of its address that let events in.
    pub versions: (i64, i64),
    /// Its tables: whether they are loaded, and which rows of them.
    tables: HashMap<String, Selected>,
}

/// What is loaded of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Selected {
    /// Whether nothing is.
    pub off: bool,
    /// Which rows are; all where there is none.
    pub filter: Option<Arc<Filter>>,
}

impl Known {
    /// Whether an address of this version lets events in.
    pub fn honours(&self, version: u32) -> bool {
        let (oldest, newest) = self.versions;
        (oldest..=newest).contains(&i64::from(version))
    }

    /// What is loaded of a table. One that control does not know of yet is loaded.
    pub fn selected(&self, table: &str) -> Selected {
        self.tables.get(table).cloned().unwrap_or_default()
    }
}

/// What is known of these sources; a source that was removed, or never was, is not among them.
pub(super) async fn read(
    control: &Control,
    subscription: &SubscriptionId,
    ids: impl IntoIterator<Item = &SourceId>,
) -> Result<BTreeMap<SourceId, Known>, IngestError> {
    let sources = control.sources(subscription);
    let mut known = BTreeMap::new();
    for id in ids {
        let source = match sources.get(id).await {
            Ok(source) if source.state != SourceState::Removed => source,
            Ok(_) | Err(ControlError::NotFound { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let mut tables = HashMap::new();
        for table in sources.tables(id).await? {
            let filter = None;
            tables.insert(
                table.table_name,
                Selected {
                    off: !table.enabled,
                    filter,
                },
            );
        }
        known.insert(id.clone(), of(source, tables)?);
    }
    Ok(known)
}

fn of(source: Source, tables: HashMap<String, Selected>) -> Result<Known, IngestError> {
    let time_zone = source
        .time_zone
        .parse()
        .map_err(|_| ControlError::Invalid { field: "time zone" })?;
    Ok(Known {
        branch: Branch {
            source_id: source.id,
            company_id: source.company_id,
            time_zone,
        },
        // A credential that was refused keeps pulls away, not what the vendor sends by itself.
        loads: source.state != SourceState::Paused,
        hints: source.hints,
        versions: (source.webhook_oldest, source.webhook_version),
        tables,
    })
}

/// How many rows may be loaded in the month of `now`.
pub(super) async fn quota(
    control: &Control,
    subscription: &SubscriptionId,
    now: DateTime<Utc>,
) -> Result<Quota, IngestError> {
    let plan = control.subscription(subscription).await?.plan;
    Ok(Quota {
        month: now.format("%Y-%m").to_string(),
        rows: match plan {
            Plan::Trial => 100_000,
            Plan::Standard => 5_000_000,
        },
    })
}
