use super::{Definition, Path, Paths, ReportError, Target, manage::entry};
use crate::{
    SubscriptionId,
    control::{Actor, ControlError, PlannedJob, Report, ReportId},
    planner::{self, JobSettings, NewJob, PeriodRule, PlannerError, ReportSettings, Schedule},
    ports::random_text,
    services::Services,
};

/// What a report becomes. Its source, its kind and where its rows go stay.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportEdit {
    /// Its name, 1 to 64 characters.
    pub name: String,
    /// The fields of its JSON rows, none for all; the columns of tables are settled. `None` leaves them.
    pub fields: Option<Vec<Path>>,
    /// What a run refreshes when nobody names a period.
    pub period: PeriodRule,
    /// When it is refreshed by itself.
    pub schedule: Option<Schedule>,
}

/// Changes a report together with the job that refreshes it; a job that somebody removed is made again. Rows that are there
/// stay as they are until their period is refreshed.
pub async fn edit(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ReportId,
    new: ReportEdit,
    by: &Actor,
) -> Result<(Report, PlannedJob), ReportError> {
    let business = services.control.subscription(subscription).await?;
    let before = services.control.reports(subscription).get(id).await?;
    let mut definition: Definition = serde_json::from_value(before.definition.clone())?;
    if let Some(fields) = new.fields.filter(|fields| *fields != definition.fields) {
        choose(&before, &mut definition, fields)?;
    }
    let used = |path: &String| {
        !definition
            .fields
            .iter()
            .any(|own| own.to_string() == **path)
    };
    let offered: Vec<String> = before
        .offered_paths
        .iter()
        .filter(|path| used(path))
        .cloned()
        .collect();
    let now = services.clock.now();
    let job = NewJob {
        name: new.name.clone(),
        source: Some(before.source_id.clone()),
        settings: JobSettings::Report(ReportSettings {
            report: id.clone(),
            period: new.period,
        }),
        schedule: new.schedule,
    };
    let mut tx = services.control.begin().await?;
    let definition = serde_json::to_value(&definition)?;
    let mut kept = tx.reports(subscription);
    let name = new.name.trim();
    let report = kept.change(id, name, &definition, &offered, now).await?;
    let changed = match &report.job_id {
        Some(own) => planner::edit_within(&mut tx, &business, own, job.clone(), by, now).await,
        None => Err(ControlError::NotFound { what: "job" }.into()),
    };
    let job = match changed {
        Err(PlannerError::Control(ControlError::NotFound { .. })) => {
            let job = planner::add_within(&mut tx, &business, job, by, now).await?;
            tx.reports(subscription).set_job(id, &job.id).await?;
            job
        }
        changed => changed?,
    };
    let mut noted = entry(&report, "report.changed", by, now);
    noted.dedupe_key = format!("report.changed:{id}:{}", random_text::<12>());
    tx.append_journal(subscription, &noted).await?;
    tx.commit().await?;
    Ok((report, job))
}

fn choose(
    report: &Report,
    definition: &mut Definition,
    fields: Vec<Path>,
) -> Result<(), ReportError> {
    if definition.target != Target::Json {
        return Err(ReportError::Settled);
    }
    let known: Paths = serde_json::from_value(report.known_paths.clone())?;
    let offered = |path: &Path| report.offered_paths.contains(&path.to_string());
    let unknown = |path: &&Path| {
        !known.is_empty()
            && known.get(path).is_none()
            && !offered(path)
            && !definition.fields.contains(path)
    };
    if let Some(path) = fields.iter().find(unknown) {
        return Err(ReportError::UnknownField {
            nearest: known.nearest(path).cloned(),
            path: path.clone(),
        });
    }
    definition.fields = fields;
    Ok(())
}
