//! What a job names has to be there.

use super::{JobSettings, NewJob, PlannerError, SettingsFault};
use crate::{
    SourceId, SubscriptionId,
    catalog::{self, TableGroup},
    control::{ControlError, PlannedJob},
    retention::{self, RetentionError},
    services::Services,
    yclients::{pull, reconcile},
};

/// Refuses sources and tables that there are not, and a report's job that is to refresh something else. A job that is
/// there keeps its source, even one that was removed meanwhile.
pub(super) async fn check(
    services: &Services,
    subscription: &SubscriptionId,
    new: &NewJob,
    before: Option<&PlannedJob>,
) -> Result<(), PlannerError> {
    if let Some(before) = before {
        check_report(new, before)?;
    }
    let kept = before.is_some_and(|before| before.source_id == new.source);
    if let Some(source) = new.source.as_deref().filter(|_| !kept) {
        check_source(services, subscription, source).await?;
    }
    check_tables(services, subscription, new).await
}

fn check_report(new: &NewJob, before: &PlannedJob) -> Result<(), PlannerError> {
    let Ok(JobSettings::Report(own)) = JobSettings::read(before.kind, &before.settings) else {
        return Ok(());
    };
    let stays = match &new.settings {
        JobSettings::Report(new) => new.report == own.report,
        // Another kind is refused as such.
        _ => true,
    };
    if stays && new.source == before.source_id {
        return Ok(());
    }
    Err(PlannerError::OtherReport)
}

async fn check_source(
    services: &Services,
    subscription: &SubscriptionId,
    source: &str,
) -> Result<(), PlannerError> {
    let unknown = || PlannerError::NoSuchSource {
        source_id: source.chars().take(100).collect(),
    };
    let id: SourceId = source.parse().map_err(|_| unknown())?;
    if id.subscription() != subscription {
        return Err(unknown());
    }
    match services.control.source(&id).await {
        Ok(source) if source.is_removed() => Err(unknown()),
        Err(ControlError::NotFound { .. }) => Err(unknown()),
        found => found.map(|_| ()).map_err(PlannerError::from),
    }
}

async fn check_tables(
    services: &Services,
    subscription: &SubscriptionId,
    new: &NewJob,
) -> Result<(), PlannerError> {
    let kind = new.settings.kind().as_str();
    let unknown = match &new.settings {
        JobSettings::BasePull(settings) => {
            let mut named = settings.tables.iter();
            named.find(|table| !pull::is_read(table))
        }
        JobSettings::Reconciliation(settings) => {
            let compared = reconcile::tables();
            let mut named = settings.tables.iter();
            named.find(|table| !compared.contains(table))
        }
        JobSettings::Retention(settings) => {
            let (source, now) = (new.source.as_deref(), services.clock.now());
            let scope = retention::scope(services, subscription, source, settings, now);
            return match scope.await {
                Ok(_) => Ok(()),
                Err(RetentionError::Table { table, .. }) => {
                    Err(refused_table(services, subscription, &table, kind).await?)
                }
                Err(RetentionError::Control(error)) => Err(error.into()),
                Err(error) => {
                    let reason = error.to_string();
                    Err(SettingsFault::Other { reason }.into())
                }
            };
        }
        JobSettings::Report(_) => return Ok(()),
    };
    match unknown {
        None => Ok(()),
        Some(table) => Err(refused_table(services, subscription, table, kind).await?),
    }
}

/// Why a job of this kind does not take the table: there is none of that name, or it is not one of its kind's.
async fn refused_table(
    services: &Services,
    subscription: &SubscriptionId,
    name: &str,
    kind: &'static str,
) -> Result<PlannerError, PlannerError> {
    let is_there = match catalog::table(name) {
        Some(table) => table.group != TableGroup::Internal,
        None => {
            let reports = services.control.reports(subscription);
            reports.table_names().await?.contains(name)
        }
    };
    let table = name.chars().take(100).collect();
    Ok(match is_there {
        true => PlannerError::OtherTable { table, kind },
        false => PlannerError::NoSuchTable { table },
    })
}
