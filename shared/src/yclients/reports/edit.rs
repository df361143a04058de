use std::collections::BTreeSet;

use super::{
    Declared, Definition, MOST_COLUMNS, Path, Paths, ReportError, Source, TableShape, Target,
    infer::widen,
    manage::{elsewhere, entry},
    redescribe::redescribe,
};
use crate::{
    SubscriptionId,
    control::{Actor, ControlError, PlannedJob, Report, ReportId, Tx},
    planner::{self, JobSettings, NewJob, PeriodRule, PlannerError, ReportSettings, Schedule},
    ports::random_text,
    services::Services,
};

/// What a report becomes. Its source, its kind and where its rows go stay.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportEdit {
    /// Its name, 1 to 64 characters.
    pub name: String,
    /// The fields of its JSON rows, none for all; of a table of its own those that it is to have columns for too, which come
    /// beside those that are there and fill with the next refresh. `None` leaves them.
    pub fields: Option<Vec<Path>>,
    /// Another description of its tables, by which they gain columns and change nothing else. `None` leaves it.
    pub description: Option<String>,
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
    let taken_up: BTreeSet<String> = new.fields.iter().flatten().map(Path::to_string).collect();
    let left = before.offered_paths.iter();
    let left = left.filter(|path| !taken_up.contains(*path));
    let offered: Vec<String> = left.cloned().collect();
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
    let described = match new.description {
        Some(yaml) => Some((yaml, names(services, subscription, id).await?)),
        None => None,
    };
    let met = match new.fields.is_some() || described.is_some() {
        true => elsewhere(services, subscription, before.kind, &before.source_id).await?,
        false => Paths::default(),
    };
    let mut tx = services.control.begin().await?;
    if let Some(fields) = new.fields {
        take_up(&mut tx, &before, &mut definition, fields, &met).await?;
    }
    match (&definition.target, described) {
        (_, None) => {}
        (Target::Description { yaml: kept }, Some((yaml, _))) if *kept == yaml => {}
        (Target::Description { .. }, Some((yaml, (own, others)))) => {
            redescribe(&mut tx, &before, &own, others, &yaml, &met).await?;
            definition.target = Target::Description { yaml };
        }
        (Target::Json | Target::Table { .. }, Some(_)) => return Err(ReportError::Settled),
    }
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
    let job_id = Some(job.id.clone());
    Ok((Report { job_id, ..report }, job))
}

/// The names of a report's own tables, and those of the others.
async fn names(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ReportId,
) -> Result<(Vec<String>, BTreeSet<String>), ReportError> {
    let reports = services.control.reports(subscription);
    let own = reports.tables_of(id).await?.into_iter();
    let own: Vec<String> = own.map(|table| table.name).collect();
    let mut others = reports.table_names().await?;
    others.retain(|name| !own.contains(name));
    Ok((own, others))
}

/// What a run of a report refreshes when nobody names a period: a week where its job is gone.
pub async fn period_of(services: &Services, report: &Report) -> Result<PeriodRule, ReportError> {
    let jobs = services.control.planned_jobs(&report.subscription_id);
    let job = match &report.job_id {
        Some(job) => jobs.get(job).await,
        None => Err(ControlError::NotFound { what: "job" }),
    };
    let settings = match job {
        Err(ControlError::NotFound { .. }) => None,
        job => {
            let job = job?;
            JobSettings::read(job.kind, &job.settings)?.period()
        }
    };
    Ok(settings.unwrap_or(PeriodRule::LastDays(7)))
}

/// Takes up fields, of which other reports `met` some: JSON rows have these and no others from now on, a table of a sample's columns gains those that it lacks.
async fn take_up(
    tx: &mut Tx,
    report: &Report,
    definition: &mut Definition,
    fields: Vec<Path>,
    met: &Paths,
) -> Result<(), ReportError> {
    match &definition.target {
        Target::Description { .. } if fields == definition.fields => {}
        Target::Description { .. } => return Err(ReportError::Settled),
        Target::Json => {
            known(report, &definition.fields, &fields, met)?;
            definition.fields = fields;
        }
        Target::Table { .. } if fields.is_empty() => {}
        Target::Table { name } => {
            let mut writer = tx.reports(&report.subscription_id);
            let structure = writer.structure(&report.id, name).await?;
            let mut shape: TableShape = serde_json::from_value(structure)?;
            let own: Vec<Path> = columns_of(&shape).cloned().collect();
            let paths = known(report, &own, &fields, met)?;
            let declared = Declared::of(report.kind);
            if widen(&mut shape, &paths, &fields, &declared) > MOST_COLUMNS {
                return Err(ReportError::Wide);
            }
            let structure = serde_json::to_value(&shape)?;
            writer.note_structure(&report.id, name, &structure).await?;
            if !definition.fields.is_empty() {
                let all = std::mem::take(&mut definition.fields);
                let added = fields.into_iter().filter(|field| !all.contains(field));
                definition.fields = all.iter().cloned().chain(added).collect();
            }
        }
    }
    Ok(())
}

fn columns_of(shape: &TableShape) -> impl Iterator<Item = &Path> {
    shape
        .columns
        .iter()
        .filter_map(|column| match &column.source {
            Source::Row(path) => Some(path),
            _ => None,
        })
}

/// What is known of the records' fields; an error where one of these is neither known, nor met by other reports, nor one that the
/// catalog has a column for, nor offered, nor in use.
fn known(
    report: &Report,
    own: &[Path],
    fields: &[Path],
    met: &Paths,
) -> Result<Paths, ReportError> {
    let mut known: Paths = serde_json::from_value(report.known_paths.clone())?;
    if !known.is_empty() {
        let lacking = fields.iter().filter(|field| known.get(field).is_none());
        let lacking: Vec<Path> = lacking.cloned().collect();
        known.adopt_fields(met, &lacking);
        known.adopt_fields(&Declared::of(report.kind).paths(), &lacking);
    }
    let offered = |path: &Path| report.offered_paths.contains(&path.to_string());
    let unknown = |path: &&Path| {
        !known.is_empty() && known.get(path).is_none() && !offered(path) && !own.contains(path)
    };
    if let Some(path) = fields.iter().find(unknown) {
        return Err(ReportError::UnknownField {
            nearest: known.nearest(path).cloned(),
            path: path.clone(),
        });
    }
    Ok(known)
}
