use super::{ReportError, period_of};
use crate::{
    SourceId, SubscriptionId,
    control::{ControlError, Report, ReportKind},
    planner::{Period, PeriodRule, WorkError},
    ports::Disposition,
    services::Services,
    yclients::pull::{self, DetailsCost, PullError},
};

/// What a refresh of these days would cost where each of its records is asked for by itself; `None` for kinds that are read
/// from lists, a call for many records. It is as much as the copy knows of these days.
pub async fn cost(
    services: &Services,
    source: &SourceId,
    kind: ReportKind,
    period: Period,
) -> Result<Option<DetailsCost>, ReportError> {
    if kind.origin().one.is_none() {
        return Ok(None);
    }
    match pull::report_cost(services, source, period).await {
        Ok(cost) => Ok(Some(cost)),
        Err(PullError::Control(error)) => Err(error.into()),
        Err(PullError::Warehouse(error)) => Err(WorkError::from(error).into()),
        Err(error) => Err(WorkError {
            code: error.code(),
            details: serde_json::json!({}),
            disposition: Disposition::Park,
            source: Some(Box::new(error)),
        }
        .into()),
    }
}

/// The same, of the days that a rule names today.
pub(super) async fn cost_of_rule(
    services: &Services,
    subscription: &SubscriptionId,
    source: &SourceId,
    kind: ReportKind,
    rule: PeriodRule,
) -> Result<Option<DetailsCost>, ReportError> {
    if source.subscription() != subscription {
        return Err(ControlError::NotFound { what: "source" }.into());
    }
    let zone = services.control.source(source).await?.time_zone;
    let zone = zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    match rule.at(services.clock.now(), zone) {
        Ok(period) => cost(services, source, kind, period).await,
        // Whoever makes the report is told of it there.
        Err(_) => Ok(None),
    }
}

/// The same, of what a run of this report refreshes when nobody names a period.
pub async fn cost_of_report(
    services: &Services,
    report: &Report,
) -> Result<Option<DetailsCost>, ReportError> {
    let Ok(source) = report.source_id.parse() else {
        return Ok(None);
    };
    let rule = period_of(services, report).await?;
    cost_of_rule(
        services,
        &report.subscription_id,
        &source,
        report.kind,
        rule,
    )
    .await
}
